"""Tables whose rows are steps of sequences: one column names the sample, one orders its rows in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from synrl_core.datasets.errors import DatasetError, quoted

#: Names of the columns, without regard to case.
SAMPLE_NAMES = frozenset({"sample", "sequence", "sample_id", "sequence_id"})
STEP_NAMES = frozenset({"step", "time", "t", "time_step", "timestep"})


class Sequences(NamedTuple):
    """Sequences of one length.

    Attributes
    ----------
    values
        (samples, steps * inputs).
    labels
        (samples,)
    sample_shape
        (steps, 1, inputs).
    names
        Of all values, such as ``x at 3``.
    remark
        What was found, in a sentence.
    """

    values: NDArray[Any]
    labels: NDArray[np.int64]
    sample_shape: tuple[int, int, int]
    names: tuple[str, ...]
    remark: str


def columns_of_steps(names: Sequence[str]) -> tuple[int, int] | None:
    """Return the places of the columns that name the sample and the step; None: the table has no two such columns."""
    tidy = [name.strip().casefold().replace(" ", "_") for name in names]
    found = [[place for place, name in enumerate(tidy) if name in wanted] for wanted in (SAMPLE_NAMES, STEP_NAMES)]
    samples, steps = found
    return (samples[0], steps[0]) if len(samples) == len(steps) == 1 and len(names) > 2 else None


def fold(
    file: str, values: NDArray[Any], labels: NDArray[np.int64], names: Sequence[str], places: tuple[int, int]
) -> Sequences:
    """Bring rows of steps to one row a sample, in the order of time; samples in the order of their numbers.

    Parameters
    ----------
    values, labels
        (rows, columns) and (rows,) of the table.
    places
        As `columns_of_steps` found them.

    Raises
    ------
    DatasetError
        When sequences have different lengths, two rows one step, or the rows of a sequence different classes.
    """
    sample, step = values[:, places[0]], values[:, places[1]]
    order = np.lexsort((step, sample))
    sample, step, labels = sample[order], step[order], labels[order]
    kept = [place for place in range(values.shape[1]) if place not in places]
    found, starts, counts = np.unique(sample, return_index=True, return_counts=True)
    _check(file, sample, step, labels, (found, starts, counts), names, places)
    length, inputs = int(counts[0]), len(kept)
    folded = np.ascontiguousarray(values[order][:, kept]).reshape(len(found), length * inputs)
    column, time = (quoted(names[place]) for place in places)
    return Sequences(
        folded,
        labels[starts],
        (length, 1, inputs),
        tuple(f"{names[place]} at {at + 1}" for at in range(length) for place in kept),
        f"{len(values):,} rows are the steps of {len(found):,} sequences of {length}: column {column} names the "
        f"sequence, {time} is the time.",
    )


def _check(
    file: str,
    sample: NDArray[Any],
    step: NDArray[Any],
    labels: NDArray[np.int64],
    groups: tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]],
    names: Sequence[str],
    places: tuple[int, int],
) -> None:
    found, starts, counts = groups
    column, time = (quoted(names[place]) for place in places)
    usual = int(np.bincount(counts).argmax())
    if (counts != usual).any():
        other = int(np.flatnonzero(counts != usual)[0])
        raise DatasetError(
            file, f"column {column}, sample {found[other]:g}", f"{counts[other]:,} steps",
            f"{usual:,}, as most samples have", "Cut or fill up the sequences, so that all have one length.",
        )  # fmt: skip
    same = np.flatnonzero((sample[1:] == sample[:-1]) & (step[1:] == step[:-1]))
    if len(same):
        raise DatasetError(
            file, f"column {time}, sample {sample[same[0]]:g}", f"step {step[same[0]]:g} twice", "each step once",
            "Number the steps of each sample anew.",
        )  # fmt: skip
    changed = np.flatnonzero(labels != np.repeat(labels[starts], counts))
    if len(changed):
        at = changed[0]
        raise DatasetError(
            file, f"labels, sample {sample[at]:g}", f"another class at step {step[at]:g}", "one class a sequence",
            "Write the class of a sequence into all of its rows.",
        )  # fmt: skip
