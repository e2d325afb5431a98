"""The contract of a trainer's events."""

import itertools

import numpy as np
import pytest

from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.datasets import Dataset
from synrl_core.learning.factory import make_trainer, resume_trainer
from synrl_core.measuring.events import ActionCounts, Evaluation, Finished, Snapshot, Step


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return datasets.load("digits")


def test_events_come_in_order_and_at_their_cadences(digits: Dataset) -> None:
    config = TrainingConfig(iterations=25, evaluate_every=10, snapshot_every=20)
    events = list(make_trainer(config, digits).events())
    assert [e.iteration for e in events if isinstance(e, Step)] == list(range(1, 26))
    assert [e.iteration for e in events if isinstance(e, Evaluation)] == [0, 10, 20, 25]
    assert [e.iteration for e in events if isinstance(e, ActionCounts)] == [0, 10, 20, 25]
    assert [e.iteration for e in events if isinstance(e, Snapshot)] == [0, 20, 25]
    assert events[-1] == Finished(25, "completed")
    assert sum(isinstance(e, Finished) for e in events) == 1


def test_win_stay_lose_shift_learns_and_random_does_not(digits: Dataset) -> None:
    def last_accuracy(policy: str) -> float:
        trainer = make_trainer(
            TrainingConfig(policy=policy, iterations=2000, evaluate_every=2000, hidden_layers=(), step_size=2e-2),
            digits,
        )
        return float([e for e in trainer.events() if isinstance(e, Evaluation)][-1].validation_accuracy[0])

    assert last_accuracy("win_stay_lose_shift") > 0.8
    assert last_accuracy("random") < 0.5


def test_action_counts_add_up_to_every_synapse_at_every_iteration(digits: Dataset) -> None:
    config = TrainingConfig(iterations=30, evaluate_every=10, replicates=2, hidden_layers=(5,))
    counts = [e.counts for e in make_trainer(config, digits).events() if isinstance(e, ActionCounts)]
    assert counts[0].sum() == 0
    for later in counts[1:]:
        np.testing.assert_array_equal(later.sum(axis=2), 10 * np.array([[65 * 5] * 2, [6 * 10] * 2]))


@pytest.mark.parametrize("stop_after", [1, 2, 3, 4, 50, 87])
def test_resuming_from_bytes_goes_on_to_the_same_bytes(digits: Dataset, stop_after: int) -> None:
    config = TrainingConfig(iterations=60, evaluate_every=7, snapshot_every=11, batch_size=500, batch_interval=13)
    whole = make_trainer(config, digits)
    events = sum(1 for _ in whole.events())
    cut = make_trainer(config, digits)
    seen = len(list(itertools.islice(cut.events(), stop_after)))
    resumed = resume_trainer(cut.state_bytes(), digits)
    assert resumed.state_bytes() == cut.state_bytes()
    assert seen + sum(1 for _ in resumed.events()) == events
    assert resumed.state_bytes() == whole.state_bytes()
