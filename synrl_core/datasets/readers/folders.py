"""Derive classes from the folders of an archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synrl_core.datasets.choices import ClassFolder
from synrl_core.datasets.errors import quoted
from synrl_core.datasets.labels import tidy

#: Folders that part samples and name no class.
_PARTS = frozenset(
    {"train", "training", "trainset", "test", "testing", "testset", "val", "valid", "validation", "dev", "eval",
     "holdout"}
)  # fmt: skip


@dataclass(frozen=True)
class Folders:
    """Classes of pictures, by folder.

    Attributes
    ----------
    classes
        One a path: the name of its class; None where it lies in no folder.
    level
        Which of nested folders named the class; None where they are not nested.
    remarks
        What was decided.
    """

    classes: list[str | None]
    level: ClassFolder | None
    remarks: list[str]


def classes_of(paths: Sequence[str], chosen: ClassFolder | None) -> Folders:
    """Return the class of each path.

    Folders that all paths share, and folders such as 'train' and 'test' above the classes, name none. Of what is left
    the innermost folder names the class; the outermost, where every class has folders of the same names within.
    """
    parts = [[tidy(part) for part in path.split("/")[:-1]] for path in paths]
    inside = [folders for folders in parts if folders]
    remarks: list[str] = []
    if lost := [path for path, folders in zip(paths, parts, strict=True) if not folders]:
        listed = ", ".join(map(quoted, lost[:3])) + (" ..." if len(lost) > 3 else "")
        verbs = ("lie", "were") if len(lost) > 1 else ("lies", "was")
        remarks.append(f"{listed} {verbs[0]} in no folder, which would be the class, and {verbs[1]} left out.")
    shared = _shared(inside)
    tails = [folders[shared:] for folders in inside]
    heads = {tail[0].casefold() for tail in tails}
    if len(heads) > 1 and heads <= _PARTS and all(len(tail) > 1 for tail in tails):
        listed = ", ".join(map(quoted, sorted({tail[0] for tail in tails})))
        remarks.append(f"Folders {listed} were read together: a run parts samples for training and validation anew.")
        tails = [tail[1:] for tail in tails]
        tails = [tail[_shared(tails) :] for tail in tails]
    nested = any(len(tail) > 1 for tail in tails)
    level = (chosen or _level(tails)) if nested else None
    names = iter(tail[0] if level == "outermost" else tail[-1] for tail in tails)
    if level is not None and chosen is None:
        remarks.append(f"Folders lie in folders: the {level} is taken for the class.")
    return Folders([next(names) if folders else None for folders in parts], level, remarks)


def _shared(paths: Sequence[Sequence[str]]) -> int:
    """Count the folders that all paths have above one that differs; one at least is left."""
    count = 0
    while paths and all(len(path) > count + 1 for path in paths) and len({path[count] for path in paths}) == 1:
        count += 1
    return count


def _level(tails: Sequence[Sequence[str]]) -> ClassFolder:
    """Choose the outermost folder where inner ones of the same name lie in several, or pictures at both levels."""
    outer: dict[str, set[str]] = {}
    for tail in tails:
        outer.setdefault(tail[-1], set()).add(tail[0])
    repeated = any(len(tops) > 1 for tops in outer.values())
    both = {tail[0] for tail in tails if len(tail) == 1} & {tail[0] for tail in tails if len(tail) > 1}
    return "outermost" if (repeated or both) and len({tail[0] for tail in tails}) > 1 else "innermost"
