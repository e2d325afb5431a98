"""Registry of built-in data sets, by name.

One name for each thing that a person would pick from a list; what is generated takes parameters, whose ranges
`parameters_schema` tells a form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from synrl_core.datasets import boundaries, digits, glyphs, sequences, tabular
from synrl_core.datasets.base import Dataset, DatasetInfo, DatasetSize
from synrl_core.datasets.errors import quoted
from synrl_core.datasets.parameters import Parameters, validate
from synrl_core.validation_messages import did_you_mean


@dataclass(frozen=True)
class _BuiltIn:
    info: DatasetInfo
    load: Callable[[Any], Dataset]
    size: Callable[[Any], DatasetSize]
    parameters: type[Parameters] = Parameters


def _fixed(samples: int, inputs: int, classes: int, shape: tuple[int, ...] = ()) -> Callable[[Any], DatasetSize]:
    """Declare the size of a constant data set; a test holds that `load` gives the same."""
    return lambda _: DatasetSize(samples, inputs, classes, sample_shape=shape)


def _points(parameters: boundaries.BoundaryParameters) -> DatasetSize:
    return DatasetSize(parameters.samples, 2, 2)


def _teacher(parameters: boundaries.TeacherParameters) -> DatasetSize:
    return DatasetSize(parameters.samples, parameters.inputs, 2, targets=1)


def _sequences(inputs: int, classes: int, targets: int | None = None) -> Callable[[Any], DatasetSize]:
    """Declare the size of a generated problem with so many inputs a step."""

    def size(parameters: sequences.SequenceParameters) -> DatasetSize:
        shape = (parameters.steps, 1, inputs)
        return DatasetSize(parameters.samples, parameters.steps * inputs, classes, targets, shape)

    return size


def _recall(parameters: sequences.RecallParameters) -> DatasetSize:
    return _sequences(parameters.symbols, parameters.symbols)(parameters)


def _yin_yang(parameters: sequences.YinYangParameters) -> DatasetSize:
    return DatasetSize(parameters.samples, 4, 3)


_BUILT_IN: dict[str, _BuiltIn] = {
    built_in.info.name: built_in
    for built_in in (
        _BuiltIn(digits.INFO, digits.load, _fixed(1797, 64, 10, (8, 8))),
        _BuiltIn(glyphs.INFO, glyphs.load, _fixed(6371, 784, 10, (28, 28))),
        _BuiltIn(boundaries.GAUSSIANS, boundaries.gaussians, _points, boundaries.GaussiansParameters),
        _BuiltIn(boundaries.XOR, boundaries.xor, _points, boundaries.XorParameters),
        _BuiltIn(boundaries.CIRCLES, boundaries.circles, _points, boundaries.CirclesParameters),
        _BuiltIn(boundaries.MOONS, boundaries.moons, _points, boundaries.BoundaryParameters),
        _BuiltIn(boundaries.SPIRALS, boundaries.spirals, _points, boundaries.SpiralsParameters),
        _BuiltIn(boundaries.TEACHER, boundaries.teacher, _teacher, boundaries.TeacherParameters),
        _BuiltIn(sequences.DELAYED_XOR, sequences.delayed_xor, _sequences(1, 2), sequences.SequenceParameters),
        _BuiltIn(sequences.RECALL, sequences.recall, _recall, sequences.RecallParameters),
        _BuiltIn(sequences.PARITY, sequences.parity, _sequences(1, 2), sequences.ParityParameters),
        _BuiltIn(sequences.ADDING, sequences.adding, _sequences(2, 2, 1), sequences.AddingParameters),
        _BuiltIn(sequences.YIN_YANG, sequences.yin_yang, _yin_yang, sequences.YinYangParameters),
        _BuiltIn(tabular.IRIS, tabular.iris, _fixed(150, 4, 3)),
        _BuiltIn(tabular.WINE, tabular.wine, _fixed(178, 13, 3)),
        _BuiltIn(tabular.BREAST_CANCER, tabular.breast_cancer, _fixed(569, 30, 2)),
    )
}


class UnknownDatasetError(LookupError):
    """There is no data set of this name."""

    def __init__(self, name: str) -> None:
        self.name = name
        near = did_you_mean(name, names())
        super().__init__(f"there is no data set {quoted(name, 80)}.{near} Choose one of: {', '.join(names())}.")

    def __reduce__(self) -> tuple[type[UnknownDatasetError], tuple[str]]:
        return type(self), (self.name,)


def names() -> tuple[str, ...]:
    """Return the names of the built-in data sets: pictures, boundaries, sequences, tables."""
    return tuple(_BUILT_IN)


def infos() -> tuple[DatasetInfo, ...]:
    """Return the metadata of each built-in data set, in the order of `names`."""
    return tuple(built_in.info for built_in in _BUILT_IN.values())


def parameters_schema(name: str) -> dict[str, Any]:
    """Return the JSON schema of a data set's parameters: title, description, default and range of each.

    A data set that takes none has no ``properties``.

    Raises
    ------
    UnknownDatasetError
        When there is none of this name.
    """
    return _built_in(name).parameters.model_json_schema()


def check_parameters(name: str, parameters: Mapping[str, Any]) -> None:
    """Refuse parameters that `load` would refuse, without loading.

    Raises
    ------
    UnknownDatasetError
        When there is none of this name.
    DatasetParameterError
        When a parameter is unknown or out of its range. A ValueError.
    """
    validate(name, _built_in(name).parameters, parameters)


def size(name: str, parameters: Mapping[str, Any] | None = None) -> DatasetSize:
    """Return the size of a data set without loading it: see `load` for the errors."""
    built_in = _built_in(name)
    return built_in.size(validate(name, built_in.parameters, parameters or {}))


def load(name: str, parameters: Mapping[str, Any] | None = None, *, content_hash: str | None = None) -> Dataset:
    """Load a built-in data set; the last few are kept in memory.

    Parameters
    ----------
    content_hash
        Of the data that a run began on. Where those are of an older version of the data set, that one is returned:
        what was computed on it goes on with it, and is judged on it. Any other hash changes nothing.

    Raises
    ------
    UnknownDatasetError
        When there is none of this name.
    DatasetParameterError
        When a parameter is unknown or out of its range. A ValueError.
    """
    model = _built_in(name).parameters
    dataset = _load_cached(name, validate(name, model, parameters or {}))
    if content_hash in (None, dataset.content_hash):
        return dataset
    older = _before_cached(name)
    return older if older is not None and older.content_hash == content_hash else dataset


def _built_in(name: str) -> _BuiltIn:
    if name not in _BUILT_IN:
        raise UnknownDatasetError(name)
    return _BUILT_IN[name]


@lru_cache(maxsize=3)
def _before_cached(name: str) -> Dataset | None:
    return tabular.before(name)


@lru_cache(maxsize=8)
def _load_cached(name: str, parameters: Parameters) -> Dataset:
    return _BUILT_IN[name].load(parameters)
