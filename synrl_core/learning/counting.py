"""Count which synapses took which action in which state."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synrl_core.learning.history import packed_codes, state_count
from synrl_core.policies.policy import CODES

#: Bytes that counts which are only added up may take; larger ones are folded at once.
_MOST_ADDED_UP = 2**20


class CellCounts:
    """Counts of the cells (action history, action) of each group, by reward history.

    Counting is a fifth of a small network's iteration, and its results are read at evaluations and snapshots only. So
    `count` adds up raw counts of packed cells, and `fold` sorts them when somebody reads.

    Parameters
    ----------
    groups
        (layers, R, kinds).
    history
        h.
    of_synapses
        (synapses,) number of each one's group.

    Attributes
    ----------
    visits
        (R, 3^h reward histories, kinds, 3^h action histories, 3) int64 since the start, as of the last `fold`.
    """

    def __init__(self, groups: tuple[int, int, int], history: int, of_synapses: NDArray[np.intp]) -> None:
        layers, replicates, kinds = groups
        self._groups, self._history = groups, history
        self._replicates = np.arange(replicates)
        self.visits = np.zeros((replicates, CODES**history, kinds, CODES**history, CODES), np.int64)
        self._cells = kinds * state_count(history + 1)
        self._added: NDArray[np.int64] = np.zeros((CODES**history, layers * replicates * self._cells), np.int64)
        if self._added.nbytes > _MOST_ADDED_UP:
            self._added = self._added[:0]
        self._added_under = tuple(self._added)  # views that an iteration would make anew
        self._begins = of_synapses * state_count(history + 1) if np.prod(groups) > 1 else None
        self._numbers = np.empty(len(of_synapses), np.intp)
        self._is_folded = True

    @property
    def adds_up(self) -> bool:
        """True if `count` may be called; else there are too many groups, and `count_now` is as quick."""
        return len(self._added) > 0

    def count(self, cells: NDArray[np.uint8], rewards: NDArray[np.int64]) -> None:
        """Add an iteration's cells.

        Parameters
        ----------
        cells
            (synapses,) packed state and action of each.
        rewards
            (R,) reward history of each replicate before these actions, in base 3.
        """
        counted = self._bincount(cells)
        self._is_folded = False
        if len(rewards) == 1:
            added = self._added_under[rewards.item()]
            added += counted
        else:
            layers, replicates, _ = self._groups
            by_group = self._added.reshape(-1, layers, replicates, self._cells)
            by_group[rewards, :, self._replicates] += counted.reshape(layers, replicates, -1).transpose(1, 0, 2)

    def count_now(
        self, cells: NDArray[np.uint8], rewards: NDArray[np.int64], action_counts: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Count an iteration's cells into `visits` and `action_counts`; parameters as `count` and `fold`.

        Returns
        -------
        (R, kinds, 3^h, 3): how many synapses took each action in each action history.
        """
        counted = self._sorted(self._bincount(cells))
        action_counts += counted.sum(axis=(2, 3))
        of_tables: NDArray[np.int64] = counted.sum(axis=0)
        if len(rewards) == 1:  # plain indices take a fraction of the time of arrays of them
            self.visits[0, rewards.item()] += of_tables[0]
        else:
            self.visits[self._replicates, rewards] += of_tables
        return of_tables

    def fold(self, action_counts: NDArray[np.int64]) -> None:
        """Sort what `count` has added up into `visits` and into `action_counts`, (layers, R, 3)."""
        if self._is_folded:
            return
        for rewards in np.flatnonzero(self._added.any(axis=1)):
            cells = self._sorted(self._added[rewards])
            action_counts += cells.sum(axis=(2, 3))
            self.visits[:, rewards] += cells.sum(axis=0)
        self._added[...] = 0
        self._is_folded = True

    def _bincount(self, cells: NDArray[np.uint8]) -> NDArray[np.int64]:
        """(layers * R * packed cells of all kinds,)."""
        self._numbers[...] = cells  # adding bytes to long integers would convert them at twice the price
        if self._begins is not None:
            self._numbers += self._begins
        layers, replicates, _ = self._groups
        return np.bincount(self._numbers, minlength=layers * replicates * self._cells)

    def _sorted(self, counted: NDArray[np.int64]) -> NDArray[np.int64]:
        """(layers, R, kinds, 3^h, 3): without the codes that no sequence of actions has."""
        used = counted.reshape(*self._groups, -1)[..., packed_codes(self._history + 1)]
        return used.reshape(*self._groups, -1, CODES)
