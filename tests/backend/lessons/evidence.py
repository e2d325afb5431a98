"""Evidence for what lessons promise: measures on tapes, by the engine, over seeds.

`python -m tests.backend.lessons.evidence [lesson]` prints the measured values of each promise.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np

from backend.lessons.lesson_file import Measure, Promise, Range
from backend.lessons.loader import LoadedLesson, shipped
from synrl_core.policies.policy import CODES
from synrl_core.tape import CHUNK, Chunk, Moment, Recorder, Scene, details, play

SEEDS = range(1, 21)
LEAST = 18


def chunks_of(scene: Scene, until: int) -> list[Chunk]:
    """The tape up to an iteration, and the evaluation that is made there."""
    return _recorded(scene.canonical_json(), until)


@lru_cache(maxsize=64)  # promises share scenes
def _recorded(scene_json: str, until: int) -> list[Chunk]:
    scene = Scene.model_validate_json(scene_json)
    recorder, found = Recorder(scene), []
    while recorder.iteration < until + 1 and not recorder.ended:
        found.append(recorder.record(min(CHUNK, until + 1 - recorder.iteration)))
    return found


def moments_of(scene: Scene, until: int) -> list[Moment]:
    return list(play(scene, chunks_of(scene, until)))[: until + 1]


def validation(scene: Scene, measure: Measure) -> float:
    """As the page shows it: of the last evaluation up to this iteration."""
    return float(np.concatenate([chunk.arrays["evaluations"] for chunk in chunks_of(scene, measure.until)])[-1][3])


def loss(scene: Scene, measure: Measure) -> float:
    chunks = chunks_of(scene, measure.until)
    return float(np.concatenate([chunk.arrays["losses"] for chunk in chunks])[measure.until - 1])


def lamps(scene: Scene, measure: Measure) -> float:
    measured = np.concatenate([chunk.measured for chunk in chunks_of(scene, measure.until)])
    return float(np.mean(measured[measure.after : measure.until]))


def deserved(scene: Scene, measure: Measure) -> float:
    assert measure.until <= CHUNK, "the page judges the stretch of one chunk"
    assert measure.after == 0, "from its beginning on"
    (chunk,) = chunks_of(scene, measure.until)
    moves = chunk.moves[: measure.until].astype(int) - 1
    right = moves * details(scene, iterations=measure.until).arrays["gradients"] < 0
    praised = chunk.told[: measure.until]
    return float(right[praised].sum() / (moves != 0)[praised].sum())


def follows(scene: Scene, measure: Measure) -> float:
    moments = moments_of(scene, measure.until)
    rows = CODES ** scene.policy_in_force().history
    moves = np.concatenate([chunk.moves for chunk in chunks_of(scene, measure.until)])
    agreed = []
    for before, codes in zip(moments[measure.after :], moves[measure.after : measure.until], strict=False):
        place = CODES * (before.states >> 2).astype(int) + (before.states & 3)
        favoured = before.table.reshape(CODES, rows, rows)[:, :, before.reward_state].argmax(axis=0)
        agreed.append(favoured[place] == codes)
    return float(np.mean(agreed))


def action(scene: Scene, measure: Measure) -> float:
    return float(
        np.concatenate([chunk.moves for chunk in chunks_of(scene, measure.until)])[measure.until - 1][measure.synapse]
    )


def cells(scene: Scene, measure: Measure) -> float:
    moments = moments_of(scene, measure.until)
    return float(np.sum(moments[measure.after].table != moments[measure.until].table))


MEASURES: dict[str, Callable[[Scene, Measure], float]] = {
    "validation": validation, "loss": loss, "lamps": lamps, "deserved": deserved, "follows": follows,
    "action": action, "cells": cells,
}  # fmt: skip


def measured(measure: Measure, scene: Scene, side: Scene | None) -> float:
    """What a measure gives on a scene and the one beside it."""
    take = MEASURES[measure.what]
    if measure.of == "first":
        return take(scene, measure)
    assert side is not None, "there is no second network"
    second = take(side, measure)
    return second if measure.of == "second" else second - take(scene, measure)


def promised(loaded: LoadedLesson, promise: Promise) -> tuple[Measure, Range]:
    """What is to be measured for a promise, and the values that keep it."""
    step = next(step for step in loaded.file.steps if step.id == promise.step)
    if promise.measure and promise.range:
        return promise.measure, promise.range
    assert step.prediction
    right = next(option for option in step.prediction.options if option.id == step.prediction.right)
    return step.prediction.measure, right.range


def scenes_of(loaded: LoadedLesson, step_id: str, seed: int | None = None) -> tuple[Scene, Scene | None]:
    """The scene of a step and the one beside it, with another seed if one is given."""
    step = next(step for step in loaded.file.steps if step.id == step_id)
    given = {**(step.scene or {}), **({} if seed is None else {"seed": seed})}
    return Scene(**given), None if step.side is None else Scene(**{**given, **step.side})


def values(loaded: LoadedLesson, promise: Promise) -> Iterator[float]:
    """What a promise's measure gives, by seed."""
    measure, _ = promised(loaded, promise)
    for seed in SEEDS:
        yield measured(measure, *scenes_of(loaded, promise.step, seed))


def kept(loaded: LoadedLesson, promise: Promise) -> int:
    """How many seeds keep a promise."""
    _, allowed = promised(loaded, promise)
    return sum(allowed.holds(value) for value in values(loaded, promise))


if __name__ == "__main__":
    for one in shipped():
        if one.lesson.id in sys.argv[1:] or len(sys.argv) == 1:
            for its in one.file.promises:
                measure, allowed = promised(one, its)
                found = sorted(round(value, 3) for value in values(one, its))
                sys.stdout.write(f"{one.lesson.id}/{its.step} {measure.what} of {measure.of} at {measure.until}: ")
                sys.stdout.write(f"{sum(map(allowed.holds, found))} of {len(SEEDS)} in {allowed}; {found}\n")
