"""Short versions of what benchmarks/kills.py and benchmarks/load.py measure at length."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from benchmarks import kills, load
from tests.server import running


@pytest.mark.guarantee("Jobs: whole-curve")
@pytest.mark.timeout(600)
def test_runs_whose_worker_and_server_are_killed_at_random_end_with_the_uninterrupted_bytes(tmp_path: Path) -> None:
    trial, wrong = kills.run(4, seed=2, folder=tmp_path)
    assert wrong == []
    assert {kill.what for kill in trial.kills} == {"worker", "web process"}
    assert len(trial.asked) >= 3


@pytest.mark.timeout(600)
def test_runs_that_several_queue_while_others_watch_all_end_once_and_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(load.CONFIG, "iterations", 3000)
    with running(tmp_path, SYNRL_WORKERS="2") as server:
        seen = asyncio.run(load.crowd(server, runs=8, clients=4, watchers=4))
        assert load.wrong_runs(server, seen) == []
    assert len(seen.acknowledged) == 8
    assert seen.frames > 0
    assert len(seen.milliseconds) > 30
