"""What runs in a playground process: describing a scene, and training it from a kept state to the next key frame.

Nothing is kept here but caches: a process that is killed loses work under way, never a tape.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from threadpoolctl import threadpool_limits

from backend.kit import helper_process
from synrl_core import tape
from synrl_core.tape import Recorder, Scene


class Trained(NamedTuple):
    """A chunk, and what to go on from."""

    chunk: bytes
    state: bytes | None
    """State at the chunk's end; None where the recording ended."""


def prepare() -> None:
    """Prepare the process: one thread, so that sums have one order, and imports that the first scene needs."""
    helper_process.prepare()
    threadpool_limits(1)
    tape.points(Scene())


def describe(scene: str) -> dict[str, Any]:
    """Describe a scene, given as canonical JSON, for a reader: see `synrl_core.tape.header`.

    Raises
    ------
    ValueError
        When a class has no point left.
    """
    return tape.header(_parsed(scene))


def train(scene: str, state: bytes | None) -> Trained:
    """Record the chunk that follows a kept state; None: the first one."""
    recorder = Recorder(_parsed(scene), state)
    chunk = recorder.record()
    return Trained(chunk.to_bytes(), None if recorder.ended else recorder.state_bytes())


@lru_cache(maxsize=256)
def _parsed(scene: str) -> Scene:
    return Scene.model_validate_json(scene)
