"""Breedings as jobs: the queue, their control, and a process that is killed and goes on with the same bytes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

import pytest

from backend.breeding import service as breedings
from backend.breeding.breeder import Breeder
from backend.breeding.schemas import BreedingCreate, BreedingRead
from backend.db.store import Store
from backend.kit.errors import ConflictError, ForbiddenError, InvalidError
from backend.kit.identity import SYSTEM, Person, Role, acting
from backend.policy_library import service as library
from synrl_core.breeding.breeding import BreedingConfig, breed_all
from synrl_core.breeding.steps import Steps
from synrl_core.policies import files
from tests.core.breeding.test_breeding import TINY
from tests.slowness import patience

#: Of tests that start processes: what they do with the database, the others hold on both.
ON_SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
ADA = Person("ada", "Ada", Role.STUDENT)


@contextmanager
def breeder(store: Store) -> Iterator[Breeder]:
    """A breeder as the server runs it."""
    started = Breeder(store)
    started.start()
    try:
        yield started
    finally:
        started.close()


def queue(store: Store, config: BreedingConfig = TINY) -> BreedingRead:
    with store.write() as session:
        return breedings.create(session, BreedingCreate(config=config))


def read(store: Store, made: BreedingRead) -> BreedingRead:
    with store.read() as session:
        return breedings.get(session, made.id)


def wait_until(store: Store, made: BreedingRead, there: Callable[[BreedingRead], bool]) -> BreedingRead:
    end = time.monotonic() + patience(60)
    while time.monotonic() < end:
        now = read(store, made)
        if there(now):
            return now
        time.sleep(0.05)
    raise AssertionError(f"still {read(store, made)}")


def ended(now: BreedingRead) -> bool:
    return now.status.is_final


def tables(store: Store, done: BreedingRead) -> list[str]:
    """The policies that a breeding stored, as JSON without what names them."""
    found = []
    with store.read() as session:
        for policy_id in done.policy_ids:
            name = library.get(session, policy_id).name
            found.append(library.export(session, policy_id, "json")[1].decode().replace(f'"{name}"', '"bred"'))
    return found


def expected(done: BreedingRead, config: BreedingConfig = TINY) -> list[str]:
    from importlib.metadata import version

    remarks = files.Remarks(tags=(f"bred {done.id}",))
    return [files.to_json(one, remarks) + "\n" for one in breed_all(config, f"synrl {version('synrl')}", Steps())]


def child() -> int:
    """The process id of the process that breeds."""
    (one,) = [one for one in multiprocessing.active_children() if one.name.startswith("breeding")]
    assert one.pid is not None
    return one.pid


@ON_SQLITE
def test_a_breeding_stores_winner_and_finalists_with_their_curve(store: Store) -> None:
    made = queue(store)
    with breeder(store) as running:
        running.wake()
        done = wait_until(store, made, ended)
    assert (done.status, done.error) == ("succeeded", None)
    assert tables(store, done) == expected(done)
    assert [(point.of, point.generation) for point in done.curve[:3]] == [
        ("history 2", 1),
        ("history 2", 2),
        ("history 2", 3),
    ]
    assert done.forward_passes == done.total_passes
    assert any(line.startswith("winner") for line in done.lines)
    with store.read() as session:
        assert library.get(session, done.policy_ids[0]).origin == "bred"


def die_while_sending(connection: Connection, config: dict[str, Any], recorded: list[bytes]) -> None:
    """Begin a message and die, instead of breeding."""
    os.write(connection.fileno(), (10**6).to_bytes(4, "big") + b"the beginning of a message")
    os.kill(os.getpid(), signal.SIGKILL)


@ON_SQLITE
def test_a_process_killed_while_it_sends_fails_its_breeding_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, next_one = queue(store), queue(store)
    monkeypatch.setattr("backend.breeding.process.main", die_while_sending)
    with breeder(store) as running:
        running.wake()
        for breeding in (made, next_one):
            assert "without a word" in str(wait_until(store, breeding, ended).error)


@ON_SQLITE
def test_a_deleted_breeding_and_refused_policies_leave_the_breeder_alive(store: Store) -> None:
    made, next_one = queue(store), queue(store)
    idle = Breeder(store)
    with acting(SYSTEM), store.write() as session:
        claims = [breedings.claim(session) for _ in range(2)]
        breedings.act(session, made.id, "stop")
        breedings.delete(session, made.id)
    deleted, kept = claims
    assert deleted is not None
    assert kept is not None
    assert idle._record(deleted, None, [], []) is False
    idle._finish(deleted, [], None)
    idle._finish(kept, ['{"name": "half of a character: \\ud83d"}'], None)
    refused = read(store, next_one)
    assert refused.status == "failed"
    assert "Its policies can't be stored" in str(refused.error)


@ON_SQLITE
def test_a_breeding_survives_kills_with_the_same_bytes(store: Store) -> None:
    made = queue(store)
    with breeder(store):
        wait_until(store, made, lambda now: now.forward_passes > 0)
        os.kill(child(), signal.SIGKILL)
        failed = wait_until(store, made, ended)
    assert failed.status == "failed"
    assert "without a word" in str(failed.error)

    # A server that is killed leaves it running; the next one goes on.
    made = queue(store)
    with breeder(store):
        wait_until(store, made, lambda now: now.forward_passes > 0)
    assert read(store, made).status == "running"
    with breeder(store):
        done = wait_until(store, made, ended)
    assert tables(store, done) == expected(done)


@ON_SQLITE
def test_a_paused_breeding_goes_on_where_it_was_and_a_stopped_one_ends(store: Store) -> None:
    made, other = queue(store), queue(store, TINY.model_copy(update={"seed": 5}))
    with breeder(store) as running:
        wait_until(store, made, lambda now: now.forward_passes > 0)
        with store.write() as session:
            breedings.act(session, made.id, "pause")
            breedings.act(session, other.id, "stop")
        before = wait_until(store, made, lambda now: now.status == "paused").forward_passes
        with store.write() as session:
            breedings.act(session, made.id, "resume")
        running.wake()
        done = wait_until(store, made, ended)
    assert 0 < before <= done.forward_passes
    assert tables(store, done) == expected(done)
    assert read(store, other).policy_ids == []
    with store.write() as session:
        breedings.delete(session, other.id)
        with pytest.raises(ConflictError):
            breedings.act(session, made.id, "pause")


def test_a_student_breeds_within_their_limits_and_controls_their_own(store: Store) -> None:
    large = BreedingConfig(generations=1000)
    with acting(ADA):
        with pytest.raises(InvalidError, match="a student's limit"):
            queue(store, large)
        mine = queue(store, large.model_copy(update={"budget": 10_000_000}))
        assert (mine.owner, mine.total_passes) == ("Ada", 10_000_000)
        queue(store)
        queue(store)
        with pytest.raises(ConflictError, match="as many as you may have"):
            queue(store)
    with acting(Person("ben", "Ben", Role.STUDENT)):
        assert read(store, mine).allowed_actions == []
        with pytest.raises(ForbiddenError), store.write() as session:
            breedings.act(session, mine.id, "stop")


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (TINY.model_copy(update={"schools": ("nowhere",)}), "data sets that ship"),
        (TINY.model_copy(update={"population": 1500, "race_seeds": 2}), "at most 2,000"),
    ],
)
def test_what_can_not_be_bred_is_refused_with_the_reason(store: Store, config: BreedingConfig, reason: str) -> None:
    with pytest.raises(InvalidError, match=reason):
        queue(store, config)
