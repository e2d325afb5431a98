"""Serialise named numeric arrays: format of measured points in messages and in the database.

Layout: ``u32`` length of a JSON header ``{name: [dtype, shape]}``, the header, the arrays' bytes one behind the
other, little-endian and C-ordered; all of it deflated. A point with six float32 values costs about twelve bytes.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.wire import arrays
from synrl_core.measuring import metrics

Columns = dict[str, NDArray[Any]]

#: The metric columns, (points, replicates) float32.
METRICS: tuple[str, ...] = metrics.NAMES

_LENGTH = struct.Struct("<I")
_DTYPES = frozenset({"<f4", "<f8", "<i4", "<i8", "|i1", "|u1"})


def encode(columns: Mapping[str, NDArray[Any]]) -> bytes:
    """Pack arrays of any shape into bytes.

    Raises
    ------
    ValueError
        When an array has a dtype that the format does not know.
    """
    header: dict[str, tuple[str, tuple[int, ...]]] = {}
    parts: list[bytes] = []
    for name, array in columns.items():
        dtype, shape, data = arrays.to_bytes(array)
        if dtype not in _DTYPES:
            raise ValueError(f"column '{name}' has dtype {array.dtype}; allowed: {', '.join(sorted(_DTYPES))}")
        header[name] = (dtype, shape)
        parts.append(data)
    head = json.dumps(header, separators=(",", ":")).encode()
    return zlib.compress(b"".join([_LENGTH.pack(len(head)), head, *parts]), level=1)


def decode(data: bytes) -> Columns:
    """Unpack what `encode` packed.

    Raises
    ------
    ValueError
        When the bytes are not of this format.
    """
    try:
        raw = zlib.decompress(data)
        (length,) = _LENGTH.unpack_from(raw)
        header = json.loads(raw[_LENGTH.size : _LENGTH.size + length])
        columns: Columns = {}
        offset = _LENGTH.size + length
        for name, (dtype, shape) in header.items():
            if dtype not in _DTYPES:
                raise ValueError(f"unknown dtype {dtype}")
            columns[name] = arrays.from_bytes(dtype, shape, raw, offset)
            offset += columns[name].nbytes
    except (zlib.error, struct.error, json.JSONDecodeError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"these {len(data)} bytes are not packed columns: {error}") from error
    return columns


def concatenate(chunks: Sequence[Columns]) -> Columns:
    """Join chunks along their first axis, that of the points.

    All chunks have the same columns. No chunk gives no column.
    """
    if len(chunks) == 1:
        return chunks[0]
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in (chunks[0] if chunks else ())}


def points(columns: Columns) -> int:
    """Return how many points the columns hold."""
    return len(columns["iteration"]) if columns else 0
