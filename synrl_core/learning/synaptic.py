"""Synaptic reinforcement learning: every weight and every bias is an agent, and all share one table.

`SynapticTrainer._step` is the paper's training loop (section 2.2 and algorithm 1 of arXiv 2105.14383), one
named helper a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from synrl_core.config import TrainingConfig
from synrl_core.learning import schedules
from synrl_core.learning.acting import BIASES, WEIGHTS, ActingTables
from synrl_core.learning.counting import CellCounts
from synrl_core.learning.data import Samples
from synrl_core.learning.draws import ActionDraws, Draws, ExplorationRates, RandomDraws
from synrl_core.learning.history import ActionHistory, RewardHistory, state_count
from synrl_core.learning.moves import Moves
from synrl_core.learning.qlearning import update_sequential, update_synchronous
from synrl_core.learning.trainer import Trainer
from synrl_core.measuring.events import Behaviour
from synrl_core.networks.blocks import Floats, Network, block_views, public_layout
from synrl_core.policies.policy import CODES, Policy


class _Buffers(NamedTuple):
    """Arrays over all synapses that an iteration overwrites."""

    states: NDArray[np.intp]
    """Table and packed action history as one number."""
    actions: NDArray[np.uint8]
    cells: NDArray[np.uint8]
    """Packed action history and action."""
    fell: NDArray[np.bool_]
    """(R,) whether the loss fell."""
    fallen: NDArray[np.int8]
    """The same bytes as numbers, 0 or 1."""


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
        kinds = (policy,) if bias_policy is None else (policy, bias_policy)
        groups = (len(network.layers), network.replicates, len(kinds))
        self._groups, reach = _synapses(network, len(kinds), config.bias_step_factor, self._flat)
        tables = [kinds] * (network.replicates if config.adaptive else 1)
        self._acting = ActingTables(tables, network.replicates, network.synapses)
        self._history = ActionHistory(network.synapses, policy.history)
        self._reward_history = RewardHistory(network.replicates, policy.history)
        self._counts = CellCounts(groups, policy.history, self._groups)
        self._moves = Moves(schedules.step_size(config), reach, self._flat)
        acting = network.replicates * len(kinds)
        self._begins = self._groups % acting * state_count(policy.history) if acting > 1 else None
        self._exploration = ExplorationRates(
            schedules.exploration(config, kinds),
            self._acting.floors,
            self._groups % len(kinds) if len(kinds) > 1 else 0,
        )
        self.draws: Draws = RandomDraws(self._rng, network.synapses)
        self._buffers = _Buffers(
            states=np.empty(network.synapses, np.intp),
            actions=np.empty(network.synapses, np.uint8),
            cells=np.empty(network.synapses, np.uint8),
            fell=(fell := np.empty(network.replicates, np.bool_)),
            fallen=fell.view(np.int8),
        )

    # -- the paper's loop ------------------------------------------------------------------------------------

    def _step(self) -> None:
        self._draw_batch_if_due()
        self._look_up_states()
        if self._acting.draws is None:
            self._act_greedily()
            self._explore()
        else:
            self._draw_actions(self._acting.draws)
        self._move_weights()
        loss = self.batch_loss()
        if not all(map(isfinite, loss.tolist())):
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
        """Find each synapse's state in the tables: its last actions; the reward history is global."""
        states = self._buffers.states
        states[...] = self._history.states
        if self._begins is not None:  # of several tables
            states += self._begins

    def _act_greedily(self) -> None:
        """argmax_a Q[a, state] of all synapses."""
        self._acting.act_greedily(self._buffers.states, self._reward_history.states, out=self._buffers.actions)

    def _explore(self) -> None:
        """With probability epsilon, act at random instead."""
        explorers, actions = self.draws(self._exploration.of_synapses(self.iteration))
        self._buffers.actions[explorers] = actions

    def _draw_actions(self, draws: ActionDraws) -> None:
        """Under a stochastic policy: draw by softmax(Q[:, state] / temperature), with probability epsilon at random."""
        epsilon = self._exploration.of_kinds(self.iteration)
        states, rewards = self._buffers.states, self._reward_history.states
        draws(self._rng, states, self._acting.rows, rewards, epsilon, out=self._buffers.actions)

    def _move_weights(self) -> None:
        """Add step_size * action to every weight; a bias moves by bias_step_factor times as much."""
        self._moves(self.iteration, self._buffers.actions)

    def _reward(self, loss: NDArray[np.float64]) -> None:
        """+1 if the loss fell, else -1, for all synapses of a replicate."""
        np.less(loss, self._loss, out=self._buffers.fell)
        np.add(self._buffers.fallen, self._buffers.fallen, out=self._rewards)  # codes 0 and 2
        self._loss[...] = loss

    def _learn(self) -> None:
        """Count the cells that were used and, if the policy is adaptive, update the tables by Q-learning."""
        before, cells = self._reward_history.states, self._buffers.cells
        self._reward_history.push(self._rewards)
        self._history.pair(self._buffers.actions, out=cells)
        if self.config.adaptive or not self._counts.adds_up:
            counted = self._counts.count_now(cells, before, self._action_counts)
            if self.config.adaptive:
                self._update_tables(counted, before, self._reward_history.states)
        else:
            self._counts.count(cells, before)

    def _remember(self) -> None:
        """Append each synapse's action to its history; the oldest drops out."""
        self._history.push(self._buffers.cells)

    # -- helpers of the loop ---------------------------------------------------------------------------------

    def _update_tables(self, counted: NDArray[np.int64], before: NDArray[np.int64], after: NDArray[np.int64]) -> None:
        """One Q-learning update for every synapse, in each replicate's own tables."""
        config = self.config
        for r, (old, new, code) in enumerate(zip(before.tolist(), after.tolist(), self._rewards.tolist(), strict=True)):
            for kind, table in enumerate(self._acting.values[r]):
                rule = (old, new, float(code - 1), config.learning_rate, config.discount)
                if config.q_update == "sequential" and old == new:
                    update_sequential(table, self._in_order(r, kind), *rule)
                else:  # elsewhere the two orders agree
                    update_synchronous(table, counted[r, kind].T, *rule)
            self._acting.refresh(r, old)

    def _in_order(self, replicate: int, kind: int) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
        """States (base 3) and actions of a table's synapses: layer by layer, neuron by neuron, bias first."""
        layers, replicates, kinds = len(self.network.layers), self.network.replicates, self._acting.values.shape[1]
        groups = [(layer * replicates + replicate) * kinds + kind for layer in range(layers)]
        mine = np.isin(self._groups, groups)
        return self._history.in_base_3()[mine].astype(np.intp), self._buffers.actions[mine]

    def _undo(self, loss: NDArray[np.float64]) -> None:
        """Take the last move back and end the run as failed."""
        self._moves.undo()
        self._fail(
            f"the loss of iteration {self.iteration + 1} is not finite ({loss[~np.isfinite(loss)][0]}): the weights "
            f"grew until the outputs overflowed. The weights of iteration {self.iteration} are kept. Train with a "
            f"smaller step size than {self.config.step_size}, or a schedule that lets it fall.{self._about_feedback()}"
        )

    # -- reading the state -----------------------------------------------------------------------------------

    def q_table(self) -> NDArray[np.float64]:
        """Copy the Q table of the weights, (R or 1,) + (3,) * (2h + 1): R tables if they are adaptive."""
        return self._acting.q_table(WEIGHTS)

    def _behaviour(self) -> Behaviour:
        temperatures = self._acting.temperatures[0].tolist()
        return Behaviour(
            policy=self.q_table(),
            bias_policy=self.bias_q_table(),
            visits=self.policy_visits(),
            histories=public_layout(self.network.layer_views(self._history.in_base_3()), np.uint8),
            rewards=self._reward_history.states.copy(),
            exploration=self._exploration.pair(self.iteration),
            step_size=float(self._moves.step_size(self.iteration)),
            temperature=(temperatures[0], temperatures[-1]),
        )

    def give_tables(self, policies: Sequence[Policy]) -> None:
        """Let each replicate act by its own static table, to compare R policies in one batch.

        Parameters
        ----------
        policies
            R policies of the trainer's history.
        """
        tables = [(policy,) for policy in policies]
        self._acting = ActingTables(tables, self.network.replicates, self.network.synapses)

    @property
    def last_actions(self) -> NDArray[np.uint8]:
        """Action codes of the last iteration, flat as the weights. Borrowed."""
        return self._buffers.actions

    def bias_q_table(self) -> NDArray[np.float64] | None:
        """Copy the Q table of the biases, as `q_table`; None if they share the weights'."""
        return self._acting.q_table(BIASES) if self._acting.values.shape[1] > 1 else None

    def policy_visits(self) -> NDArray[np.int64]:
        """Count how often each cell was used since the start, (R,) + (3,) * (2h + 1), all tables together."""
        self._counted()
        by_action = self._counts.visits.sum(axis=2).transpose(0, 3, 2, 1)  # (R, actions, action histories, rewards)
        return np.ascontiguousarray(by_action).reshape(-1, *(CODES,) * (2 * self._history.length + 1))

    def _counted(self) -> NDArray[np.int64]:
        self._counts.fold(self._action_counts)
        return super()._counted()

    def _arrays(self) -> dict[str, NDArray[Any]]:
        return super()._arrays() | {
            "tables": self._acting.values,
            "states": self._history.states,
            "reward_states": self._reward_history.states,
            "visits": self._counts.visits,
        }

    def _own_meta(self) -> dict[str, Any]:
        return {
            "history": self._history.length,
            "exploration_floors": self._acting.floors,
            "temperatures": self._acting.temperatures[0].tolist(),
        }

    def load_state(self, meta: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """Put a new trainer into a state that `state_bytes` wrote, and prepare its tables."""
        super().load_state(meta, arrays)
        self._acting.refresh_all()


def _synapses(
    network: Network, kinds: int, bias_step_factor: float, weights: Floats
) -> tuple[NDArray[np.intp], Floats]:
    """Number each synapse's group, its (layer, replicate, kind), and say how many step sizes one action moves it."""
    groups, reach = np.zeros(network.synapses, np.intp), np.ones_like(weights)
    for layer, block, view in block_views(network, groups):
        view += ((layer * network.replicates + np.arange(network.replicates)) * kinds)[:, None, None]
        if block.kind == "bias":
            view += kinds - 1
    for _, block, reaches in block_views(network, reach):
        if block.kind == "bias":
            reaches[...] = bias_step_factor
    return groups, reach
