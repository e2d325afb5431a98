"""Parse class labels: merge spellings of one class, order classes by value or alphabet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from synrl_core.datasets.choices import Missing
from synrl_core.datasets.errors import DatasetError, quoted
from synrl_core.datasets.limits import ReaderLimits

#: Words that stand for a value that is missing, as pandas, R, Excel and the UCI repository write them.
MISSING_WORDS = frozenset(
    {"", "NaN", "nan", "NAN", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "null", "NULL", "Null", "None", "?", "NaT",
     "#DIV/0!", "#VALUE!", "#REF!", "#NUM!", "#NAME?", "#NULL!"}
)  # fmt: skip

_REMEDY = "Add samples of another class."
_NAMED = 5
#: A number with a zero in front is a code: '007' is another label than '7'.
_PADDED = re.compile(r"[+-]?0\d")
_COMMA = re.compile(r"[+-]?\d+,\d+")
#: Numbers beyond are not written out.
_LONGEST_EXPONENT = 30


class Classes(NamedTuple):
    """Labels encoded as indices of the ordered classes.

    Attributes
    ----------
    labels
        (samples,) int64 in 0..len(names)-1; -1 where the label is missing and its sample is to be left out.
    names
        What each class is called.
    remarks
        What was decided: labels that were made one class, classes that look alike.
    """

    labels: NDArray[np.int64]
    names: tuple[str, ...]
    remarks: tuple[str, ...]


def tidy(word: str) -> str:
    """Return a label without space around it, and with its letters composed (NFC): 'é' is one letter and not two."""
    return unicodedata.normalize("NFC", word).strip()


def is_missing(word: str) -> bool:
    """Whether a label or value says that it is missing."""
    return word.strip() in MISSING_WORDS


def encode(
    file: str,
    labels: NDArray[Any],
    limits: ReaderLimits,
    words: Sequence[str] | None = None,
    *,
    missing: Missing = "refuse",
    remedy: str = _REMEDY,
) -> Classes:
    """Number the classes from 0 in their order: by value where all are numbers, else by alphabet.

    Labels that are the same after `tidy` are one class, and so are those that are the same number ('1', '1.0', '+1'),
    unless one has a zero in front.

    Parameters
    ----------
    labels
        (samples,) integers or strings, as the file has them.
    words
        When labels are places in this list.
    missing
        What to do where a label is one of `MISSING_WORDS`.
    remedy
        What to do when there is one class only.

    Raises
    ------
    DatasetError
        For too many classes, fewer than two, a class of one sample, a missing label, or a name that can't be shown.
    """
    count = _count_distinct(labels)
    if count > limits.classes:
        raise DatasetError(
            file, "labels", f"{count:,} different labels", f"at most {limits.classes:,}",
            "Choose the column that holds the class; a number that is measured is no class.",
        )  # fmt: skip
    found = np.unique(labels)
    spelled = [str(label) if words is None else words[int(label)] for label in found]
    places, names, remarks = _merged(file, spelled, missing)
    numbered = np.array(places, dtype=np.int64)[np.searchsorted(found, labels)]
    used = numbered[numbered >= 0]
    if len(used) < len(numbered):
        left = len(numbered) - len(used)
        remarks.append(f"{left:,} {'samples have' if left > 1 else 'sample has'} no label and were left out.")
    _check(file, used, names, limits, remedy)
    return Classes(numbered, names, tuple(remarks))


def check_name(file: str, place: str, what: str, name: str, limits: ReaderLimits) -> None:
    """Refuse a name that can't be shown on one line. Quotes and emoji are allowed."""
    if not name.strip() or len(name) > limits.name_length or not name.isprintable():
        raise DatasetError(
            file, place, f"{what} {quoted(name)} of {len(name):,} characters",
            f"1 to {limits.name_length} printable characters on one line", f"Rename the {what.split()[0]}.",
        )  # fmt: skip


def value_of(word: str) -> Decimal | None:
    """Return the exact number of a label, or None."""
    text = word.replace(",", ".") if _COMMA.fullmatch(word) else word
    try:
        value = Decimal(text) if "_" not in text else None
    except InvalidOperation:
        return None
    return value if value is not None and value.is_finite() else None


