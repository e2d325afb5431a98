"""Compute the activations of hidden units and their derivatives, element by element, in place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synrl_core.config import NON_DIFFERENTIABLE, Activation
from synrl_core.errors import NoGradientError

Floats = NDArray[np.floating]


def activate(activation: Activation, sums: Floats, out: Floats) -> None:
    """Apply a hidden unit's activation into `out`."""
    if activation == "relu":
        np.maximum(sums, 0, out=out)
    elif activation == "tanh":
        np.tanh(sums, out=out)
    elif activation == "sigmoid":  # by tanh, which can't overflow
        np.multiply(sums, 0.5, out=out)
        np.tanh(out, out=out)
        out += 1
        out *= 0.5
    elif activation == "identity":
        np.copyto(out, sums)
    elif activation == "step":
        np.greater(sums, 0, out=out)
    else:
        np.sign(sums, out=out)


def times_derivative(activation: Activation, slope: Floats, outputs: Floats) -> None:
    """Multiply a slope by the activation's derivative, given the activation's outputs.

    Raises
    ------
    NoGradientError
        As `check_differentiable`.
    """
    if activation == "relu":
        slope *= outputs > 0
    elif activation == "tanh":
        slope *= 1 - np.square(outputs)
    elif activation == "sigmoid":
        slope *= outputs * (1 - outputs)
    else:
        check_differentiable(activation)  # identity: times 1


def check_differentiable(activation: Activation) -> None:
    """Refuse an activation without a useful gradient.

    Raises
    ------
    NoGradientError
        For step and sign, whose derivative is 0 wherever they have one; the message names the alternatives.
    """
    if activation in NON_DIFFERENTIABLE:
        raise NoGradientError(
            f"activation '{activation}' has a derivative of 0 everywhere it has one, so gradient descent gets no "
            "direction through it. Choose relu, tanh, sigmoid or identity, or method 'synaptic', which needs no "
            "derivative."
        )
