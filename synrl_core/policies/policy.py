"""Define policies: the Q table that all synapses share, and the actions that it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Codes of the actions -1, 0, +1 and of the rewards -1, none yet, +1.
DOWN, STAY, UP = 0, 1, 2
CODES = 3


@dataclass(frozen=True, eq=False)
class Policy:
    """A named Q table.

    Attributes
    ----------
    name
        Name under which a configuration asks for it.
    q
        float64, shape (3,) * (2h + 1): ``q[a_t, a_{t-h}, .., a_{t-1}, R_{t-h}, .., R_{t-1}]`` with the codes
        0, 1, 2 for -1, 0, +1.
    temperature
        0: a synapse takes the action of the highest value, ties to the lowest code (the paper's way). Above 0: it
        draws its action, with probabilities softmax(q / temperature) over the actions (Boltzmann exploration).
    exploration
        Least probability of a random action: 1 for the random policy.
    lineage
        How it was made: configuration, seeds, scores, as JSON.
    """

    name: str
    q: NDArray[np.float64]
    exploration: float = 0.0
    title: str = ""
    description: str = ""
    lineage: Mapping[str, Any] = field(default_factory=dict)
    temperature: float = 0.0

    def __post_init__(self) -> None:
        q = np.array(self.q, dtype=np.float64)
        if q.ndim not in (3, 5, 7) or q.shape != (CODES,) * q.ndim:
            raise ValueError(
                f"policy '{self.name}' has a table of shape {q.shape}; it must be (3,) * (2h + 1) for a history h "
                "of 1, 2 or 3: (3, 3, 3), (3, 3, 3, 3, 3) or (3, 3, 3, 3, 3, 3, 3)."
            )
        if not np.isfinite(q).all():
            raise ValueError(f"policy '{self.name}' has {np.sum(~np.isfinite(q))} values that are NaN or infinite.")
        if not 0 <= self.temperature < np.inf:
            raise ValueError(
                f"policy '{self.name}' has the temperature {self.temperature}; it must be 0 (always the best "
                "action) or above (actions are drawn)."
            )
        q.flags.writeable = False
        object.__setattr__(self, "q", q)

    @property
    def history(self) -> int:
        """h, how many past actions and rewards the table looks at."""
        return (self.q.ndim - 1) // 2

    @property
    def table(self) -> NDArray[np.float64]:
        """(3, 3^h, 3^h) view: action, past actions, past rewards, each past read as a number in base 3."""
        return self.q.reshape(CODES, CODES**self.history, CODES**self.history)

    def greedy(self) -> NDArray[np.int8]:
        """Return the action code of each state, shape (3,) * 2h."""
        actions: NDArray[np.int8] = np.argmax(self.q, axis=0).astype(np.int8)
        return actions

    def probabilities(self) -> NDArray[np.float64]:
        """Compute how likely each action is in each state, shaped as `q`, before any exploration."""
        return action_probabilities(self.q, self.temperature)

    @classmethod
    def from_greedy(cls, name: str, actions: NDArray[np.integer], **kwargs: Any) -> Policy:
        """Make the table that takes these actions: 1 for the action taken, 0 for the others."""
        return cls(name, np.moveaxis(np.eye(CODES)[actions], -1, 0), **kwargs)


def action_probabilities(q: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Compute how likely a table makes each action, shaped as `q`, the actions along its first axis.

    softmax(q / temperature); at the temperature 0 all of it on the highest value, ties to the lowest code.
    """
    if temperature == 0:
        return np.moveaxis(np.eye(CODES)[np.argmax(q, axis=0)], -1, 0)
    scaled = (q - q.max(axis=0)) / temperature
    powers = np.exp(scaled)
    shares: NDArray[np.float64] = powers / powers.sum(axis=0)
    return shares


#: Exploration of a greedy policy where none is asked for.
GREEDY_EXPLORATION = 0.1


def first_exploration(asked: float | None, policies: Iterable[Policy]) -> float:
    """Return the probability of a random action before any schedule.

    Parameters
    ----------
    asked
        The setting `exploration`; None: none if all policies draw their actions, else `GREEDY_EXPLORATION`
        (docs/decisions/engine-defaults.md).
    policies
        Of the weights and of the biases.
    """
    if asked is not None:
        return asked
    return 0.0 if all(policy.temperature > 0 for policy in policies) else GREEDY_EXPLORATION


def mixed_probabilities(q: NDArray[np.float64], temperature: float, exploration: float) -> NDArray[np.float64]:
    """Compute how likely each action is taken, shaped as `q`: as the table makes it, mixed with exploration.

    With the probability `exploration` an action is random, each of the three alike; else `action_probabilities` hold.
    """
    return exploration / CODES + (1 - exploration) * action_probabilities(q, temperature)


def win_stay_lose_shift(history: int = 2) -> Policy:
    """Repeat the last action after +1 (or before any reward), reverse it after -1."""
    states = np.indices((CODES,) * (2 * history))
    last_action, last_reward = states[history - 1], states[-1]
    return Policy.from_greedy(
        "win_stay_lose_shift",
        np.where(last_reward == DOWN, UP - last_action, last_action),
        title="Win-stay, lose-shift",
        description="Repeats the last action if the loss fell, reverses it if not. Written by hand.",
        lineage={"made": "by hand"},
    )


def random_policy(history: int = 2) -> Policy:
    """Act at random always: the control that any policy has to beat."""
    return Policy(
        "random",
        np.zeros((CODES,) * (2 * history + 1)),
        exploration=1.0,
        title="Random",
        description="Takes each action with the same probability, whatever happened. What others have to beat.",
        lineage={"made": "by hand"},
    )


def blank(history: int = 2) -> Policy:
    """Return a table of zeros, for the adaptive mode to fill."""
    return Policy(
        "blank",
        np.zeros((CODES,) * (2 * history + 1)),
        title="Blank",
        description="A table of zeros: the start of an adaptive run that learns its policy from nothing.",
        lineage={"made": "by hand"},
    )
