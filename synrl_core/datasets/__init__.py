"""The data sets that ship, and readers for the user's own."""

from synrl_core.datasets.base import Dataset, DatasetInfo, Split, split
from synrl_core.datasets.parameters import DatasetParameterError, ParameterProblem
from synrl_core.datasets.registry import UnknownDatasetError, infos, load, names, parameters_schema

__all__ = [
    "Dataset",
    "DatasetInfo",
    "DatasetParameterError",
    "ParameterProblem",
    "Split",
    "UnknownDatasetError",
    "infos",
    "load",
    "names",
    "parameters_schema",
    "split",
]
