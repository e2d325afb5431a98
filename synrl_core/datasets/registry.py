"""Data sets by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from synrl_core.datasets import digits
from synrl_core.datasets.base import Dataset, DatasetInfo

_LOADERS: dict[str, tuple[DatasetInfo, Callable[..., Dataset]]] = {
    digits.INFO.name: (digits.INFO, digits.load),
}


class UnknownDatasetError(LookupError):
    """No data set has this name."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"there is no data set '{name}'. Choose one of: {', '.join(names())}.")


def names() -> tuple[str, ...]:
    """Return the names of the built-in data sets."""
    return tuple(_LOADERS)


def infos() -> tuple[DatasetInfo, ...]:
    """Return what there is to say of each built-in data set, in the order of `names`."""
    return tuple(info for info, _ in _LOADERS.values())


def load(name: str, parameters: Mapping[str, Any] | None = None) -> Dataset:
    """Load a built-in data set; the last few are kept in memory.

    Raises
    ------
    UnknownDatasetError
        When there is none of this name.
    ValueError
        When a parameter is unknown or out of its range.
    """
    if name not in _LOADERS:
        raise UnknownDatasetError(name)
    return _load_cached(name, tuple(sorted((parameters or {}).items())))


@lru_cache(maxsize=4)
def _load_cached(name: str, parameters: tuple[tuple[str, Any], ...]) -> Dataset:
    _, loader = _LOADERS[name]
    try:
        return loader(**dict(parameters))
    except TypeError as error:
        given = ", ".join(key for key, _ in parameters)
        raise ValueError(f"data set '{name}' does not take these parameters: {given}. ({error})") from error
