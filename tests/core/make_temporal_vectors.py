"""``python -m tests.core.make_temporal_vectors``: write the small vectors of recurrent and spiking networks again.

They are made by the oracle in plain Python, not by the engine; seeds are chosen so that nothing is near to being
decided by rounding.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.core.oracle import explored_at
from tests.core.temporal_oracle import made_vectors, temporal_from_vectors

FOLDER = Path(__file__).parent / "vectors" / "temporal"
FILES: dict[str, dict[str, Any]] = {
    "recurrent_tanh": {"kind": "recurrent", "shape": (2, 4, 3)},
    "recurrent_deep_step": {"kind": "recurrent", "shape": (2, 4, 3, 2), "activation": "step"},
    "recurrent_adaptive": {"kind": "recurrent", "shape": (2, 3, 2), "activation": "sigmoid", "alpha": 0.1},
    "spiking": {"kind": "spiking", "shape": (3, 5, 3), "recurrent": False},
    "spiking_deep_recurrent": {"kind": "spiking", "shape": (3, 5, 4, 2)},
}


def expected(vectors: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]] | None:
    """Return what must come out of a vector file; None where rounding might decide something."""
    one = temporal_from_vectors(vectors, np.float64)
    one.margin = 1e-6
    layers, iterations = range(len(vectors["shape"]) - 1), len(vectors["explore_0"])
    found: dict[str, list[Any]] = {"loss": [one.loss], "reward": [], "Q": []}
    found |= {f"{name}_{layer}": [] for layer in layers for name in ("action", "W")}
    for t in range(iterations):
        actions = one.iterate(explored_at(vectors, t))
        if one.undecided:
            return None
        for layer in layers:
            codes = np.zeros(vectors[f"W{layer}_0"].shape, np.int64)
            for (at, unit, source), action in actions.items():
                if at == layer:
                    codes[source, unit] = action + 1
            found[f"action_{layer}"].append(codes)
            found[f"W_{layer}"].append(np.array(one.weights[layer]).T)
        found["loss"].append(one.loss)
        found["reward"].append(one.rewards[-1])
        found["Q"].append(one.tables[0].copy())
    found["logits"] = [one.outputs(sample) for sample in one.samples]
    return {name: np.array(values) for name, values in found.items()}


def main() -> None:
    """Write all files, each with the first seed at which nothing is near a threshold."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, described in FILES.items():
        for seed in range(1000):
            vectors = made_vectors(np.random.default_rng(seed), **described)
            if (found := expected(vectors)) is not None:
                np.savez_compressed(FOLDER / f"{name}.npz", **vectors, **found)  # type: ignore[arg-type]
                break


if __name__ == "__main__":
    main()
