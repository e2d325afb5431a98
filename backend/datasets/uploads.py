"""Temporary storage of uploads: each in its own folder until it is saved, dropped, or an hour old.

A page sends its files once: the preview gives a token, and saving names it. Nothing of an upload is a data set yet.
"""

from __future__ import annotations

import io
import json
import re
import secrets
import shutil
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from backend.kit.errors import DomainError, NotFoundError, TooLargeError
from synrl_core.datasets import Choices, DatasetError, RawDataset, ReaderLimits, readers, store
from synrl_core.datasets.readers import Readable, table
from synrl_core.datasets.readers.layout import Layout
from synrl_core.datasets.readers.source import kind_of, opened

#: Seconds after which an upload that nobody saved is removed.
LIFETIME = 3600.0
#: All uploads that wait may hold so many times the largest one.
ROOM = 4
#: The two files of an IDX pair; nothing else comes in more than one.
MOST_FILES = 2

_NAMES = "names.json"


class UnusableDataError(DomainError):
    """A file can't be read as a data set (HTTP 422)."""

    status = 422
    title = "These data can't be used"
    #: Name of the choice by which they could be, and whether they are a CSV.
    choice: str | None = None
    is_table = False


@dataclass(frozen=True)
class Upload:
    """Uploaded files that are not saved yet.

    Attributes
    ----------
    names
        What their owner calls them: never a path here.
    """

    token: str
    folder: Path
    names: tuple[str, ...]

    @property
    def expires_at(self) -> float:
        """Unix time."""
        return (self.folder / _NAMES).stat().st_mtime + LIFETIME


@dataclass(frozen=True, eq=False)
class UploadReading:
    """An upload read with some choices: the data, or the problem.

    Attributes
    ----------
    is_table
        Whether it is a CSV.
    columns
        Of a CSV, one of which holds the class.
    choices
        With what was guessed.
    raw
        The data; None while they can't be read so.
    problem
        Why they can't.
    """

    is_table: bool
    columns: tuple[str, ...]
    choices: Choices
    raw: RawDataset | None
    problem: UnusableDataError | None


