"""Judging: predictions on validation samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.learning.factory import make_trainer
from synrl_core.measuring.events import Evaluation
from synrl_core.measuring.judging import judge


@pytest.mark.parametrize(
    "settings",
    [
        {"dataset": "digits", "hidden_layers": (12,)},
        {"dataset": "digits", "hidden_layers": (), "loss": "l_p"},
        {"dataset": "moons", "hidden_layers": (8, 4), "activation": "step", "loss": "logistic"},
        {"dataset": "iris", "loss": "squared_error", "activation": "tanh"},
        {"dataset": "teacher", "loss": "squared_error"},
    ],
    ids=["digits", "no hidden layer", "one output", "squared error", "one wanted value"],
)
def test_it_counts_as_the_trainer_measures(settings: dict[str, Any]) -> None:
    config = TrainingConfig(iterations=200, evaluate_every=200, replicates=2, **settings)
    dataset = datasets.load(config.dataset)
    trainer = make_trainer(config, dataset)
    measured = [event for event in trainer.events() if isinstance(event, Evaluation)][-1]
    parts = datasets.split(dataset, config.validation_fraction, config.split_seed)
    validation, seen = parts.validation, dataset.inputs(parts).of(parts.validation)
    for replicate in range(2):
        weights = tuple(layer[replicate] for layer in trainer.weights())
        found = judge(config, weights, seen, dataset.labels[validation], dataset.classes)
        matrix = found.confusion(dataset.classes)
        assert np.trace(matrix) / matrix.sum() == pytest.approx(measured.validation_accuracy[replicate])
        np.testing.assert_array_equal(
            matrix.sum(axis=1), np.bincount(dataset.labels[validation], minlength=dataset.classes)
        )


def test_the_worst_mistakes_are_those_whose_truth_seemed_least_likely() -> None:
    # One input and no hidden layer: the classes' logits are x, 0 and -x.
    config = TrainingConfig(dataset="iris", hidden_layers=())
    weights = (np.array([[0, 0, 0], [1, 0, -1]], dtype=np.float32),)
    features = np.array([[3.0], [1.0], [-2.0], [2.0], [5.0]], dtype=np.float32)
    found = judge(config, weights, features, np.array([0, 2, 0, 1, 2]), 3)
    assert found.named.tolist() == [0, 0, 2, 0, 0]
    assert found.worst(10).tolist() == [4, 2, 1, 3]
    assert found.worst(2).tolist() == [4, 2]
    assert found.confusion(3).tolist() == [[1, 0, 1], [1, 0, 0], [2, 0, 0]]
    assert found.certainty[4] == pytest.approx(np.exp(5) / (np.exp(5) + 1 + np.exp(-5)))
    assert found.certainty_of_truth[4] == pytest.approx(np.exp(-5) / (np.exp(5) + 1 + np.exp(-5)))


def test_a_network_that_predicts_values_names_no_classes() -> None:
    weights = (np.zeros((3, 2), dtype=np.float32),)
    with pytest.raises(ValueError, match="2 outputs for 3 classes predicts values"):
        judge(TrainingConfig(hidden_layers=()), weights, np.zeros((1, 2), dtype=np.float32), np.array([2]), 3)
