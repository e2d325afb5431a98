"""Invalid configurations are refused before training, with value, limit and remedy."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from synrl_core import checks, datasets
from synrl_core.checks import DataShape
from synrl_core.config import Loss, TrainingConfig
from synrl_core.datasets import Dataset, DatasetInfo, Split
from synrl_core.learning.data import Samples
from synrl_core.learning.factory import ConfigError, check_config, make_trainer, memory_needed
from synrl_core.learning.synaptic import SynapticTrainer
from synrl_core.networks.feedforward import FeedforwardNetwork, with_ones
from synrl_core.networks.losses import Truth
from synrl_core.policies.policy import Policy, win_stay_lose_shift
from tests.examples import examples

SHAPE = DataShape(samples=1000, inputs=64, classes=10)


@pytest.mark.parametrize(
    ("chosen", "limit"),
    [({"history": 7}, "less than or equal to 3"), ({"exploration": 1.5}, "less than or equal to 1")],
)
def test_values_out_of_range_name_their_limit(chosen: dict[str, Any], limit: str) -> None:
    with pytest.raises(ValidationError, match=limit):
        TrainingConfig(**chosen)


@pytest.mark.parametrize(
    ("chosen", "field", "complaint"),
    [
        ({"policy": "nobody"}, "policy", "no policy 'nobody'.*win_stay_lose_shift"),
        ({"bias_policy": "nobody"}, "bias_policy", "no policy 'nobody'"),
        ({"policy": "blank"}, "policy", "adaptive"),
        ({"bias_policy": "blank"}, "bias_policy", "adaptive"),
        ({"policy": "win_stay_lose_shift", "exploration": 0.0}, "exploration", "nothing would ever change.*above 0"),
        ({"loss": "logistic"}, "loss", "10 classes.*cross_entropy"),
        ({"hidden_layers": (4096,) * 16, "replicates": 1000}, "hidden_layers", "GiB.*fewer units"),
    ],
)
def test_settings_that_do_not_fit_name_field_value_limit_and_remedy(
    chosen: dict[str, Any], field: str, complaint: str
) -> None:
    with pytest.raises(ConfigError, match=f"(?s){complaint}") as caught:
        check_config(TrainingConfig(**chosen), SHAPE, memory_limit=8 * 2**30)
    assert caught.value.field == field
    assert caught.value.limit is not None


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), history=st.integers(1, 3), stays=st.floats(0, 1))
def test_a_greedy_table_is_refused_just_where_nobody_would_ever_move(seed: int, history: int, stays: float) -> None:
    rng = np.random.default_rng(seed)
    actions = np.where(rng.random((3,) * (2 * history)) < stays, 1, rng.integers(0, 3, (3,) * (2 * history)))
    table = Policy.from_greedy("it", actions)
    config = TrainingConfig(dataset="teacher", policy="it", exploration=0.0, iterations=20, hidden_layers=())
    points = datasets.load("teacher")
    refused = False
    try:
        trainer = make_trainer(config, points, find_policy=lambda name, history: table)
    except ConfigError as error:
        refused = error.field == "exploration"
        lenient = config.model_copy(update={"exploration": 1e-12})  # in effect none
        trainer = make_trainer(lenient, points, find_policy=lambda name, history: table)
    first = trainer.weights()[0]
    # At every event: who goes to and fro may be back where it began at the end.
    moved = [(trainer.weights()[0] != first).any() for _ in trainer.events()]
    assert any(moved) != refused


def test_the_defaults_fit() -> None:
    check_config(TrainingConfig(), SHAPE, memory_limit=2**30)


def test_memory_is_estimated_above_what_a_run_takes() -> None:
    import tracemalloc

    digits = datasets.load("digits")
    config = TrainingConfig(hidden_layers=(128,), replicates=4, iterations=10)
    tracemalloc.start()
    trainer = make_trainer(config, digits)
    list(trainer.events())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    estimate = memory_needed(config, DataShape(len(digits.labels), 64, 10))
    assert 0.5 * peak < estimate < 4 * peak


@pytest.mark.parametrize(("written", "limit"), [("1048576\n", 2**20), ("max\n", None), (None, None)])
def test_a_containers_limit_is_the_machines_memory(
    written: str | None, limit: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if written is not None:
        (tmp_path / "memory.max").write_text(written)
    monkeypatch.setattr(checks, "CONTAINER_LIMITS", (str(tmp_path / "memory.max"),))
    assert limit is None or checks.physical_memory() == limit
    if limit is None:
        assert checks.physical_memory() > 2**28
        check_config(TrainingConfig(), SHAPE)
    else:
        with pytest.raises(ConfigError, match="fewer units"):
            check_config(TrainingConfig(), SHAPE)


def dataset(features: Any, labels: Any, classes: int = 2) -> Dataset:
    info = DatasetInfo(name="mine", title="", description="", licence="", source="")
    return Dataset(
        info, np.asarray(features, np.float32), np.asarray(labels, np.int64), tuple("abcdefgh"[:classes]), (2,)
    )


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (dataset([[0, np.nan], [1, 1]], [0, 1]), "1 features that are NaN or infinite, the first in sample 0"),
        (dataset([[0, 1], [np.inf, 1]], [0, 1]), "the first in sample 1"),
        (dataset(np.zeros((4, 2)), [0, 0, 0, 0], classes=1), "1 class.*at least 2"),
        (dataset(np.zeros((4, 2)), [1, 1, 1, 1]), "1 class.*at least 2"),
    ],
)
def test_data_that_can_not_be_learned_from_are_refused(data: Dataset, complaint: str) -> None:
    everything = Split(np.arange(len(data.labels)), np.arange(len(data.labels)))
    with pytest.raises(ConfigError, match=complaint):
        make_trainer(TrainingConfig(), data, parts=everything)


def test_an_error_survives_the_way_between_processes() -> None:
    import pickle

    error = ConfigError("loss", "x", 2, "told")
    back = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (back.field, back.value, back.limit, str(back)) == ("loss", "x", 2, "told")


@pytest.mark.parametrize(("labels", "told"), [([0, 1, 2, 1], "0 to 2"), ([0, 1, -1, 1], "-1 to 1")])
def test_labels_out_of_range_are_refused(labels: list[int], told: str) -> None:
    with pytest.raises(ValueError, match=f"{told}.*0 to 1"):
        make_trainer(TrainingConfig(), dataset(np.zeros((4, 2)), labels))


@pytest.mark.parametrize(
    ("loss", "outputs", "limit"), [("cross_entropy", 3, 2), ("squared_error", 1, 0), ("logistic", 1, 1)]
)
def test_more_classes_than_outputs_are_refused(loss: Loss, outputs: int, limit: int) -> None:
    samples = Samples(with_ones(np.zeros((5, 2))), Truth(np.arange(5)))
    with pytest.raises(ConfigError, match=f"classes 0 to 4.*{outputs} outputs") as caught:
        SynapticTrainer(
            TrainingConfig(loss=loss), FeedforwardNetwork((2, outputs)), samples, samples, win_stay_lose_shift()
        )
    assert (caught.value.value, caught.value.limit) == (4, limit)
