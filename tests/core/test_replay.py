"""The engine's own step equals an independent, one-synapse-at-a-time float64 oracle, draw by draw."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from synrl_core.config import QUpdate
from synrl_core.testing import replay

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


def test_an_unknown_activation_is_refused() -> None:
    with pytest.raises(ValueError, match="must be one of relu"):
        replay(load("static_relu") | {"act": np.array("swish")})
