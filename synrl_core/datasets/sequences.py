"""Sequences with a question that only a memory answers, and yin-yang: problems for recurrent and spiking networks.

A sample has ``steps`` steps; its class depends on steps long past. All draws come from one generator that starts at
``seed``, so the same parameters give the same samples. Classes are as even as their definition allows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from synrl_core.datasets.base import Dataset, DatasetInfo
from synrl_core.datasets.parameters import Parameters

Values = NDArray[np.float64]


class SequenceParameters(Parameters):
    """Parameters of every problem."""

    samples: int = Field(default=1000, ge=20, le=100_000, title="Samples", description="How many sequences.")
    steps: int = Field(default=4, ge=2, le=200, title="Steps", description="Length of a sequence.")
    noise: float = Field(
        default=0.1,
        ge=0,
        le=2,
        title="Noise",
        description="Standard deviation of what is added to each input at each step; signals are -1 and 1, or 0 and 1.",
    )
    seed: int = Field(default=0, ge=0, le=2**32 - 1, title="Seed", description="The same seed gives the same samples.")


class RecallParameters(SequenceParameters):
    """Symbols of which the first is to be named."""

    steps: int = Field(default=5, ge=2, le=200, title="Steps", description="Length of a sequence.")
    noise: float = Field(
        default=0.0,
        ge=0,
        le=2,
        title="Noise",
        description="Standard deviation of what is added to each input at each step; signals are 0 and 1.",
    )
    symbols: int = Field(default=5, ge=2, le=20, title="Symbols", description="Different symbols, each one input.")


class ParityParameters(SequenceParameters):
    """Bits of which all count."""

    steps: int = Field(default=5, ge=2, le=200, title="Bits", description="Length of a sequence, one bit a step.")
    noise: float = Field(
        default=0.0,
        ge=0,
        le=2,
        title="Noise",
        description="Standard deviation of what is added to each bit; bits are -1 and 1.",
    )


class AddingParameters(SequenceParameters):
    """Numbers of which two are marked."""

    samples: int = Field(default=2000, ge=20, le=100_000, title="Samples", description="How many sequences.")
    steps: int = Field(default=10, ge=2, le=200, title="Steps", description="Length of a sequence.")
    noise: float = Field(
        default=0.0,
        ge=0,
        le=2,
        title="Noise",
        description="Standard deviation of what is added to each number after the sum was taken.",
    )


class YinYangParameters(Parameters):
    """Points of the symbol."""

    samples: int = Field(default=5000, ge=30, le=100_000, title="Points", description="How many points.")
    dot_radius: float = Field(
        default=0.1, ge=0.02, le=0.2, title="Radius of the dots", description="The whole symbol has radius 0.5."
    )
    seed: int = Field(default=0, ge=0, le=2**32 - 1, title="Seed", description="The same seed gives the same points.")


def _info(name: str, title: str, description: str, *, citation: str = "") -> DatasetInfo:
    return DatasetInfo(
        name=name,
        title=title,
        description=description,
        licence="MIT (made by SynRL's own code)",
        source="generated when asked for, from its parameters and seed",
        citation=citation,
        group="sequences",
    )


DELAYED_XOR = _info(
    "delayed_xor",
    "Delayed exclusive or",
    "A bit at the first step, another at the last, noise between: are they different? The smallest problem that needs "
    "a memory.",
)
RECALL = _info("recall", "Recall", "Random symbols one after another: which was the first?")
PARITY = _info("parity", "Parity", "Bits one after another: is the number of ones odd? Every bit turns the answer.")
ADDING = _info(
    "adding",
    "Adding",
    "Random numbers from 0 to 1, two of them marked by a second input: is their sum above 1? As a regression: what is "
    "it?",
    citation="https://doi.org/10.1162/neco.1997.9.8.1735",
)
YIN_YANG = DatasetInfo(
    name="yin_yang",
    title="Yin-yang",
    description="Points of the symbol in three classes: yin, yang, dots. Four inputs from 0 to 1 (x, y, 1 - x, 1 - y), "
    "made for spiking networks; a linear classifier reaches about 64 %.",
    licence="MIT (made by SynRL's own code from the paper's definition)",
    source="L. Kriener, J. Göltz, M. A. Petrovici: The Yin-Yang Dataset (2022), generated when asked for",
    citation="https://doi.org/10.1145/3517343.3517380",
    group="tables",
)


def delayed_xor(parameters: SequenceParameters) -> Dataset:
    """Make one input: a bit (-1 or 1) at the first and at the last step, 0 between, and noise at all steps."""
    rng = np.random.default_rng(parameters.seed)
    labels = rng.permutation(np.arange(parameters.samples) % 2)
    first = rng.choice([-1.0, 1.0], parameters.samples)
    values = np.zeros((parameters.samples, parameters.steps, 1))
    values[:, 0, 0] = first
    values[:, -1, 0] = np.where(labels == 1, -first, first)
    return _dataset(DELAYED_XOR, parameters, values, labels, ("alike", "different"), rng, ("bit",))


def recall(parameters: RecallParameters) -> Dataset:
    """Make an input a symbol, one of them 1 at each step: the class is the first symbol."""
    rng = np.random.default_rng(parameters.seed)
    shown = rng.integers(0, parameters.symbols, (parameters.samples, parameters.steps))
    shown[:, 0] = rng.permutation(np.arange(parameters.samples) % parameters.symbols)
    values = np.eye(parameters.symbols)[shown]
    names = tuple(_letters(parameters.symbols))
    return _dataset(RECALL, parameters, values, shown[:, 0], names, rng, names)


def parity(parameters: ParityParameters) -> Dataset:
    """Make one input, a bit (-1 or 1) at each step: the class is whether the number of ones is odd."""
    rng = np.random.default_rng(parameters.seed)
    labels = rng.permutation(np.arange(parameters.samples) % 2)
    bits = rng.integers(0, 2, (parameters.samples, parameters.steps))
    bits[:, 0] = (labels + bits[:, 1:].sum(axis=1)) % 2
    values = np.where(bits[:, :, None] == 1, 1.0, -1.0)
    return _dataset(PARITY, parameters, values, labels, ("even", "odd"), rng, ("bit",))


def adding(parameters: AddingParameters) -> Dataset:
    """Make two inputs, a number and a mark (Hochreiter and Schmidhuber 1997): targets are the sum of the marked."""
    rng = np.random.default_rng(parameters.seed)
    samples, steps = parameters.samples, parameters.steps
    numbers = rng.uniform(0.0, 1.0, (samples, steps))
    marks = np.zeros((samples, steps))
    half = steps // 2
    every = np.arange(samples)
    marked = rng.integers(0, half, samples), rng.integers(half, steps, samples)  # one in each half
    for places in marked:
        marks[every, places] = 1
    sums = (numbers * marks).sum(axis=1)
    values = np.stack([numbers, marks], axis=2)
    labels = (sums > 1).astype(np.int64)
    return _dataset(ADDING, parameters, values, labels, ("up to 1", "above 1"), rng, ("number", "mark"), sums[:, None])


def yin_yang(parameters: YinYangParameters) -> Dataset:
    """Make points of the symbol, as many of each class: draw points of the disc until each class is full."""
    rng = np.random.default_rng(parameters.seed)
    labels = rng.permutation(np.arange(parameters.samples) % 3)
    wanted = np.bincount(labels, minlength=3)
    found: list[list[Values]] = [[], [], []]
    while any(sum(map(len, of)) < need for of, need in zip(found, wanted, strict=True)):
        points = rng.uniform(0.0, 1.0, (4096, 2))
        points = points[np.hypot(*(points - 0.5).T) <= 0.5]
        classes = yin_yang_class(points, parameters.dot_radius)
        for label, of in enumerate(found):
            of.append(points[classes == label])
    points = np.empty((parameters.samples, 2))
    for label, of in enumerate(found):
        points[labels == label] = np.concatenate(of)[: wanted[label]]
    return Dataset(
        info=YIN_YANG,
        features=_rounded(np.concatenate([points, 1 - points], axis=1)),
        labels=labels.astype(np.int64),
        class_names=("yin", "yang", "dot"),
        sample_shape=(4,),
        feature_names=("x", "y", "1 - x", "1 - y"),
    )


def yin_yang_class(points: Values, dot_radius: float = 0.1) -> NDArray[np.int64]:
    """Return the class of points (n, 2) of the disc about (0.5, 0.5) with radius 0.5: 0 yin, 1 yang, 2 dot."""
    to_right = np.hypot(points[:, 0] - 0.75, points[:, 1] - 0.5)
    to_left = np.hypot(points[:, 0] - 0.25, points[:, 1] - 0.5)
    is_yin = (to_left <= 0.25) | ((points[:, 1] > 0.5) & (to_right > 0.25))
    classes = np.where(is_yin, 0, 1)
    classes[(to_right < dot_radius) | (to_left < dot_radius)] = 2
    return classes.astype(np.int64)


def _letters(count: int) -> list[str]:
    return [chr(ord("A") + place) for place in range(count)]


def _dataset(
    info: DatasetInfo,
    parameters: SequenceParameters,
    values: Values,
    labels: NDArray[np.int64],
    class_names: tuple[str, ...],
    rng: np.random.Generator,
    inputs: tuple[str, ...],
    targets: Values | None = None,
) -> Dataset:
    """Add noise and put a data set together, (samples, steps, inputs) values."""
    values = values + rng.normal(0.0, 1.0, values.shape) * parameters.noise
    samples, steps, width = values.shape
    return Dataset(
        info=info,
        features=_rounded(values.reshape(samples, -1)),
        labels=labels.astype(np.int64),
        class_names=class_names,
        sample_shape=(steps, 1, width),
        targets=None if targets is None else _rounded(targets),
        feature_names=tuple(f"{name} at {step + 1}" for step in range(steps) for name in inputs),
    )


def _rounded(values: Values) -> NDArray[np.float32]:
    """Round to a 65,536th, as `synrl_core.datasets.boundaries` does, so that all machines have the same data."""
    return (np.round(values * 65536.0) / 65536.0).astype(np.float32)
