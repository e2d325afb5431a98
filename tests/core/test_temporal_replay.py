"""The engine's own step equals independent implementations of recurrent and spiking networks, draw by draw."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from synrl_core.testing import VectorsError, replay
from tests.core.make_temporal_vectors import expected
from tests.core.temporal_oracle import made_vectors

OWN = Path(__file__).parent / "vectors" / "temporal"
SHARED = Path(os.environ.get("SYNRL_TEST_VECTORS", Path(__file__).parents[3] / "shared" / "vectors")) / "temporal"


def load(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path, allow_pickle=False) as archive:
        return dict(archive)


def assert_equals(found: dict[str, NDArray[Any]], wanted: dict[str, NDArray[Any]], tolerance: float) -> None:
    for key in found.keys() & wanted.keys():
        assert found[key].shape == wanted[key].shape
        if key.startswith(("action", "reward")):
            np.testing.assert_array_equal(found[key], wanted[key], err_msg=key)
        else:
            np.testing.assert_allclose(found[key], wanted[key], rtol=0, atol=tolerance, err_msg=key)


@pytest.mark.parametrize("name", sorted(path.stem for path in OWN.glob("*.npz")))
def test_every_iteration_equals_the_oracle_in_plain_python(name: str) -> None:
    vectors = load(OWN / f"{name}.npz")
    found = replay(vectors, np.float64)
    assert found.keys() == {
        key for key in vectors if key.startswith(("action", "W_", "loss", "reward", "Q", "log"))
    } - {"Q0"}
    assert_equals(found, vectors, 1e-12)


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is absent (or set SYNRL_TEST_VECTORS)")
def test_every_iteration_equals_the_shared_vectors() -> None:
    files = sorted(SHARED.glob("*.npz"))
    assert files
    for path in files:
        vectors = load(path)
        found = replay(vectors, np.float64)
        assert found["logits"].shape == vectors["logits"].shape
        assert_equals(found, vectors, 1e-12)
        if str(vectors["act"]) in ("tanh", "relu"):  # in float32 only where nothing is thresholded
            assert_equals(replay(vectors, np.float32), vectors, 2e-6)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(["recurrent", "spiking"]),
    hidden=st.lists(st.integers(1, 4), min_size=1, max_size=2),
    activation=st.sampled_from(["relu", "tanh", "sigmoid", "identity", "step", "sign"]),
    recurrent=st.booleans(),
    alpha=st.sampled_from([0.0, 0.0, 0.2]),
    history=st.integers(1, 3),
    outputs=st.integers(1, 3),
)
def test_replay_equals_the_oracle_on_files_never_seen(
    seed: int,
    kind: str,
    hidden: list[int],
    activation: str,
    recurrent: bool,
    alpha: float,
    history: int,
    outputs: int,
) -> None:
    rng = np.random.default_rng(seed)
    vectors = made_vectors(
        rng, kind, (int(rng.integers(1, 4)), *hidden, outputs), activation=activation, recurrent=recurrent,
        samples=int(rng.integers(1, 6)), steps=int(rng.integers(1, 5)), iterations=5, alpha=alpha, history=history,
    )  # fmt: skip
    wanted = expected(vectors)
    if wanted is not None:
        assert_equals(replay(vectors, np.float64), wanted, 1e-12)


@pytest.mark.parametrize(
    ("entry", "value", "told"),
    [
        ("kind", np.array("liquid"), "kind is 'liquid'; it must be one of feedforward, recurrent, spiking"),
        ("X", np.zeros((6, 3)), r"X has shape \(6, 3\).*\(samples, steps, 3\)"),
        ("shape", np.array([3, 3]), "at least one hidden layer"),
        ("X", np.zeros((6, 0, 3)), r"X has shape \(6, 0, 3\)"),
        ("beta", np.array(1.0), "beta has 1.0; it must have a number from 0 to below 1"),
        ("threshold", np.array(0.0), "threshold has 0.0; it must have a number above 0"),
        ("W0_0", np.zeros((9, 5)), r"W0_0 has shape \(9, 5\).*\(4, 5\)"),
    ],
)
def test_a_malformed_temporal_file_is_refused_naming_the_entry(entry: str, value: NDArray[Any], told: str) -> None:
    with pytest.raises(VectorsError, match=told):
        replay(load(OWN / "spiking.npz") | {entry: value})
