"""SPSA and OpenAI-ES on the same network, data, batches and evaluations as the engine's own trainers.

They are here to compare with, not to use: both are told the loss itself, not one bit of it. No maintained library
offers either for plain NumPy objectives with batched replicates, so they are written out, each in a few lines.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from synrl_core.config import TrainingConfig
from synrl_core.learning.optimisers import Adam
from synrl_core.learning.trainer import Trainer
from synrl_core.networks.blocks import Floats, Network
from synrl_core.policies.policy import DOWN, UP


class ForwardOnlyTrainer(Trainer):
    """Base of forward-only trainers: batches, count of forward passes, Adam."""

    kind: ClassVar[str] = "baseline"

    def __init__(
        self, config: TrainingConfig, network: Network, train: Any, validation: Any, **settings: float
    ) -> None:
        super().__init__(config, network, train, validation)
        self.settings = settings
        self._optimiser = Adam(self._flat)
        self._centre = self._flat.copy()
        self._drawn_at = 0

    def _draw_batch_if_due(self) -> None:
        if self._batches.redraws and self.forward_passes - self._drawn_at >= self.config.batch_interval:
            self._batches.draw()
            self._drawn_at = self.forward_passes

    def _loss_at(self, offset: Floats, sign: float) -> NDArray[np.float64]:
        """(R,) losses of the weights moved by sign * offset."""
        np.multiply(offset, sign, out=self._flat)
        self._flat += self._centre
        return self.batch_loss()

    def _spread(self, values: NDArray[np.float64]) -> Floats:
        """(R,) values -> one for each synapse."""
        spread: Floats = np.empty_like(self._flat)
        for view in self.network.layer_views(spread):
            view[...] = values[:, None, None]
        return spread

    def _left(self, passes: float) -> float:
        """Share of the passes that are left, at least 3 %: the same schedule as the engine's linear one."""
        return max(1 - self.forward_passes / passes, 0.0) * 0.97 + 0.03

    def _adam(self, gradient: Floats, rate: float) -> None:
        self._centre -= self._optimiser.step(gradient, rate, self.iteration)
        self._flat[...] = self._centre

    def _note(self, loss: NDArray[np.float64]) -> None:
        np.copyto(self._rewards, np.where(loss < self._loss, UP, DOWN), casting="same_kind")
        self._loss[:] = loss


class SpsaTrainer(ForwardOnlyTrainer):
    """Simultaneous perturbation (Spall 1992): two losses an iteration, gains a / (A + k)^0.602 and c / k^0.101."""

    def _step(self) -> None:
        self._draw_batch_if_due()
        a, c, stability = self.settings["a"], self.settings["c"], self.settings["stability"]
        k = self.iteration + 1
        reach = c / k**0.101
        direction = (2 * self._rng.integers(0, 2, self._flat.size, np.int8) - 1).astype(np.float32)
        above, below = self._loss_at(direction, reach), self._loss_at(direction, -reach)
        slope = self._spread((above - below) / (2 * reach))
        self._centre -= a / (stability + k) ** 0.602 * slope * direction
        self._flat[...] = self._centre
        self._note((above + below) / 2)


class EvolutionTrainer(ForwardOnlyTrainer):
    """OpenAI-ES (Salimans et al. 2017): antithetic Gaussian pairs, centred ranks, Adam."""

    def _step(self) -> None:
        self._draw_batch_if_due()
        sigma, pairs = self.settings["sigma"], int(self.settings["pairs"])
        noises = [self._rng.standard_normal(self._flat.size, np.float32) for _ in range(pairs)]
        losses = np.array([[self._loss_at(noise, sign * sigma) for noise in noises] for sign in (1, -1)])
        ranks = losses.reshape(2 * pairs, -1).argsort(axis=0).argsort(axis=0) / (2 * pairs - 1) - 0.5
        weights = (ranks[:pairs] - ranks[pairs:]) / (2 * pairs * sigma)
        gradient: Floats = np.zeros_like(self._flat)
        for noise, weight in zip(noises, weights, strict=True):
            gradient += self._spread(weight) * noise
        self._adam(gradient, self.settings["rate"] * self._left(self.settings["passes"]))
        self._note(losses.mean(axis=(0, 1)))
