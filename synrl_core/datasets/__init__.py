"""Data sets: the built-in ones, their types, and readers and store for the user's own.

`readers` and `store` are modules to import where they are used: they bring Pillow, which nothing else needs.
"""

from synrl_core.datasets.base import Dataset, DatasetInfo, DatasetSize, Inputs, Split, split
from synrl_core.datasets.choices import ChoiceError, Choices
from synrl_core.datasets.errors import DatasetError
from synrl_core.datasets.limits import ReaderLimits
from synrl_core.datasets.parameters import DatasetParameterError, ParameterProblem
from synrl_core.datasets.raw import RawDataset
from synrl_core.datasets.registry import (
    UnknownDatasetError,
    check_parameters,
    infos,
    load,
    names,
    parameters_schema,
    size,
)

__all__ = [
    "ChoiceError",
    "Choices",
    "Dataset",
    "DatasetError",
    "DatasetInfo",
    "DatasetParameterError",
    "DatasetSize",
    "Inputs",
    "ParameterProblem",
    "RawDataset",
    "ReaderLimits",
    "Split",
    "UnknownDatasetError",
    "check_parameters",
    "infos",
    "load",
    "names",
    "parameters_schema",
    "size",
    "split",
]
