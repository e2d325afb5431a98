"""Recurrent and spiking networks as one would say them aloud: one unit, one step, one number at a time.

It shares no line with the engine: potentials are updated as the equations are written, and derivatives are carried
forward beside the values (dual numbers), where the engine goes backward.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.core.oracle import ACTIVATIONS, CLOSE, Oracle

SURROGATES: dict[str, Callable[[float], float]] = {
    "fast_sigmoid": lambda x: 1 / (1 + 25 * abs(x)) ** 2,
    "arctan": lambda x: 1 / (1 + (math.pi * x) ** 2),
    "straight_through": lambda x: 1.0 if abs(x) <= 1 else 0.0,
}


@dataclass
class TemporalOracle(Oracle):
    """A sample is a list of steps; `weights[layer][unit]` are the bias, what is below, and the layer's own units."""

    network: str = "recurrent"
    beta: float = 0.9
    threshold: float = 1.0
    surrogate: str = ""
    derivative_of: tuple[int, int, int] | None = None
    """Synapse with respect to which `slopes` are computed."""

    def outputs(self, sample: Any) -> list[float]:
        return [value for value, _ in self.duals(sample)]

    def duals(self, sample: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
        """Outputs, each with its derivative with respect to the synapse `derivative_of`."""
        hidden = self.weights[:-1]
        states = [[(0.0, 0.0)] * len(layer) for layer in hidden]
        potentials = [[(0.0, 0.0)] * len(layer) for layer in hidden]
        totals = [(0.0, 0.0)] * len(hidden[-1])
        for step in sample:
            below = [(float(x), 0.0) for x in step]
            for place, layer in enumerate(hidden):
                recurrent = len(layer[0]) > 1 + len(below)
                sources = below + states[place] if recurrent else below
                sums = [self.summed((place, unit), weights, sources) for unit, weights in enumerate(layer)]
                if self.network == "spiking":
                    potentials[place] = [
                        (self.beta * u - self.threshold * s + i, self.beta * du + di)
                        for (u, du), (s, _), (i, di) in zip(potentials[place], states[place], sums, strict=True)
                    ]
                    states[place] = [self.fired(u) for u in potentials[place]]
                else:
                    states[place] = [self.activated(x) for x in sums]
                below = states[place]
            totals = [(a + b, da + db) for (a, da), (b, db) in zip(totals, states[-1], strict=True)]
        rates = [(a / len(sample), da / len(sample)) for a, da in totals]
        read = rates if self.network == "spiking" else states[-1]
        last = len(hidden)
        return [self.summed((last, unit), weights, read) for unit, weights in enumerate(self.weights[-1])]

    def summed(
        self, at: tuple[int, int], weights: Sequence[float], sources: Sequence[tuple[float, float]]
    ) -> tuple[float, float]:
        signals = [(1.0, 0.0), *sources]
        value = math.fsum(w * x for w, (x, _) in zip(weights, signals, strict=True))
        slope = math.fsum(w * dx for w, (_, dx) in zip(weights, signals, strict=True))
        if self.derivative_of is not None and self.derivative_of[:2] == at:
            slope += signals[self.derivative_of[2]][0]
        return value, slope

    def fired(self, potential: tuple[float, float]) -> tuple[float, float]:
        value, slope = potential
        above = value - self.threshold
        if abs(above) < self.margin:
            self.undecided = True
        return float(above > 0), slope * (SURROGATES[self.surrogate](above) if self.surrogate else 0.0)

    def activated(self, summed: tuple[float, float]) -> tuple[float, float]:
        value, slope = summed
        if self.activation in ("step", "sign"):
            if abs(value) < self.margin:
                self.undecided = True
            local = SURROGATES[self.surrogate](value) if self.surrogate else 0.0
        else:
            out = ACTIVATIONS[self.activation](value)
            local = {"tanh": 1 - out * out, "relu": float(out > 0), "sigmoid": out * (1 - out), "identity": 1.0}[
                self.activation
            ]
        return ACTIVATIONS[self.activation](value), slope * local

    def gradient(self, synapse: tuple[int, int, int]) -> float:
        """Derivative of the mean cross-entropy with respect to a synapse."""
        self.derivative_of = synapse
        total = 0.0
        for sample, label in zip(self.samples, self.labels, strict=True):
            outputs = self.duals(sample)  # type: ignore[arg-type]
            shares = [math.exp(value) for value, _ in outputs]
            total += sum(share / sum(shares) * slope for share, (_, slope) in zip(shares, outputs, strict=True))
            total -= outputs[label][1]
        self.derivative_of = None
        return total / len(self.labels)


def temporal_from_vectors(vectors: dict[str, NDArray[Any]], dtype: Any, **chosen: Any) -> TemporalOracle:
    """Make the oracle of a vector file of a recurrent or spiking network."""
    layers = len(vectors["shape"]) - 1
    return TemporalOracle(
        samples=vectors["X"].tolist(),
        labels=vectors["y"].tolist(),
        weights=[vectors[f"W{layer}_0"].T.tolist() for layer in range(layers)],
        tables=[vectors["Q0"].astype(np.float64).copy()],
        loss_kind="logistic" if vectors["shape"][-1] == 1 and vectors["y"].max() == 1 else "cross_entropy",
        activation=str(vectors["act"]),
        step=float(vectors["step"]),
        learning_rate=float(vectors["alpha"]),
        discount=float(vectors["gamma"]),
        margin=CLOSE[np.dtype(dtype)],
        network=str(vectors["kind"]),
        beta=float(vectors["beta"]),
        threshold=float(vectors["threshold"]),
        **chosen,
    )


def made_vectors(
    rng: np.random.Generator,
    kind: str,
    shape: Sequence[int],
    *,
    activation: str = "tanh",
    recurrent: bool = True,
    samples: int = 6,
    steps: int = 4,
    iterations: int = 8,
    alpha: float = 0.0,
    history: int = 2,
) -> dict[str, NDArray[Any]]:
    """Draw a vector file, without what comes out."""
    vectors: dict[str, NDArray[Any]] = {
        "kind": np.array(kind),
        "X": rng.standard_normal((samples, steps, shape[0])),
        "y": rng.integers(0, max(shape[-1], 2), samples),
        "shape": np.array(shape),
        "act": np.array(activation),
        "recurrent": np.array(recurrent),
        "beta": np.array(rng.choice([0.0, 0.5, 0.9])),
        "threshold": np.array(rng.choice([0.5, 1.0, 1.3])),
        "step": np.array(0.02),
        "explore": np.array(0.3),
        "alpha": np.array(alpha),
        "gamma": np.array(0.5),
        "Q0": rng.standard_normal((3,) * (2 * history + 1)),
    }
    for layer, (fan_in, fan_out) in enumerate(pairwise(shape)):
        own = fan_out if recurrent and layer < len(shape) - 2 else 0
        size = (iterations, 1 + fan_in + own, fan_out)
        vectors[f"W{layer}_0"] = rng.uniform(-1, 1, size[1:])
        vectors[f"explore_{layer}"] = rng.random(size) < 0.3
        vectors[f"random_{layer}"] = rng.integers(0, 3, size)
    return vectors
