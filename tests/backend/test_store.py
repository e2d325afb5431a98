from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from backend.db import queue
from backend.db import runs as repository
from backend.db.store import Change, ChangeKind, Store, announce
from backend.db.tables import MetricChunk, Run
from backend.schemas import RunStatus


def new_run(run_id: str = "r1") -> Run:
    return Run(
        id=run_id,
        name="a",
        status=RunStatus.QUEUED,
        config={},
        dataset_name="digits",
        sample_shape=[8, 8],
        iterations=10,
        created_at=datetime.now(UTC),
    )


def test_sqlite_is_opened_with_write_ahead_log_timeout_and_foreign_keys(store: Store) -> None:
    with store.read() as session:
        pragmas = {
            name: session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 10_000}


def test_nothing_is_kept_of_a_session_that_an_error_leaves(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as session:
        repository.add(session, new_run())
        raise RuntimeError
    with store.read() as session:
        assert repository.find(session, "r1") is None


def test_changes_are_announced_after_the_commit_and_never_after_a_rollback(store: Store) -> None:
    heard: list[bool] = []

    def listen(change: Change) -> None:
        with store.read() as session:
            heard.append(repository.find(session, change.run_id) is not None)

    store.listen(listen)
    with store.write() as session:
        repository.add(session, new_run())
        announce(session, Change(ChangeKind.QUEUED, "r1"))
    with pytest.raises(RuntimeError), store.write() as session:
        announce(session, Change(ChangeKind.QUEUED, "r2"))
        raise RuntimeError
    assert heard == [True]


def test_a_run_is_claimed_once_by_however_many_try(store: Store) -> None:
    with store.write() as session:
        repository.add(session, new_run())
    claims: list[bool] = []

    def claim() -> None:
        with store.write() as session:
            claims.append(queue.claim(session, "r1", datetime.now(UTC)))

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claims) == [False] * 7 + [True]
    with store.read() as session:
        claimed = repository.find(session, "r1")
        assert claimed is not None
        assert (claimed.status, claimed.attempt) == (RunStatus.RUNNING, 1)


def test_deleting_a_run_deletes_its_points(store: Store) -> None:
    chunk = MetricChunk(run_id="r1", first_iteration=0, last_iteration=0, points=1, data=b"x")
    with store.write() as session:
        repository.add(session, new_run())
        repository.add_chunk(session, chunk)
    with store.write() as session:
        repository.remove(session, "r1")
    with store.read() as session:
        assert list(repository.chunks(session, "r1")) == []


def test_points_of_no_run_are_refused(store: Store) -> None:
    chunk = MetricChunk(run_id="nobody", first_iteration=0, last_iteration=0, points=1, data=b"x")
    with pytest.raises(IntegrityError), store.write() as session:
        repository.add_chunk(session, chunk)


def test_times_come_back_in_utc_and_a_time_without_zone_is_refused(store: Store) -> None:
    now = datetime.now(UTC)
    with store.write() as session:
        repository.add(session, new_run())
    with store.read() as session:
        stored = repository.find(session, "r1")
        assert stored is not None
        assert stored.created_at.tzinfo is UTC
        assert abs((stored.created_at - now).total_seconds()) < 5
    naive = new_run("r2")
    naive.created_at = datetime.now()
    with pytest.raises(Exception, match="has no zone"), store.write() as session:
        repository.add(session, naive)
