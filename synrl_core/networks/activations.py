"""Compute the activations of hidden units and their derivatives, element by element, in place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synrl_core.config import NON_DIFFERENTIABLE, Activation, Surrogate
from synrl_core.errors import NoGradientError

Floats = NDArray[np.floating]


def activate(activation: Activation, sums: Floats, out: Floats) -> None:
    """Apply a hidden unit's activation into `out`."""
    if activation == "relu":
        _rectify(sums, out)
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


#: From so many numbers on, `np.clip` is quicker than `np.maximum` with a scalar, which uses no vector instructions.
_MANY = 1 << 13
#: An array of no axes costs an operation less than a number does.
_ZERO = np.array(0, np.float32)


def _rectify(sums: Floats, out: Floats) -> None:
    """Write max(sums, 0); not a number stays so."""
    if sums.size < _MANY:
        np.maximum(sums, _ZERO, out=out)
    else:
        np.clip(sums, 0, np.inf, out=out)


def times_derivative(
    activation: Activation, slope: Floats, outputs: Floats, sums: Floats, surrogate: Surrogate = "none"
) -> None:
    """Multiply a slope by the activation's derivative.

    Parameters
    ----------
    outputs
        What the activation gave.
    sums
        What it was applied to; only a surrogate reads it.
    surrogate
        Stands for the derivative of step and sign.

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
    elif activation in NON_DIFFERENTIABLE:
        check_differentiable(activation, surrogate)
        slope *= surrogate_derivative(surrogate, sums)


#: Steepness of the surrogates, as snnTorch publishes them.
FAST_SIGMOID_SLOPE, ARCTAN_SLOPE = 25.0, 2.0


def surrogate_derivative(surrogate: Surrogate, distance: Floats) -> Floats:
    """Return what stands for the derivative of a threshold, given how far above it the unit is.

    ``fast_sigmoid``: 1 / (1 + 25 |x|)^2 (Zenke and Ganguli 2018). ``arctan``: 1 / (1 + (pi x)^2) (Fang et al. 2021).
    ``straight_through``: 1 where |x| is at most 1, else 0 (Bengio, Leonard, Courville 2013; Hubara et al. 2016).
    """
    if surrogate == "fast_sigmoid":
        away = np.abs(distance)
        away *= FAST_SIGMOID_SLOPE
        away += 1
        derivative: Floats = 1 / np.square(away)
    elif surrogate == "arctan":
        derivative = (ARCTAN_SLOPE / 2) / (1 + np.square(distance * (np.pi / 2 * ARCTAN_SLOPE)))
    else:
        derivative = (np.abs(distance) <= 1).astype(distance.dtype)
    return derivative


def check_differentiable(activation: Activation, surrogate: Surrogate = "none") -> None:
    """Refuse an activation without a useful gradient and without a surrogate for it.

    Raises
    ------
    NoGradientError
        For step and sign, whose derivative is 0 wherever they have one; the message names the alternatives.
    """
    if activation in NON_DIFFERENTIABLE and surrogate == "none":
        raise NoGradientError(
            f"activation '{activation}' has a derivative of 0 everywhere it has one, so gradient descent gets no "
            "direction through it. Choose relu, tanh, sigmoid or identity, a surrogate derivative such as "
            "'straight_through', or method 'synaptic', which needs no derivative."
        )
