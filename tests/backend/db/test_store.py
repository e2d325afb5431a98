from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from backend.db import store as store_module
from backend.db.migrate import head
from backend.db.store import Change, ChangeKind, MissingDriverError, Store, announce, make_engine
from backend.db.tables import Base, MetricChunk, Run
from backend.kit.status import RunStatus
from backend.runs import queries as repository
from backend.runs import queue_queries as queue
from tests.postgres import Postgres
from tests.server import ROOT
from tests.slowness import patience


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


@pytest.mark.guarantee("Store: durable")
def test_sqlite_is_opened_with_write_ahead_log_timeout_and_foreign_keys(tmp_path: Path) -> None:
    store = Store(make_engine(f"sqlite:///{tmp_path / 'synrl.db'}"))
    with store.read() as session:
        pragmas = {
            name: session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    store.close()
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 10_000}


@pytest.mark.guarantee("Store: one-moment")
def test_what_a_writer_has_read_is_still_true_when_it_writes(store: Store) -> None:
    with store.write() as session:
        repository.add(session, new_run())

    def count_up() -> None:
        for _ in range(10):
            with store.write() as session:
                run = repository.find(session, "r1")
                assert run is not None
                run.iteration = run.iteration + 1

    threads = [threading.Thread(target=count_up) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        counted = repository.find(session, "r1")
        assert counted is not None
        assert counted.iteration == 60


@pytest.mark.guarantee("Store: one-moment")
def test_a_reader_sees_one_moment_and_holds_up_no_writer(store: Store) -> None:
    with store.write() as session:
        repository.add(session, new_run())
    with store.read() as reading:
        assert reading.scalar(select(func.count()).select_from(Run)) == 1
        with store.write() as session:
            repository.add(session, new_run("r2"))
        assert reading.scalar(select(func.count()).select_from(Run)) == 1
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 2


def test_values_come_back_as_they_were_stored(store: Store) -> None:
    run = new_run()
    run.name, run.notes = "Größe 'x' \\ % _ \U0001f9e0", "line\nline"
    run.config = {"dataset": "digits", "nested": [1, 2.5, None, True, "ü"], "large": 2**53}
    run.tags = ["a", 'ü"q"']
    run.iteration, run.forward_passes, run.training_seconds = 2**40, 2**62, 0.1
    chunk = MetricChunk(run_id="r1", first_iteration=2**40, last_iteration=2**41, points=7, data=bytes(range(256)))
    with store.write() as session:
        repository.add(session, run)
        repository.add_chunk(session, chunk)
    with store.read() as session:
        found = repository.find(session, "r1")
        assert found is not None
        for name in ("name", "notes", "config", "tags", "iteration", "forward_passes", "training_seconds"):
            assert getattr(found, name) == getattr(run, name), name
        assert list(repository.chunks(session, "r1")) == [bytes(range(256))]
        assert session.scalars(select(Run.id).where(Run.config["dataset"].as_string() == "digits")).all() == ["r1"]


def test_a_writer_that_waits_too_long_gives_up_and_nothing_is_kept(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "BUSY_TIMEOUT_MS", 50)
    first, second = Store(make_engine(store_url)), Store(make_engine(store_url))
    with first.write() as session:
        repository.add(session, new_run())
        with pytest.raises(OperationalError), second.write() as other:
            repository.add(other, new_run("r2"))
    with second.read() as session:
        assert session.scalars(select(Run.id)).all() == ["r1"]
    first.close()
    second.close()


def test_servers_that_start_at_once_on_one_new_database_all_succeed(postgres: Postgres) -> None:
    program = (
        "import sys; from backend.db.migrate import upgrade; from backend.db.store import make_engine;"
        "upgrade(make_engine(sys.argv[1]))"
    )
    url = postgres.new_database()
    starting = [subprocess.Popen([sys.executable, "-c", program, url], cwd=ROOT) for _ in range(3)]
    assert [process.wait(patience(60)) for process in starting] == [0] * 3
    engine = make_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert context.get_current_revision() == head()
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_a_database_whose_driver_is_missing_says_how_to_get_it() -> None:
    with pytest.raises(MissingDriverError, match=r"synrl\[postgres\]"):
        make_engine("postgresql+pg8000://localhost/synrl")


@pytest.mark.guarantee("Store: all-or-nothing")
def test_nothing_is_kept_of_a_session_that_an_error_leaves(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as session:
        repository.add(session, new_run())
        raise RuntimeError
    with store.read() as session:
        assert repository.find(session, "r1") is None


@pytest.mark.guarantee("Store: announced-after-commit")
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
