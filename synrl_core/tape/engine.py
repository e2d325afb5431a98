"""Trainers of a scene: ordinary trainers with hooks for the recorder and a reward that may be corrupted."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synrl_core.learning import checkpoint
from synrl_core.learning.data import samples_of
from synrl_core.learning.draws import random_bits
from synrl_core.learning.gradient import GradientTrainer
from synrl_core.learning.synaptic import SynapticTrainer
from synrl_core.learning.trainer import Trainer
from synrl_core.networks.feedforward import FeedforwardNetwork
from synrl_core.policies.policy import DOWN, UP
from synrl_core.tape.changes import changed_table
from synrl_core.tape.corruption import Corruption
from synrl_core.tape.points import points
from synrl_core.tape.scene import Scene


class TapedTrainer(Trainer):
    """Protocol of trainers (one replicate) that can be recorded."""

    measured_reward: NDArray[np.int8]
    """(1,) reward code as measured, before any corruption; DOWN before the first iteration."""
    loss_before = np.nan
    """Loss of the batch before the last action."""

    @property
    def reward_state(self) -> int:
        """The last h rewards, as told, in base 3; 0 for gradient descent."""
        return 0

    @property
    def failure(self) -> str | None:
        """Why training ended before its last iteration."""
        return self._reason

    def measure(self) -> tuple[float, float, float, float]:
        """Measure training loss and accuracy, validation loss and accuracy."""
        train, validation = self._measure_samples(self._train), self._measure_samples(self._validation)
        return float(train[0][0]), float(train[1][0]), float(validation[0][0]), float(validation[1][0])

    def random_digest(self) -> str:
        """Name the states of the random generators, 16 hexadecimal digits."""
        states = [checkpoint.generator_state(rng) for rng in (self._rng, self._batch_rng)]
        return hashlib.sha256(json.dumps(states, sort_keys=True).encode()).hexdigest()[:16]

    def _arrays(self) -> dict[str, NDArray[Any]]:
        return super()._arrays() | {"measured_reward": self.measured_reward}


class TapedSynapticTrainer(TapedTrainer, SynapticTrainer):
    """Synaptic learning with a reward that passes through `corruption`."""

    corruption: Corruption
    gradient: NDArray[np.float32] | None = None
    """(synapses,) filled before each action with the gradient of the batch's loss, where somebody asks for it."""

    def _draw_batch_if_due(self) -> None:
        super()._draw_batch_if_due()
        self.loss_before = float(self._loss[0])
        if self.gradient is not None:
            self._differentiate_batch(self.network.layer_views(self.gradient))

    def _reward(self, loss: NDArray[np.float64]) -> None:
        super()._reward(loss)
        measured, before = int(self._rewards[0]), int(self.measured_reward[0])
        self.measured_reward[0] = measured
        self._rewards[0] = self.corruption.corrupt(self.iteration, measured, before)

    def next_draws(self) -> NDArray[np.uint16]:
        """Copy the random draws of the next iteration: (synapses,) sixteen bits each.

        A greedy synapse explores where they are below 65,536 times the exploration. The action of a stochastic policy
        is the one whose share of 0..65,535 holds them: down, stay, up. Both limits are rounded by chance to a whole
        number.
        """
        ahead = np.random.Generator(type(self._rng.bit_generator)())
        ahead.bit_generator.state = self._rng.bit_generator.state
        ahead.random()  # rounds the limits
        return random_bits(ahead, self.network.synapses).copy()

    @property
    def states(self) -> NDArray[np.uint8]:
        """(synapses,) packed action histories. Borrowed."""
        return self._history.states

    @property
    def reward_state(self) -> int:
        """The last h rewards, as told, in base 3."""
        return int(self._reward_history.states[0])

    def column(self, reward_state: int) -> NDArray[np.float64]:
        """View the table's values under one reward history, (3, 3^h)."""
        return self._acting.values[0, 0, :, :, reward_state]


class TapedGradientTrainer(TapedTrainer, GradientTrainer):
    """Gradient descent; its recorded reward says whether an update lowered the loss."""

    def measure_update(self) -> None:
        """Measure the batch again after an update, and whether its loss fell."""
        self.loss_before = float(self._loss[0])
        self.measure_batch()
        self._rewards[0] = UP if self._loss[0] < self.loss_before else DOWN
        self.measured_reward[:] = self._rewards


def network_of(scene: Scene) -> FeedforwardNetwork:
    """Make the network of a scene."""
    return FeedforwardNetwork(scene.sizes, scene.activation)


def make(scene: Scene, synaptic_kind: type[TapedSynapticTrainer] = TapedSynapticTrainer) -> TapedTrainer:
    """Make the trainer of a scene's settings, at iteration 0; its changes are not looked at."""
    data = points(scene)
    config, network = scene.config(), network_of(scene)
    inputs = data.dataset.inputs(data.parts)
    train = samples_of(inputs, data.parts.train, network)
    validation = samples_of(inputs, data.parts.validation, network)
    trainer: TapedTrainer
    if scene.method == "synaptic":
        policy = scene.find_policy(config.policy)
        trainer = synaptic = synaptic_kind(config, network, train, validation, policy)
        synaptic.corruption = Corruption(scene.corruption, scene.truth, scene.seed)
    else:
        trainer = TapedGradientTrainer(config, network, train, validation)
    trainer.measured_reward = np.full(1, DOWN, np.int8)
    return trainer


def resume(scene: Scene, state: bytes) -> TapedTrainer:
    """Make the trainer of a scene as it stood when `state` was kept, before the changes of that iteration.

    Raises
    ------
    CheckpointError
        When the bytes are no state of a trainer.
    """
    meta, arrays = checkpoint.unpack(state)
    trainer = make(scene.settled(meta["iteration"]))
    trainer.load_state(meta, arrays)
    return trainer


def change(trainer: TapedTrainer, scene: Scene, iteration: int) -> TapedTrainer:
    """Make a scene's changes of one iteration: a trainer of the new settings goes on from the state of the old one.

    Parameters
    ----------
    trainer
        Stands at `iteration`, under the settings of ``scene.settled(iteration)``.
    """
    changes = scene.changes_at(iteration)
    meta, arrays = checkpoint.unpack(trainer.state_bytes())
    changed = make(scene.settled(iteration + 1))
    if "tables" in arrays:
        table = arrays["tables"].reshape(-1)
        for one in changes:
            table = changed_table(table, one)
        arrays["tables"] = table.reshape(arrays["tables"].shape)
    changed.load_state(meta, arrays)
    weights = [one.edit for one in changes if one.setting == "weight"]
    for index, value in weights:
        changed.flat_weights[index] = value
    if weights:
        with np.errstate(all="ignore"):  # a loss that isn't finite ends the recording at the next step
            changed.measure_batch()  # else the next reward would compare with the weights before
    return changed
