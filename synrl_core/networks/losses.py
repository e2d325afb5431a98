"""Losses and accuracy of R replicates at once, from class-major logits (R, outputs, samples).

Per-sample losses keep the logits' precision; their mean is taken in float64, so that the reward, which is
the sign of a small difference, is not decided by rounding.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import DTypeLike, NDArray

if TYPE_CHECKING:
    from synrl_core.config import Loss
    from synrl_core.networks.blocks import Floats


@dataclass(frozen=True)
class Truth:
    """Target outputs of some samples.

    Attributes
    ----------
    labels
        (samples,) classes, 0-based.
    values
        (outputs, samples) wanted outputs for regression, 0 or 1 where each output is a label of its own, else None.
    weights
        (samples,) float64, how much each sample counts, above 0; None: all alike.
    """

    labels: NDArray[np.int64]
    values: Floats | None = None
    weights: NDArray[np.float64] | None = None
    positions: NDArray[np.int64] = field(init=False, repr=False)
    """(samples,) where the right class stands in a flattened (classes, samples) array."""

    def __post_init__(self) -> None:
        n = len(self.labels)
        object.__setattr__(self, "positions", self.labels * n + np.arange(n))

    def select(self, samples: NDArray[np.int64]) -> Truth:
        """Return the truth of some of the samples."""
        return Truth(
            self.labels[samples],
            None if self.values is None else self.values[:, samples],
            None if self.weights is None else self.weights[samples],
        )


@dataclass(frozen=True)
class LossWorkspace:
    """Buffers of a loss over a fixed number of samples."""

    replicates: int
    samples: int
    dtype: DTypeLike = np.float32
    per_sample: Floats = field(init=False, repr=False)
    right: Floats = field(init=False, repr=False)
    highest: Floats = field(init=False, repr=False)
    """(R, 1, samples) view of `per_sample`, beside logits."""
    count: NDArray[np.float64] = field(init=False, repr=False)
    """The number of samples, as an array of no axes: it costs an operation less than a number does."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "per_sample", np.empty((self.replicates, self.samples), self.dtype))
        object.__setattr__(self, "highest", self.per_sample[:, None])
        object.__setattr__(self, "count", np.array(self.samples, np.float64))
        object.__setattr__(self, "right", np.empty((self.replicates, self.samples), self.dtype))


def mean_loss(loss: Loss, exponent: float, logits: Floats, truth: Truth, work: LossWorkspace) -> NDArray[np.float64]:
    """Compute the mean loss of each replicate.

    Parameters
    ----------
    loss
        ``cross_entropy`` of the softmax; ``l_p``, the mean of (1 - p_correct)^p; ``logistic`` for a single output
        and two classes, or, summed, for outputs that are each a label of its own; ``squared_error``, the
        mean squared distance to the wanted outputs (one-hot classes if the data have no targets).
    logits
        (R, outputs, samples); **overwritten**.
    work
        Buffers for R replicates and this number of samples; overwritten.

    Returns
    -------
    (R,) float64. Not finite if the logits are not.
    """
    if loss == "cross_entropy":
        _cross_entropies(logits, truth, work)
    elif loss == "l_p":
        _cross_entropies(logits, truth, work)
        np.negative(work.per_sample, out=work.per_sample)
        np.expm1(work.per_sample, out=work.per_sample)  # p_correct - 1
        np.negative(work.per_sample, out=work.per_sample)
        np.power(work.per_sample, exponent, out=work.per_sample)
    elif loss == "logistic":
        _logistic(logits, truth, work)
    else:
        _squared_distances(logits, truth, work)
    if truth.weights is not None:
        weighted: NDArray[np.float64] = work.per_sample.astype(np.float64) @ truth.weights
        weighted /= truth.weights.sum()
        return weighted
    total: NDArray[np.float64] = np.add.reduce(work.per_sample, axis=1, dtype=np.float64)
    return total / work.count


def accuracy(loss: Loss, logits: Floats, truth: Truth) -> NDArray[np.float64]:
    """Share of samples whose class is named right, (R,) in 0..1.

    The class is that of the highest output; a single output names class 1 above 0, class 0 below. Where outputs are
    labels of their own (``logistic``, several), all of a sample's must be right. NaN where there are several outputs,
    but fewer than classes (a regression).
    """
    if loss == "logistic" and logits.shape[1] > 1 and truth.values is not None:
        all_right: NDArray[np.float64] = np.mean(((logits > 0) == (truth.values > 0)).all(axis=1), axis=1)
        return all_right
    if logits.shape[1] == 1:
        named = (logits[:, 0] > 0).astype(np.int64)
    elif logits.shape[1] > truth.labels.max(initial=0):
        named = np.argmax(logits, axis=1)
    else:
        return np.full(logits.shape[0], np.nan)
    shares: NDArray[np.float64] = np.mean(named == truth.labels, axis=1, dtype=np.float64)
    return shares


