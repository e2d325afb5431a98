"""Policies are made of what a class decided and of other policies, with their lineage. On both databases."""

from __future__ import annotations

import numpy as np
import pytest

from backend.db.store import Store
from backend.kit.errors import InvalidError
from backend.policy_library import making
from backend.policy_library import service as library
from backend.policy_library.schemas import DerivedPolicy, LibraryPolicyDetail
from synrl_core.policies import files
from tests.backend.policy_library.test_service import add, drawn


def test_a_class_makes_a_policy_with_a_lineage_of_its_own(store: Store) -> None:
    counts = np.zeros((3, 9, 9), dtype=int)
    counts[2, :, 8], counts[0, :, 0] = 4, 3
    with store.write() as session:
        stored = making.add_class_policy(session, "7b", counts, "s1", "Ada", about={"students": 9}, tags=["7b"]).policy
    with store.read() as session:
        detail = library.get(session, stored.id)
    assert (detail.name, detail.origin, detail.owner, detail.tags) == ("7b", "class", "Ada", ["7b"])
    lineage = detail.lineage
    assert (lineage["made"], lineage["session"], lineage["decisions"]) == ("by a class", "s1", 63)
    assert (lineage["students"], sum(lineage["visits"])) == (9, 63)
    np.testing.assert_allclose(np.array(detail.probabilities).reshape(3, 9, 9)[:, 0, 8], np.array([1, 1, 9]) / 11)


def test_counts_of_no_decision_are_refused(store: Store) -> None:
    with pytest.raises(InvalidError, match="nothing was counted"), store.write() as session:
        making.add_class_policy(session, "empty", np.zeros((3, 3, 3)), "s1")


def derived(store: Store, **body: object) -> LibraryPolicyDetail:
    with store.write() as session:
        made = making.derive_policy(session, DerivedPolicy.model_validate(body)).policy
    with store.read() as session:
        return library.get(session, made.id)


def test_a_crossed_policy_names_both_parents_and_what_they_were_bred_on(store: Store) -> None:
    mine = add(store, drawn())
    child = derived(store, how="cross", parents=["bred", mine.id], seed=7)
    assert (child.name, child.origin) == ("bred x mine", "derived")
    assert [(one.name, one.id) for one in child.parents] == [("bred", "bred"), ("mine", mine.id)]
    assert "circles" in child.trained_on
    assert child.lineage["seed"] == 7
    assert derived(store, how="cross", parents=["bred", mine.id], seed=7).id == child.id


def test_a_mutant_and_a_frozen_policy_keep_their_lineage_elsewhere(store: Store) -> None:
    mutant = derived(store, how="mutate", parents=["bred"], changes=3, name="mutant")
    child = derived(store, how="freeze", parents=[mutant.id])
    assert (child.name, child.temperature, set(child.q)) == ("mutant frozen", 0.0, {0.0, 1.0})
    with store.write() as session:
        _, data = library.export(session, child.id, "json")
        library.delete(session, child.id)
        library.delete(session, mutant.id)
        again = library.import_file(session, data, "any.json").policy
    with store.read() as session:
        read = library.get(session, again.id)
    assert read.lineage == files.from_json(data).lineage == child.lineage
    assert [(one.name, one.id) for one in read.parents] == [("mutant", None)]  # which this library has no more
    assert read.lineage["parents"][0]["lineage"]["made"] == "mutated"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"how": "mutate", "parents": ["bred"], "changes": 500}, "states can change"),
        ({"how": "freeze", "parents": ["nobody"]}, "id of a policy"),
    ],
)
def test_what_can_not_be_derived_is_refused_with_the_reason(
    store: Store, body: dict[str, object], complaint: str
) -> None:
    with pytest.raises(InvalidError, match=complaint):
        derived(store, **body)
