"""Replay: reconstruct the training states from a tape, bit for bit, and verify them at key frames.

This is the reference of every reader: the browser does the same with `Math.fround`. An iteration moves a weight by
``((code * reach - reach) * step_size)``, each operation rounded to float32, reach being 1 or, for a bias, the scene's
factor; the result is added in float32.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synrl_core.learning.history import BITS, packed_codes, state_count
from synrl_core.policies.policy import CODES, DOWN, UP
from synrl_core.tape.changes import changed_table
from synrl_core.tape.chunk import Chunk, TapeError
from synrl_core.tape.scene import Scene


@dataclass(frozen=True, eq=False)
class Moment:
    """State of a scene at an iteration, after its changes. All arrays are copies.

    Attributes
    ----------
    iteration
        Completed iterations.
    weights
        (S,) float32, in the engine's order: layer by layer, unit by unit, the bias first.
    loss
        float32 of the current batch, after the last action.
    measured, told
        The last reward, -1 or 1; 0 at a tape's first moment.
    states
        (S,) uint8, the last h actions of each synapse, two bits each, the oldest highest. Empty for gradient descent.
    reward_state
        The last h reward codes, as told, in base 3.
    table, visits
        (C,) float64 and int64, flat as `Table.q`. Empty for gradient descent.
    """

    iteration: int
    weights: NDArray[np.float32]
    loss: float
    measured: int
    told: int
    states: NDArray[np.uint8]
    reward_state: int
    table: NDArray[np.float64]
    visits: NDArray[np.int64]


def play(scene: Scene, chunks: Iterable[Chunk]) -> Iterator[Moment]:
    """Replay chunks that follow each other, from any key frame on.

    Yields
    ------
    The moment at the first key frame, then one after every iteration. Of gradient descent, whose tape holds no moves:
    one at each key frame and wherever weights were kept.

    Raises
    ------
    TapeError
        When chunks don't follow each other, or weights, histories, rewards, table or visits are not those of the
        next key frame.
    """
    player: _Player | None = None
    for chunk in chunks:
        if player is None:
            player = (_SynapticPlayer if scene.method == "synaptic" else _GradientPlayer)(scene, chunk)
            yield player.moment()
        else:
            player.check(chunk)
        yield from player.play(chunk)
        player.check_end(chunk)


class _Player:
    """Replay state that all methods share."""

    def __init__(self, scene: Scene, chunk: Chunk) -> None:
        self._scene = scene
        self.iteration = chunk.start
        self.weights: NDArray[np.float32] = chunk.arrays["weights"].astype(np.float32)
        self.loss = float(chunk.arrays["loss"][0])
        self.measured = self.told = 0
        self.states: NDArray[np.uint8] = np.empty(0, np.uint8)
        self.reward_state = 0
        self.table: NDArray[np.float64] = np.empty(0)
        self.visits: NDArray[np.int64] = np.empty(0, np.int64)

    def moment(self) -> Moment:
        """Copy the state as it is."""
        return Moment(
            self.iteration,
            self.weights.copy(),
            self.loss,
            self.measured,
            self.told,
            self.states.copy(),
            self.reward_state,
            self.table.copy(),
            self.visits.copy(),
        )

    def play(self, chunk: Chunk) -> Iterator[Moment]:
        raise NotImplementedError

    def check(self, chunk: Chunk) -> None:
        """Compare with the next key frame, which stands before the changes of its iteration."""
        if chunk.start != self.iteration:
            raise TapeError(f"a chunk begins at iteration {chunk.start}; the one before ended at {self.iteration}")
        self._same("weights", self._before_changes, chunk.arrays["weights"])

    def check_end(self, chunk: Chunk) -> None:
        """Compare with what a chunk tells of its end; a recording that failed did so after the changes made there."""
        mine = self.weights if chunk.ended else self._before_changes
        self._same("weights", mine, chunk.arrays["weights_after"])

    _before_changes: NDArray[np.float32]

    def _arrive(self) -> None:
        """Make the changes of this iteration, remembering the weights before."""
        self._before_changes = self.weights.copy()
        for change in self._scene.changes_at(self.iteration):
            if change.setting == "weight":
                self.weights[change.edit[0]] = change.edit[1]

    def _same(self, name: str, mine: NDArray[np.generic], told: NDArray[np.generic]) -> None:
        if mine.shape != told.shape or mine.tobytes() != told.astype(mine.dtype).tobytes():
            wrong = int(np.sum(mine != told)) if mine.shape == told.shape else mine.size
            raise TapeError(
                f"the replay does not meet the key frame at iteration {self.iteration}: {wrong} of {mine.size} {name} "
                "differ. The tape is of another scene or is damaged."
            )


class _SynapticPlayer(_Player):
    """Replays moves."""

    def __init__(self, scene: Scene, chunk: Chunk) -> None:
        super().__init__(scene, chunk)
        self._history = scene.policy_in_force().history
        self._reach = _reach(scene)
        self._base_3 = np.zeros(state_count(self._history), np.intp)
        self._base_3[packed_codes(self._history)] = np.arange(CODES**self._history)
        self.states = chunk.arrays["states"].copy()
        self.visits = chunk.arrays["visits"].astype(np.int64)
        self.reward_state = chunk.reward_state
        self.table = chunk.arrays["table"].copy() if "table" in chunk.arrays else scene.table_at(chunk.start)
        self._arrive()

    def _arrive(self) -> None:
        super()._arrive()
        self._table_before = self.table.copy()
        for change in self._scene.changes_at(self.iteration):
            self.table = changed_table(self.table, change)
        self._step_size = np.float32(self._scene.settled(self.iteration + 1).step_size)

    def play(self, chunk: Chunk) -> Iterator[Moment]:
        """Yield the moment after every iteration of a chunk."""
        cells = iter(_cells_of(chunk))
        for codes, measured, told, loss in zip(
            chunk.moves, chunk.measured, chunk.told, chunk.arrays["losses"], strict=True
        ):
            self._move(codes)
            self._count(codes)
            for cell, value in next(cells):
                self.table[cell * CODES**self._history + self.reward_state] = value
            self._remember(codes, UP if told else DOWN)
            self.measured, self.told, self.loss = (1 if measured else -1), (1 if told else -1), float(loss)
            self.iteration += 1
            self._arrive()
            yield self.moment()

    def _move(self, codes: NDArray[np.uint8]) -> None:
        move = codes * self._reach
        move -= self._reach
        move *= self._step_size
        self.weights += move

    def _count(self, codes: NDArray[np.uint8]) -> None:
        rows = codes.astype(np.intp) * CODES**self._history + self._base_3[self.states]
        np.add.at(self.visits, rows * CODES**self._history + self.reward_state, 1)

    def _remember(self, codes: NDArray[np.uint8], reward: int) -> None:
        self.states = (self.states << np.uint8(BITS) | codes) & np.uint8(state_count(self._history) - 1)
        self.reward_state = (self.reward_state * CODES + reward) % CODES**self._history

    def check(self, chunk: Chunk) -> None:
        super().check(chunk)
        self._same("histories", self.states, chunk.arrays["states"])
        self._same("visits", self.visits, chunk.arrays["visits"].astype(np.int64))
        self._same("rewards", np.array([self.reward_state]), np.array([chunk.reward_state]))
        if "table" in chunk.arrays:
            self._same("values of the table", self._table_before, chunk.arrays["table"])


class _GradientPlayer(_Player):
    """Replays recorded weights."""

    def __init__(self, scene: Scene, chunk: Chunk) -> None:
        super().__init__(scene, chunk)
        self._arrive()

    def play(self, chunk: Chunk) -> Iterator[Moment]:
        """Yield the moments at which weights were kept."""
        kept = iter(chunk.arrays["weights_every"])
        for measured, loss in zip(chunk.measured, chunk.arrays["losses"], strict=True):
            self.iteration += 1
            self.measured = self.told = 1 if measured else -1
            self.loss = float(loss)
            if self.iteration % chunk.every == 0:
                self.weights = next(kept).copy()
                self._arrive()
                yield self.moment()
        if self.iteration % chunk.every:
            self.weights = chunk.arrays["weights_after"].copy()
            self._arrive()


def _cells_of(chunk: Chunk) -> Iterator[list[tuple[int, float]]]:
    """Cells that changed, (number, value) each, an iteration at a time."""
    if "cells" not in chunk.arrays:
        yield from ([] for _ in range(len(chunk)))
        return
    ends = np.cumsum(chunk.arrays["cell_counts"], dtype=np.intp)
    cells, values = chunk.arrays["cells"].astype(np.intp).tolist(), chunk.arrays["values"].tolist()
    pairs = list(zip(cells, values, strict=True))
    for start, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True):
        yield pairs[start:end]


def _reach(scene: Scene) -> NDArray[np.float32]:
    """How many step sizes one action moves each synapse, (S,)."""
    reach = np.ones(scene.synapses, np.float32)
    at = 0
    for fan_in, fan_out in zip(scene.sizes, scene.sizes[1:], strict=False):
        reach[at : at + (fan_in + 1) * fan_out : fan_in + 1] = scene.bias_step_factor
        at += (fan_in + 1) * fan_out
    return reach
