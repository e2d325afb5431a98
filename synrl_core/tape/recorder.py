"""Recorder: train a scene chunk by chunk and record every move, reward and loss."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from synrl_core.policies.policy import UP
from synrl_core.tape import engine
from synrl_core.tape.changes import ITERATIONS
from synrl_core.tape.chunk import Chunk, pack_bits, pack_codes
from synrl_core.tape.engine import TapedGradientTrainer, TapedSynapticTrainer, TapedTrainer
from synrl_core.tape.scene import Scene

#: Iterations from one key frame to the next.
CHUNK = 256
#: Iterations between two evaluations on all points.
EVALUATE_EVERY = 16
#: Gradient descent: about this many weights are kept an iteration.
_WEIGHTS_AN_ITERATION = 32


class Recorder:
    """A scene in training; `record` continues it and returns a chunk.

    Parameters
    ----------
    scene
        What to train.
    state
        Bytes of `state_bytes`, of this scene or of one that shares its changes up to there; None: begin.

    Raises
    ------
    CheckpointError
        When the bytes are no state.
    ValueError
        When a class has no point left to train or validate on.
    """

    def __init__(self, scene: Scene, state: bytes | None = None) -> None:
        self.scene = scene
        if state is None:
            self._trainer = engine.make(scene.settled(0))
            self._trainer.measure_batch()
        else:
            self._trainer = engine.resume(scene, state)

    @property
    def iteration(self) -> int:
        """Completed iterations."""
        return self._trainer.iteration

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to record."""
        return self._trainer.failure is not None or self.iteration >= ITERATIONS

    def state_bytes(self) -> bytes:
        """Write the state before the changes of this iteration: `Recorder(scene, state)` goes on to the bit."""
        return self._trainer.state_bytes()

    def record(self, iterations: int = CHUNK) -> Chunk:
        """Train on and return the recorded events.

        Parameters
        ----------
        iterations
            At most so many, at least 1; fewer at the scene's end or if the loss stops being finite. Chunks that are to
            be served hold `CHUNK` of them, from multiples of it.

        Raises
        ------
        ValueError
            When the recording has ended.
        """
        if self.ended:
            raise ValueError(
                f"the recording ended at iteration {self.iteration}: {self._trainer.failure or 'all done'}"
            )
        start = self.iteration
        stop = min(start + iterations, ITERATIONS)
        track = _track(self._trainer, stop - start, is_adaptive(self.scene.until(stop)))
        random, reward_state = self._trainer.random_digest(), self._trainer.reward_state
        for t in range(start, stop):
            if self.scene.changes_at(t):
                self._trainer = engine.change(self._trainer, self.scene, t)
            if t % EVALUATE_EVERY == 0:
                track.evaluations.append(self._trainer.measure())
            track.step(self._trainer)
            if self._trainer.failure is not None:
                break
        arrays = track.arrays() | {"weights_after": self._trainer.flat_weights.copy()}
        return Chunk(start, self.iteration, random, reward_state, self._trainer.failure, arrays, track.every)


def is_adaptive(scene: Scene) -> bool:
    """Whether the table of a scene learns at any time."""
    if scene.method != "synaptic":
        return False
    return scene.adaptive or any(change.setting == "adaptive" and change.value for change in scene.changes)


_Trained = TypeVar("_Trained", bound=TapedTrainer)


