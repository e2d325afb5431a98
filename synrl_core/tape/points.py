"""Points of a scene: generated, edited by hand, and split into training and validation."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from synrl_core.datasets import Dataset, DatasetInfo, Split, load, split
from synrl_core.tape.scene import DRAWN, Scene

_INFO = DatasetInfo("points", "Points", "Points of a scene.", "", "generated or drawn by hand", group="boundaries")


@dataclass(frozen=True)
class Points:
    """Data set of a scene.

    Attributes
    ----------
    dataset
        (n, 2) float32 features in the plane, and classes 0 and 1.
    parts
        Which points train and which validate.
    """

    dataset: Dataset
    parts: Split


def points(scene: Scene) -> Points:
    """Make the points of a scene.

    Generated points are split as in an ordinary run, before any is removed, so that adding or removing one moves no
    other to the other side. Of the points added by hand, those of each class are dealt out in their order.

    Raises
    ------
    ValueError
        When a class is left without a point to train or to validate on.
    """
    settings = ("dataset", "samples", "data_seed", "parameters", "added", "removed", "validation_fraction")
    key = Scene.model_construct(**{name: getattr(scene, name) for name in settings})
    return _made(_Key(key))


_Generated = tuple[str, int, int, str, float]
#: Splits of generated points that were told, for processes that should not wait a second for scikit-learn's import.
_told: OrderedDict[_Generated, Split] = OrderedDict()
_MOST_TOLD = 256


def split_of(scene: Scene) -> Split:
    """Split the generated points of a scene, before any is added or removed; of drawn points there are none."""
    if scene.dataset == DRAWN:
        return Split(train=np.empty(0, np.int64), validation=np.empty(0, np.int64))
    told = _told.get(_generated(scene))
    return split(_load(scene), scene.validation_fraction, 0) if told is None else told


def set_split(scene: Scene, parts: Split) -> None:
    """Tell this process what `split_of` gave in another, so that it need not split."""
    _told[_generated(scene)] = parts
    while len(_told) > _MOST_TOLD:
        _told.popitem(last=False)


def _generated(scene: Scene) -> _Generated:
    parameters = json.dumps(scene.parameters, sort_keys=True)
    return scene.dataset, scene.samples, scene.data_seed, parameters, scene.validation_fraction


def _load(scene: Scene) -> Dataset:
    return load(scene.dataset, {**scene.parameters, "samples": scene.samples, "seed": scene.data_seed})


@dataclass(frozen=True)
class _Key:
    """Settings that determine the points, hashable by their JSON."""

    scene: Scene

    def __hash__(self) -> int:
        return hash(self.scene.canonical_json())


@lru_cache(maxsize=32)
def _made(key: _Key) -> Points:
    scene = key.scene
    added = np.array([point[:2] for point in scene.added], np.float64).reshape(-1, 2)
    classes = np.array([point[2] for point in scene.added], np.int64)
    generated, labels = np.empty((0, 2), np.float32), np.empty(0, np.int64)
    if scene.dataset != DRAWN:
        made = _load(scene)
        generated, labels = made.features, made.labels
    parts = split_of(scene)
    kept = np.setdiff1d(np.arange(len(labels)), scene.removed)
    place = np.full(len(labels), -1, np.int64)
    place[kept] = np.arange(len(kept))
    validates = len(kept) + np.flatnonzero(_dealt(classes, scene.validation_fraction))
    trains = len(kept) + np.flatnonzero(~_dealt(classes, scene.validation_fraction))
    labels = np.concatenate([labels[kept], classes])
    dataset = Dataset(_INFO, np.concatenate([generated[kept], added.astype(np.float32)]), labels, ("A", "B"), (2,))
    sides = Split(
        train=np.concatenate([place[np.intersect1d(parts.train, kept)], trains]),
        validation=np.concatenate([place[np.intersect1d(parts.validation, kept)], validates]),
    )
    for name, side in (("train", sides.train), ("validate", sides.validation)):
        missing = {0, 1} - set(labels[side].tolist())
        if missing:
            raise ValueError(f"class {'AB'[missing.pop()]} has no point left to {name} on. Add points of it.")
    return Points(dataset, sides)


def _dealt(classes: NDArray[np.int64], share: float) -> NDArray[np.bool_]:
    """Which points validate: of each class's, in their order, whenever the whole part of count * share rises.

    The first trains and the second validates, whatever the share, so that two points of a class are enough.
    """
    validates = np.zeros(len(classes), np.bool_)
    for label in (0, 1):
        mine = np.flatnonzero(classes == label)
        counts = np.arange(len(mine))
        validates[mine] = np.floor(counts * share + 1e-9) < np.floor((counts + 1) * share + 1e-9)
        validates[mine[:1]], validates[mine[1:2]] = False, True
    return validates