def probabilities(loss: Loss, logits: Floats) -> NDArray[np.float64]:
    """(R, classes, samples) probabilities: softmax, or the logistic function, of a single output for both classes."""
    if loss == "logistic":
        given: NDArray[np.float64] = 0.5 * (1 + np.tanh(0.5 * logits.astype(np.float64)))
        return given if logits.shape[1] > 1 else np.concatenate([1 - given, given], axis=1)
    shifted: NDArray[np.float64] = logits.astype(np.float64)
    shifted -= shifted.max(axis=1, keepdims=True)
    np.exp(shifted, out=shifted)
    shifted /= shifted.sum(axis=1, keepdims=True)
    return shifted


def _cross_entropies(logits: Floats, truth: Truth, work: LossWorkspace) -> None:
    """-log softmax(logits)[label] into work.per_sample."""
    replicates = logits.shape[0]
    _over_outputs(np.maximum, logits, out=work.per_sample)
    logits -= work.highest
    logits.reshape(replicates, -1).take(truth.positions, axis=1, out=work.right, mode="clip")
    np.exp(logits, out=logits)
    _over_outputs(np.add, logits, out=work.per_sample)
    np.log(work.per_sample, out=work.per_sample)
    np.subtract(work.per_sample, work.right, out=work.per_sample)


def _over_outputs(operation: np.ufunc, logits: Floats, out: Floats) -> None:
    """Reduce over the outputs; of two by one call: the same to the bit, at half the cost of starting a reduction."""
    if logits.shape[1] == 2:
        operation(logits[:, 0], logits[:, 1], out=out)
    else:
        operation.reduce(logits, axis=1, out=out)


def _logistic(logits: Floats, truth: Truth, work: LossWorkspace) -> None:
    """log(1 + exp(-z)) for class 1, log(1 + exp(z)) for class 0, without overflow, into work.per_sample."""
    if logits.shape[1] > 1 and truth.values is not None:
        np.multiply(logits, 1 - 2 * truth.values, out=logits)
        np.logaddexp(logits, logits.dtype.type(0), out=logits)
        np.add.reduce(logits, axis=1, out=work.per_sample)
        return
    np.multiply(logits[:, 0], (1 - 2 * truth.labels).astype(logits.dtype), out=work.right)
    np.logaddexp(work.right, logits.dtype.type(0), out=work.per_sample)


def _squared_distances(logits: Floats, truth: Truth, work: LossWorkspace) -> None:
    """Squared Euclidean distance of outputs and wanted outputs into work.per_sample."""
    _subtract_wanted(logits, truth)
    np.square(logits, out=logits)
    np.sum(logits, axis=1, out=work.per_sample)


def _subtract_wanted(logits: Floats, truth: Truth) -> None:
    """Subtract the wanted outputs in place: the targets, or 1 for the right class and 0 for others."""
    if truth.values is not None:
        logits -= truth.values
    else:
        logits.reshape(logits.shape[0], -1)[:, truth.positions] -= 1


def output_gradient(
    loss: Loss, exponent: float, logits: Floats, truth: Truth, work: LossWorkspace
) -> tuple[NDArray[np.float64], Floats]:
    """Compute the mean loss of each replicate and its gradient with respect to the logits.

    Parameters
    ----------
    logits
        (R, outputs, samples); **overwritten** with the gradient.

    Returns
    -------
    (R,) float64 losses, and the overwritten logits.
    """
    replicates, _, samples = logits.shape
    if loss == "squared_error":
        means = mean_loss(loss, exponent, logits.copy(), truth, work)
        _subtract_wanted(logits, truth)
        logits *= 2 / samples
        return means, logits
    if loss == "logistic":
        means = mean_loss(loss, exponent, logits, truth, work)
        np.multiply(logits, 0.5, out=logits)
        np.tanh(logits, out=logits)
        logits += 1
        logits *= 0.5
        logits -= truth.labels
        logits /= samples
        return means, logits
    means = mean_loss(loss, exponent, logits, truth, work)  # logits now hold exp(logits - highest)
    logits /= logits.sum(axis=1, keepdims=True)
    flat = logits.reshape(replicates, -1)
    right = flat.take(truth.positions, axis=1)
    flat[:, truth.positions] -= 1
    if loss == "l_p":  # d(1-p)^k = -k (1-p)^(k-1) dp, and dp_right/dz = p_right * (onehot - p)
        logits *= (exponent * np.power(1 - right, exponent - 1) * right)[:, None]
    logits /= samples
    return means, logits
