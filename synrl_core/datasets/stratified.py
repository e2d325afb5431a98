"""Split samples into training and validation: a share of each class is held back, in proportion.

It draws as scikit-learn's ``train_test_split(stratify=...)`` does, index for index, so that runs keep the split that
they were trained on. scikit-learn is not imported: that would take a worker 1.3 s of the processor and 115 MB.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def stratified_split(labels: NDArray[np.int64], fraction: float, seed: int) -> tuple[Indices, Indices]:
    """Return the indices of the samples that train and of those held back, both ascending.

    Parameters
    ----------
    labels
        Class of each sample, (samples,).
    fraction
        Share to hold back, above 0 and below 1; rounded up to whole samples.
    seed
        Seed of the draws.

    Raises
    ------
    ValueError
        When a class has fewer than two samples, or a side would have fewer samples than there are classes.
    """
    classes, members = np.unique(labels, return_inverse=True)
    counts = np.bincount(members)
    held_back = math.ceil(fraction * len(labels))
    trained = len(labels) - held_back
    if counts.min() < 2:
        raise ValueError("a class has one sample")
    if min(trained, held_back) < len(classes):
        raise ValueError(f"{trained} samples to train and {held_back} held back, for {len(classes)} classes")
    # NumPy keeps the stream of this generator for good.
    generator = np.random.RandomState(seed)
    for_training = _shares(counts, trained, generator)
    for_validation = _shares(counts - for_training, held_back, generator)
    train, validation = [], []
    of_class = np.split(np.argsort(members, kind="stable"), np.cumsum(counts)[:-1])
    for own, first, second in zip(of_class, for_training, for_validation, strict=True):
        shuffled = own[generator.permutation(len(own))]
        train.append(shuffled[:first])
        validation.append(shuffled[first : first + second])
    return np.sort(np.concatenate(train)), np.sort(np.concatenate(validation))


def _shares(counts: NDArray[np.int64], total: int, generator: np.random.RandomState) -> NDArray[np.int64]:
    """Divide ``total`` among classes in proportion to their counts: whole numbers by largest remainders.

    Where classes with equal remainders compete for what is left, they are drawn.
    """
    exact = counts / counts.sum() * total
    shares = np.floor(exact)
    remainders = exact - shares
    left = int(total - shares.sum())
    for remainder in np.unique(remainders)[::-1]:
        if left <= 0:
            break
        (equal,) = np.nonzero(remainders == remainder)
        chosen = generator.choice(equal, size=min(len(equal), left), replace=False)
        shares[chosen] += 1
        left -= len(chosen)
    whole: NDArray[np.int64] = shares.astype(np.int64)
    return whole
