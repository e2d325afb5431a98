"""Policies act as their tables say, and survive every file format."""

import io
import json
import os
import pickle
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from synrl_core import policies
from synrl_core.policies import files
from synrl_core.policies.policy import DOWN, STAY, UP, Policy

DATA = Path(os.environ.get("SYNRL_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))

tables = st.integers(1, 3).flatmap(
    lambda h: arrays(np.float64, (3,) * (2 * h + 1), elements=st.floats(-1e6, 1e6, allow_nan=False))
)


@given(q=tables, exploration=st.floats(0, 1), temperature=st.floats(0, 1e6))
def test_json_and_npz_give_back_the_policy_they_were_given(
    q: np.ndarray, exploration: float, temperature: float
) -> None:
    policy = Policy("mine", q, exploration, "T", "D", {"seed": 3}, temperature)
    for back in (files.from_json(files.to_json(policy)), files.from_npz(files.to_npz(policy))):
        np.testing.assert_array_equal(back.q, policy.q)
        assert (back.name, back.exploration, back.title, back.description) == ("mine", exploration, "T", "D")
        assert (back.lineage, back.temperature) == ({"seed": 3}, temperature)


def test_old_readers_refuse_files_of_stochastic_policies() -> None:
    greedy = Policy("mine", np.zeros((3, 3, 3)))
    assert json.loads(files.to_json(greedy))["version"] == 1
    assert json.loads(files.to_json(replace(greedy, temperature=0.5)))["version"] == 2


@given(q=tables, temperature=st.floats(1e-3, 1e3))
def test_a_stochastic_policy_prefers_what_its_table_values_more(q: np.ndarray, temperature: float) -> None:
    shares = Policy("mine", q, temperature=temperature).probabilities()
    np.testing.assert_allclose(shares.sum(axis=0), 1)
    np.testing.assert_array_equal(shares.max(axis=0), np.take_along_axis(shares, q.argmax(axis=0)[None], 0)[0])


@given(q=tables)
def test_at_the_temperature_0_the_greedy_action_is_certain(q: np.ndarray) -> None:
    policy = Policy("mine", q)
    np.testing.assert_array_equal(policy.probabilities().argmax(axis=0), policy.greedy())
    assert set(np.unique(policy.probabilities())) == {0.0, 1.0}


@given(q=tables)
def test_greedy_takes_the_best_value_and_ties_go_to_the_lowest_code(q: np.ndarray) -> None:
    policy = Policy("mine", np.round(q / 5e5))
    greedy = policy.greedy()
    for state in np.ndindex(greedy.shape):
        values = [policy.q[(code, *state)] for code in (DOWN, STAY, UP)]
        assert greedy[state] == values.index(max(values))


@pytest.mark.parametrize("history", [1, 2, 3])
def test_win_stay_lose_shift_repeats_after_gain_and_reverses_after_loss(history: int) -> None:
    greedy = policies.get("win_stay_lose_shift", history).greedy()
    for state in np.ndindex(greedy.shape):
        last_action, last_reward = state[history - 1], state[-1]
        assert greedy[state] == (UP - last_action if last_reward == DOWN else last_action)


def test_the_error_of_an_unknown_policy_lists_the_known_ones() -> None:
    with pytest.raises(policies.UnknownPolicyError, match="win_stay_lose_shift, random"):
        policies.get("nobody")


@pytest.mark.parametrize("name", policies.names())
def test_every_shipped_policy_reads_back_and_tells_how_it_was_made(name: str) -> None:
    policy = policies.get(name)
    assert policy.name == name
    assert policy.title
    assert policy.description
    assert policy.lineage["made"]


def npz(**arrays: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


#: Offsets of a flag and of the compression's number in a member's head and in the archive's directory.
ENCRYPTED, METHOD = (6, 8), (8, 10)


def with_flag(archive: bytes, places: tuple[int, int]) -> bytes:
    """Say of the first member that it is encrypted, or compressed as nobody reads."""
    changed = bytearray(archive)
    for place, head in zip(places, (b"PK\x03\x04", b"PK\x01\x02"), strict=True):
        changed[archive.index(head) + place] |= 0x41
    return bytes(changed)


def damaged(archive: bytes) -> bytes:
    """Damage the compressed bytes of the first member."""
    return archive[:60] + bytes([archive[60] ^ 0xFF]) + archive[61:]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "no JSON"),
        (b"[1, 2]", "JSON object"),
        (b'{"name": "x", "q": [1, 2]}', r"shape \(2,\)"),
        (b'{"name": "", "q": []}', "1 to 200 characters"),
        (json.dumps({"name": "x", "q": [[[float("nan")] * 3] * 3] * 3}).encode(), "NaN or infinite"),
        (json.dumps({"name": "x", "q": [[[0] * 3] * 3] * 3, "exploration": 2}).encode(), "0 to 1"),
        (json.dumps({"name": "x", "q": [[[0] * 3] * 3] * 3, "temperature": -1}).encode(), "temperature -1"),
        (json.dumps({"name": "x", "q": [[[0] * 3] * 3] * 3, "version": 9}).encode(), "version 9"),
        (b"PK\x03\x04 and then nothing", "no npz"),
        (b"\x89HDF\r\n\x1a\n and then nothing", "no JLD2"),
        (b"{not", "from line 1, character 2 on"),
        (b'{"name": "x", "q": [1, 2, [3]]}', "lists of other lengths"),
        (b'{"name": "x", "q": ["up"]}', "has words, or lists"),
        (b'{"name": "x", "q": [0], "temperature": "hot"}', r"a number of at least 0.*given: 'hot'"),
        (b'{"name": "x", "q": [0], "lineage": 5}', "lineage should be an object"),
        (b'{"name": "x", "q": [0], "lineage": {"score": NaN}}', "no NaN or infinity"),
        (b'{"name": "x", "q": [0], "title": "\\ud800"}', "whole characters"),
        (b'{"name": "x", "q": [0], "title": "\\u0000"}', r"U\+0000"),
        (json.dumps({"name": "x", "q": [0], "exploration": 10**400}).encode(), "a probability from 0 to 1"),
        (npz(q=np.zeros(10**7)), "no npz"),  # much more than it has bytes
        (npz(q=np.zeros((3,) * 5), about=np.frombuffer(b"[" * 10**5, np.uint8)), "no npz"),
        (npz(q=np.random.default_rng(0).normal(size=(3,) * 5))[:-300], "no npz"),
        (with_flag(npz(q=np.zeros((3,) * 5)), ENCRYPTED), "no npz"),
        (with_flag(npz(q=np.zeros((3,) * 5)), METHOD), "no npz"),
        (damaged(npz(q=np.random.default_rng(0).normal(size=(3,) * 5))), "no npz"),
    ],
)
def test_damaged_files_are_refused_with_the_reason(data: bytes, complaint: str) -> None:
    with pytest.raises(files.PolicyFileError, match=complaint) as refused:
        files.read(data)
    # Words of the libraries that read the bytes.
    assert not re.search("Expecting|inhomogeneous|could not convert|iterable|zip file|open file", str(refused.value))


