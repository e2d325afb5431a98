"""Cost estimates before a run."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synrl_core import datasets
from synrl_core.checks import data_shape
from synrl_core.config import TrainingConfig
from synrl_core.learning.factory import make_trainer
from synrl_core.measuring import costs
from synrl_core.measuring.events import Evaluation
from tests.examples import examples


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"batch_size": 100, "batch_interval": 7},
        {"batch_size": 100, "batch_interval": 60},
        {"batch_size": 100, "batch_interval": 7, "redraw_reward": "reference"},
        {"method": "gradient", "batch_size": 50, "batch_interval": 7},
        {"hidden_layers": (4, 3), "replicates": 3, "validation_fraction": 0.333},
    ],
)
def test_forward_passes_synapses_and_samples_are_those_of_the_trainer(chosen: dict[str, object]) -> None:
    config = TrainingConfig.model_validate({"dataset": "iris", "iterations": 60} | chosen)
    data = datasets.load("iris")
    trainer = make_trainer(config, data)
    evaluations = [event for event in trainer.events() if isinstance(event, Evaluation)]
    shape = data_shape(data)
    assert costs.forward_passes(config, shape) == evaluations[-1].forward_passes
    assert costs.synapses(config, shape) == sum(layer[0].size for layer in trainer.weights())
    split = datasets.split(data, config.validation_fraction, 0)
    assert costs.training_samples(config, shape) == len(split.train)


@settings(max_examples=examples(50), deadline=None)
@given(
    iterations=st.integers(1, 10**6),
    hidden=st.lists(st.integers(1, 200), max_size=3),
    replicates=st.integers(1, 20),
    batch=st.integers(1, 2000),
)
def test_more_of_anything_never_takes_less_time(
    iterations: int, hidden: list[int], replicates: int, batch: int
) -> None:
    shape = data_shape(datasets.load("iris"))
    config = TrainingConfig(iterations=iterations, hidden_layers=tuple(hidden), replicates=replicates, batch_size=batch)
    seconds = costs.seconds(config, shape)
    assert seconds > 0
    for more in (
        {"iterations": iterations + 1},
        {"hidden_layers": tuple(units + 1 for units in hidden)},
        {"replicates": replicates + 1},
        {"batch_size": batch + 1},
    ):
        assert costs.seconds(config.model_copy(update=more), shape) >= seconds * (1 - 1e-12)


@pytest.mark.parametrize("architecture", get_args(TrainingConfig.model_fields["architecture"].annotation))
@pytest.mark.parametrize("q_update", get_args(TrainingConfig.model_fields["q_update"].annotation))
@pytest.mark.parametrize("chosen", [{}, {"adaptive": True}, {"method": "gradient", "surrogate": "fast_sigmoid"}])
def test_every_kind_of_run_has_a_price(architecture: str, q_update: str, chosen: dict[str, object]) -> None:
    config = TrainingConfig.model_validate({"architecture": architecture, "q_update": q_update} | chosen)
    price = costs.PRICES[costs.kind(config)]
    assert price.product > 0, "the most of a network of any size"
    assert costs.seconds(config, data_shape(datasets.load("digits"))) > 0
