"""The backlog: nothing is lost while the database can't be written, in bounded memory."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.db import store as store_module
from backend.db.store import Store, make_engine
from backend.live.mirror import Report
from backend.training.backlog import Backlog, BacklogFullError
from backend.training.recorder import Recorder
from backend.wire.messages import Message
from tests.backend.training.test_recorder import progress, report, run_id, stored
from tests.databases import new_database
from tests.slowness import patience

__all__ = ["run_id"]


@given(st.lists(st.sampled_from(["put", "put", "put", "take", "fail"]), max_size=60))
def test_messages_leave_in_the_order_they_came_from_memory_and_file(steps: list[str]) -> None:
    backlog = Backlog(Path("/tmp"), file_bytes=10**6, memory_bytes=5000)  # noqa: S108 (its file has no name)
    expected: deque[Any] = deque()
    for number, step in enumerate(steps):
        if step == "put":
            message = report(progress("r1", number, number + 1))
            backlog.append_report(message)
            expected.append(message)
        else:
            batch = backlog.pop_batch()
            if step == "fail":
                backlog.restore_batch(batch)
            else:
                assert batch == [expected.popleft() for _ in batch]
        assert len(backlog) == len(expected)
    left: list[Any] = []
    while len(backlog):
        left += backlog.pop_batch()
    assert left == list(expected)
    assert backlog.bytes == 0
    backlog.close()


def test_more_than_memory_goes_to_the_disk_and_more_than_that_is_refused(tmp_path: Path) -> None:
    message = report(progress("r1", *range(500)))
    assert message.points is not None
    backlog = Backlog(tmp_path, file_bytes=200_000, memory_bytes=100_000)
    kept = 0
    with pytest.raises(BacklogFullError):
        for _ in range(1000):
            backlog.append_report(message)
            kept += 1
    assert backlog.bytes <= 300_000
    assert len(backlog) == kept
    assert sum(len(backlog.pop_batch()) for _ in range(50)) == kept
    backlog.append_report(message)
    backlog.close()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_nothing_is_a_full_backlog(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    backlog = Backlog(tmp_path / "file", file_bytes=10**6, memory_bytes=0)
    with pytest.raises(BacklogFullError, match="nothing can be kept"):
        backlog.append_report(report(progress("r1", 0)))


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A database that waits for another writer for a moment only."""
    monkeypatch.setattr(store_module, "BUSY_TIMEOUT_MS", 20)
    opened = Store(make_engine(new_database(tmp_path / "synrl.db")))
    yield opened
    opened.close()


@pytest.fixture
def store(impatient: Store) -> Store:
    return impatient


async def until(condition: Any) -> None:
    while not condition():
        await asyncio.sleep(0.01)


def test_points_measured_while_the_database_is_locked_are_stored_later(
    store: Store, run_id: str, tmp_path: Path
) -> None:
    recovered: list[int] = []

    async def scenario() -> None:
        backlog = Backlog(tmp_path, file_bytes=10**8, memory_bytes=20_000)
        recorder = Recorder(store, on_ended=lambda *_: None, backlog=backlog, on_recovered=lambda: recovered.append(1))
        recorder.start()
        other = sqlite3.connect(tmp_path / "synrl.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for number in range(300):
            recorder.receive(report(progress(run_id, 2 * number, 2 * number + 1)))
        waiting = asyncio.create_task(recorder.wait_until_stored())
        await until(lambda: recorder.backlog_size[0] == 300 and recorder._failing)
        assert not waiting.done()
        other.execute("ROLLBACK")
        other.close()
        await asyncio.wait_for(waiting, patience(30))
        await recorder.close()

    asyncio.run(scenario())
    assert stored(store, run_id) == list(range(600))
    assert recovered == [1]


@pytest.mark.guarantee("Jobs: bounded")
def test_beyond_the_limit_the_worker_lets_go_and_nothing_follows_the_hole(
    store: Store, run_id: str, tmp_path: Path
) -> None:
    preempted: list[tuple[str, int]] = []

    async def scenario() -> None:
        backlog = Backlog(tmp_path, file_bytes=5_000, memory_bytes=5_000)
        recorder = Recorder(
            store,
            on_ended=lambda *_: None,
            backlog=backlog,
            on_full=lambda run, attempt: preempted.append((run, attempt)),
        )
        other = sqlite3.connect(tmp_path / "synrl.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for number in range(50):
            recorder.receive(report(progress(run_id, number)))
        other.execute("ROLLBACK")
        other.close()
        await recorder.wait_until_stored()
        recorder.receive(report(progress(run_id, 50)))
        await recorder.flush()
        await recorder.close()

    asyncio.run(scenario())
    assert preempted == [(run_id, 1)]
    kept = stored(store, run_id)
    assert 3 < len(kept) < 20
    assert kept == list(range(len(kept)))


def test_live_weights_do_not_wait_for_the_database(store: Store, tmp_path: Path) -> None:
    async def scenario() -> None:
        recorder = Recorder(store, on_ended=lambda *_: None)
        for number in range(10):
            message: Message = {"kind": "weights", "run_id": "r1", "attempt": 1, "iteration": number, "arrays": {}}
            recorder.receive(Report(message))
        assert recorder.backlog_size == (0, 0)

    asyncio.run(scenario())
