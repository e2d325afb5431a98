"""Tasks of a playground process: describe a scene; train it from a stored state to the next key frame.

Nothing is kept here but caches: a process that is killed loses work under way, never a tape.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from threadpoolctl import threadpool_limits

from backend.kit import helper_process
from synrl_core import tape
from synrl_core.datasets import Split
from synrl_core.tape import Recorder, Scene
from synrl_core.tape.points import set_split, split_of


class SceneDescription(NamedTuple):
    """Description of a scene, and the split of its points for the processes that train it."""

    header: dict[str, Any]
    split: Split


class TrainedChunk(NamedTuple):
    """A trained chunk, and the engine state to continue from."""

    chunk: bytes
    state: bytes | None
    """State at the chunk's end; None where the recording ended."""
    split: Split


def prepare() -> None:
    """Prepare the process: one thread, so that sums have one order."""
    helper_process.prepare()
    threadpool_limits(1)


def describe(scene: str) -> SceneDescription:
    """Describe a scene, given as canonical JSON, for a reader: see `synrl_core.tape.header`.

    Raises
    ------
    ValueError
        When a class has no point left.
    """
    parsed = _parsed(scene)
    return SceneDescription(tape.header(parsed), split_of(parsed))


def train(scene: str, state: bytes | None, split: Split | None) -> TrainedChunk:
    """Record the chunk that follows a kept state; None: the first one.

    Parameters
    ----------
    split
        What another process found, or None. With it a process that replaces a killed one needs no scikit-learn, whose
        import takes longer than anything else here.
    """
    parsed = _parsed(scene)
    if split is not None:
        set_split(parsed, split)
    recorder = Recorder(parsed, state)
    chunk = recorder.record()
    return TrainedChunk(chunk.to_bytes(), None if recorder.ended else recorder.state_bytes(), split_of(parsed))


def details(scene: str, state: bytes | None, split: Split | None) -> bytes:
    """Train the stretch that follows a kept state again for its details: see `synrl_core.tape.details`.

    Raises
    ------
    ValueError
        For gradient descent.
    """
    parsed = _parsed(scene)
    if split is not None:
        set_split(parsed, split)
    return tape.details(parsed, state).to_bytes()


@lru_cache(maxsize=256)
def _parsed(scene: str) -> Scene:
    return Scene.model_validate_json(scene)
