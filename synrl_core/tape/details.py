"""Details of a tape: the draws of chance, batches and gradients behind its moves, trained again when asked for.

They take many times the bytes of the tape itself, and are wanted of a moment, not of a whole run.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synrl_core.errors import NoGradientError
from synrl_core.tape import engine
from synrl_core.tape.changes import ITERATIONS
from synrl_core.tape.chunk import Chunk
from synrl_core.tape.engine import TapedSynapticTrainer, TapedTrainer
from synrl_core.tape.recorder import CHUNK
from synrl_core.tape.scene import Scene


def no_gradient(scene: Scene) -> str | None:
    """Say why the scene's network has no gradient that could be followed; None where it has one."""
    try:
        engine.network_of(scene).check_differentiable()
    except NoGradientError as error:
        return str(error)
    return None


def details(scene: Scene, state: bytes | None = None, iterations: int = CHUNK) -> Chunk:
    """Train a stretch of a scene again and keep the details that its tape leaves out.

    Parameters
    ----------
    state
        Bytes of `Recorder.state_bytes` at the stretch's beginning; None: the scene's.
    iterations
        At most so many, at least 1.

    Returns
    -------
    A chunk with other arrays, n iterations and S synapses: ``draws`` (n, S) uint16, see
    `TapedSynapticTrainer.next_draws`; ``batches`` (k, batch) uint16, numbers within the training points, and
    ``batch_starts`` (k,) uint32, the iteration from which on each is measured; ``gradients`` (n, S) float32 of the
    batch's loss before each action, unless the network has none (step and sign units).

    Raises
    ------
    ValueError
        For a scene of gradient descent, whose synapses draw nothing.
    """
    trainer: TapedTrainer
    if state is None:
        trainer = engine.make(scene.settled(0))
        trainer.measure_batch()
    else:
        trainer = engine.resume(scene, state)
    if not isinstance(trainer, TapedSynapticTrainer):
        raise ValueError("gradient descent draws nothing: there are no details of its moves")
    start = trainer.iteration
    random, rewards = trainer.random_digest(), trainer.reward_state
    kept = _Kept(no_gradient(scene) is None)
    for t in range(start, min(start + iterations, ITERATIONS)):
        if scene.changes_at(t):
            changed = engine.change(trainer, scene, t)
            assert isinstance(changed, TapedSynapticTrainer)  # noqa: S101  the method can't be changed
            trainer = changed
        kept.step(trainer)
        if trainer.failure is not None:
            break
    return Chunk(start, trainer.iteration, random, rewards, trainer.failure, kept.arrays(trainer.iteration - start))


class _Kept:
    def __init__(self, gradients: bool) -> None:
        self._gradient = gradients
        self._draws: list[NDArray[np.uint16]] = []
        self._gradients: list[NDArray[np.float32]] = []
        self._batches: list[NDArray[np.uint16]] = []
        self._starts: list[int] = []

    def step(self, trainer: TapedSynapticTrainer) -> None:
        """Do an iteration and keep its details."""
        self._draws.append(trainer.next_draws())
        if self._gradient and trainer.gradient is None:
            trainer.gradient = np.zeros(trainer.network.synapses, np.float32)
        iteration = trainer.iteration
        trainer.step()
        if trainer.gradient is not None:
            self._gradients.append(trainer.gradient.copy())
        batch = trainer.batch_indices.astype(np.uint16)
        if not self._batches or not np.array_equal(batch, self._batches[-1]):
            self._batches.append(batch)
            self._starts.append(iteration)

    def arrays(self, done: int) -> dict[str, NDArray[np.generic]]:
        """Return the arrays of the iterations that were completed."""
        kept: dict[str, NDArray[np.generic]] = {
            "draws": np.array(self._draws[:done], np.uint16),
            "batches": np.array(self._batches, np.uint16),
            "batch_starts": np.array(self._starts, np.uint32),
        }
        if self._gradient:
            kept["gradients"] = np.array(self._gradients[:done], np.float32)
        return kept