def _merged(file: str, spelled: list[str], missing: Missing) -> tuple[list[int], tuple[str, ...], list[str]]:
    """Map each spelling to the index of its class: (indices, names, remarks). -1: the label is missing."""
    words = [tidy(word) for word in spelled]
    lost = sorted({word for word in words if word in MISSING_WORDS and not (word and missing == "keep")})
    if lost and missing != "leave_out":
        kept = f" If {quoted(lost[-1])} is the name of a class, choose to keep such words." if lost[-1] else ""
        raise DatasetError(
            file, "labels", f"labels that are missing ({', '.join(map(quoted, lost))})", "a class for every sample",
            f"Fill them in, remove those samples, or choose to leave them out.{kept}", "missing",
        )  # fmt: skip
    there = sorted(set(words) - set(lost))
    values = {word: value_of(word) for word in there}
    numeric = bool(there) and all(value is not None for value in values.values())
    remarks: list[str] = []
    groups: dict[Any, list[str]] = {}
    merging = numeric and not any(_PADDED.match(word) for word in there)
    for word in there:
        groups.setdefault(values[word] if merging else word, []).append(word)
    several = [group for group in groups.values() if len(group) > 1]
    names = {word: _name(group, values, canonical=bool(several)) for group in groups.values() for word in group}
    if several:
        remarks.append(f"Labels that are the same number are one class: {_listed(several)}.")
    order = sorted(set(names.values()), key=lambda name: (_order(name, numeric), name))
    if alike := _alike(order):
        remarks.append(f"Classes that look alike are kept apart: {_listed(alike)}.")
    place = {name: index for index, name in enumerate(order)}
    return [place[names[word]] if word in names else -1 for word in words], tuple(order), remarks


def _name(group: list[str], values: dict[str, Decimal | None], *, canonical: bool) -> str:
    """Name a class as the file spells it; where one class is spelled in several ways, all as plain numbers."""
    value = values[group[0]]
    if not canonical or value is None:
        return group[0]
    if value == value.to_integral_value() and abs(value.adjusted()) <= _LONGEST_EXPONENT:
        return str(int(value))
    return min(group, key=lambda word: (len(word), word))


def _order(name: str, numeric: bool) -> Decimal:
    value = value_of(name) if numeric else None
    return Decimal(0) if value is None else value


def _alike(names: Sequence[str]) -> list[list[str]]:
    """Find names that a person may take for one: other case or width, or the same number."""
    groups: dict[Any, list[str]] = {}
    for name in names:
        value = value_of(name)
        folded = re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFKC", name).casefold())
        groups.setdefault(folded if value is None else value, []).append(name)
    return [group for group in groups.values() if len(group) > 1]


def _listed(groups: list[list[str]]) -> str:
    listed = "; ".join(", ".join(quoted(word, 30) for word in group[:_NAMED]) for group in groups[:_NAMED])
    return listed + (" ..." if len(groups) > _NAMED else "")


def _check(file: str, used: NDArray[np.int64], names: tuple[str, ...], limits: ReaderLimits, remedy: str) -> None:
    if len(names) < 2:
        of = f" of one class ({', '.join(map(quoted, names))})" if names else " without a label"
        raise DatasetError(file, "labels", f"all {len(used):,} samples are{of}", "two classes or more", remedy)
    for name in names:
        check_name(file, "labels", "class name", name, limits)
    counts = np.bincount(used, minlength=len(names))
    if counts.min() < 2:
        lonely = names[int(counts.argmin())]
        raise DatasetError(
            file, "labels", f"class {quoted(lonely)} has one sample", "two or more of each class, one for either side "
            "of the split", "Add samples of that class or remove it.",
        )  # fmt: skip


def _count_distinct(labels: NDArray[Any]) -> int:
    """Count different labels in the memory of one copy: `np.unique` would take another one for millions of classes."""
    ordered = np.sort(labels)
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + 1 if len(ordered) else 0
