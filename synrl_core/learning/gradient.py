"""Gradient descent, the baseline: the same network, data, batches, evaluations and events.

The paper's baseline is full-batch SGD with learning rate 0.1 (section 2.4).
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from synrl_core.config import TrainingConfig
from synrl_core.learning.data import Samples
from synrl_core.learning.optimisers import Adam, Momentum, Optimiser
from synrl_core.learning.trainer import Trainer
from synrl_core.networks.blocks import Network
from synrl_core.policies.policy import DOWN, STAY, UP


class GradientTrainer(Trainer):
    """Train a network along the gradient of its loss.

    `Step.reward` says whether the loss of the mini-batch fell, as for synaptic learning; `ActionCounts` count the
    synapses that the update moved down, left alone and moved up.

    Raises
    ------
    NoGradientError
        For networks without a useful gradient, such as those with activation step or sign.
    """

    kind: ClassVar[str] = "gradient"

    def __init__(
        self, config: TrainingConfig, network: Network, train: Samples, validation: Samples, content_hash: str = ""
    ) -> None:
        network.check_differentiable()
        super().__init__(config, network, train, validation, content_hash)
        self._gradient = np.zeros_like(self._flat)
        self._gradient_layers = network.layer_views(self._gradient)
        is_adam = config.optimizer == "adam"
        self._optimiser: Optimiser = Adam(self._flat) if is_adam else Momentum(self._flat, config.momentum)
        self._weights_before = self._flat.copy()

    def _step(self) -> None:
        self._draw_batch_if_due()
        loss = self._differentiate()
        if not np.isfinite(loss).all():
            self._diverged(float(loss[~np.isfinite(loss)][0]))
            return
        self._reward(loss)
        np.copyto(self._weights_before, self._flat)
        self._flat -= self._optimiser.step(self._gradient, self.config.gradient_learning_rate, self.iteration)
        if not np.isfinite(self._flat).all():  # behind a unit that is off the loss would not show it
            self._diverged(float(np.inf))
            return
        self._count()

    def _draw_batch_if_due(self) -> None:
        if self._batches.redraws and self.iteration and self.iteration % self.config.batch_interval == 0:
            self._batches.draw()

    def _differentiate(self) -> NDArray[np.float64]:
        """Loss on the mini-batch of each replicate, (R,), and its gradient into self._gradient."""
        self.forward_passes += 1
        return self._differentiate_batch(self._gradient_layers)

    def _reward(self, loss: NDArray[np.float64]) -> None:
        if self.iteration == 0:
            self._rewards[:] = STAY
        else:
            np.copyto(self._rewards, np.where(loss < self._loss, UP, DOWN), casting="same_kind")
        self._loss[:] = loss

    def _count(self) -> None:
        """Count the synapses of each layer and replicate that went down, stayed and went up."""
        moves = zip(self.network.layer_views(self._weights_before), self._layers, self._action_counts, strict=True)
        for before, after, counts in moves:
            counts[:, DOWN] += (after < before).sum(axis=(1, 2))
            counts[:, STAY] += (after == before).sum(axis=(1, 2))
            counts[:, UP] += (after > before).sum(axis=(1, 2))

    def _diverged(self, loss: float) -> None:
        """Take the last update back and end the run as failed."""
        np.copyto(self._flat, self._weights_before)
        self._fail(
            f"the loss at iteration {self.iteration} is not finite ({loss}): gradient descent diverged. The weights "
            f"before the last update are kept. Train with a smaller learning rate than "
            f"{self.config.gradient_learning_rate}."
        )

    def _arrays(self) -> dict[str, NDArray[Any]]:
        return super()._arrays() | {
            "velocity": self._optimiser.velocity,
            "square": self._optimiser.square,
            "weights_before": self._weights_before,
        }
