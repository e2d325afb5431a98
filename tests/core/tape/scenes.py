"""Random scenes: small, with every method, corruption, policy and kind of change."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from pydantic import ValidationError

from synrl_core.config import Activation, Loss
from synrl_core.tape import Scene
from synrl_core.tape.scene import Corrupted

POLICIES = st.sampled_from(["win_stay_lose_shift", "bred_stochastic", "random"])


@st.composite
def tables(draw: st.DrawFn, history: int = 2) -> dict[str, Any]:
    """Tables of a history, greedy or stochastic."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    q = rng.standard_normal(3 ** (2 * history + 1)).round(draw(st.integers(0, 6)))
    return {"q": q.tolist(), "temperature": draw(st.sampled_from([0.0, 0.5])), "exploration": 0.05}


@st.composite
def changes(draw: st.DrawFn, last: int, history: int, synapses: int) -> dict[str, Any]:
    """One change at an iteration up to `last`."""
    number = st.floats(-2, 2, width=32)
    policies = tables(history) if history != 2 else POLICIES | tables(2)
    values: dict[str, st.SearchStrategy[Any]] = {
        "step_size": st.sampled_from([0.001, 0.05, 0.3]),
        "exploration": st.floats(0, 1),
        "policy": policies,
        "adaptive": st.booleans(),
        "learning_rate": st.floats(0, 1),
        "corruption": st.sampled_from(get_args(Corrupted)),
        "truth": st.floats(0, 1),
        "weight": st.tuples(st.integers(0, synapses - 1), number),
        "cell": st.tuples(st.integers(0, 3 ** (2 * history + 1) - 1), number),
    }
    setting = draw(st.sampled_from(sorted(values)))
    return {"iteration": draw(st.integers(0, last)), "setting": setting, "value": draw(values[setting])}


@st.composite
def scenes(draw: st.DrawFn, last: int = 40, methods: tuple[str, ...] = ("synaptic", "gradient")) -> Scene:
    """Scenes with up to four changes at iterations up to `last`."""
    history = draw(st.sampled_from([1, 2, 2, 2, 3]))
    settings: dict[str, Any] = {
        "dataset": draw(st.sampled_from(["gaussians", "xor", "circles", "moons", "spirals", "teacher"])),
        "samples": draw(st.integers(20, 60)),
        "data_seed": draw(st.integers(0, 5)),
        "added": draw(st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2), st.integers(0, 1)), max_size=3)),
        "removed": draw(st.lists(st.integers(0, 19), max_size=2)),
        "hidden_layers": draw(st.lists(st.integers(1, 5), max_size=3)),
        "activation": draw(st.sampled_from(get_args(Activation))),
        "loss": draw(st.sampled_from(get_args(Loss))),
        "initial_scale": draw(st.sampled_from([0.1, 1.0])),
        "method": draw(st.sampled_from(methods)),
        "policy": draw(POLICIES | tables(2) if history == 2 else tables(history)),
        "step_size": draw(st.sampled_from([0.001, 0.02, 0.2])),
        "bias_step_factor": draw(st.sampled_from([1.0, 2.0, 0.3])),
        "exploration": draw(st.sampled_from([0.05, 0.5])),
        "adaptive": draw(st.booleans()),
        "learning_rate": draw(st.sampled_from([0.001, 0.3])),
        "q_update": draw(st.sampled_from(["synchronous", "sequential"])),
        "batch_size": draw(st.sampled_from([8, 1000])),
        "batch_interval": draw(st.integers(3, 20)),
        "seed": draw(st.integers(0, 2**32 - 1)),
        "corruption": draw(st.sampled_from(get_args(Corrupted))),
    }
    try:
        whole = Scene(**settings)
        found = draw(st.lists(changes(last, history, whole.synapses), max_size=4))
        return Scene(**settings, changes=found)
    except ValidationError as error:  # gradient descent through thresholds is refused in words of its own
        assume("gradient" not in str(error))
        raise
