from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from synrl_core import policies
from synrl_core.policies.describe import is_mirror_symmetric, mirror, sentences, symmetrised
from synrl_core.policies.policy import Policy

tables = st.sampled_from([1, 2, 3]).flatmap(
    lambda history: arrays(np.float64, (3,) * (2 * history + 1), elements=st.floats(-10, 10))
)


@given(tables)
def test_a_mirror_of_a_mirror_is_the_table(q: np.ndarray) -> None:
    np.testing.assert_array_equal(mirror(mirror(q)), q)


@given(tables, st.floats(0.1, 5))
def test_a_symmetrised_table_is_mirror_symmetric(q: np.ndarray, temperature: float) -> None:
    assert is_mirror_symmetric(Policy("one", symmetrised(q), temperature=temperature))


def test_win_stay_lose_shift_is_symmetric_and_always_decrease_is_not() -> None:
    assert is_mirror_symmetric(policies.get("win_stay_lose_shift"))
    assert not is_mirror_symmetric(Policy.from_greedy("down", np.zeros((3,) * 4, dtype=np.int8)))


@pytest.mark.parametrize("history", [1, 2, 3])
def test_a_sentence_tells_what_follows_each_history_of_rewards(history: int) -> None:
    told = sentences(policies.get("win_stay_lose_shift", history))
    assert len(told) == 2**history
    repeats = [one for one in told if "repeats its last move (100 %)" in one]
    reverses = [one for one in told if "reverses its last move (100 %)" in one]
    assert (len(repeats), len(reverses)) == (2 ** (history - 1), 2 ** (history - 1))


def test_the_sentences_of_the_random_policy_name_all_actions() -> None:
    assert all(one.count("(33 %)") == 6 for one in sentences(policies.get("random")))
