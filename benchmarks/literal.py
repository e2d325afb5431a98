"""Two plain implementations of the method, as a reference for the engine's speed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synrl_core.policies.policy import Policy


def literal_iteration_seconds_per_synapse(features: NDArray[np.float32], classes: int, synapses: int = 2000) -> float:
    """Seconds that one synapse takes in a literal loop: look up, draw, act, move, one synapse at a time.

    Only `synapses` of a 0-hidden network's are done, as a whole iteration takes too long to repeat; the loss, which
    all synapses share, is left out (to the literal loop's advantage).
    """
    import time

    rng = np.random.default_rng(0)
    weights = rng.uniform(-0.1, 0.1, (features.shape[1], classes))
    q = np.zeros((3, 3, 3, 3, 3))
    actions = np.ones((features.shape[1], classes, 2), np.int64)
    rewards = (0, 2)
    start = time.thread_time()
    for synapse in range(synapses):
        row, column = synapse // classes % features.shape[1], synapse % classes
        first, second = actions[row, column]
        if rng.random() < 0.1:
            action = int(rng.integers(0, 3))
        else:
            action = int(np.argmax(q[:, first, second, rewards[0], rewards[1]]))
        weights[row, column] += 1e-3 * (action - 1)
        actions[row, column] = second, action
    return (time.thread_time() - start) / synapses


class SampleMajor:
    """A plain NumPy trainer, as one writes it first: samples in rows, float64, a gather of the table each iteration."""

    def __init__(self, features: NDArray[np.float32], labels: NDArray[np.int64], policy: Policy) -> None:
        self.rng = np.random.default_rng(0)
        self.X, self.y, self.q = features.astype(np.float64), labels, policy.q
        shape = (features.shape[1], int(labels.max()) + 1)
        self.W, self.b = self.rng.uniform(-0.1, 0.1, shape), np.zeros(shape[1])
        self.past = [[np.ones(part.shape, np.int64) for _ in range(2)] for part in (self.W, self.b)]
        self.rewards = [1, 1]
        self.loss = np.inf

    def step(self) -> None:
        """Do one iteration."""
        for part, past, step in ((self.W, self.past[0], 1e-3), (self.b, self.past[1], 2e-3)):
            actions = np.argmax(self.q[:, past[0], past[1], self.rewards[0], self.rewards[1]], axis=0)
            explore = self.rng.random(part.shape) < 0.1
            actions[explore] = self.rng.integers(0, 3, explore.sum())
            part += step * (actions - 1)
            past[:] = [past[1], actions]
        logits = self.X @ self.W + self.b
        logits -= logits.max(axis=1, keepdims=True)
        p = np.exp(logits)
        p /= p.sum(axis=1, keepdims=True)
        loss = float(-np.log(p[np.arange(len(self.y)), self.y]).mean())
        self.rewards = [self.rewards[1], 2 if loss < self.loss else 0]
        self.loss = loss