class Uploads:
    """Uploads of one server."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self._limits = replace(ReaderLimits(), file_bytes=max_bytes)
        # Reading may take a gigabyte: one after the other, so that thirty uploads at once don't take thirty.
        self._reading = threading.Lock()

    def begin(self) -> Path:
        """Create a folder for the files of an upload, and remove uploads that have expired."""
        self.remove_expired()
        folder = self.folder / secrets.token_hex(16)
        folder.mkdir(parents=True)
        return folder

    def complete(self, folder: Path, names: Sequence[str]) -> Upload:
        """Register the files "0", "1" in a folder of `begin` as an upload."""
        (folder / _NAMES).write_text(json.dumps(list(names)), encoding="utf-8")
        return Upload(folder.name, folder, tuple(names))

    def find(self, token: str) -> Upload:
        """Return an upload.

        Raises
        ------
        NotFoundError
            When it has expired, or was saved or discarded.
        """
        folder = self.folder / token
        # The pattern keeps a token from naming anything else.
        if re.fullmatch(r"[0-9a-f]{32}", token) and _age(folder) < LIFETIME:
            try:
                return Upload(token, folder, tuple(json.loads((folder / _NAMES).read_text(encoding="utf-8"))))
            except FileNotFoundError:
                pass
        raise NotFoundError(
            f"This upload is no longer here: it was saved, or it is more than {LIFETIME / 3600:.0f} h old. "
            "Choose the files again."
        )

    def drop(self, folder: Path) -> None:
        """Remove an upload's files."""
        shutil.rmtree(folder, ignore_errors=True)

    def remove_expired(self) -> None:
        """Remove uploads that are too old, and the oldest where all together use too much disk."""
        waiting = sorted((_age(folder), folder) for folder in self.folder.glob("*") if folder.is_dir())
        held = 0
        for age, folder in waiting:
            held += sum(file.stat().st_size for file in folder.glob("*") if file.exists())
            if age >= LIFETIME or held > ROOM * self.max_bytes:
                self.drop(folder)

    def preview(self, upload: Upload, choices: Choices) -> UploadReading:
        """Read the data set, or return the problem if another choice may solve it.

        Raises
        ------
        UnusableDataError
            When no choice can help.
        """
        try:
            found = self._layout(upload, choices)
        except UnusableDataError as error:
            if not error.is_table:
                raise
            return UploadReading(True, (), choices, None, error)
        raw = problem = None
        if found is None or found.label is not None or choices.label_column is not None:
            try:
                raw = self._read(upload, choices, choices if found is None else found.choices)
            except UnusableDataError as error:
                if found is None and error.choice is None:
                    raise
                problem = error
        resolved = choices if found is None else found.choices
        return UploadReading(found is not None, () if found is None else found.names, resolved, raw, problem)

    def read(self, upload: Upload, choices: Choices) -> RawDataset:
        """Read the data set; a file that a preview has read with the same choices is not read again.

        Raises
        ------
        UnusableDataError
            Naming file, place, what was found, what was expected, and what to do.
        """
        found = self._layout(upload, choices)
        return self._read(upload, choices, choices if found is None else found.choices)

    def _layout(self, upload: Upload, choices: Choices) -> Layout | None:
        """Detect the layout of a CSV from its first lines; None for other files."""
        if len(upload.names) != 1:
            return None
        is_table = False
        try:
            with ExitStack() as stack, _translated_errors():
                [file] = self._open(upload, stack)
                with opened(file, self._limits) as source:
                    is_table = kind_of(source) == "csv"
                return table.inspect(file, choices, self._limits) if is_table else None
        except UnusableDataError as error:
            error.is_table = is_table
            raise

    def _read(self, upload: Upload, choices: Choices, resolved: Choices) -> RawDataset:
        """Read once for all choices with the same meaning: a guess that is then chosen is not read again."""
        key = sha256(json.dumps(asdict(resolved)).encode()).hexdigest()[:16]
        kept = upload.folder / f"read-{key}.npz"
        with self._reading, _translated_errors(), ExitStack() as stack:
            if kept.exists():
                return store.read(stack.enter_context(kept.open("rb")))[0]
            raw = readers.read(self._open(upload, stack), limits=self._limits, choices=choices)
            for before in upload.folder.glob("read-*.npz"):
                before.unlink(missing_ok=True)  # one is kept: what a person tries one after the other must not pile up
            part = kept.with_suffix(".part")
            with part.open("wb") as file:
                store.write(raw, file)
            part.replace(kept)
            return raw

    def _open(self, upload: Upload, stack: ExitStack) -> list[Readable]:
        opened_files: list[Readable] = []
        for place, name in enumerate(upload.names):
            raw = io.FileIO(upload.folder / str(place))
            # Readers say the name that the file has for its owner.
            raw.name = name
            opened_files.append(stack.enter_context(io.BufferedReader(raw)))
        return opened_files

    def refuse_size(self) -> TooLargeError:
        """Return the refusal of an upload that is too large."""
        return TooLargeError(
            f"An upload may have {self.max_bytes / 2**20:,.6g} MiB, and this one is larger. Bring fewer samples, or "
            "have the server's limit raised: SYNRL_MAX_UPLOAD_BYTES."
        )


def read_paths(paths: Sequence[Path], choices: Choices) -> RawDataset:
    """Read files of this machine that the command line names."""
    with _translated_errors():
        return readers.read(list(paths) if len(paths) != 1 else paths[0], choices=choices)


class _translated_errors:  # noqa: N801 (used like a function)
    """Translate reader errors into errors of the service."""

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, DatasetError):
            details = {name: getattr(error, name) for name in ("file", "place", "found", "expected", "remedy")}
            refusal = UnusableDataError(str(error), errors=[{"field": "files", "message": str(error), **details}])
            refusal.choice = error.choice
            raise refusal from error


def _age(folder: Path) -> float:
    try:
        return time.time() - folder.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
