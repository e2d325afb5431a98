"""Describe a policy: mirror symmetry, its distance to another, and what it does in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synrl_core.policies.policy import CODES, DOWN, STAY, UP, Policy, mixed_probabilities

#: A probability from which a sentence names one action alone.
_CLEAR = 0.6


def mirror(q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the table with the actions -1 and +1 exchanged, present and past; rewards stay.

    Parameters
    ----------
    q
        float64, shape (3,) * (2h + 1), as `synrl_core.policies.policy.Policy.q`.
    """
    history = (q.ndim - 1) // 2
    return np.flip(q, axis=tuple(range(history + 1)))


def is_mirror_symmetric(policy: Policy) -> bool:
    """Whether a synapse acts upward as it acts downward: each action as likely as its mirror in the mirrored state."""
    probabilities = mixed_probabilities(policy.q, policy.temperature, policy.exploration)
    return bool(np.allclose(probabilities, mirror(probabilities), rtol=0, atol=1e-9))


def symmetrised(q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of a table and its mirror: the nearest table that is mirror symmetric."""
    return (q + mirror(q)) / 2


def trained_on(lineage: Mapping[str, Any]) -> list[str]:
    """Return the data sets that a lineage names: where the table was learned or raced, or those of its parents.

    Empty for a table that was written by hand. What a file says of itself is taken as it is.
    """
    config = lineage.get("config")
    found: list[Any] = []
    if isinstance(config, Mapping):
        tasks = [*_listed(config.get("tasks")), *_listed(config.get("final_tasks"))]
        found = [config.get("dataset"), *_listed(config.get("schools"))]
        found += [task.get("dataset") for task in tasks if isinstance(task, Mapping)]
    for parent in (lineage.get("parent"), *_listed(lineage.get("parents"))):
        if isinstance(parent, Mapping):
            found += _listed(parent.get("trained_on"))
    return list(dict.fromkeys(name for name in found if isinstance(name, str)))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def sentences(policy: Policy) -> list[str]:
    """Describe the actions of a policy after each history of rewards, most recent last, in a sentence each.

    The probabilities are means over the earlier actions and over both directions of the last one, exploration
    included; states before the first reward are left out.
    """
    probabilities = mixed_probabilities(policy.q, policy.temperature, policy.exploration)
    signs = list(product((UP, DOWN), repeat=policy.history))
    return [sentence for rewards in signs for sentence in _after(probabilities, policy.history, rewards)]


def _after(probabilities: NDArray[np.float64], history: int, rewards: Sequence[int]) -> list[str]:
    at_rewards = probabilities[(slice(None),) * (history + 1) + tuple(rewards)]
    # One axis is left for the action and one for the last action; earlier actions are averaged over.
    by_last = at_rewards.reshape(CODES, -1, CODES).mean(axis=1)
    told = "After " + ", ".join("a reward" if code == UP else "no reward" for code in rewards)
    if history > 1 and len(set(rewards)) == 1:
        count = {2: "two", 3: "three"}[history]
        told = f"After {count} rewards" if rewards[0] == UP else f"After {count} failures"
    repeat = (by_last[UP, UP] + by_last[DOWN, DOWN]) / 2
    reverse = (by_last[DOWN, UP] + by_last[UP, DOWN]) / 2
    rest = (by_last[STAY, UP] + by_last[STAY, DOWN]) / 2
    moved = [(repeat, "repeats its last move"), (reverse, "reverses its last move"), (rest, "keeps its weight")]
    idle = [
        (float(by_last[STAY, STAY]), "keeps its weight"),
        (float(by_last[UP, STAY]), "increases it"),
        (float(by_last[DOWN, STAY]), "decreases it"),
    ]
    return [f"{told} it {_chosen(moved)}; if it had kept its weight, it {_chosen(idle)}."]


def _chosen(options: Sequence[tuple[float, str]]) -> str:
    ranked = sorted(options, key=lambda one: -one[0])
    if ranked[0][0] >= _CLEAR:
        return f"{ranked[0][1]} ({_percent(ranked[0][0])})"
    return ", ".join(f"{text} ({_percent(share)})" for share, text in ranked)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