@pytest.mark.parametrize("write", [lambda one, told: files.to_json(one, told).encode(), files.to_npz])
def test_notes_and_tags_go_with_a_file(write: Callable[[Policy, files.Remarks], bytes]) -> None:
    policy, told = policies.get("bred"), files.Remarks("Łódź: quick\nat first", ("lecture 3", "mine"))
    data = write(policy, told)
    assert files.read_remarks(data) == told
    assert files.read(data).name == policy.name
    assert files.read_remarks(write(policy, files.Remarks())) == files.Remarks()
    assert b"notes" not in write(policy, files.Remarks())


def test_pickles_inside_npz_are_never_opened() -> None:
    buffer = io.BytesIO()
    np.savez(buffer, q=np.array([{"a": 1}], dtype=object))
    with pytest.raises(files.PolicyFileError, match="no npz"):
        files.read(buffer.getvalue())
    with pytest.raises(files.PolicyFileError):
        files.read(pickle.dumps({"q": 1}))


def test_the_authors_file_is_read_with_its_axes_turned_back() -> None:
    h5py = pytest.importorskip("h5py", reason="h5py is an optional extra, jld2")
    path = DATA / "golden_pol2cy.jld2"
    if not path.exists():
        pytest.skip(f"the authors' file is not at {path}; set SYNRL_TEST_DATA to its folder")
    policy = files.read(path.read_bytes())
    with h5py.File(path) as file:
        stored = file[file["pol"][()]["Q"]][()]
    assert policy.history == 2
    for cell in np.ndindex(policy.q.shape):
        assert policy.q[cell] == stored[cell[::-1]]
