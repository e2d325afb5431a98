"""Evaluate given weights on samples: predicted classes, certainty, confusion matrix, worst mistakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synrl_core.config import Loss, TrainingConfig
from synrl_core.networks.architecture import make_network
from synrl_core.networks.blocks import Floats, engine_layout
from synrl_core.networks.losses import probabilities

#: Samples that go through the network at once.
CHUNK = 4096


@dataclass(frozen=True, eq=False)
class Judgement:
    """Predictions of one network for some samples.

    Attributes
    ----------
    labels, named
        (samples,) int64: the true class of each, and the one that the network names.
    certainty, certainty_of_truth
        (samples,) float64 in 0..1: the probability that the network gives to the class it names, and to the true one.
    """

    labels: NDArray[np.int64]
    named: NDArray[np.int64]
    certainty: NDArray[np.float64]
    certainty_of_truth: NDArray[np.float64]

    def confusion(self, classes: int) -> NDArray[np.int64]:
        """Count the samples of each (true class, predicted class), (classes, classes)."""
        cells = np.bincount(self.labels * classes + self.named, minlength=classes * classes)
        return cells.reshape(classes, classes)

    def worst(self, count: int) -> NDArray[np.int64]:
        """Return the misclassified samples, those with the least probable true class first."""
        wrong = np.flatnonzero(self.named != self.labels)
        order = np.lexsort((wrong, self.certainty_of_truth[wrong]))
        return wrong[order[:count]]


def judge(
    config: TrainingConfig,
    weights: tuple[NDArray[np.float32], ...],
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    classes: int,
    sample_shape: tuple[int, ...] = (),
) -> Judgement:
    """Predict the classes of some samples with one replicate's weights.

    Parameters
    ----------
    weights
        Of each layer (rows, units), as a `Snapshot` holds them.
    features, labels
        (samples, inputs) scaled as for training, and (samples,).
    sample_shape
        Shape of a sample, as `Dataset.sample_shape`; empty: (inputs,).

    Raises
    ------
    ValueError
        When the network has several outputs but fewer than classes: it predicts values and names no class.
    """
    outputs = weights[-1].shape[1]
    if 1 < outputs < classes:
        raise ValueError(f"a network with {outputs} outputs for {classes} classes predicts values and names no class.")
    # As accuracy does: a single output names class 1 above 0, whatever the loss.
    loss: Loss = "logistic" if outputs == 1 else config.loss
    parts = [
        probabilities(loss, _logits(config, weights, features[start : start + CHUNK], sample_shape))[0]
        for start in range(0, len(features), CHUNK)
    ]
    likely = np.concatenate(parts, axis=1)
    # Ties go to the lowest class, as they do in training: a single output of exactly 0 names class 0.
    named = np.argmax(likely, axis=0)
    every = np.arange(len(labels))
    return Judgement(labels, named, likely[named, every], likely[labels, every])


def _logits(
    config: TrainingConfig,
    weights: tuple[NDArray[np.float32], ...],
    features: NDArray[np.float32],
    sample_shape: tuple[int, ...],
) -> Floats:
    """(1, outputs, samples) before softmax."""
    network = make_network(config, sample_shape or features.shape[-1:], weights[-1].shape[1], replicates=1)
    layers = engine_layout([layer[None] for layer in weights])
    return network.forward(layers, network.arrange(features), network.workspace(len(features)))
