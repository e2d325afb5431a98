"""Check the engine against an independent implementation, draw by draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import DTypeLike, NDArray

from synrl_core.config import Activation, Architecture, Loss, QUpdate, TrainingConfig
from synrl_core.learning.data import Samples
from synrl_core.learning.synaptic import SynapticTrainer
from synrl_core.networks.blocks import Network
from synrl_core.networks.encodings import SequenceEncoding
from synrl_core.networks.feedforward import FeedforwardNetwork
from synrl_core.networks.losses import Truth
from synrl_core.networks.recurrent import RecurrentNetwork
from synrl_core.networks.spiking import SpikingNetwork
from synrl_core.policies.policy import CODES, DOWN, UP, Policy


class VectorsError(ValueError):
    """A vector file that can't be replayed; the message names the entry, its content and the expected content."""


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
        ``X`` (n, d), or (n, T, d) where ``kind`` is recurrent or spiking, ``y`` (n,) classes,
        ``shape`` (inputs, units .., outputs), ``act``, ``step``, ``explore``,
        ``alpha`` (0: static), ``gamma``, ``Q0`` (3,) * (2h + 1), of each layer l the first weights ``W{l}_0``
        (fan_in + 1, fan_out) with row 0 the biases, and over T iterations ``explore_{l}`` bool and ``random_{l}``
        action codes, both (T, fan_in + 1, fan_out). Hidden layers of recurrent networks have a row more for each of
        their units, unless ``recurrent`` is false; those of spiking ones have them where it is true. Spiking networks
        need ``beta`` and ``threshold``, and no ``act``. Other entries are ignored. The loss is the mean cross-entropy
        of the softmax; the logistic loss where a single output tells classes 0 and 1 apart.
    dtype
        float32, as in training, or float64 to compare more closely.
    q_update
        ``synchronous`` or ``sequential``, the authors' order.

    Returns
    -------
    Per iteration ``action_{l}`` (codes), ``W_{l}`` (of `dtype`), ``Q``, ``reward`` (-1 or 1), and ``loss`` (T + 1,),
    the first before any action; of recurrent and spiking networks ``logits`` (n, outputs) after the last iteration.

    Raises
    ------
    VectorsError
        When an entry is missing or has another shape or other values than it must have, or the loss stops being
        finite. A ValueError.
    """
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise VectorsError(f"dtype is {np.dtype(dtype)}; it must be float32 or float64.")
    if q_update not in get_args(QUpdate):
        raise VectorsError(f"q_update is {q_update!r}; it must be one of {', '.join(get_args(QUpdate))}.")
    with np.errstate(all="ignore"):  # an overflow shows in the loss
        return _run(_Script.read(vectors), dtype, q_update)


def _run(script: _Script, dtype: DTypeLike, q_update: QUpdate) -> dict[str, NDArray[Any]]:
    """Do all iterations and keep the results of `replay`."""
    trainer = script.trainer(dtype, q_update)
    trainer.draws = script
    iterations = len(script.explored)
    layers = [(iterations, *layer.shape) for layer in script.network.layers]
    actions = [np.empty(shape, np.int8) for shape in layers]
    weights = [np.empty(shape, dtype) for shape in layers]
    tables = np.empty((iterations, *script.policy.q.shape))
    rewards, losses = np.empty(iterations, np.int8), np.empty(iterations + 1)
    losses[0] = trainer.batch_loss()[0]
    for t in range(iterations):
        trainer.step()
        if trainer.iteration != t + 1 or not np.isfinite(losses[0]):
            raise VectorsError(
                f"the loss stops being finite at iteration {t}: weights, X or step are too large for {np.dtype(dtype)}."
            )
        losses[t + 1], rewards[t] = trainer.last_loss[0], trainer.last_rewards[0] - 1
        tables[t] = trainer.q_table()[0]
        for kept, flat in ((actions, trainer.last_actions), (weights, trainer.flat_weights)):
            for layer, view in enumerate(script.network.layer_views(flat)):
                kept[layer][t] = view[0].T
    found: dict[str, NDArray[Any]] = {"loss": losses, "reward": rewards, "Q": tables}
    if script.reads_steps:
        found["logits"] = trainer.outputs_of_batch()[0].T.copy()
    for layer in range(len(layers)):
        found |= {f"action_{layer}": actions[layer], f"W_{layer}": weights[layer]}
    return found


@dataclass
class _Script:
    """A validated vector file; as `Draws`, it returns one iteration's draws per call."""

    network: Network
    inputs: NDArray[Any]
    labels: NDArray[np.int64]
    loss: Loss
    policy: Policy
    step: float
    exploration: float
    learning_rate: float
    discount: float
    first: list[NDArray[Any]]
    explored: NDArray[np.bool_]
    """(T, synapses), synapses in the engine's order."""
    codes: NDArray[np.uint8]
    """(T, synapses), read where `explored`."""
    reads_steps: bool
    """Whether the file's samples are sequences."""
    done: int = 0

    def __call__(self, epsilon: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
        """Take the next iteration's draws, whatever `epsilon`."""
        del epsilon
        explorers = np.flatnonzero(self.explored[self.done])
        self.done += 1
        return explorers, self.codes[self.done - 1, explorers]

    @classmethod
    def read(cls, vectors: Mapping[str, NDArray[Any]]) -> _Script:
        """Read and check every entry."""
        inputs = _numbers(vectors, "X")
        network = _network(vectors, inputs)
        reads_steps = _kind(vectors) != "feedforward"
        if inputs.ndim != (3 if reads_steps else 2) or not inputs.size or inputs.shape[-1] != network.sizes[0]:
            wanted = f"({'samples, steps' if reads_steps else 'samples'}, {network.sizes[0]})"
            raise _wrong("X", f"shape {inputs.shape}", f"{wanted}, as `shape` begins")
        if reads_steps and isinstance(network, FeedforwardNetwork):
            inputs = inputs[:, -1]  # the outputs read the last step, and nothing else reaches it
        labels, loss = _labels(vectors, len(inputs), network.sizes[-1])
        shapes = [layer.shape for layer in network.layers]
        first = [_shaped(vectors, f"W{layer}_0", shape) for layer, shape in enumerate(shapes)]
        iterations = len(_entry(vectors, "explore_0")) if np.ndim(_entry(vectors, "explore_0")) else 0
        drawn = [_draws(vectors, layer, (iterations, *shape)) for layer, shape in enumerate(shapes)]
        table = _numbers(vectors, "Q0")
        try:
            policy = Policy("vectors", table)
        except ValueError as error:
            raise VectorsError(f"Q0: {error}") from error
        return cls(
            network, inputs, labels, loss, policy,
            step=_scalar(vectors, "step"),
            exploration=_scalar(vectors, "explore", 1),
            learning_rate=_scalar(vectors, "alpha", 1),
            discount=_scalar(vectors, "gamma", 1),
            first=first,
            explored=np.concatenate([explored for explored, _ in drawn], axis=1),
            codes=np.concatenate([codes for _, codes in drawn], axis=1),
            reads_steps=reads_steps,
        )  # fmt: skip

    def trainer(self, dtype: DTypeLike, q_update: QUpdate) -> SynapticTrainer:
        """Make the trainer that the file describes, with its first weights."""
        samples = Samples(self.network.arrange(self.inputs, dtype), Truth(self.labels))
        config = TrainingConfig.model_construct(
            iterations=max(1, len(self.explored)),
            batch_size=len(samples),
            loss=self.loss,
            step_size=self.step,
            step_size_schedule="constant",
            bias_step_factor=2.0,
            exploration=self.exploration,
            exploration_schedule="constant",
            adaptive=self.learning_rate != 0,
            learning_rate=self.learning_rate,
            discount=self.discount,
            q_update=q_update,
        )
        trainer = SynapticTrainer(config, self.network, samples, samples, self.policy)
        for view, first in zip(self.network.layer_views(trainer.flat_weights), self.first, strict=True):
            view[0] = first.T
        return trainer


# -- reading entries ---------------------------------------------------------------------------------------------


def _wrong(name: str, found: str, expected: str) -> VectorsError:
    return VectorsError(f"{name} has {found}; it must have {expected}.")


def _entry(vectors: Mapping[str, NDArray[Any]], name: str) -> NDArray[Any]:
    try:
        return np.asarray(vectors[name])
    except KeyError as error:
        raise VectorsError(f"{name} is missing; the file has {', '.join(sorted(vectors)) or 'nothing'}.") from error


def _numbers(vectors: Mapping[str, NDArray[Any]], name: str) -> NDArray[Any]:
    values = _entry(vectors, name)
    if values.dtype.kind not in "biuf":
        raise _wrong(name, f"type {values.dtype}", "numbers")
    if not np.isfinite(values).all():
        raise _wrong(name, f"{int(np.sum(~np.isfinite(values)))} values that are NaN or infinite", "finite ones only")
    return values


def _shaped(vectors: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    values = _numbers(vectors, name)
    if values.shape != shape:
        raise _wrong(name, f"shape {values.shape}", f"shape {shape}, as `shape` and T say")
    return values


def _whole(vectors: Mapping[str, NDArray[Any]], name: str) -> NDArray[np.int64]:
    values = _numbers(vectors, name)
    whole: NDArray[np.int64] = values.astype(np.int64)
    if (whole != values).any():
        raise _wrong(name, f"{values[whole != values].flat[0]}", "whole numbers")
    return whole


def _scalar(vectors: Mapping[str, NDArray[Any]], name: str, most: float = np.inf) -> float:
    values = _numbers(vectors, name)
    if values.size != 1 or not 0 <= float(values.item()) <= most:
        found = f"shape {values.shape}" if values.size != 1 else f"{values.item()}"
        raise _wrong(name, found, f"one number from 0 to {most:g}" if most < np.inf else "one number, not below 0")
    return float(values.item())


def _network(vectors: Mapping[str, NDArray[Any]], inputs: NDArray[Any]) -> Network:
    """Describe the network of a file: feedforward, unless ``kind`` says otherwise."""
    kind, sizes = _kind(vectors), _sizes(vectors)
    if kind == "feedforward":
        return FeedforwardNetwork(sizes, _activation(vectors))
    if len(sizes) < 3:
        raise _wrong("shape", f"{list(sizes)}", f"at least one hidden layer, where {kind} units keep their state")
    encoding = SequenceEncoding("sequence", inputs.shape[1] if inputs.ndim == 3 else 1, sizes[0])
    recurrent = bool(_scalar(vectors, "recurrent", 1)) if "recurrent" in vectors else kind == "recurrent"
    if kind == "recurrent" and recurrent:
        return RecurrentNetwork(sizes, encoding, activation=_activation(vectors))
    if kind == "recurrent":
        return FeedforwardNetwork(sizes, _activation(vectors))
    decay, threshold = _scalar(vectors, "beta", 1), _scalar(vectors, "threshold")
    if decay == 1 or threshold == 0:
        name, value = ("beta", decay) if decay == 1 else ("threshold", threshold)
        raise _wrong(name, f"{value}", "a number from 0 to below 1" if decay == 1 else "a number above 0")
    return SpikingNetwork(sizes, encoding, decay=decay, threshold=threshold, recurrent=recurrent)


def _kind(vectors: Mapping[str, NDArray[Any]]) -> Architecture:
    """Read the architecture; files without ``kind`` have feedforward networks."""
    known: dict[str, Architecture] = {architecture: architecture for architecture in get_args(Architecture)}
    kind = _word(vectors, "kind") if "kind" in vectors else "feedforward"
    if kind not in known:
        raise VectorsError(f"kind is '{kind}'; it must be one of {', '.join(known)}.")
    return known[kind]


def _word(vectors: Mapping[str, NDArray[Any]], name: str) -> str:
    value = _entry(vectors, name)
    word = value.item() if value.size == 1 else value.tolist()
    return word.decode() if isinstance(word, bytes) else str(word)


def _sizes(vectors: Mapping[str, NDArray[Any]]) -> tuple[int, ...]:
    sizes = _whole(vectors, "shape")
    if sizes.ndim != 1 or len(sizes) < 2 or sizes.min() < 1:
        raise _wrong("shape", f"{sizes.tolist()}", "the inputs, the units of each hidden layer and the outputs")
    return tuple(sizes.tolist())


def _activation(vectors: Mapping[str, NDArray[Any]]) -> Activation:
    """Parse the activation's name; ``linear`` and ``none`` also mean ``identity``."""
    known = {activation: activation for activation in get_args(Activation)} | {"linear": "identity", "none": "identity"}
    name = _word(vectors, "act")
    if name not in known:
        raise VectorsError(f"act is '{name}'; it must be one of {', '.join(known)}.")
    found: Activation = known[name]
    return found


def _labels(vectors: Mapping[str, NDArray[Any]], samples: int, outputs: int) -> tuple[NDArray[np.int64], Loss]:
    """Read the classes, and with them the loss: a softmax over a single output could tell nothing apart."""
    labels = _whole(vectors, "y")
    if labels.shape != (samples,):
        raise _wrong("y", f"shape {labels.shape}", f"shape ({samples},), a class for each row of X")
    logistic = outputs == 1 and labels.max() == 1
    classes = 2 if logistic else outputs
    if labels.min() < 0 or labels.max() >= classes:
        raise _wrong("y", f"classes {labels.min()} to {labels.max()}", f"0 to {max(classes, 2) - 1}, as `shape` ends")
    return labels, "logistic" if logistic else "cross_entropy"


def _draws(
    vectors: Mapping[str, NDArray[Any]], layer: int, shape: tuple[int, ...]
) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """(T, synapses of the layer) which synapses explore and their codes, in the engine's order: neuron by neuron."""
    explored = _shaped(vectors, f"explore_{layer}", shape)
    if not np.isin(explored, (0, 1)).all():
        raise _wrong(f"explore_{layer}", "values other than True and False", "only these")
    explored = explored.astype(np.bool_)
    codes = _shaped(vectors, f"random_{layer}", shape)
    used = codes[explored]
    if not np.isin(used, range(CODES)).all():
        found = used[~np.isin(used, range(CODES))][0]
        raise _wrong(f"random_{layer}", f"the code {found}", f"the action codes {DOWN} to {UP} where explore_{layer}")
    codes = np.where(explored, codes, DOWN).astype(np.uint8)
    flat = (shape[0], shape[1] * shape[2])
    return explored.transpose(0, 2, 1).reshape(flat), codes.transpose(0, 2, 1).reshape(flat)
