"""Reference implementation of the method: one synapse, one sample, one number at a time, in Python floats.

It shares no line with the engine and nothing of its layout. Weights are nested lists ``weights[layer][unit][source]``
with the bias as source 0; an action is -1, 0 or +1, and so is a reward (0 before the first).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Differences below these may be decided by rounding, in float32 and float64, or in the order of a sum.
CLOSE = {np.dtype(np.float32): 2e-6, np.dtype(np.float64): 1e-12}

ACTIVATIONS: dict[str, Callable[[float], float]] = {
    "relu": lambda x: max(x, 0.0),
    "tanh": math.tanh,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "identity": lambda x: x,
    "step": lambda x: 1.0 if x > 0 else 0.0,
    "sign": lambda x: float((x > 0) - (x < 0)),
}


@dataclass
class Oracle:
    """One network and its synapses. `tables` holds the weights' Q and, if the biases have their own, theirs."""

    samples: list[list[float]]
    labels: list[int]
    weights: list[list[list[float]]]
    tables: list[NDArray[np.float64]]
    activation: str = "relu"
    loss_kind: str = "cross_entropy"
    exponent: float = 2.0
    step: float = 0.01
    learning_rate: float = 0.0
    discount: float = 0.0
    sequential: bool = False
    margin: float = 0.0
    """What is closer than this to being decided otherwise makes `undecided` true."""
    undecided: bool = False
    rewards: list[int] = field(default_factory=list)
    past: dict[tuple[int, int, int], list[int]] = field(default_factory=dict)
    touched: set[tuple[int, tuple[int, ...]]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.history = (self.tables[0].ndim - 1) // 2
        self.rewards = [0] * self.history
        self.past = {synapse: [0] * self.history for synapse in self.synapses()}
        self.loss = self.measure()

    def synapses(self) -> list[tuple[int, int, int]]:
        """(layer, unit, source), in the authors' order: layer by layer, unit by unit, bias first."""
        return [
            (layer, unit, source)
            for layer, units in enumerate(self.weights)
            for unit, sources in enumerate(units)
            for source in range(len(sources))
        ]

    # -- the network -----------------------------------------------------------------------------------------

    def outputs(self, sample: Sequence[float]) -> list[float]:
        values = list(sample)
        for layer, units in enumerate(self.weights):
            sums = [unit[0] + sum(w * v for w, v in zip(unit[1:], values, strict=True)) for unit in units]
            if layer == len(self.weights) - 1:
                return sums
            if self.activation in ("step", "sign") and min(map(abs, sums)) < self.margin:
                self.undecided = True
            values = [ACTIVATIONS[self.activation](x) for x in sums]
        raise AssertionError("a network has layers")

    def measure(self) -> float:
        return math.fsum(self.loss_of(s, y) for s, y in zip(self.samples, self.labels, strict=True)) / len(self.labels)

    def loss_of(self, sample: Sequence[float], label: int) -> float:
        z = self.outputs(sample)
        if self.loss_kind == "logistic":
            return math.log1p(math.exp(-z[0] if label == 1 else z[0]))
        if self.loss_kind == "squared_error":
            return sum((value - (place == label)) ** 2 for place, value in enumerate(z))
        shares = [math.exp(value) for value in z]
        right = shares[label] / sum(shares)
        return -math.log(right) if self.loss_kind == "cross_entropy" else (1 - right) ** self.exponent

    # -- one iteration ---------------------------------------------------------------------------------------

    def iterate(self, explored: dict[tuple[int, int, int], int]) -> dict[tuple[int, int, int], int]:
        """Let every synapse act; `explored` names those that act at random, with their actions."""
        self.undecided = False
        before, actions = list(self.rewards), {}
        old = {synapse: tuple(past) for synapse, past in self.past.items()}
        for synapse in self.synapses():
            state = (*old[synapse], *before)
            actions[synapse] = explored[synapse] if synapse in explored else self.best(self.kind(synapse), state)
        for (layer, unit, source), action in actions.items():
            self.weights[layer][unit][source] += action * self.step * (2 if source == 0 else 1)
            past = self.past[layer, unit, source]
            past.append(action)
            del past[0]
        loss = self.measure()
        if any(actions.values()) and abs(loss - self.loss) < self.margin * max(1.0, abs(loss)):
            self.undecided = True
        reward = 1 if loss < self.loss else -1
        self.loss = loss
        self.rewards = [*before[1:], reward]
        if self.learning_rate:
            self.learn(old, actions, before, reward)
        return actions

    def kind(self, synapse: tuple[int, int, int]) -> int:
        return 1 if synapse[2] == 0 and len(self.tables) == 2 else 0

    def best(self, kind: int, state: tuple[int, ...]) -> int:
        values = [float(self.tables[kind][code(action, *state)]) for action in (-1, 0, 1)]
        high = max(values)
        near = [a for a, value in zip((-1, 0, 1), values, strict=True) if high - value < 1e-12]
        if len(near) > 1 and any((kind, (a, *state)) in self.touched for a in near):
            self.undecided = True
        return (-1, 0, 1)[values.index(high)]

    def learn(
        self,
        old: dict[tuple[int, int, int], tuple[int, ...]],
        actions: dict[tuple[int, int, int], int],
        before: list[int],
        reward: int,
    ) -> None:
        frozen = [table.copy() for table in self.tables]
        for synapse, action in actions.items():
            kind = self.kind(synapse)
            seen = self.tables[kind] if self.sequential else frozen[kind]
            following = (*old[synapse][1:], action, *self.rewards)
            highest = max(float(seen[code(a, *following)]) for a in (-1, 0, 1))
            cell = (action, *old[synapse], *before)
            value = float(self.tables[kind][code(*cell)])
            target = reward + self.discount * highest
            self.tables[kind][code(*cell)] = value + self.learning_rate * (target - value)
            self.touched.add((kind, cell))


def code(*values: int) -> tuple[int, ...]:
    return tuple(value + 1 for value in values)


def from_vectors(vectors: dict[str, NDArray[Any]], dtype: Any, **chosen: Any) -> Oracle:
    """Make the oracle of a vector file."""
    layers = len(vectors["shape"]) - 1
    return Oracle(
        samples=vectors["X"].tolist(),
        labels=vectors["y"].tolist(),
        weights=[vectors[f"W{layer}_0"].T.tolist() for layer in range(layers)],
        tables=[vectors["Q0"].astype(np.float64).copy()],
        activation=str(vectors["act"]),
        step=float(vectors["step"]),
        learning_rate=float(vectors["alpha"]),
        discount=float(vectors["gamma"]),
        margin=CLOSE[np.dtype(dtype)],
        **chosen,
    )


def explored_at(vectors: dict[str, NDArray[Any]], t: int) -> dict[tuple[int, int, int], int]:
    """Who explores at iteration t, and how."""
    return {
        (layer, int(unit), int(source)): int(vectors[f"random_{layer}"][t, source, unit]) - 1
        for layer in range(len(vectors["shape"]) - 1)
        for source, unit in np.argwhere(vectors[f"explore_{layer}"][t])
    }
