"""Serialise a trainer's whole state as bytes: an npz archive, versioned, never pickle."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synrl_core.errors import CheckpointError

VERSION = 1
_META = "meta"


def pack(meta: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Write a state. The same state gives the same bytes.

    Parameters
    ----------
    meta
        JSON values: configuration, counters, states of random generators.
    arrays
        Numeric arrays by name.
    """
    text = json.dumps({"version": VERSION, **meta}, sort_keys=True)
    members: dict[str, NDArray[Any]] = {_META: np.frombuffer(text.encode(), np.uint8), **arrays}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **members)
    return buffer.getvalue()


def unpack(state: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read a state back into (meta, arrays).

    Raises
    ------
    CheckpointError
        When the bytes are damaged, no checkpoint, or of a version this program doesn't know.
    """
    try:
        with np.load(io.BytesIO(state), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        meta: dict[str, Any] = json.loads(arrays.pop(_META).tobytes())
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise CheckpointError(
            f"these {len(state)} bytes are no checkpoint of a trainer, or a damaged one ({error}). Take an older "
            "checkpoint, or start the run again."
        ) from error
    if meta.get("version") != VERSION:
        raise CheckpointError(
            f"the checkpoint has version {meta.get('version')}; this program reads version {VERSION}. Continue the "
            "run with the program that began it, or start it again."
        )
    return meta, arrays


def content_hash(state: bytes) -> str | None:
    """Return the content hash of the data that a state was made with; None where the state can't be read."""
    try:
        meta, _ = unpack(state)
    except CheckpointError:
        return None  # who resumes from it is told why
    found = meta.get("content_hash")
    return found if isinstance(found, str) else None


def generator_state(rng: np.random.Generator) -> dict[str, Any]:
    """State of a generator as JSON."""
    state: dict[str, Any] = _plain(rng.bit_generator.state)
    return state


def restore_generator(rng: np.random.Generator, state: Mapping[str, Any]) -> None:
    """Restore the state that `generator_state` returned."""
    rng.bit_generator.state = dict(state)


def _plain(value: Any) -> Any:
    """Convert NumPy values inside a nested state to JSON values."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value
