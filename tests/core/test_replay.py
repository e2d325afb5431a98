"""The engine's own step equals an independent, one-synapse-at-a-time float64 oracle, draw by draw."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from synrl_core.config import QUpdate
from synrl_core.testing import VectorsError, replay

VECTORS = Path(__file__).parent / "vectors"


def load(name: str) -> dict[str, NDArray[Any]]:
    with np.load(VECTORS / f"{name}.npz", allow_pickle=False) as archive:
        return dict(archive)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-12)])
@pytest.mark.parametrize("name", sorted(path.stem for path in VECTORS.glob("*.npz")))
def test_every_iteration_equals_the_oracle(name: str, dtype: type[np.floating], tolerance: float) -> None:
    vectors = load(name)
    q_update: QUpdate = "sequential" if name.endswith("seq") else "synchronous"
    replayed = replay(vectors, dtype, q_update=q_update)
    assert replayed["W_0"].dtype == dtype
    for key, found in replayed.items():
        wanted = vectors[key]
        assert found.shape == wanted.shape
        if key.startswith(("action", "reward")):
            np.testing.assert_array_equal(found, wanted, err_msg=key)
        else:
            limit = 1e-9 if key == "Q" else tolerance
            np.testing.assert_allclose(found, wanted, rtol=0, atol=limit, err_msg=key)


def test_the_two_orders_of_updates_differ_where_rewards_repeat() -> None:
    vectors = load("adaptive_seq")
    synchronous = replay(vectors, np.float64)
    assert np.abs(synchronous["Q"] - vectors["Q"]).max() > 1e-6


def without(vectors: dict[str, NDArray[Any]], name: str) -> dict[str, NDArray[Any]]:
    return {key: value for key, value in vectors.items() if key != name}


def changed(array: NDArray[Any], place: tuple[int, ...], value: float) -> NDArray[Any]:
    copy = array.copy()
    copy[place] = value
    return copy


@pytest.mark.parametrize(
    ("entry", "value", "told"),
    [
        ("act", np.array("swish"), "act is 'swish'; it must be one of relu"),
        ("shape", np.array([5]), r"shape has \[5\]"),
        ("shape", np.array([5, 7, 0]), "shape has"),
        ("shape", np.array([4, 7, 4]), r"X has shape \(80, 5\).*4"),
        ("shape", np.array([5, 6, 4]), r"W0_0 has shape \(6, 7\).*\(6, 6\)"),
        ("X", np.full((80, 5), np.nan), "400 values that are NaN"),
        ("X", np.array(["a"]), "type <U1; it must have numbers"),
        ("y", np.full(80, 4), "classes 4 to 4; it must have 0 to 3"),
        ("y", np.full(80, -1), "classes -1 to -1"),
        ("y", np.full(80, 0.5), "0.5; it must have whole numbers"),
        ("y", np.zeros(79, int), r"shape \(79,\)"),
        ("alpha", np.array(2.0), "2.0; it must have one number from 0 to 1"),
        ("step", np.array([0.1, 0.2]), r"shape \(2,\)"),
        ("Q0", np.zeros((3, 3)), r"Q0: .*\(3, 3, 3\)"),
        ("W1_0", np.zeros((8, 1)), r"W1_0 has shape \(8, 1\)"),
        ("explore_1", np.zeros((119, 8, 4), bool), r"explore_1 has shape \(119, 8, 4\)"),
        ("explore_1", np.full((120, 8, 4), 2), "other than True and False"),
        ("explore_0", np.array(True), r"explore_0 has shape \(\)"),
    ],
)
def test_a_malformed_file_is_refused_naming_the_entry(entry: str, value: NDArray[Any], told: str) -> None:
    with pytest.raises(VectorsError, match=told):
        replay(load("static_relu") | {entry: value})


@pytest.mark.parametrize("entry", ["X", "y", "shape", "act", "step", "alpha", "gamma", "Q0", "W1_0", "random_0"])
def test_a_missing_entry_is_named(entry: str) -> None:
    with pytest.raises(VectorsError, match=f"^{entry} is missing"):
        replay(without(load("static_relu"), entry))


@pytest.mark.parametrize("code", [3, -1, 256, 1.5])
def test_a_code_that_is_no_action_is_refused_where_it_is_used_only(code: float) -> None:
    vectors = load("static_relu")
    used = tuple(int(i) for i in np.argwhere(vectors["explore_0"])[0])
    idle = tuple(int(i) for i in np.argwhere(~vectors["explore_0"])[0])
    codes = vectors["random_0"].astype(float)
    with pytest.raises(VectorsError, match=f"random_0 has the code {code}"):
        replay(vectors | {"random_0": changed(codes, used, code)})
    found = replay(vectors | {"random_0": changed(codes, idle, code)}, np.float64)
    np.testing.assert_array_equal(found["action_0"], vectors["action_0"])


def test_a_loss_that_overflows_is_reported_with_its_iteration() -> None:
    vectors = load("static_relu")
    with pytest.raises(VectorsError, match="finite at iteration 0"):
        replay(vectors | {"X": vectors["X"] * 1e30, "W0_0": vectors["W0_0"] * 1e30})


def test_a_file_without_iterations_gives_the_first_loss_alone() -> None:
    vectors = load("static_tanh")
    found = replay(vectors | {k: v[:0] for k, v in vectors.items() if k.startswith(("explore_", "random_"))})
    np.testing.assert_allclose(found["loss"], vectors["loss"][:1], atol=1e-6)
    assert found["action_0"].shape == (0, *vectors["W0_0"].shape)
    assert found["Q"].shape == (0, *vectors["Q0"].shape)


def test_an_open_file_is_as_good_as_its_arrays() -> None:
    with np.load(VECTORS / "static_relu.npz", allow_pickle=False) as archive:
        np.testing.assert_array_equal(replay(archive)["action_1"], archive["action_1"])


def test_only_the_two_floats_and_the_two_orders_are_known() -> None:
    with pytest.raises(VectorsError, match="float32 or float64"):
        replay(load("static_relu"), np.float16)
    with pytest.raises(VectorsError, match="synchronous, sequential"):
        replay(load("static_relu"), q_update="random")  # type: ignore[arg-type]
