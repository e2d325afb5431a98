"""Turn gradients into steps: gradient descent with momentum, and Adam."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from synrl_core.networks.blocks import Floats

#: Constants that Kingma and Ba (2015) published for Adam.
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


class Optimiser(Protocol):
    """Turns one gradient after another into steps. Its arrays are its whole state."""

    velocity: Floats
    square: Floats

    def step(self, gradient: Floats, rate: float, number: int) -> Floats:
        """Return what to subtract from the weights.

        Parameters
        ----------
        gradient
            Shaped as the weights.
        rate
            Learning rate.
        number
            How many steps were done before, counted from 0.
        """


class Momentum:
    """Gradient descent with momentum: ``velocity <- momentum * velocity + gradient``; the momentum 0 is plain SGD.

    Parameters
    ----------
    like
        An array shaped as the weights, and of their dtype.
    """

    def __init__(self, like: Floats, momentum: float) -> None:
        self._momentum = momentum
        self.velocity: Floats = np.zeros_like(like)
        self.square: Floats = np.zeros_like(like[:0])

    def step(self, gradient: Floats, rate: float, number: int) -> Floats:  # noqa: ARG002 (the same at every step)
        """Return what to subtract from the weights; see `Optimiser.step`."""
        self.velocity *= self._momentum
        self.velocity += gradient
        return rate * self.velocity


class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1).

    Parameters
    ----------
    like
        An array shaped as the weights, and of their dtype.
    """

    def __init__(self, like: Floats) -> None:
        self.velocity: Floats = np.zeros_like(like)
        self.square: Floats = np.zeros_like(like)

    def step(self, gradient: Floats, rate: float, number: int) -> Floats:
        """Return what to subtract from the weights; see `Optimiser.step`."""
        t = number + 1
        self.velocity += (1 - BETA1) * (gradient - self.velocity)
        self.square += (1 - BETA2) * (np.square(gradient) - self.square)
        scale = np.sqrt(self.square / (1 - BETA2**t)) + EPSILON
        step: Floats = rate / (1 - BETA1**t) * self.velocity / scale
        return step
