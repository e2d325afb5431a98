"""One engine that measures itself, for `benchmarks.small_networks`: run as a file with `synrl_core` on the path.

It works with the present package and with that of 650ede0, whose modules lay elsewhere. Questions are lines of words
between tabs; answers are lines of JSON.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
import time
from functools import cache
from typing import Any

import numpy as np

GREEDY, STOCHASTIC = "win_stay_lose_shift", "bred_stochastic"
NAMES = ("2-8-2 on 200 points", "64-10 on digits", "64-32-10 on digits")
CASES = [(name, policy) for name in NAMES for policy in (GREEDY, STOCHASTIC)]
HIDDEN: dict[str, tuple[int, ...]] = dict(zip(NAMES, ((8,), (), (32,)), strict=True))
#: Where a name lies now, and where it lay.
PLACES = {
    "TrainingConfig": ("synrl_core.config",),
    "policies": ("synrl_core.policies",),
    "datasets": ("synrl_core.datasets",),
    "Samples": ("synrl_core.learning.data", "synrl_core.data"),
    "SynapticTrainer": ("synrl_core.learning.synaptic", "synrl_core.synaptic"),
    "Network": ("synrl_core.networks.feedforward", "synrl_core.network"),
    "with_ones": ("synrl_core.networks.feedforward", "synrl_core.network"),
    "Truth": ("synrl_core.networks.losses", "synrl_core.losses"),
}
TURN = 200
"""Iterations of a turn."""


def find(name: str) -> Any:
    """Import a name from where it lies."""
    for place in PLACES[name]:
        try:
            module = importlib.import_module(place)
        except ModuleNotFoundError:
            continue
        if name in ("policies", "datasets"):
            return module
        return getattr(module, name, None) or getattr(module, f"Feedforward{name}")
    raise ModuleNotFoundError(PLACES[name])


@cache
def samples(case: str) -> Any:
    """Training samples of a case."""
    if case == NAMES[0]:
        rng = np.random.default_rng(0)
        features, labels = rng.random((200, 2), np.float32), rng.integers(0, 2, 200)
    else:
        digits = find("datasets").load("digits")
        training = find("datasets").split(digits, 0.25, 0).train
        features, labels = digits.features[training], digits.labels[training]
    return find("Samples")(find("with_ones")(features), find("Truth")(labels))


def trainer(case: str, policy: str) -> Any:
    """Make the trainer of a case, whose mini-batch is all samples."""
    given = samples(case)
    config = find("TrainingConfig")(
        hidden_layers=HIDDEN[case], batch_size=given.inputs.shape[1], policy=policy, step_size=0.01,
        exploration=0.3 if policy == GREEDY else 0.0,
    )  # fmt: skip
    sizes = (given.inputs.shape[0] - 1, *HIDDEN[case], int(given.truth.labels.max()) + 1)
    network = find("Network")(sizes, config.activation, 1)
    return find("SynapticTrainer")(config, network, given, given, find("policies").get(policy))


@cache
def measured(case: str, policy: str) -> Any:
    """The trainer that is measured, and its bare products."""
    one, given = trainer(case, policy), samples(case)
    layers = one.network.layer_views(one.flat_weights)
    count = given.inputs.shape[1]
    inputs = [given.inputs[None]] + [np.ones((1, layer.shape[2], count), np.float32) for layer in layers[1:]]
    outputs = [np.empty((*layer.shape[:2], count), np.float32) for layer in layers]
    return one, list(zip(layers, inputs, outputs, strict=True))


def digest(case: str, policy: str) -> str:
    """Digest of all that 600 iterations change."""
    one = trainer(case, policy)
    for _ in range(600):
        one.step()
    state = hashlib.sha256(one.flat_weights.tobytes())
    state.update(one.policy_visits().tobytes())
    for part in (one._history.states, one._loss):
        state.update(part.tobytes())
    return state.hexdigest()


def turn(case: str, policy: str) -> dict[str, float]:
    """Microseconds beyond the products in one turn, and the seconds that it took."""
    one, products = measured(case, policy)
    clock, step, multiply = time.thread_time, one.step, np.matmul
    begun = clock()
    for _ in range(TURN):
        step()
    stepped = clock()
    for _ in range(TURN):
        for layer, given, out in products:
            multiply(layer, given, out=out)
    ended = clock()
    iteration, bare = (stepped - begun) / TURN, (ended - stepped) / TURN
    return {"beyond": 1e6 * (iteration - bare), "spent": ended - begun}


def main() -> None:
    """Answer questions until there are no more."""
    for line in sys.stdin:
        what, *case = line.rstrip("\n").split("\t")
        print(json.dumps({"digest": digest, "turn": turn}[what](*case)), flush=True)


if __name__ == "__main__":
    main()
