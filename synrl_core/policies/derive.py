"""Derive policies: from counted decisions, by crossing two, by mutating one, by freezing one to its best actions."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from synrl_core.policies.describe import is_mirror_symmetric, symmetrised
from synrl_core.policies.policy import CODES, DOWN, GREEDY_EXPLORATION, STAY, UP, Policy, mixed_probabilities

#: Least probability of an action in a table of logarithms, which can't write 0.
_LEAST = 1e-4
#: Decisions that are added to each count: a Jeffreys prior.
_PRIOR = 0.5
#: Entries of a lineage that descendants don't repeat: they are long, and the parent has them.
_NOT_INHERITED = frozenset({"visits", "config", "pedigree", "finalists"})


def from_counts(name: str, counts: ArrayLike, *, draws: bool = True, **about: Any) -> Policy:
    """Make the policy that acts as often in each way as was counted.

    Parameters
    ----------
    counts
        Shape (3,) * (2h + 1) or (3, 3^h, 3^h), 0 or above: how often each action was taken in each state, the actions
        along the first axis, as `Policy.q`.
    draws
        True: each action is drawn with the probability (n + 0.5) / (N + 1.5), n of the N decisions in its state; in a
        state without a decision the three are alike. False: the most frequent action always, ties to staying, then to
        decreasing; in a state without a decision the weight is kept.
    about
        Title, description and lineage of the policy.

    Raises
    ------
    ValueError
        When the counts have another shape, are negative or not finite, or when nothing was counted.
    """
    counted = _checked(counts)
    if draws:
        shares = (counted + _PRIOR) / (counted.sum(axis=0) + CODES * _PRIOR)
        return Policy(name, np.log(shares), temperature=1.0, **about)
    order = np.array([STAY, DOWN, UP])
    return Policy.from_greedy(name, order[np.argmax(counted[order], axis=0)], **about)


def crossed(one: Policy, other: Policy, seed: int, share: float = 0.5) -> Policy:
    """Cross two policies: in each state the child acts as one or the other parent does.

    A state and its mirror image come from the same parent, so that symmetric parents have a symmetric child. Of two
    histories the shorter table is told to ignore what is older. Two greedy parents of one exploration have a greedy
    child; else the child draws its actions, a greedy parent counting with the exploration that runs give it.

    Parameters
    ----------
    share
        Probability that a state comes from `other`, 0 to 1.
    """
    history = max(one.history, other.history)
    is_greedy = one.temperature == other.temperature == 0 and one.exploration == other.exploration
    tables = [_lifted(policy.q if is_greedy else _preferences(policy), history) for policy in (one, other)]
    chosen = _pairs_alike(np.random.default_rng(seed).random(tables[0].shape[1:]) < share)
    return Policy(
        f"{one.name} x {other.name}",
        np.where(chosen, tables[1], tables[0]),
        exploration=one.exploration if is_greedy else 0.0,
        temperature=0.0 if is_greedy else 1.0,
    )


def mutated(policy: Policy, changes: int, seed: int) -> Policy:
    """Mutate a policy: in some states another action takes the place of the likeliest one.

    The two exchange their values, so a policy that draws its actions draws as surely as before. The states are those
    after real rewards. If the policy is symmetric, mirror images change alike and states that are their own are kept.

    Parameters
    ----------
    changes
        How many states change, mirror images not counted; at least 1.

    Raises
    ------
    ValueError
        When there are fewer states that can change.
    """
    is_symmetric = is_mirror_symmetric(policy)
    history = policy.history
    states = [
        state
        for state in product((DOWN, STAY, UP), repeat=2 * history)
        if STAY not in state[history:] and not (is_symmetric and state >= _mirrored(state))
    ]
    if not 1 <= changes <= len(states):
        raise ValueError(f"changes is {changes}; of this policy 1 to {len(states)} states can change.")
    rng = np.random.default_rng(seed)
    q = policy.q.copy()
    for place in rng.choice(len(states), changes, replace=False):
        state = states[place]
        values = _values(q, state)
        best = int(np.argmax(values))
        taken = (best + int(rng.integers(1, CODES))) % CODES
        values[:] = _favouring(values, taken)
        if is_symmetric:
            _values(q, _mirrored(state))[:] = values[::-1]
    return Policy(f"{policy.name} mutated", q, exploration=policy.exploration, temperature=policy.temperature)


def frozen(policy: Policy, *, symmetric: bool = True) -> Policy:
    """Freeze a policy: its best action in every state, always, as breeding does with learned tables.

    Parameters
    ----------
    symmetric
        Whether the table is made mirror symmetric first: down and up are only names.
    """
    q = symmetrised(policy.q) if symmetric else policy.q
    return Policy.from_greedy(f"{policy.name} frozen", np.argmax(q, axis=0))


def ancestry(lineage: Mapping[str, Any], generations: int = 4) -> dict[str, Any]:
    """Return a lineage as descendants tell it: without what is long, and with so many generations of ancestors."""
    told = {key: value for key, value in lineage.items() if key not in _NOT_INHERITED}
    parents = told.pop("parents", None)
    if not isinstance(parents, list | tuple) or generations <= 0:
        return told
    return told | {"parents": [_ancestor(parent, generations) for parent in parents if isinstance(parent, Mapping)]}


def _ancestor(parent: Mapping[str, Any], generations: int) -> dict[str, Any]:
    known = parent.get("lineage")
    before = {"lineage": ancestry(known, generations - 1)} if isinstance(known, Mapping) and generations > 1 else {}
    return {key: value for key, value in parent.items() if key != "lineage"} | before


def _checked(counts: ArrayLike) -> NDArray[np.float64]:
    counted: NDArray[np.float64] = np.asarray(counts, dtype=np.float64)
    history = {CODES ** (2 * h + 1): h for h in (1, 2, 3)}.get(counted.size)
    shapes = () if history is None else ((CODES,) * (2 * history + 1), (CODES, CODES**history, CODES**history))
    if history is None or counted.shape not in shapes:
        raise ValueError(
            f"the counts have the shape {counted.shape}; it must be (3,) * (2h + 1) or (3, 3^h, 3^h) for a history h "
            "of 1, 2 or 3."
        )
    if not np.isfinite(counted).all() or counted.min() < 0:
        raise ValueError("the counts must be 0 or above, none of them NaN or infinite.")
    if not counted.any():
        raise ValueError("nothing was counted: a policy needs one decision at least.")
    return counted.reshape((CODES,) * (2 * history + 1))


def _preferences(policy: Policy) -> NDArray[np.float64]:
    """Write how a policy acts, exploration included, as logarithms of probabilities."""
    greedy = GREEDY_EXPLORATION if policy.temperature == 0 else 0.0
    shares = mixed_probabilities(policy.q, policy.temperature, max(policy.exploration, greedy))
    preferences: NDArray[np.float64] = np.log(np.maximum(shares, _LEAST))
    return preferences


def _lifted(q: NDArray[np.float64], history: int) -> NDArray[np.float64]:
    """Make the table of a longer history that ignores what is older."""
    shorter = (q.ndim - 1) // 2
    older = (1,) * (history - shorter)
    by_age = q.reshape((CODES, *older, *(CODES,) * shorter, *older, *(CODES,) * shorter))
    return np.broadcast_to(by_age, (CODES,) * (2 * history + 1))


def _pairs_alike(chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Give each state and its mirror image one choice."""
    alike = chosen.copy()
    for state in np.ndindex(chosen.shape):
        alike[_mirrored(state)] = alike[state]
    return alike


def _values(q: NDArray[np.float64], state: tuple[int, ...]) -> NDArray[np.float64]:
    """Return a (3,) view of the values of a state."""
    values: NDArray[np.float64] = np.moveaxis(q, 0, -1)[state]
    return values


def _mirrored(state: tuple[int, ...]) -> tuple[int, ...]:
    """Return the state with its actions exchanged, down for up."""
    history = len(state) // 2
    return (*(UP - code for code in state[:history]), *state[history:])


def _favouring(values: NDArray[np.float64], action: int) -> NDArray[np.float64]:
    """Exchange the values of an action and the best; equal ones are set apart, as ties go to the lowest code."""
    highest, best = values.max(), int(np.argmax(values))
    changed = values.copy()
    changed[best] = values[action] if values[action] < highest else highest - 1
    changed[action] = highest
    changed[[code for code in range(action) if changed[code] == highest]] = highest - 1
    return changed
