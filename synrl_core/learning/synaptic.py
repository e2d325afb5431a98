"""Synaptic reinforcement learning: every weight and every bias is an agent, and all share one table.

`SynapticTrainer._step` is the paper's training loop (section 2.2 and algorithm 1 of arXiv 2105.14383), one
named helper a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from synrl_core.config import TrainingConfig
from synrl_core.learning import schedules
from synrl_core.learning.data import Samples
from synrl_core.learning.draws import ActionDraws, Draws, RandomDraws
from synrl_core.learning.history import BITS, ActionHistory, RewardHistory, packed_codes, state_count
from synrl_core.learning.qlearning import update_sequential, update_synchronous
from synrl_core.learning.trainer import Trainer
from synrl_core.measuring.events import Behaviour
from synrl_core.networks.blocks import Floats, Network, block_views, public_layout
from synrl_core.policies.policy import CODES, DOWN, UP, Policy

WEIGHTS, BIASES = 0, 1


class SynapticTrainer(Trainer):
    """Train a network by the actions of its synapses.

    Parameters
    ----------
    policy, bias_policy
        Tables of the weights and of the biases; None: the biases share the weights' table.
    """

    kind: ClassVar[str] = "synaptic"

    def __init__(
        self,
        config: TrainingConfig,
        network: Network,
        train: Samples,
        validation: Samples,
        policy: Policy,
        bias_policy: Policy | None = None,
        content_hash: str = "",
    ) -> None:
        super().__init__(config, network, train, validation, content_hash)
        h, synapses, replicates = policy.history, network.synapses, network.replicates
        self._step_size, self._exploration = schedules.step_size(config), schedules.exploration(config)
        self._tables = _tables(policy, bias_policy, replicates if config.adaptive else 1)
        self._temperatures = np.array([[kind.temperature for kind in (policy, bias_policy) if kind is not None]])
        kinds = self._tables.shape[1]
        self._history = ActionHistory(synapses, h)
        self._reward_history = RewardHistory(replicates, h)
        self._groups = groups = (len(network.layers), replicates, kinds)
        group_of = _group_of(network, kinds)
        self._group_offset = group_of * state_count(h)
        self._greedy = np.zeros((*groups, state_count(h)), np.uint8)
        self._choices = _choices(self._tables)
        self._row = np.arange(replicates, dtype=np.intp) % len(self._tables)
        self._visits = np.zeros((replicates, CODES**h, kinds, CODES**h, CODES), np.int64)
        self._chances = self._make_chances()
        self._floors = [kind.exploration for kind in (policy, bias_policy) if kind is not None]
        self._exploration_floor = np.array(self._floors, np.float32)[group_of % kinds if kinds > 1 else 0]
        self._reach = _reach(network, config.bias_step_factor, self._dtype)
        self.draws: Draws = RandomDraws(self._rng, synapses)
        self._index = np.empty(synapses, np.intp)
        self._actions = np.empty(synapses, np.uint8)
        self._move = np.empty(synapses, self._dtype)
        self._weights_before = np.empty_like(self._flat)

    # -- the paper's loop ------------------------------------------------------------------------------------

    def _step(self) -> None:
        self._draw_batch_if_due()
        self._look_up_states()
        if self._chances is None:
            self._act_greedily()
            self._explore()
        else:
            self._draw_actions(self._chances)
        self._move_weights()
        loss = self.batch_loss()
        if not np.isfinite(loss).all():
            self._undo(loss)
            return
        self._reward(loss)
        self._learn()
        self._remember()

    def _draw_batch_if_due(self) -> None:
        """Draw the next mini-batch. Clean: measure it now, so that the next reward compares like with like."""
        if self.iteration == 0:
            self.measure_batch()
        elif self._batches.redraws and self.iteration % self.config.batch_interval == 0:
            self._batches.draw()
            if self.config.redraw_reward == "clean":
                self.measure_batch()

    def _look_up_states(self) -> None:
        """Where each synapse's state stands in the tables: its last actions; the reward history is global."""
        np.add(self._group_offset, self._history.states, out=self._index)

    def _act_greedily(self) -> None:
        """argmax_a Q[a, state] of all synapses: one lookup in 3^h entries, as the reward history is global."""
        self._refresh_greedy()
        self._greedy.ravel().take(self._index, out=self._actions, mode="clip")

    def _explore(self) -> None:
        """With probability epsilon, act at random instead."""
        explorers, actions = self.draws(np.maximum(self._exploration_floor, self._exploration(self.iteration)))
        self._actions[explorers] = actions

    def _draw_actions(self, chances: ActionDraws) -> None:
        """Under a stochastic policy: draw by softmax(Q[:, state] / temperature), with probability epsilon at random."""
        epsilon = np.maximum(self._floors, self._exploration(self.iteration)).astype(np.float32)
        chances(self._rng, self._index, self._row, self._reward_history.states, epsilon, out=self._actions)

    def _move_weights(self) -> None:
        """Add step_size * action to every weight; a bias moves by bias_step_factor times as much."""
        np.copyto(self._weights_before, self._flat)
        np.multiply(self._actions, self._reach, out=self._move)
        self._move -= self._reach  # codes 0, 1, 2 -> actions -1, 0, +1
        self._move *= self._step_size(self.iteration)
        self._flat += self._move

    def _reward(self, loss: NDArray[np.float64]) -> None:
        """+1 if the loss fell, else -1, for all synapses of a replicate."""
        np.copyto(self._rewards, np.where(loss < self._loss, UP, DOWN), casting="same_kind")
        self._loss[:] = loss

    def _learn(self) -> None:
        """Count who did what, and, if the policy is adaptive, update the tables by Q-learning."""
        before = self._reward_history.states
        self._reward_history.push(self._rewards)
        cells = self._count_cells()
        self._action_counts += cells.sum(axis=(2, 3))
        cells_of_tables = cells.sum(axis=0)
        self._visits[np.arange(len(before)), before] += cells_of_tables
        if self.config.adaptive:
            self._update_tables(cells_of_tables, before, self._reward_history.states)

    def _remember(self) -> None:
        """The oldest action of each synapse drops out of its history, this one goes in."""
        self._history.push(self._actions)

    # -- what the loop's lines stand on ----------------------------------------------------------------------

    def _make_chances(self) -> ActionDraws | None:
        """Tell how likely each action is in each state; None if all tables are greedy."""
        if not self._temperatures.any():
            return None
        each = np.broadcast_to(self._temperatures, self._tables.shape[:2])
        return ActionDraws(self._tables, each, self._groups, self.network.synapses)

    def _refresh_greedy(self) -> None:
        """Look up the best action of every action history, given each replicate's rewards."""
        self._greedy[...] = self._choices[self._row, self._reward_history.states]

    def _count_cells(self) -> NDArray[np.int64]:
        """(layers, R, kinds, 3^h, 3): how many synapses took each action in each action history."""
        np.left_shift(self._index, BITS, out=self._index)
        np.bitwise_or(self._index, self._actions, out=self._index)
        cells = np.bincount(self._index, minlength=self._greedy.size << BITS)
        used = cells.reshape(*self._greedy.shape[:-1], -1)[..., packed_codes(self._history.length + 1)]
        return used.reshape(*used.shape[:-1], -1, CODES)

    def _update_tables(self, cells: NDArray[np.int64], before: NDArray[np.int64], after: NDArray[np.int64]) -> None:
        """One Q-learning update for every synapse, in each replicate's own tables."""
        config = self.config
        for r, (old, new, code) in enumerate(zip(before.tolist(), after.tolist(), self._rewards.tolist(), strict=True)):
            for kind, table in enumerate(self._tables[r]):
                rule = (old, new, float(code - 1), config.learning_rate, config.discount)
                if config.q_update == "sequential" and old == new:
                    update_sequential(table, self._in_order(r, kind), *rule)
                else:  # elsewhere the two orders agree
                    update_synchronous(table, cells[r, kind].T, *rule)
            self._choices[r, old] = _choices(self._tables[r : r + 1, ..., old : old + 1])[0, 0]
            if self._chances is not None:
                self._chances.refresh(self._tables, r, old)

    def _in_order(self, replicate: int, kind: int) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
        """States (base 3) and actions of a table's synapses: layer by layer, neuron by neuron, bias first."""
        layers, replicates, kinds = self._greedy.shape[:3]
        group = self._group_offset // state_count(self._history.length)
        mine = np.isin(group, [(layer * replicates + replicate) * kinds + kind for layer in range(layers)])
        return self._history.in_base_3()[mine].astype(np.intp), self._actions[mine]

    def _undo(self, loss: NDArray[np.float64]) -> None:
        """Take the last move back and end the run as failed."""
        np.copyto(self._flat, self._weights_before)
        self._fail(
            f"the loss of iteration {self.iteration + 1} is not finite ({loss[~np.isfinite(loss)][0]}): the weights "
            f"grew until the outputs overflowed. The weights of iteration {self.iteration} are kept. Train with a "
            f"smaller step size than {self.config.step_size}, or a schedule that lets it fall."
        )

    # -- looking in ------------------------------------------------------------------------------------------

    def q_table(self) -> NDArray[np.float64]:
        """Copy the Q table of the weights, (R or 1,) + (3,) * (2h + 1): R tables if they are adaptive."""
        return self._tables[:, WEIGHTS].reshape(-1, *(CODES,) * (2 * self._history.length + 1)).copy()

    def _behaviour(self) -> Behaviour:
        floors = np.maximum(self._floors, self._exploration(self.iteration)).tolist()
        return Behaviour(
            policy=self.q_table(),
            bias_policy=self.bias_q_table(),
            visits=self.policy_visits(),
            histories=public_layout(self.network.layer_views(self._history.in_base_3()), np.uint8),
            rewards=self._reward_history.states.copy(),
            exploration=(floors[0], floors[-1]),
            step_size=float(self._step_size(self.iteration)),
            temperature=(float(self._temperatures[0, 0]), float(self._temperatures[0, -1])),
        )

    def give_tables(self, policies: Sequence[Policy]) -> None:
        """Let each replicate act by its own static table, to compare R policies in one batch.

        Parameters
        ----------
        policies
            R policies of the trainer's history.
        """
        self._tables = np.concatenate([_tables(policy, None, 1) for policy in policies])
        self._temperatures = np.array([[policy.temperature] for policy in policies])
        self._choices = _choices(self._tables)
        self._chances = self._make_chances()
        self._row = np.arange(self.network.replicates)

    @property
    def last_actions(self) -> NDArray[np.uint8]:
        """Action codes of the last iteration, flat as the weights. Borrowed."""
        return self._actions

    def bias_q_table(self) -> NDArray[np.float64] | None:
        """Copy the Q table of the biases, as `q_table`; None if they share the weights'."""
        if self._tables.shape[1] == 1:
            return None
        return self._tables[:, BIASES].reshape(-1, *(CODES,) * (2 * self._history.length + 1)).copy()

    def policy_visits(self) -> NDArray[np.int64]:
        """Count how often each cell was used since the start, (R,) + (3,) * (2h + 1), all tables together."""
        by_action = self._visits.sum(axis=2).transpose(0, 3, 2, 1)  # (R, actions, action histories, rewards)
        return np.ascontiguousarray(by_action).reshape(-1, *(CODES,) * (2 * self._history.length + 1))

    def _arrays(self) -> dict[str, NDArray[Any]]:
        return super()._arrays() | {
            "tables": self._tables,
            "states": self._history.states,
            "reward_states": self._reward_history.states,
            "visits": self._visits,
        }

    def _own_meta(self) -> dict[str, Any]:
        return {
            "history": self._history.length,
            "exploration_floors": self._floors,
            "temperatures": self._temperatures[0].tolist(),
        }

    def load_state(self, meta: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """Put a new trainer into a state that `state_bytes` wrote, what follows from its tables too."""
        super().load_state(meta, arrays)
        self._choices[...] = _choices(self._tables)
        self._chances = self._make_chances()


def _tables(policy: Policy, bias_policy: Policy | None, replicates: int) -> NDArray[np.float64]:
    """(R or 1, kinds, 3, 3^h, 3^h): the tables that act, and learn if the policy is adaptive."""
    kinds = [policy.table] if bias_policy is None else [policy.table, bias_policy.table]
    return np.repeat(np.stack(kinds)[None], replicates, axis=0)


def _choices(tables: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Greedy action codes of tables (.., kinds, 3, 3^h, rewards): (.., rewards, kinds, 4^h) by packed state."""
    best = np.moveaxis(np.argmax(tables, axis=-3), -1, -3)
    history = round(np.log(best.shape[-1]) / np.log(CODES))
    choices = np.zeros((*best.shape[:-1], state_count(history)), np.uint8)
    choices[..., packed_codes(history)] = best
    return choices


def _group_of(network: Network, kinds: int) -> NDArray[np.intp]:
    """Number each synapse's (layer, replicate, kind), the kind being weight or bias if they differ."""
    groups = np.zeros(network.synapses, np.intp)
    for layer, block, view in block_views(network, groups):
        view += ((layer * network.replicates + np.arange(network.replicates)) * kinds)[:, None, None]
        if block.kind == "bias":
            view += kinds - 1
    return groups


def _reach(network: Network, bias_step_factor: float, dtype: DTypeLike) -> Floats:
    """How many step sizes one action moves each synapse."""
    reach: Floats = np.ones(network.synapses, dtype)
    for _, block, view in block_views(network, reach):
        if block.kind == "bias":
            view[...] = bias_step_factor
    return reach
