"""Actions on runs, on the database alone, without workers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backend.db.store import Change, ChangeKind, Store
from backend.db.tables import Checkpoint, MetricChunk, Run, Snapshot
from backend.kit.errors import ConflictError, InvalidError, NotFoundError
from backend.kit.status import RunStatus
from backend.runs import bulk, trash
from backend.runs import service as runs
from backend.runs.bulk_schemas import RunsAction
from backend.runs.schemas import RunClone, RunCreate, RunExtend, RunRead, RunUpdate
from synrl_core.config import TrainingConfig


def created(store: Store, **more: Any) -> RunRead:
    with store.write() as session:
        return runs.create(session, RunCreate(**more))


def put(store: Store, run_id: str, **columns: Any) -> None:
    """Let a run be as a worker would have left it."""
    with store.write() as session:
        for name, value in columns.items():
            setattr(session.get(Run, run_id), name, value)


def do(store: Store, action: Any, run_id: str, *rest: Any, **more: Any) -> Any:
    with store.write() as session:
        return action(session, run_id, *rest, **more)


def look(store: Store, run_id: str) -> RunRead:
    with store.read() as session:
        return runs.get(session, run_id)


@pytest.fixture
def heard(store: Store) -> list[Change]:
    changes: list[Change] = []
    store.listen(changes.append)
    return changes


def test_places_in_the_queue_are_shown_and_move_up(store: Store) -> None:
    asked = [created(store, owner=owner) for owner in ("ada", "ada", "bob")]
    assert [look(store, run.id).queue_position for run in asked] == [1, 3, 2]
    do(store, runs.pause, asked[0].id)
    assert [look(store, run.id).queue_position for run in asked] == [None, 1, 2]


def test_a_queued_run_pauses_and_resumes_however_often_it_is_asked(store: Store) -> None:
    run = created(store)
    for _ in range(2):
        assert do(store, runs.pause, run.id).status == RunStatus.PAUSED
    for _ in range(2):
        assert do(store, runs.resume, run.id).status == RunStatus.QUEUED


def test_a_request_to_a_running_run_is_sent_once_and_can_be_withdrawn(store: Store, heard: list[Change]) -> None:
    run = created(store)
    put(store, run.id, status=RunStatus.RUNNING)
    heard.clear()
    for _ in range(2):
        paused = do(store, runs.pause, run.id)
        assert (paused.status, paused.requested) == (RunStatus.RUNNING, "pause")
    assert [change.kind for change in heard] == [ChangeKind.REQUESTED]
    assert do(store, runs.resume, run.id).requested is None
    assert do(store, runs.stop, run.id).requested == "stop"
    with pytest.raises(ConflictError, match="about to stop"):
        do(store, runs.pause, run.id)


def test_extending_a_finished_run_requeues_it_with_the_same_schedules(store: Store) -> None:
    run = created(store, config=TrainingConfig(iterations=1000))
    put(store, run.id, status=RunStatus.SUCCEEDED, iteration=1000)
    extended = do(store, runs.extend, run.id, RunExtend(iterations=500))
    assert (extended.status, extended.iterations, extended.iteration) == (RunStatus.QUEUED, 1500, 1000)
    assert (extended.config.iterations, extended.config.schedule_iterations) == (1500, 1000)
    assert extended.finished_at is None


def test_extending_a_stopped_run_adds_to_where_it_stopped(store: Store) -> None:
    run = created(store, config=TrainingConfig(iterations=1000))
    put(store, run.id, status=RunStatus.STOPPED, iteration=300)
    assert do(store, runs.extend, run.id, RunExtend(iterations=500)).iterations == 800


def test_an_extension_that_names_the_length_it_saw_is_carried_out_once(store: Store) -> None:
    run = created(store, config=TrainingConfig(iterations=1000))
    for _ in range(2):
        body = RunExtend(iterations=500, from_iterations=1000)
        assert do(store, runs.extend, run.id, body).iterations == 1500
    with pytest.raises(ConflictError, match="1,500 iterations, not 1,200"):
        do(store, runs.extend, run.id, RunExtend(iterations=5, from_iterations=1200))


def test_an_extension_beyond_what_runs_may_have_is_refused_with_the_limit(store: Store) -> None:
    run = created(store, config=TrainingConfig(iterations=1000))
    with pytest.raises(InvalidError, match="100,000,000") as refused:
        do(store, runs.extend, run.id, RunExtend(iterations=99_999_500))
    assert (refused.value.errors or [])[0]["limit"] == {"le": 99_999_000}
    assert look(store, run.id).iterations == 1000


def test_a_failed_run_is_not_extended_and_the_answer_says_what_can_be_done(store: Store) -> None:
    run = created(store)
    put(store, run.id, status=RunStatus.FAILED)
    with pytest.raises(ConflictError, match="Rewind it, or clone it"):
        do(store, runs.extend, run.id, RunExtend(iterations=5))


def test_rewinding_drops_all_that_was_measured_and_stored(store: Store, heard: list[Change]) -> None:
    run = created(store)
    put(store, run.id, status=RunStatus.FAILED, iteration=50, best_iteration=40, lost_workers=3, error="three times")
    with store.write() as session:
        session.add(MetricChunk(run_id=run.id, first_iteration=0, last_iteration=50, points=1, data=b"x"))
        session.add(Snapshot(run_id=run.id, iteration=0, path="s"))
        session.add(Checkpoint(run_id=run.id, iteration=50, path="c", bytes=1))
    heard.clear()
    again = do(store, runs.rewind, run.id)
    assert (again.status, again.iteration, again.best_iteration, again.error) == (RunStatus.QUEUED, 0, None, None)
    assert [(change.kind, set(change.paths)) for change in heard] == [(ChangeKind.QUEUED, {"s", "c"})]
    with store.read() as session:
        row = session.get(Run, run.id)
        assert row is not None
        assert row.lost_workers == 0
        assert (
            not session.query(MetricChunk).count() + session.query(Snapshot).count() + session.query(Checkpoint).count()
        )


def test_a_running_run_is_neither_rewound_nor_deleted(store: Store) -> None:
    run = created(store)
    put(store, run.id, status=RunStatus.RUNNING)
    for action, remedy in ((runs.rewind, "pause or stop it first"), (trash.delete, "Stop it first")):
        with pytest.raises(ConflictError, match=remedy):
            do(store, action, run.id)


def test_a_clone_differs_in_what_was_asked_and_knows_where_it_comes_from(store: Store) -> None:
    run = created(store, owner="ada", tags=["a"], config=TrainingConfig(seed=1))
    same = do(store, runs.clone, run.id, RunClone(changes={"seed": 2}))
    other = do(store, runs.clone, run.id, RunClone(name="mine", owner="bob", changes={"step_size": 0.01}))
    assert (same.parent_id, same.owner, same.tags, same.config.seed) == (run.id, "ada", ["a"], 2)
    assert same.group_key == run.group_key != other.group_key
    assert (other.name, other.owner) == ("mine", "bob")


def test_a_clone_is_checked_like_a_new_run(store: Store) -> None:
    run = created(store)
    for changes, said in (
        ({"stepsize": 1}, "did you mean 'step_size'"),
        ({"dataset": "nowhere"}, "there is no data set 'nowhere'"),
    ):
        with pytest.raises(InvalidError, match=said):
            do(store, runs.clone, run.id, RunClone(changes=changes))
    with store.read() as session:
        assert runs.listing(session).total == 1


def test_what_is_asked_twice_with_one_key_is_made_once(store: Store) -> None:
    with store.write() as session:
        first = runs.create(session, RunCreate(), key="k")
    with store.write() as session:
        assert runs.create(session, RunCreate(), key="k").id == first.id
        clones = {runs.clone(session, first.id, RunClone(), key=key).id for key in ("k", "k", "l")}
        assert len(clones) == 2
        assert runs.listing(session).total == 3


def test_the_trash_hides_a_run_and_gives_it_back_as_it_was(store: Store, heard: list[Change]) -> None:
    run = created(store)
    for _ in range(2):
        do(store, trash.delete, run.id)
    assert [change.kind for change in heard] == [ChangeKind.QUEUED, ChangeKind.TRASHED]
    with store.read() as session:
        assert runs.listing(session).total == 0
    with pytest.raises(NotFoundError, match="restore"):
        look(store, run.id)
    with pytest.raises(ConflictError, match="in the trash"):
        do(store, runs.resume, run.id)
    for _ in range(2):
        restored = do(store, trash.restore, run.id)
    assert (restored.status, restored.queue_position) == (RunStatus.QUEUED, 1)


def test_only_what_has_been_in_the_trash_for_long_is_purged(store: Store, heard: list[Change]) -> None:
    run, kept = created(store), created(store)
    for each in (run, kept):
        do(store, trash.delete, each.id)
    put(store, run.id, deleted_at=look_deleted(store, run.id) - timedelta(minutes=31))
    with store.write() as session:
        assert trash.purge_old(session, timedelta(minutes=30)) == 1
    assert heard[-1] == Change(ChangeKind.PURGED, run.id)
    assert do(store, trash.restore, kept.id).id == kept.id
    with pytest.raises(NotFoundError):
        do(store, trash.restore, run.id)


def look_deleted(store: Store, run_id: str) -> Any:
    with store.read() as session:
        return session.get_one(Run, run_id).deleted_at


def test_name_notes_tags_and_archive_are_changed_and_the_rest_stays(store: Store) -> None:
    run = created(store, name="a", notes="n")
    changed = do(store, runs.update, run.id, RunUpdate(tags=[" x", "y", "x "], archived=True))
    assert (changed.name, changed.notes, changed.tags, changed.archived) == ("a", "n", ["x", "y"], True)


def test_one_action_on_many_runs_tells_of_each_what_became_of_it(store: Store) -> None:
    queued, done = created(store), created(store)
    put(store, done.id, status=RunStatus.SUCCEEDED)
    with store.write() as session:
        answer = bulk.act_on_all(session, RunsAction(action="stop", ids=[queued.id, done.id, "nobody", queued.id]))
    stopped, refused, missing = answer.results
    assert stopped.run is not None
    assert stopped.run.status == RunStatus.STOPPED
    assert refused.problem is not None
    assert (refused.problem.status, refused.run) == (409, None)
    assert missing.problem is not None
    assert missing.problem.status == 404
    assert look(store, queued.id).status == RunStatus.STOPPED
