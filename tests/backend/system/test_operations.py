"""A short version of what benchmarks/load.py measures at length; that of benchmarks/kills.py is in tests/topology."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from benchmarks import load
from tests.server import running


@pytest.mark.long
@pytest.mark.timeout(600)
def test_runs_that_several_queue_while_others_watch_all_end_once_and_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(load.CONFIG, "iterations", 1500)
    with running(tmp_path, SYNRL_WORKERS="2") as server:
        seen = asyncio.run(load.crowd(server, runs=6, clients=3, watchers=3))
        assert load.wrong_runs(server, seen) == []
    assert len(seen.acknowledged) == 6
    assert seen.frames > 0
    assert len(seen.milliseconds) > 20
