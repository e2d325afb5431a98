"""Policies as JSON, as npz, and from the authors' JLD2 file: bytes in, bytes out, never pickle."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synrl_core.policies.policy import Policy

FORMAT = "synrl-policy"
#: 1 as long as the table is greedy: readers of version 1 would not see a temperature and act otherwise.
VERSION = 2


class PolicyFileError(ValueError):
    """The bytes hold no readable policy."""


def to_json(policy: Policy) -> str:
    """Write a policy as JSON, its table as nested lists ``q[a_t][a_{t-h}]..[R_{t-1}]``."""
    return json.dumps(_described(policy) | {"q": policy.q.tolist()}, indent=1, sort_keys=True, allow_nan=False)


def from_json(text: str | bytes) -> Policy:
    """Read what `to_json` wrote, or any JSON object with a ``name`` and a table ``q``.

    Raises
    ------
    PolicyFileError
        Naming the fault and the expected content.
    """
    try:
        told = json.loads(text)
    except ValueError as error:
        raise PolicyFileError(f"this is no JSON: {error}") from error
    if not isinstance(told, dict) or "q" not in told:
        raise PolicyFileError("a policy file is a JSON object with a table 'q' of shape (3,) * (2h + 1) and a 'name'.")
    return _policy(told, told["q"])


def to_npz(policy: Policy) -> bytes:
    """Write a policy as npz: the table ``q``, and all else as JSON in ``about``."""
    buffer = io.BytesIO()
    about = np.frombuffer(json.dumps(_described(policy), sort_keys=True).encode(), np.uint8)
    np.savez(buffer, allow_pickle=False, q=policy.q, about=about)
    return buffer.getvalue()


def from_npz(data: bytes, name: str = "imported") -> Policy:
    """Read what `to_npz` wrote, or any npz with a table ``q`` (it then gets `name`).

    Raises
    ------
    PolicyFileError
        Naming the fault and the expected content.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
        about = json.loads(arrays["about"].tobytes()) if "about" in arrays else {}
        table = arrays["q"]
    except (ValueError, KeyError, OSError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise PolicyFileError(
            f"this is no npz file with a numeric table 'q' of shape (3,) * (2h + 1): {error}"
        ) from error
    return _policy({"name": name} | about, table)


def from_jld2(data: bytes, name: str = "authors") -> Policy:
    """Read the authors' Julia file: a struct ``pol`` with a table ``Q``.

    Julia stores the first axis innermost, so HDF5 sees the axes in reverse order; they are turned back into
    ``Q[a_t, a_{t-2}, a_{t-1}, R_{t-2}, R_{t-1}]``.

    Raises
    ------
    PolicyFileError
        When the file is another, or h5py is not installed (``pip install 'synrl[jld2]'``).
    """
    try:
        import h5py
    except ImportError as error:
        raise PolicyFileError("reading JLD2 needs h5py; install it with: pip install 'synrl[jld2]'") from error
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            stored = file[file["pol"][()]["Q"]][()]
    except (OSError, KeyError, ValueError, TypeError, IndexError) as error:
        raise PolicyFileError(
            f"this is no JLD2 file of the authors, with a struct 'pol' that has a 'Q': {error}"
        ) from error
    return _policy(
        {
            "name": name,
            "title": "The authors' table",
            "description": "Learned by the authors of the paper, read from their JLD2 file.",
            "lineage": {"made": "by the authors, https://github.com/amanb2000/SynRL"},
        },
        stored.T,
    )


def read(data: bytes, name: str = "imported") -> Policy:
    """Read a policy of any of the three formats, told apart by their first bytes.

    Raises
    ------
    PolicyFileError
        When it is none of them, or damaged.
    """
    if data[:2] == b"PK":
        return from_npz(data, name)
    if b"\x89HDF\r\n\x1a\n" in data[:1024]:
        return from_jld2(data, name)
    return from_json(data)


def _described(policy: Policy) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION if policy.temperature else 1,
        "name": policy.name,
        "title": policy.title,
        "description": policy.description,
        "history": policy.history,
        "exploration": policy.exploration,
        "lineage": dict(policy.lineage),
    } | ({"temperature": policy.temperature} if policy.temperature else {})


def _policy(told: dict[str, Any], table: Any) -> Policy:
    """Make a policy from the content of a file, checking each part."""
    if told.get("version", VERSION) not in range(1, VERSION + 1):
        raise PolicyFileError(
            f"the policy file has version {told['version']}; this program reads versions 1 to {VERSION}."
        )
    try:
        q: NDArray[np.float64] = np.asarray(table, dtype=np.float64)
        exploration = float(told.get("exploration", 0.0))
        texts = {key: str(told.get(key, ""))[:2000] for key in ("name", "title", "description")}
        lineage = dict(told.get("lineage") or {})
        if not texts["name"] or len(texts["name"]) > 200:
            raise ValueError("its name must have 1 to 200 characters.")
        if not 0 <= exploration <= 1:
            raise ValueError(f"its exploration is {exploration}; it must be a probability, 0 to 1.")
        temperature = float(told.get("temperature", 0.0))
        return Policy(**texts, q=q, exploration=exploration, lineage=lineage, temperature=temperature)
    except (TypeError, ValueError) as error:
        raise PolicyFileError(f"the policy can't be used: {error}") from error
