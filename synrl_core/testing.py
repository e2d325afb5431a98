"""Check the engine against an independent implementation, draw by draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

import numpy as np
from numpy.typing import DTypeLike, NDArray

from synrl_core.config import Activation, QUpdate, TrainingConfig
from synrl_core.data import Samples
from synrl_core.losses import Truth
from synrl_core.network import Network, with_ones
from synrl_core.policy import CODES, Policy
from synrl_core.synaptic import SynapticTrainer


def replay(
    vectors: Mapping[str, NDArray[Any]],
    dtype: DTypeLike = np.float32,
    *,
    q_update: QUpdate = "synchronous",
) -> dict[str, NDArray[Any]]:
    """Run `SynapticTrainer`'s own step with scripted draws.

    Parameters
    ----------
    vectors
        ``X`` (n, d), ``y`` (n,) classes, ``shape`` (inputs, units .., outputs), ``act``, ``step``, ``explore``,
        ``alpha`` (0: static), ``gamma``, ``Q0`` (3,) * (2h + 1), of each layer l the first weights ``W{l}_0``
        (fan_in + 1, fan_out) with row 0 the biases, and over T iterations ``explore_{l}`` bool and ``random_{l}``
        action codes, both (T, fan_in + 1, fan_out). Other entries are not looked at.
    dtype
        float32, as in training, or float64 to compare more closely.
    q_update
        ``synchronous`` or ``sequential``, the authors' order.

    Returns
    -------
    Per iteration ``action_{l}`` (codes), ``W_{l}`` (of `dtype`), ``Q``, ``reward`` (-1 or 1), and ``loss`` (T + 1,),
    the first before any action.
    """
    trainer = _trainer(vectors, dtype, q_update)
    iterations = len(vectors["explore_0"])
    trainer.draws = _ScriptedDraws(vectors, trainer.network)
    seen: dict[str, list[NDArray[Any]]] = {"loss": [trainer.batch_loss()[0]], "reward": [], "Q": []}
    for _ in range(iterations):
        trainer.step()
        seen["loss"].append(trainer.last_loss[0])
        seen["reward"].append(trainer.last_rewards[0] - 1)
        seen["Q"].append(trainer.q_table()[0])
        for name, flat in (("action", trainer.last_actions), ("W", trainer.flat_weights)):
            for layer, view in enumerate(trainer.network.layer_views(flat)):
                seen.setdefault(f"{name}_{layer}", []).append(view[0].T.copy())
    return {name: np.array(values) for name, values in seen.items()}


def _trainer(vectors: Mapping[str, NDArray[Any]], dtype: DTypeLike, q_update: QUpdate) -> SynapticTrainer:
    """Make the trainer that a vector file describes, with its first weights."""
    samples = Samples(with_ones(vectors["X"], dtype), Truth(np.asarray(vectors["y"], np.int64)))
    config = TrainingConfig.model_construct(
        iterations=len(vectors["explore_0"]),
        batch_size=len(samples),
        loss="cross_entropy",
        step_size=float(vectors["step"]),
        step_size_schedule="constant",
        bias_step_factor=2.0,
        exploration=float(vectors["explore"]),
        exploration_schedule="constant",
        adaptive=float(vectors["alpha"]) != 0,
        learning_rate=float(vectors["alpha"]),
        discount=float(vectors["gamma"]),
        q_update=q_update,
    )
    network = Network(tuple(int(size) for size in vectors["shape"]), _activation(str(vectors["act"])))
    trainer = SynapticTrainer(config, network, samples, samples, Policy("vectors", vectors["Q0"]))
    for layer, view in enumerate(network.layer_views(trainer.flat_weights)):
        view[0] = vectors[f"W{layer}_0"].T
    return trainer


def _activation(name: str) -> Activation:
    """Read an activation's name; ``linear`` and ``none`` are also said for ``identity``."""
    known = {activation: activation for activation in get_args(Activation)} | {"linear": "identity", "none": "identity"}
    if name not in known:
        raise ValueError(f"act is '{name}'; it must be one of {', '.join(known)}.")
    found: Activation = known[name]
    return found


class _ScriptedDraws:
    """The draws of a vector file, one iteration a call."""

    def __init__(self, vectors: Mapping[str, NDArray[Any]], network: Network) -> None:
        self._script = self._flattened(vectors, network)

    def __call__(self, epsilon: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
        """Take the next iteration's draws, whatever `epsilon`."""
        del epsilon
        return next(self._script)

    @staticmethod
    def _flattened(
        vectors: Mapping[str, NDArray[Any]], network: Network
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.uint8]]]:
        for t in range(len(vectors["explore_0"])):
            explored, actions = (
                np.concatenate([vectors[f"{name}_{layer}"][t].T.ravel() for layer in range(network.layers)])
                for name in ("explore", "random")
            )
            explorers = np.flatnonzero(explored)
            if actions[explorers].max(initial=0) >= CODES:
                raise ValueError(f"random_* holds a code above {CODES - 1}; actions are 0, 1 and 2.")
            yield explorers, actions[explorers].astype(np.uint8)
