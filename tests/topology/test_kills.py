"""A short version of benchmarks/kills.py: kills at random moments, where test_survival.py's are at chosen ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import kills

pytestmark = pytest.mark.topology


@pytest.mark.timeout(600)
def test_runs_survive_random_kills_with_the_uninterrupted_bytes(tmp_path: Path) -> None:
    trial, wrong = kills.run(6, seed=2, folder=tmp_path)
    assert wrong == []
    assert {kill.what for kill in trial.kills} == {"worker", "web process"}
    assert len(trial.asked) >= 3
