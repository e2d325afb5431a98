"""An idle server rests: nothing is read or sent while nothing happens."""

from __future__ import annotations

import asyncio
from typing import Any

import dask
import pytest

from backend.live import hub as hub_module
from backend.live.mirror import Mirrors
from backend.live.overview import Overview
from backend.training import dispatcher as dispatching
from backend.training.cluster import configure


def test_the_live_hub_sleeps_until_there_is_news(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "TICK", 0.0)  # A hub that polls would check at every turn of the event loop.
    passes = 0

    class Counted(Overview):
        @property
        def has_changes(self) -> bool:
            nonlocal passes
            passes += 1
            return super().has_changes

    async def watch() -> None:
        hub = hub_module.LiveHub(Mirrors())
        hub.overview = Counted()
        hub.start()
        await turns()
        assert passes == 0
        hub.remove("r1")
        await turns()
        sent = passes
        assert sent > 0
        await turns()
        assert passes == sent
        await hub.close()

    asyncio.run(watch())


async def turns() -> None:
    """Let the event loop turn often enough for a task to send and to wait again."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_the_queue_is_read_seldom_while_nothing_waits_and_nothing_trains() -> None:
    class Idle(dispatching.Dispatcher):
        def __init__(self, *, training: int, is_queue_empty: bool) -> None:
            self._training: dict[str, Any] = dict.fromkeys(map(str, range(training)))
            self._is_queue_empty = is_queue_empty

    assert Idle(training=0, is_queue_empty=True)._queue_interval == dispatching.IDLE_QUEUE_INTERVAL
    assert Idle(training=1, is_queue_empty=True)._queue_interval == dispatching.QUEUE_INTERVAL
    assert Idle(training=0, is_queue_empty=False)._queue_interval == dispatching.QUEUE_INTERVAL


def test_dask_monitors_nothing_that_nobody_reads() -> None:
    configure(1)
    assert dask.config.get("distributed.worker.profile.enabled") is False
    assert dask.config.get("distributed.scheduler.active-memory-manager.start") is False
    interval, limit = (dask.config.get(f"distributed.admin.tick.{name}") for name in ("interval", "limit"))
    assert dask.utils.parse_timedelta(interval) < dask.utils.parse_timedelta(limit)
