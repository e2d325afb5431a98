"""Progress rates of policies on the simulated bowl (`synrl_core.breeding.bowl`): greedy tables beside stochastic ones.

``OPENBLAS_NUM_THREADS=1 python -m benchmarks.bowl`` (a minute) writes the table in docs/decisions/engine.md. Of each
policy it shows the best of SHARES, step sizes as shares of the distance from the bottom, over WALKS walks.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.page import replace_between_marks
from synrl_core import policies
from synrl_core.breeding.bowl import BowlConfig, progress_rates
from synrl_core.policies.policy import CODES, DOWN, UP

SHARES = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.3, 1.8)
WALKS = 8
BOWL = BowlConfig(synapses=400, iterations=1500, settling=300)
PAGE = Path(__file__).parents[1] / "docs" / "decisions" / "engine.md"
#: Policy, its exploration after a gain and after a loss, and what it is called.
ROWS: tuple[tuple[str, float, float, str], ...] = (
    ("random", 0.0, 0.0, "random"),
    *(("win_stay_lose_shift", e, e, f"win-stay lose-shift, exploration {e:g}") for e in (0.1, 0.2, 0.3, 0.5)),
    *(
        ("win_stay_lose_shift", e, 0.0, f"win-stay lose-shift, exploration {e:g} after a gain, none after a loss")
        for e in (0.3, 0.6, 1.0)
    ),
    *(("bred", e, e, f"bred (greedy, history 3), exploration {e:g}") for e in (0.1, 0.2, 0.3)),
    *(("bred_stochastic", e, e, f"bred_stochastic (history 2), exploration {e:g}") for e in (0.0, 0.1, 0.2)),
)


def preferences(name: str, after_gain: float, after_loss: float) -> NDArray[np.float64]:
    """(3, 3^h, 2^h) logarithms of a shipped policy's probabilities, exploration mixed in."""
    policy = policies.get(name)
    history = policy.history
    known = policy.probabilities().reshape(CODES, CODES**history, *(CODES,) * history)
    for past in range(history):
        known = known.take([DOWN, UP], axis=2 + past)
    known = known.reshape(CODES, CODES**history, 2**history)
    floors = np.maximum(policy.exploration, np.where(np.arange(2**history) % 2 == 1, after_gain, after_loss))
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(known * (1 - floors) + floors / CODES))


def best_rate(table: NDArray[np.float64]) -> tuple[float, float]:
    """Best progress rate over all shares, and the share that has it."""
    tables = np.repeat(table[None], len(SHARES) * WALKS, axis=0)
    rates = progress_rates(tables, np.repeat(SHARES, WALKS), np.random.default_rng(0), BOWL)
    means = rates.reshape(len(SHARES), WALKS).mean(axis=1)
    return float(means.max()), SHARES[int(means.argmax())]


def main() -> None:
    """Measure every row and write the table."""
    lines = ["| policy | progress rate | at a step of, shares |", "|---|---|---|"]
    for name, after_gain, after_loss, called in ROWS:
        rate, share = best_rate(preferences(name, after_gain, after_loss))
        lines.append(f"| {called} | {rate:.3f} | {share:g} |")
        print(lines[-1], flush=True)
    replace_between_marks("bowl", "\n".join(lines), PAGE)


if __name__ == "__main__":
    main()
