"""The list of metrics is one: events, stored columns and choices are made from it."""

from typing import get_args

import pytest

from backend.wire import columns
from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.learning.factory import make_trainer
from synrl_core.measuring import metrics
from synrl_core.measuring.events import Evaluation
from synrl_core.measuring.metrics import METRICS, NAMES, MetricName


def test_every_name_is_listed_once_and_can_be_chosen() -> None:
    assert len(set(NAMES)) == len(NAMES) == len(METRICS)
    assert set(get_args(MetricName)) == set(NAMES)
    assert all(metrics.get(name).name == name for name in NAMES)
    assert columns.METRICS == NAMES


def test_stored_columns_keep_their_order() -> None:
    """Stored curves hold them by place."""
    assert NAMES[:5] == ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "reward_rate")


def test_an_evaluation_has_every_metric_of_each_replicate() -> None:
    trainer = make_trainer(TrainingConfig(dataset="moons", iterations=3, replicates=2), datasets.load("moons"))
    [*_, last] = [event for event in trainer.events() if isinstance(event, Evaluation)]
    measured = last.metrics()
    assert tuple(measured) == NAMES
    assert measured["validation_loss"] is last.validation_loss
    for name, values in measured.items():
        assert values.shape == (2,)
        if metrics.get(name).is_share:
            assert ((values >= 0) & (values <= 1)).all()


def test_losses_are_better_low_and_shares_high() -> None:
    assert {one.name for one in METRICS if one.better == "lower"} == {"train_loss", "validation_loss"}
    assert all(one.is_share == (one.better == "higher") for one in METRICS)


def test_an_unknown_metric_is_refused_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="no metric 'f1'; choose one of train_loss"):
        metrics.get("f1")
