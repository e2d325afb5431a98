"""Runs of recurrent and spiking networks keep all promises of a run: events, learning, resuming to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synrl_core import datasets
from synrl_core.checks import DataShape, check_config, data_shape, memory_needed
from synrl_core.config import TrainingConfig, stored_form
from synrl_core.errors import ConfigError
from synrl_core.learning.factory import make_trainer, resume_trainer
from synrl_core.measuring import costs
from synrl_core.measuring.events import Evaluation, Finished, Snapshot
from synrl_core.measuring.judging import judge

XOR: dict[str, Any] = {"dataset": "delayed_xor", "hidden_layers": (5,), "evaluate_every": 3, "snapshot_every": 5}
KINDS: dict[str, dict[str, Any]] = {
    "Elman": {"architecture": "recurrent", "activation": "tanh"},
    "Elman of sign units, adaptive": {"architecture": "recurrent", "activation": "sign", "adaptive": True},
    "spiking": {"architecture": "spiking", "threshold": 0.1, "hidden_layers": (5, 4)},
    "recurrent spiking": {"architecture": "spiking", "threshold": 0.1, "recurrent_weights": True},
    "through time": {"architecture": "recurrent", "activation": "tanh", "method": "gradient", "optimizer": "adam"},
    "surrogate": {"architecture": "spiking", "threshold": 0.1, "method": "gradient", "surrogate": "arctan"},
    "latency": {"architecture": "spiking", "threshold": 0.1, "dataset": "digits", "encoding": "latency", "steps": 3},
    "rate": {"architecture": "spiking", "threshold": 0.1, "dataset": "digits", "encoding": "rate", "steps": 3},
    "rows": {"architecture": "recurrent", "dataset": "digits", "encoding": "rows"},
    "direct": {"architecture": "recurrent", "dataset": "digits", "encoding": "direct", "steps": 3},
}


@settings(max_examples=30, deadline=None)
@given(kind=st.sampled_from(sorted(KINDS)), cut=st.integers(0, 12), replicates=st.integers(1, 2))
def test_a_run_resumes_at_any_iteration_to_the_bit(kind: str, cut: int, replicates: int) -> None:
    chosen = {"iterations": 12, "batch_size": 300, "batch_interval": 5, "replicates": replicates}
    config = TrainingConfig.model_validate(XOR | KINDS[kind] | chosen)
    data = datasets.load(config.dataset)
    whole, parted = make_trainer(config, data), make_trainer(config, data)
    for _ in whole.events():
        pass
    for _ in range(cut):
        parted.step()
    resumed = resume_trainer(parted.state_bytes(), data)
    assert resumed.state_bytes() == parted.state_bytes()
    for _ in range(12 - cut):
        resumed.step()
    np.testing.assert_array_equal(resumed.flat_weights, whole.flat_weights)
    np.testing.assert_array_equal(resumed.last_loss, whole.last_loss)


@pytest.mark.parametrize(
    ("settings", "accuracy"),
    [
        ({"architecture": "recurrent", "activation": "tanh", "initialisation": "he_normal", "iterations": 800}, 0.97),
        ({"architecture": "recurrent", "activation": "tanh", "method": "gradient", "optimizer": "adam",
          "gradient_learning_rate": 0.02, "initialisation": "glorot_uniform", "iterations": 300}, 0.97),
        ({"architecture": "feedforward", "activation": "tanh", "iterations": 1600}, 0.97),
    ],
)  # fmt: skip
def test_delayed_xor_is_learned_with_and_without_a_gradient(settings: dict[str, Any], accuracy: float) -> None:
    config = TrainingConfig.model_validate(
        {"dataset": "delayed_xor", "hidden_layers": (8,), "step_size": 1e-2, "evaluate_every": 10_000} | settings
    )
    last = [
        event for event in make_trainer(config, datasets.load("delayed_xor")).events() if isinstance(event, Evaluation)
    ][-1]
    assert last.validation_accuracy[0] > accuracy


def test_surrogates_train_spikes_and_straight_through_sign_units() -> None:
    common = {"method": "gradient", "optimizer": "adam", "gradient_learning_rate": 0.01, "iterations": 250}
    for chosen in (
        {"architecture": "spiking", "surrogate": "fast_sigmoid", "initialisation": "he_normal"},
        {"activation": "sign", "surrogate": "straight_through", "initialisation": "he_normal"},
    ):
        config = TrainingConfig.model_validate(common | chosen | {"evaluate_every": 10_000})
        *_, last = (
            event for event in make_trainer(config, datasets.load("digits")).events() if isinstance(event, Evaluation)
        )
        assert last.validation_accuracy[0] > 0.9


def test_a_network_that_ends_without_a_spike_fails_and_says_what_to_change() -> None:
    config = TrainingConfig.model_validate(
        XOR | {"architecture": "spiking", "threshold": 50.0, "iterations": 4, "step_size": 1e-6}
    )
    *_, last = make_trainer(config, datasets.load("delayed_xor")).events()
    assert isinstance(last, Finished)
    assert last.outcome == "failed"
    assert last.reason is not None
    assert "no unit of the last hidden layer fires" in last.reason
    assert "lower threshold than 50" in last.reason


@pytest.mark.parametrize(
    ("settings", "ends", "told"),
    [
        ({"initial_scale": 10.0, "recurrent_scale": 10.0, "hidden_layers": (32,)}, 0, "loss on the whole data"),
        ({"initial_scale": 1.0, "step_size": 1.0, "policy": "random"}, None, "weights grew until the outputs overflow"),
    ],
)
def test_a_recurrent_network_that_overflows_fails_and_says_why(
    settings: dict[str, Any], ends: int | None, told: str
) -> None:
    """At the start, or later: then the last finite weights are kept."""
    common: dict[str, Any] = {"dataset": "glyphs", "architecture": "recurrent", "activation": "relu"}
    common |= {"encoding": "rows", "initialisation": "normal", "iterations": 400, "batch_size": 100}
    config = TrainingConfig.model_validate(XOR | common | {"hidden_layers": (16,), "evaluate_every": 10_000} | settings)
    trainer = make_trainer(config, datasets.load("glyphs"))
    *_, last = trainer.events()
    assert isinstance(last, Finished)
    assert last.outcome == "failed"
    assert last.reason is not None
    assert told in last.reason
    assert "smaller first recurrent weights (recurrent_scale is " in last.reason
    assert last.iteration == ends or (ends is None and last.iteration > 0)
    assert np.isfinite(trainer.flat_weights).all()


def test_a_snapshot_names_recurrent_weights_and_is_judged_as_its_run() -> None:
    config = TrainingConfig.model_validate(XOR | KINDS["recurrent spiking"] | {"iterations": 20})
    data = datasets.load("delayed_xor")
    trainer = make_trainer(config, data)
    events = list(trainer.events())
    snapshot = [event for event in events if isinstance(event, Snapshot)][-1]
    assert [block.name for block in snapshot.blocks][2] == "hidden_1.recurrent"
    parts = datasets.split(data, config.validation_fraction, config.split_seed)
    features = data.inputs(parts).of(parts.validation)
    labels = data.labels[parts.validation]
    found = judge(config, tuple(layer[0] for layer in snapshot.weights), features, labels, 2, data.sample_shape)
    measured = [event for event in events if isinstance(event, Evaluation)][-1].validation_accuracy[0]
    assert (found.named == labels).mean() == pytest.approx(measured)
    np.testing.assert_array_equal(found.named, trainer.predict(features)[0])


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"architecture": "recurrent", "hidden_layers": ()}, "keeps its memory in hidden units"),
        ({"architecture": "spiking", "method": "gradient"}, "Choose surrogate 'fast_sigmoid' or 'arctan'"),
        ({"architecture": "spiking", "method": "gradient", "surrogate": "straight_through"}, "surrogate is 'straight"),
        ({"architecture": "recurrent", "activation": "sign", "method": "gradient"}, "surrogate 'straight_through'"),
        ({"architecture": "liquid"}, "feedforward"),
        ({"membrane_decay": 1.0}, "less than 1"),
        ({"threshold": 0}, "greater than 0"),
        ({"steps": 0}, "greater than or equal to 1"),
    ],
)  # fmt: skip
def test_settings_that_contradict_the_architecture_are_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        TrainingConfig.model_validate(settings)


def test_encodings_that_do_not_fit_the_data_are_refused() -> None:
    table = DataShape(100, 4, 3)
    with pytest.raises(ConfigError, match=r"a row of 4 values\. Choose encoding 'direct'"):
        check_config(TrainingConfig(architecture="recurrent", encoding="rows"), table)
    check_config(TrainingConfig(encoding="rows"), table)
    for encoding in ("latency", "rate"):
        config = TrainingConfig(architecture="spiking", encoding=encoding, dataset="moons")
        with pytest.raises(ConfigError, match="inputs from 0 to 1, and these data have -"):
            make_trainer(config, datasets.load("moons"))


@pytest.mark.parametrize("kind", ["Elman", "latency", "surrogate"])
def test_more_steps_and_units_cost_more_in_every_estimate(kind: str) -> None:
    config = TrainingConfig.model_validate(XOR | KINDS[kind] | {"hidden_layers": (64,)})
    small, large = (
        config.model_copy(update={"steps": steps, "hidden_layers": (units,), "dataset_parameters": {"steps": steps}})
        for steps, units in ((10, 8), (40, 64))
    )
    for estimate in (costs.seconds, memory_needed):
        low, high = (
            estimate(
                one, data_shape(datasets.load(one.dataset, one.dataset_parameters if one.dataset != "digits" else {}))
            )
            for one in (small, large)
        )
        assert high > 2 * low


def test_a_configuration_without_later_settings_is_stored_as_before() -> None:
    config = TrainingConfig(seed=3)
    stored = stored_form(config.model_dump(mode="json"))
    assert not stored.keys() & {"architecture", "encoding", "steps", "threshold", "surrogate"}
    assert TrainingConfig.model_validate(stored) == config
    spiking = TrainingConfig(architecture="spiking", steps=3)
    assert stored_form(spiking.model_dump(mode="json"))["steps"] == 3
    assert TrainingConfig.model_validate(stored_form(spiking.model_dump(mode="json"))) == spiking
