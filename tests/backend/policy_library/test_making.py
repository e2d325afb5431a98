"""Policies are made of what a class decided and of other policies, with their lineage. On both databases."""

from __future__ import annotations

import numpy as np
import pytest

from backend.db.store import Store
from backend.kit.errors import InvalidError
from backend.policy_library import making
from backend.policy_library import service as library


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
