"""Compute means, differences with confidence intervals, and smoothed curves. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from backend.comparison.schemas import Difference

#: Share of intervals that hold the true difference.
CONFIDENCE = 0.95
#: What float32 loses of a number, as a share of it.
_ROUNDING = 1e-6
#: Weights of the past below this are left out of the exponential mean.
_NEGLIGIBLE = 1e-4


class Sample(NamedTuple):
    """A measured number with its pairing key: samples of two groups with equal keys form a pair."""

    key: Hashable
    value: float


def difference(group: Sequence[Sample], baseline: Sequence[Sample]) -> Difference | None:
    """Return the mean of ``group`` minus the mean of ``baseline`` with its 95 % confidence interval.

    Where both have the same keys, each once, the interval is Student's for the mean of the paired differences;
    else Welch's, with the Welch-Satterthwaite degrees of freedom. Where nothing deviates there is no interval: one of
    no width would look like certainty. None when a side has no sample.
    """
    if not group or not baseline:
        return None
    ours, theirs = ({one.key: one.value for one in side} for side in (group, baseline))
    a, b = (np.array([one.value for one in side]) for side in (group, baseline))
    mean = float(a.mean() - b.mean())
    sizes = {"samples": len(a), "baseline_samples": len(b)}
    if min(len(a), len(b)) < 2:
        return Difference(mean=mean, low=None, high=None, method="none", **sizes)
    if len(ours) == len(a) and len(theirs) == len(b) and ours.keys() == theirs.keys():
        differences = np.array([value - theirs[key] for key, value in ours.items()])
        if _are_equal(differences):
            return Difference(mean=float(differences.mean()), low=None, high=None, method="equal", **sizes)
        half = _t(len(differences) - 1) * float(differences.std(ddof=1)) / math.sqrt(len(differences))
        mean = float(differences.mean())
        return Difference(mean=mean, low=mean - half, high=mean + half, method="paired", **sizes)
    if _are_equal(a) and _are_equal(b):
        return Difference(mean=mean, low=None, high=None, method="equal", **sizes)
    half = _welch_half(a, b)
    return Difference(mean=mean, low=mean - half, high=mean + half, method="welch", **sizes)


def interval_of(values: Sequence[float]) -> tuple[float, float] | None:
    """Return the 95 % confidence interval of a mean (Student's t).

    None for fewer than two values, and where nothing deviates: an interval of no width would look like certainty.
    """
    array = np.array(values)
    if len(array) < 2 or _are_equal(array):
        return None
    middle, half = float(array.mean()), _t(len(array) - 1) * float(array.std(ddof=1)) / math.sqrt(len(array))
    return middle - half, middle + half


def deviation_of(values: Sequence[float]) -> float | None:
    """Return the standard deviation (n - 1); None for fewer than two values."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def smooth(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Return the exponential mean of each column of ``values`` (points, samples).

    Each point is the mean of itself and all before it, with weights 1, w, w^2 ...; a value that is not a number
    has weight 0 and stays one. Constant curves stay as they are.
    """
    if weight <= 0 or not len(values):
        return values
    length = min(len(values), math.ceil(math.log(_NEGLIGIBLE) / math.log(weight)))
    kernel: NDArray[np.float64] = np.power(weight, np.arange(length, dtype=np.float64))
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    smoothed = np.empty_like(values)
    for column in range(values.shape[1]):
        sums = _convolved(filled[:, column], kernel)
        weights = _convolved(known[:, column].astype(np.float64), kernel)
        smoothed[:, column] = sums / np.where(weights > 0, weights, 1.0)
    return np.where(known, smoothed, np.nan)


def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the last axis without NaN; NaN where there is no number."""
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    result: NDArray[np.float64] = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return result


def deviation(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviation (n - 1) over the last axis without NaN; NaN with fewer than two numbers."""
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    centred = np.where(known, values - mean(values)[..., None], 0.0)
    variance = np.divide((centred**2).sum(axis=-1), count - 1, out=np.full(count.shape, np.nan), where=count > 1)
    result: NDArray[np.float64] = np.sqrt(variance)
    return result


def _are_equal(values: NDArray[np.float64]) -> bool:
    """Return whether numbers differ by rounding alone: then their spread tells nothing about chance."""
    return float(np.ptp(values)) <= _ROUNDING * max(1.0, float(np.abs(values).max()))


def _welch_half(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    errors = [float(side.var(ddof=1)) / len(side) for side in (a, b)]
    degrees = sum(errors) ** 2 / sum(error**2 / (len(side) - 1) for error, side in zip(errors, (a, b), strict=True))
    return _t(degrees) * math.sqrt(sum(errors))


def _t(degrees: float) -> float:
    """Quantile of Student's t that leaves out half of what `CONFIDENCE` leaves over."""
    from scipy.special import stdtrit  # a fifth of a second to import, and only comparisons need it

    return float(stdtrit(degrees, 0.5 + CONFIDENCE / 2))


def _convolved(values: NDArray[np.float64], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return sum_k kernel[k] * values[i - k] for each i; by Fourier transform where that is sooner done."""
    if len(values) * len(kernel) < 10**6:
        return np.convolve(values, kernel)[: len(values)]
    size = 1 << (len(values) + len(kernel) - 1).bit_length()
    product = np.fft.rfft(values, size) * np.fft.rfft(kernel, size)
    return np.fft.irfft(product, size)[: len(values)]
