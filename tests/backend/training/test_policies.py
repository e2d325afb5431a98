"""A policy that doesn't ship reaches the worker: validation knows it, and the claimed run's job carries its table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.db.store import Store
from backend.kit.errors import InvalidError
from backend.policy_library import service as policy_library
from backend.policy_library.schemas import Origin
from backend.runs import service as runs
from backend.runs import validation
from backend.runs.schemas import RunCreate
from backend.training.transactions import Transactions
from backend.wire import policies as wire_policies
from backend.wire.artifacts import Artifacts
from synrl_core import policies
from synrl_core.config import TrainingConfig
from synrl_core.policies.policy import Policy

MINE = Policy("mine", np.random.default_rng(3).normal(size=(3,) * 5), temperature=0.5)
CONFIG = TrainingConfig(policy="mine", hidden_layers=(4,))


def find_policy(name: str, history: int | None) -> Policy:
    """Those that ship, and one that doesn't."""
    return MINE if name == "mine" else policies.get(name, history)


def test_validation_accepts_the_policies_that_it_is_given(store: Store) -> None:
    with store.read() as session:
        assert validation.check(session, CONFIG, find_policy=find_policy).name == CONFIG.dataset
        with pytest.raises(InvalidError, match="there is no policy 'mine'"):
            validation.check(session, CONFIG)


def test_a_claimed_run_carries_the_table_of_its_policy(store: Store, tmp_path: Path) -> None:
    with store.write() as session:
        policy_library.add(session, MINE, Origin.IMPORTED)
        runs.create(session, RunCreate(config=CONFIG))
        runs.create(session, RunCreate(config=TrainingConfig()))
    transactions = Transactions(
        store, Artifacts(tmp_path.as_uri()), checkpoint_seconds=60, turn_seconds=60, per_owner=4
    )
    mine, shipped = sorted(
        (one.job for one in transactions.claim(2)), key=lambda job: len(job["policies"]), reverse=True
    )
    assert (set(mine["policies"]), shipped["policies"]) == ({"mine"}, {})
    carried = wire_policies.lookup(mine["policies"])("mine", None)
    np.testing.assert_array_equal(carried.q, MINE.q)
    assert carried.temperature == MINE.temperature
