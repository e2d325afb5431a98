"""The policy library keeps tables unchanged, solves names that clash, and never changes a run. On both databases."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from backend.db.store import Store
from backend.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from backend.kit.identity import Person, Role, acting
from backend.policy_library import making
from backend.policy_library import service as library
from backend.policy_library.schemas import LibraryPolicy, Origin, PolicyCreate, PolicyUpdate
from backend.runs import service as runs
from backend.runs.schemas import RunClone, RunCreate
from backend.wire import policies as policy_tables
from synrl_core import policies
from synrl_core.config import TrainingConfig
from synrl_core.policies import files
from synrl_core.policies.policy import Policy

ADA = Person("ada", "Ada", Role.STUDENT)
BEN = Person("ben", "Ben", Role.STUDENT)


def drawn(name: str = "mine", seed: int = 3, history: int = 2) -> Policy:
    """A policy of random values."""
    values = np.random.default_rng(seed).normal(size=(3,) * (2 * history + 1))
    return Policy(name, values, temperature=0.5, lineage={"made": "for a test"})


def add(store: Store, policy: Policy) -> LibraryPolicy:
    with store.write() as session:
        return library.add(session, policy, Origin.IMPORTED).policy


def train(store: Store, name: str) -> str:
    with store.write() as session:
        return runs.create(session, RunCreate(config=TrainingConfig(policy=name, hidden_layers=(4,)))).id


def tables_of(store: Store, run_id: str) -> dict[str, str]:
    with store.read() as session:
        return dict(runs.find(session, run_id).policies)


@pytest.mark.parametrize("history", [1, 2, 3])
@pytest.mark.parametrize("format_", ["json", "npz"])
def test_what_is_exported_is_what_was_stored(store: Store, history: int, format_: str) -> None:
    policy = drawn(history=history)
    stored = add(store, policy)
    with store.read() as session:
        name, data = library.export(session, stored.id, format_)
    read = files.read(data)
    np.testing.assert_array_equal(read.q, policy.q)
    assert (read.name, read.temperature, read.lineage) == ("mine", 0.5, policy.lineage)
    assert name == f"mine.{format_}"


def test_names_that_clash_get_a_number_and_nothing_is_lost(store: Store) -> None:
    names = [add(store, drawn(name, seed)).name for seed, name in enumerate(["mine", "mine", " MINE ", "random"])]
    assert names == ["mine", "mine 2", "MINE 3", "random 2"]


def test_the_same_policy_under_the_same_name_is_stored_once(store: Store) -> None:
    assert add(store, drawn()).id == add(store, drawn()).id


def test_a_run_keeps_its_table_whatever_happens_to_the_library(store: Store) -> None:
    stored = add(store, drawn())
    run_id = train(store, "mine")
    before = tables_of(store, run_id)
    with store.write() as session:
        library.update(session, stored.id, PolicyUpdate(name="other"))
    add(store, drawn("mine", seed=4))
    assert tables_of(store, run_id) == before
    kept = policy_tables.lookup(before)("mine", None)
    np.testing.assert_array_equal(kept.q, drawn().q)


def test_a_copy_of_a_run_has_the_table_of_the_run_and_not_a_later_one(store: Store) -> None:
    stored = add(store, drawn())
    first = train(store, "mine")
    with store.write() as session:
        library.update(session, stored.id, PolicyUpdate(name="other"))
    add(store, drawn("mine", seed=4))
    with store.write() as session:
        copy = runs.clone(session, first, RunClone())
    assert tables_of(store, copy.id) == tables_of(store, first)
    assert copy.group_key != runs_group(store, train(store, "mine"))


def runs_group(store: Store, run_id: str) -> str:
    with store.read() as session:
        return runs.get(session, run_id).group_key


def test_a_policy_that_runs_use_is_not_deleted_and_the_runs_are_named(store: Store) -> None:
    stored = add(store, drawn())
    run_id = train(store, "mine")
    with pytest.raises(ConflictError, match=run_id), store.write() as session:
        library.delete(session, stored.id)
    with store.read() as session:
        detail = library.get(session, stored.id)
        assert [one.id for one in detail.used_by] == [run_id]
        assert next(one.runs for one in library.listing(session) if one.id == stored.id) == 1


def test_a_policy_without_runs_is_deleted(store: Store) -> None:
    stored = add(store, drawn())
    with store.write() as session:
        library.delete(session, stored.id)
    with pytest.raises(NotFoundError), store.read() as session:
        library.get(session, stored.id)


def test_an_edited_policy_knows_its_parent(store: Store) -> None:
    parent = add(store, drawn())
    body = PolicyCreate(name="child", q=[0.0] * 243, parent=parent.id)
    with store.write() as session:
        child = making.create(session, body).policy
    with store.read() as session:
        detail = library.get(session, child.id)
    assert detail.parent is not None
    assert (detail.parent.id, detail.parent.name, detail.origin) == (parent.id, "mine", Origin.EDITED)
    assert detail.lineage["parents"][0]["content_hash"] == parent.content_hash


def test_a_table_of_another_size_or_an_unknown_parent_is_refused(store: Store) -> None:
    for body, field in [
        (PolicyCreate(name="one", q=[0.0] * 100), "q"),
        (PolicyCreate(name="one", q=[0.0] * 27, parent="nobody"), "parent"),
    ]:
        with pytest.raises(InvalidError) as refused, store.write() as session:
            making.create(session, body)
        assert refused.value.errors is not None
        assert refused.value.errors[0]["field"] == field


def test_what_ships_is_neither_renamed_nor_deleted(store: Store) -> None:
    with pytest.raises(ConflictError), store.write() as session:
        library.update(session, "bred", PolicyUpdate(name="mine"))
    with pytest.raises(ConflictError), store.write() as session:
        library.delete(session, "bred")


def test_a_rename_to_a_name_that_is_taken_names_a_free_one(store: Store) -> None:
    add(store, drawn())
    other = add(store, drawn("other", 4))
    with pytest.raises(ConflictError, match="'Mine 2' is free"), store.write() as session:
        library.update(session, other.id, PolicyUpdate(name="Mine"))


def test_a_run_with_an_unknown_policy_is_refused_naming_the_library(store: Store) -> None:
    add(store, drawn())
    with pytest.raises(InvalidError, match=r"there is no policy 'yours'.*bred.*mine"):
        train(store, "yours")


def test_students_use_all_policies_and_change_their_own(store: Store) -> None:
    with acting(ADA):
        mine = add(store, drawn())
    with acting(BEN):
        train(store, "mine")
        with store.read() as session:
            assert not library.get(session, mine.id).editable
            assert library.get(session, mine.id).used_by != []
        with pytest.raises(ForbiddenError), store.write() as session:
            library.update(session, mine.id, PolicyUpdate(notes="not mine"))
        with pytest.raises((ForbiddenError, ConflictError)), store.write() as session:
            library.delete(session, mine.id)
    with acting(ADA), store.write() as session:
        changed = library.update(session, mine.id, PolicyUpdate(notes="good", tags=["class"], archived=True))
        assert (changed.notes, changed.tags, changed.archived, changed.runs) == ("good", ["class"], True, 1)


def test_every_policy_that_ships_is_listed_with_its_table(store: Store) -> None:
    with store.read() as session:
        assert [one.name for one in library.listing(session)] == list(policies.names())
        detail = library.get(session, "win_stay_lose_shift", 3)
    assert (detail.history, len(detail.q), detail.mirror_symmetric) == (3, 2187, True)


def test_a_file_that_is_no_policy_is_refused_with_the_reason(store: Store, tmp_path: Path) -> None:
    for name, data, reason in [
        ("a.json", b"{}", "table 'q'"),
        ("b.json", b'{"name": "b", "q": [1, 2]}', r"shape \(2,\)"),
        ("c.json", json.dumps(json.loads(files.to_json(drawn())) | {"temperature": -1}).encode(), "temperature"),
        ("d.npz", b"PK\x03\x04 nothing", "npz"),
        ("e.jld2", b"\x89HDF\r\n\x1a\n" + bytes(100), "JLD2"),
        ("f.pkl", pickle.dumps({"q": [1]}), "JSON"),
        ("g.json", b" " * (library.MAX_FILE_BYTES + 1), "bytes"),
    ]:
        with pytest.raises(InvalidError, match=reason), store.write() as session:
            library.import_file(session, data, name)
    with store.read() as session:
        assert [one for one in library.listing(session) if one.owner is not None] == []
