"""How numbers and settings read."""

from __future__ import annotations

from typing import Any

import pytest

from backend.kit.status import RunStatus
from dashboard import words
from synrl_core.config import TrainingConfig


def test_every_status_has_a_word() -> None:
    assert set(words.STATUS_WORDS) == {status.value for status in RunStatus}


@pytest.mark.parametrize(("share", "said"), [(None, "–"), (0.8834, "88.3 %"), (1.0, "100.0 %"), (0.0, "0.0 %")])
def test_shares_read_as_percentages(share: float | None, said: str) -> None:
    assert words.percent(share) == said


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (None, "–"), (2.30259, "2.303"), (0.0, "0.000"), (99.9994, "99.999"), (99.9996, "100.0"), (9999.9, "9999.9"),
        (9999.96, "10000"), (123456.0, "1.2e5"), (9.59683e33, "9.6e33"), (-9.59683e33, "-9.6e33"), (1e100, "1.0e100"),
    ],
)  # fmt: skip
def test_losses_are_short_however_large(loss: float | None, said: str) -> None:
    assert words.number(loss) == said


@pytest.mark.parametrize(("seconds", "said"), [(15, "about 15 s"), (200, "about 3 min"), (7200, "about 2 h")])
def test_durations_are_rounded_to_what_is_known(seconds: int, said: str) -> None:
    assert words.about(seconds) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"),
        (True, "yes"),
        (20_000, "20,000"),
        (0.0005, "0.0005"),
        ((64, 32), "64, 32"),
        ((), "none"),
        ({}, "defaults"),
        ({"noise": 0.1}, "noise 0.1"),
        ("cross_entropy", "cross entropy"),
    ],
)
def test_settings_read_as_people_write_them(value: Any, said: str) -> None:
    assert words.setting(value) == said


def test_a_sample_is_described_by_its_axes() -> None:
    shapes = [(8, 8), (10, 1, 5), (10, 1, 1), (3, 8, 8), (13,)]
    said = ["8 × 8 pixels", "10 steps of 5 inputs", "10 steps of 1 input", "3 steps of 8 × 8 pixels", "13 inputs"]
    assert [words.shape_words(shape) for shape in shapes] == said


def test_networks_and_methods_have_names() -> None:
    assert words.network(TrainingConfig(hidden_layers=())) == "no hidden layer"
    assert words.network(TrainingConfig(hidden_layers=(64, 32))) == "64–32 ReLU"
    assert words.layer_names(TrainingConfig(hidden_layers=(32,))) == ["input → 32", "32 → output"]
    memory = TrainingConfig(architecture="recurrent", hidden_layers=(16, 8), activation="tanh")
    assert words.network(memory) == "16–8 tanh, recurrent"
    assert words.matrix_names(memory) == ["input → 16", "16 → 16", "16 → 8", "8 → 8", "8 → output"]
    assert words.network(TrainingConfig(architecture="spiking")) == "32 spiking"
    assert words.matrix_names(TrainingConfig(architecture="spiking")) == ["input → 32", "32 → output"]
    assert words.method(TrainingConfig(method="gradient")) == "gradient descent, sgd"
    assert words.method(TrainingConfig(adaptive=True)).endswith(", adaptive")
