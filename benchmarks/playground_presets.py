"""How soon the playground's presets succeed: `python -m benchmarks.playground_presets [seeds]`.

Each preset is trained with seeds 1 to 20, and the first evaluation that names 95 % of the validation points right is
noted, in seconds at 100 iterations a second. Results: benchmarks/results/playground_presets.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from synrl_core.tape import EVALUATE_EVERY, PRESETS, Recorder, Scene

RESULTS = Path(__file__).parent / "results" / "playground_presets.json"
PACE = 100.0
"""Iterations a second."""
GOAL = 0.95
LONGEST = 4000
_VALIDATION_ACCURACY = 3


def iterations_to_goal(scene: Scene) -> int | None:
    """Return the first evaluated iteration that reaches the goal; None where `LONGEST` iterations don't."""
    recorder = Recorder(scene)
    while recorder.iteration < LONGEST and not recorder.ended:
        chunk = recorder.record()
        reached = np.flatnonzero(chunk.arrays["evaluations"][:, _VALIDATION_ACCURACY] >= GOAL)
        if len(reached):
            return chunk.start + EVALUATE_EVERY * int(reached[0])
    return None


def main(seeds: int) -> None:
    """Measure, print and store."""
    rows: dict[str, dict[str, Any]] = {}
    for preset in PRESETS:
        found = [iterations_to_goal(Scene(**preset.scene, seed=seed)) for seed in range(1, seeds + 1)]
        seconds = sorted(iteration / PACE for iteration in found if iteration is not None)
        within = sum(one <= preset.seconds for one in seconds)
        rows[preset.name] = {
            "seeds": seeds,
            "limit_seconds": preset.seconds,
            "within": within,
            "median_seconds": float(np.median(seconds)),
            "longest_seconds": seconds[-1] if len(seconds) == seeds else None,
        }
        median = rows[preset.name]["median_seconds"]
        print(f"{preset.title:<24} {within} of {seeds} within {preset.seconds:g} s, median {median:.1f} s")
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
