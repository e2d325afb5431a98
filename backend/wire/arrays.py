"""Serialise numeric arrays: little-endian, C-ordered bytes with dtype and shape; never pickled."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Packed = tuple[str, tuple[int, ...], bytes]
"""Dtype as NumPy writes it (``<f4``), shape, and the values."""


def to_bytes(array: NDArray[Any]) -> Packed:
    """Return dtype, shape and values of an array of numbers.

    Raises
    ------
    ValueError
        When it holds objects.
    """
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    if little.dtype.hasobject:
        raise ValueError(f"an array of dtype {array.dtype} holds objects, which are never packed")
    return little.dtype.str, array.shape, little.tobytes()


def from_bytes(dtype: str, shape: tuple[int, ...], data: bytes, offset: int = 0) -> NDArray[Any]:
    """Return the array that `to_bytes` packed: a read-only view of the bytes where possible, else a copy.

    Each array is aligned as its dtype wants it: compiled libraries panic otherwise.

    Raises
    ------
    ValueError
        When there are too few bytes, or the dtype is one of objects.
    """
    count = int(np.prod(shape, dtype=np.int64))
    packed = np.frombuffer(data, dtype=dtype, count=count, offset=offset).reshape(shape)
    return np.require(packed, requirements="A")


def to_npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Write arrays as a compressed npz file."""
    buffer = io.BytesIO()
    # Any: numpy's stub takes its option allow_pickle for one of the arrays.
    save: Any = np.savez_compressed
    save(buffer, **arrays)
    return buffer.getvalue()


def from_npz(data: bytes) -> dict[str, NDArray[Any]]:
    """Read the arrays of an npz file.

    Raises
    ------
    ValueError
        When one of them holds objects, or the bytes are no npz file.
    """
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
