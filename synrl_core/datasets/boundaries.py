"""Generate two-class problems of points in a plane, for display and for breeding policies.

Points lie in or near the square from -1 to 1. ``noise`` then moves every coordinate of every point by a normal
draw of that standard deviation, after the point has got its class; in `gaussians` it is all that spreads a cloud.
All draws come from one generator that starts at ``seed``, so the same parameters give the same points.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from synrl_core.datasets.base import Dataset, DatasetInfo
from synrl_core.datasets.parameters import Parameters

Points = NDArray[np.float64]

CLASS_NAMES = ("A", "B")


class BoundaryParameters(Parameters):
    """Parameters of every generated problem."""

    samples: int = Field(default=1000, ge=20, le=100_000, title="Points", description="How many points.")
    noise: float = Field(
        default=0.1,
        ge=0,
        le=2,
        title="Noise",
        description="Standard deviation of what is added to each coordinate; the problem spans -1 to 1.",
    )
    balance: float = Field(
        default=0.5, ge=0.1, le=0.9, title="Share of class B", description="0.5: as many points of A as of B."
    )
    seed: int = Field(default=0, ge=0, le=2**32 - 1, title="Seed", description="The same seed gives the same points.")


class GaussiansParameters(BoundaryParameters):
    """Parameters of two clouds at a fixed distance; their width is the noise."""

    noise: float = Field(
        default=0.3,
        ge=0.01,
        le=2,
        title="Width",
        description="Standard deviation of a cloud; their centres are 1.41 apart.",
    )


class XorParameters(BoundaryParameters):
    """Parameters of four touching quarters; noise moves points over the borders."""

    noise: float = Field(
        default=0.05,
        ge=0,
        le=2,
        title="Noise",
        description="Standard deviation of what is added to each coordinate; the problem spans -1 to 1.",
    )


class CirclesParameters(BoundaryParameters):
    """Parameters of a ring of class A around a ring of class B."""

    inner: float = Field(
        default=0.5, ge=0.05, le=0.95, title="Inner radius", description="Radius of B's ring; A's is 1."
    )


class SpiralsParameters(BoundaryParameters):
    """Parameters of two arms wound round the centre."""

    noise: float = Field(
        default=0.03,
        ge=0,
        le=2,
        title="Noise",
        description="Standard deviation of what is added to each coordinate; the problem spans -1 to 1.",
    )
    turns: float = Field(
        default=1.5, ge=0.25, le=4, title="Turns", description="How often an arm goes round the centre. More is harder."
    )


class TeacherParameters(BoundaryParameters):
    """Parameters of a random teacher network whose decision is to be learned."""

    noise: float = Field(
        default=0.0,
        ge=0,
        le=2,
        title="Noise",
        description="Standard deviation of what is added to each coordinate after the teacher has decided.",
    )
    inputs: int = Field(default=2, ge=1, le=100, title="Inputs", description="Coordinates of a point. 2 can be drawn.")
    hidden: int = Field(
        default=16,
        ge=0,
        le=1024,
        title="Hidden units",
        description="Of the teacher. 0: a perceptron, a straight line.",
    )
    activation: Literal["relu", "tanh"] = Field(
        default="tanh", title="Activation", description="What the teacher's hidden units do with their input."
    )
    weight_scale: float = Field(
        default=3.0,
        gt=0,
        le=20,
        title="Scale of the weights",
        description="Half width of the uniform distribution of the teacher's weights. More bends the line more.",
    )


def _info(name: str, title: str, description: str, *, citation: str = "") -> DatasetInfo:
    return DatasetInfo(
        name=name,
        title=title,
        description=description,
        licence="MIT (made by SynRL's own code)",
        source="generated when asked for, from its parameters and seed",
        citation=citation,
        group="boundaries",
    )


GAUSSIANS = _info("gaussians", "Two clouds", "Two round clouds. A straight line nearly parts them.")
XOR = _info("xor", "Exclusive or", "Four quarters of a square, opposite ones alike. No straight line parts them.")
CIRCLES = _info("circles", "Circles", "A ring inside a ring. The smallest problem that needs a closed line.")
MOONS = _info("moons", "Moons", "Two half circles that reach into each other.")
SPIRALS = _info("spirals", "Spirals", "Two arms wound round each other. The hardest of these.")
TEACHER = _info(
    "teacher",
    "Teacher",
    "Points whose class a random network decides: another network is to find that network's boundary, or, as a "
    "regression, its output. The paper's simulated problems.",
    citation="https://arxiv.org/abs/2105.14383",
)


def gaussians(parameters: GaussiansParameters) -> Dataset:
    """Make a cloud about (-0.5, -0.5) for class A and one about (0.5, 0.5) for class B."""
    return _two_classes(GAUSSIANS, parameters, _cloud)


def xor(parameters: XorParameters) -> Dataset:
    """Make uniform points: class A where both coordinates have one sign, class B where they have two."""
    return _two_classes(XOR, parameters, _quarters)


def circles(parameters: CirclesParameters) -> Dataset:
    """Make a ring of radius 1 for class A and one of radius `inner` for class B."""

    def ring(label: int, count: int, rng: np.random.Generator) -> Points:
        angle = rng.uniform(0.0, 2.0 * np.pi, count)
        return np.column_stack([np.cos(angle), np.sin(angle)]) * (parameters.inner if label else 1.0)

    return _two_classes(CIRCLES, parameters, ring)


def moons(parameters: BoundaryParameters) -> Dataset:
    """Make an upper half circle for class A and a lower one for class B that starts inside it."""
    return _two_classes(MOONS, parameters, _half_circle)


def spirals(parameters: SpiralsParameters) -> Dataset:
    """Make two arms, each the other turned by half a circle."""

    def arm(label: int, count: int, rng: np.random.Generator) -> Points:
        # The square root spreads points evenly along the arm instead of crowding the centre.
        radius = np.sqrt(rng.uniform(0.0025, 1.0, count))
        angle = 2.0 * np.pi * parameters.turns * radius + np.pi * label
        return np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]

    return _two_classes(SPIRALS, parameters, arm)


def teacher(parameters: TeacherParameters) -> Dataset:
    """Make uniform points in the cube from -1 to 1 and let a random network give them classes and targets.

    The teacher has one output. Its points with the highest outputs, `balance` of them, are class B, so the boundary
    is a level line of its output; ``targets``, (samples, 1), are that output with mean 0 and deviation 1.
    """
    rng = np.random.default_rng(parameters.seed)
    scale = parameters.weight_scale
    points = rng.uniform(-1.0, 1.0, (parameters.samples, parameters.inputs))
    layer = points
    if parameters.hidden:
        layer = layer @ rng.uniform(-scale, scale, (parameters.inputs, parameters.hidden))
        layer += rng.uniform(-scale, scale, parameters.hidden)
        layer = np.tanh(layer) if parameters.activation == "tanh" else np.maximum(layer, 0.0)
    output = layer @ rng.uniform(-scale, scale, layer.shape[1]) + rng.uniform(-scale, scale)
    labels = np.zeros(parameters.samples, dtype=np.int64)
    labels[np.argsort(output, kind="stable")[parameters.samples - _count_of_b(parameters) :]] = 1
    deviation = output.std()
    # Rectified units may all be silent over the whole cube: then there is nothing to match but a constant.
    targets = (output - output.mean()) / deviation if deviation > 0 else np.zeros_like(output)
    points += rng.normal(0.0, 1.0, points.shape) * parameters.noise
    return _dataset(TEACHER, points, labels, targets[:, None])


def _two_classes(
    info: DatasetInfo, parameters: BoundaryParameters, place: Callable[[int, int, np.random.Generator], Points]
) -> Dataset:
    """Place both classes, add noise, and mix their order."""
    rng = np.random.default_rng(parameters.seed)
    count_of_b = _count_of_b(parameters)
    counts = (parameters.samples - count_of_b, count_of_b)
    points = np.concatenate([place(label, count, rng) for label, count in enumerate(counts)])
    points += rng.normal(0.0, 1.0, points.shape) * parameters.noise
    order = rng.permutation(parameters.samples)
    return _dataset(info, points[order], np.repeat([0, 1], counts)[order], None)


def _cloud(label: int, count: int, _: np.random.Generator) -> Points:
    return np.full((count, 2), 0.5 if label else -0.5)


def _quarters(label: int, count: int, rng: np.random.Generator) -> Points:
    size = rng.uniform(0.0, 1.0, (count, 2))
    sign = rng.choice([-1.0, 1.0], count)
    signs: Points = np.column_stack([sign, -sign if label else sign])
    return size * signs


def _half_circle(label: int, count: int, rng: np.random.Generator) -> Points:
    angle = rng.uniform(0.0, np.pi, count)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    moon: Points = np.array([1.0, 0.5]) - upper if label else upper
    # The two moons fill x from -1 to 2 and y from -0.5 to 1: bring them to -1..1 without changing their shape.
    moon -= np.array([0.5, 0.25])
    moon /= 1.5
    return moon


def _count_of_b(parameters: BoundaryParameters) -> int:
    return round(parameters.samples * parameters.balance)


def _dataset(info: DatasetInfo, points: Points, labels: NDArray[np.int64], targets: Points | None) -> Dataset:
    inputs = points.shape[1]
    return Dataset(
        info=info,
        features=_rounded(points),
        labels=labels.astype(np.int64),
        class_names=CLASS_NAMES,
        sample_shape=(inputs,),
        targets=None if targets is None else _rounded(targets),
        feature_names=("x", "y") if inputs == 2 else tuple(f"x{i + 1}" for i in range(inputs)),
    )


def _rounded(values: Points) -> NDArray[np.float32]:
    """Round to a 65,536th: sines differ in their last bit from machine to machine, the data should not."""
    return (np.round(values * 65536.0) / 65536.0).astype(np.float32)
