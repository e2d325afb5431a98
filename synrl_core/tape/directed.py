"""Directed scene: some synapses are moved from outside, by people say, the others act by the scene's policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synrl_core.policies.policy import DOWN, UP
from synrl_core.tape import engine
from synrl_core.tape.scene import Scene


@dataclass(frozen=True)
class DirectedStep:
    """One iteration of a directed scene.

    Attributes
    ----------
    moves
        (synapses,) action codes that were made: those given, and the policy's.
    fell
        Whether the synapses were told that the loss fell.
    loss
        Of the batch, after the action.
    accuracy
        Of the training points, after the action, from 0 to 1.
    """

    moves: NDArray[np.uint8]
    fell: bool
    loss: float
    accuracy: float


class DirectedTrainer(engine.TapedSynapticTrainer):
    """Synaptic learning in which the actions of some synapses are given; all else is the engine's own step."""

    given: Mapping[int, int]

    def _move_weights(self) -> None:
        for synapse, code in self.given.items():
            self._buffers.actions[synapse] = code
        super()._move_weights()


class DirectedScene:
    """A scene in training whose synapses can be directed, iteration by iteration.

    Equal scenes that are given the same moves do the same: chance is drawn for all synapses, directed or not.

    Parameters
    ----------
    scene
        What to train: synaptic learning, without changes on the way.

    Raises
    ------
    ValueError
        For gradient descent, for a scene with changes, and when a class has no point left.
    """

    def __init__(self, scene: Scene) -> None:
        if scene.method != "synaptic" or scene.changes:
            raise ValueError("a directed scene learns by synaptic reinforcement and has no changes on the way")
        trainer = engine.make(scene, DirectedTrainer)
        assert isinstance(trainer, DirectedTrainer)  # noqa: S101  the method is synaptic
        self._trainer = trainer
        trainer.given = {}
        trainer.measure_batch()

    @property
    def loss(self) -> float:
        """Loss of the batch now."""
        return float(self._trainer.last_loss[0])

    @property
    def accuracy(self) -> float:
        """Accuracy on the training points now, from 0 to 1."""
        return self._trainer.measure()[1]

    @property
    def weights(self) -> NDArray[np.float32]:
        """(synapses,) copy of the weights, in the engine's order: the bias of each unit first."""
        return self._trainer.flat_weights.copy()

    def step(self, given: Mapping[int, int]) -> DirectedStep:
        """Do an iteration.

        Parameters
        ----------
        given
            Action codes (0 down, 1 stay, 2 up) by the numbers of the synapses.

        Raises
        ------
        ValueError
            When a synapse or a code does not exist, or the loss stopped being finite.
        """
        for synapse, code in given.items():
            if not (0 <= synapse < self._trainer.network.synapses and DOWN <= code <= UP):
                raise ValueError(
                    f"synapse {synapse} was given the code {code}; there are synapses 0 to "
                    f"{self._trainer.network.synapses - 1} and codes {DOWN} to {UP}"
                )
        self._trainer.given = given
        self._trainer.step()
        if self._trainer.failure is not None:
            raise ValueError(self._trainer.failure)
        return DirectedStep(
            self._trainer.last_actions.copy(), bool(self._trainer.last_rewards[0] == UP), self.loss, self.accuracy
        )