class _Track(Generic[_Trained]):
    """Recording of every method: key frame, rewards, losses and evaluations."""

    every = 0

    def __init__(self, trainer: _Trained, iterations: int) -> None:
        self._loss = float(trainer.last_loss[0])
        self._key_frame: dict[str, NDArray[Any]] = {
            "weights": trainer.flat_weights.copy(),
            "loss": trainer.last_loss.astype(np.float32),
            "last_reward": trainer.measured_reward.astype(np.uint8),
        }
        self.evaluations: list[tuple[float, float, float, float]] = []
        self._losses = np.empty(iterations, np.float32)
        self._measured = np.empty(iterations, np.bool_)
        self._told = np.empty(iterations, np.bool_)
        self._anew: list[tuple[int, float]] = []
        self._done = 0

    def step(self, trainer: _Trained) -> None:
        """Do an iteration and note it, unless it failed."""
        self._train(trainer)
        if trainer.failure is not None:
            return
        if trainer.loss_before != self._loss:
            self._anew.append((trainer.iteration - 1, trainer.loss_before))
        self._loss = float(trainer.last_loss[0])
        self._losses[self._done] = self._loss
        self._measured[self._done] = trainer.measured_reward[0] == UP
        self._told[self._done] = trainer.last_rewards[0] == UP
        self._note(trainer)
        self._done += 1

    def _train(self, trainer: _Trained) -> None:
        trainer.step()

    def _note(self, trainer: _Trained) -> None:
        """Record the method's own arrays."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of `Chunk` but for the weights at the end."""
        done = self._done
        return self._key_frame | {
            "losses": self._losses[:done],
            "measured": pack_bits(self._measured[:done]),
            "told": pack_bits(self._told[:done]),
            "measured_anew": np.array([at for at, _ in self._anew], np.uint32),
            "losses_anew": np.array([loss for _, loss in self._anew], np.float32),
            "evaluations": np.array(self.evaluations, np.float32).reshape(-1, 4),
        }


class _SynapticTrack(_Track[TapedSynapticTrainer]):
    """Recording of synaptic learning: moves of synapses, changed cells of the table."""

    def __init__(self, trainer: TapedSynapticTrainer, iterations: int, adaptive: bool) -> None:
        super().__init__(trainer, iterations)
        self._key_frame["states"] = trainer.states.copy()
        self._key_frame["visits"] = trainer.policy_visits()[0].ravel().astype(np.uint32)
        if adaptive:
            self._key_frame["table"] = trainer.q_table()[0].ravel()
        self._adaptive = adaptive
        self._moves = np.empty((iterations, trainer.network.synapses), np.uint8)
        self._counts = np.zeros(iterations, np.uint8)
        self._cells: list[NDArray[np.intp]] = [np.empty(0, np.intp)]
        self._values: list[NDArray[np.float64]] = [np.empty(0)]

    def _train(self, trainer: TapedSynapticTrainer) -> None:
        if not self._adaptive:
            trainer.step()
            return
        rewards = trainer.reward_state
        before = trainer.column(rewards).ravel()
        trainer.step()
        after = trainer.column(rewards).ravel()
        changed = np.flatnonzero(after.view(np.int64) != before.view(np.int64))  # bits: -0.0 may become 0.0
        self._counts[self._done] = len(changed)
        self._cells.append(changed)
        self._values.append(after[changed])

    def _note(self, trainer: TapedSynapticTrainer) -> None:
        self._moves[self._done] = trainer.last_actions

    def arrays(self) -> dict[str, NDArray[Any]]:
        arrays = super().arrays() | {"moves": pack_codes(self._moves[: self._done])}
        if self._adaptive:
            arrays["cell_counts"] = self._counts[: self._done]
            arrays["cells"] = np.concatenate(self._cells).astype(np.uint8)
            arrays["values"] = np.concatenate(self._values)
        return arrays


class _GradientTrack(_Track[TapedGradientTrainer]):
    """Recording of gradient descent: weights at intervals."""

    def __init__(self, trainer: TapedGradientTrainer, iterations: int) -> None:
        super().__init__(trainer, iterations)
        self.every = -(-trainer.network.synapses // _WEIGHTS_AN_ITERATION)
        self._kept: list[NDArray[np.floating]] = []

    def _train(self, trainer: TapedGradientTrainer) -> None:
        trainer.step()
        if trainer.failure is None:
            trainer.measure_update()

    def _note(self, trainer: TapedGradientTrainer) -> None:
        if trainer.iteration % self.every == 0:
            self._kept.append(trainer.flat_weights.copy())

    def arrays(self) -> dict[str, NDArray[Any]]:
        kept = np.array(self._kept, np.float32).reshape(-1, len(self._key_frame["weights"]))
        return super().arrays() | {"weights_every": kept}


def _track(trainer: TapedTrainer, iterations: int, adaptive: bool) -> _Track[Any]:
    if isinstance(trainer, TapedSynapticTrainer):
        return _SynapticTrack(trainer, iterations, adaptive)
    if isinstance(trainer, TapedGradientTrainer):
        return _GradientTrack(trainer, iterations)
    raise TypeError(f"no track records a {type(trainer).__name__}")
