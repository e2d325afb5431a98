"""Errors of data files: file, place, what was found, what was expected, and the remedy."""

from __future__ import annotations


class DatasetError(ValueError):
    """A file can't be read as a data set (HTTP 422). Nothing of it was kept.

    Attributes
    ----------
    file
        Name of the file, shortened.
    place
        Where in it: a header, a line, a member of an archive.
    found
        What is there.
    expected
        What should be there.
    remedy
        What to do.
    choice
        Name of the field of `Choices` by which the file could be read; None where there is none.
    """

    def __init__(
        self, file: str, place: str, found: str, expected: str, remedy: str, choice: str | None = None
    ) -> None:
        self.file, self.place, self.found, self.expected, self.remedy = file, place, found, expected, remedy
        self.choice = choice
        super().__init__(f"{file}, {place}: {found}. Expected {expected}. {remedy}")

    def __reduce__(self) -> tuple[type[DatasetError], tuple[str | None, ...]]:
        return type(self), (self.file, self.place, self.found, self.expected, self.remedy, self.choice)


def quoted(text: str, longest: int = 60) -> str:
    r"""Quote a name or value of a user: on one line, printable, shortened.

    >>> quoted("two\nlines")
    "'two\\nlines'"
    """
    return repr(text if len(text) <= longest else text[: longest - 1] + "…")
