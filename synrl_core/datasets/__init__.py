"""The data sets that ship, and readers for the user's own."""

from synrl_core.datasets.base import Dataset, DatasetInfo, Split, split
from synrl_core.datasets.registry import UnknownDatasetError, infos, load, names

__all__ = ["Dataset", "DatasetInfo", "Split", "UnknownDatasetError", "infos", "load", "names", "split"]
