"""Measure whether the playground's default scene learns: `python -m benchmarks.first_play`.

Trains the default scene, and presets for other data, under twenty seeds, and counts those that have 95 % of the
validation points right at an evaluation up to an iteration; 100 iterations take a second at the page's speed.
Results: benchmarks/results/first_play.json.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from synrl_core.tape import EVALUATE_EVERY, Recorder, Scene

RESULTS = Path(__file__).parent / "results" / "first_play.json"
SEEDS = 20
ENOUGH = 0.95
MOMENTS = (500, 1000, 1500, 2000, 3000)
SCENES: dict[str, dict[str, Any]] = {
    "default: circles, 4 tanh": {},
    "moons, 8 tanh, step 0.05": {"dataset": "moons", "hidden_layers": [8], "step_size": 0.05},
    "xor, 8 tanh, step 0.01": {"dataset": "xor", "hidden_layers": [8], "step_size": 0.01},
    "xor without noise, 8 tanh, step 0.02": {
        "dataset": "xor", "hidden_layers": [8], "step_size": 0.02, "parameters": {"noise": 0},
    },
}  # fmt: skip


def reached(scene: Scene) -> int:
    """Return the iteration of the first evaluation that is good enough; beyond the last moment if none is."""
    recorder = Recorder(scene)
    while recorder.iteration <= MOMENTS[-1] and not recorder.ended:
        chunk = recorder.record()
        good = np.flatnonzero(chunk.arrays["evaluations"][:, 3] >= ENOUGH)
        if len(good):
            return chunk.start + int(good[0]) * EVALUATE_EVERY
    return MOMENTS[-1] + 1


def main() -> None:
    """Measure, print and store."""
    rows = {}
    with threadpool_limits(1):
        for name, settings in SCENES.items():
            iterations = np.array([reached(Scene(**settings, seed=7 + seed)) for seed in range(SEEDS)])
            rows[name] = {str(moment): int((iterations <= moment).sum()) for moment in MOMENTS}
            print(f"{name:<40}", rows[name], "of", SEEDS)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
