"""Policies as JSON, as npz, and from the authors' JLD2 file: bytes in, bytes out, never pickle."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from synrl_core.policies.policy import Policy
from synrl_core.validation_messages import json_fault

FORMAT = "synrl-policy"
#: 1 as long as the table is greedy: readers of version 1 would not see a temperature and act otherwise.
VERSION = 2


#: What a table is, in the words of refusals.
_TABLE = (
    "numbers in nested lists of three, as many lists deep as the history asks for: 3 for a history of 1, 5 for 2, "
    "7 for 3; for example 3 lists of 3 lists of 3 numbers"
)
_FILE = f"a JSON object with a 'name' and a table 'q', which is {_TABLE}"
#: What NumPy, zipfile and zlib raise on damaged or hostile archives.
_DAMAGE = (
    ValueError, TypeError, KeyError, OSError, EOFError, AttributeError, RuntimeError, MemoryError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip
#: Bytes that an npz may unpack to. The longest history has a table of 17 kB; a lineage takes as much again at most.
_MOST_BYTES = 4 * 2**20
#: Values of the table of the longest history.
_MOST_VALUES = 3**7


class PolicyFileError(ValueError):
    """The bytes hold no readable policy."""


class Remarks(NamedTuple):
    """What people wrote about a policy: it goes with the file and changes no action."""

    notes: str = ""
    tags: tuple[str, ...] = ()


def to_json(policy: Policy, remarks: Remarks | None = None) -> str:
    """Write a policy as JSON, its table as nested lists ``q[a_t][a_{t-h}]..[R_{t-1}]``; remarks where there are any."""
    described = _described(policy, remarks) | {"q": policy.q.tolist()}
    return json.dumps(described, indent=1, sort_keys=True, allow_nan=False)


def from_json(text: str | bytes) -> Policy:
    """Read what `to_json` wrote, or any JSON object with a ``name`` and a table ``q``.

    Raises
    ------
    PolicyFileError
        Naming the fault and the expected content.
    """
    told = _json_object(text)
    return _policy(told, told["q"])


def to_npz(policy: Policy, remarks: Remarks | None = None) -> bytes:
    """Write a policy as npz: the table ``q``, and all else as JSON in ``about``."""
    buffer = io.BytesIO()
    about = np.frombuffer(json.dumps(_described(policy, remarks), sort_keys=True).encode(), np.uint8)
    np.savez(buffer, allow_pickle=False, q=policy.q, about=about)
    return buffer.getvalue()


def from_npz(data: bytes, name: str = "imported") -> Policy:
    """Read what `to_npz` wrote, or any npz with a table ``q`` (it then gets `name`).

    Raises
    ------
    PolicyFileError
        Naming the fault and the expected content.
    """
    about, table = _npz_parts(data)
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
            table = file[file["pol"][()]["Q"]]
            if table.size > _MOST_VALUES:
                raise ValueError("it is larger than a table")
            stored = table[()]
    except (OSError, KeyError, ValueError, TypeError, IndexError, AttributeError, RuntimeError) as error:
        raise PolicyFileError(
            "this is no JLD2 file of the authors: expected a struct 'pol' with a table 'Q'. Bring the authors' file as "
            "it is, whole."
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


def read_remarks(data: bytes) -> Remarks:
    """Read the remarks of a file that `read` reads; files of earlier versions, and the authors', have none.

    Raises
    ------
    PolicyFileError
        When they are something else than text and a list of texts.
    """
    if b"\x89HDF\r\n\x1a\n" in data[:1024]:
        return Remarks()
    told = _npz_parts(data)[0] if data[:2] == b"PK" else _json_object(data)
    notes, tags = told.get("notes", ""), told.get("tags", [])
    if not isinstance(notes, str) or not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise PolicyFileError('its notes should be text and its tags a list of texts, for example ["lecture 3"].')
    return Remarks(notes, tuple(tags))


def _json_object(text: str | bytes) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PolicyFileError(f"this is no JSON: {json_fault(error)}. Expected {_FILE}.") from error
    if not isinstance(told, dict) or "q" not in told:
        raise PolicyFileError(f"this is JSON, but no policy. Expected {_FILE}.")
    return told


def _npz_parts(data: bytes) -> tuple[dict[str, Any], NDArray[Any]]:
    """Return what an npz tells of its policy, and the table."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            if sum(member.file_size for member in archive.zip.infolist()) > _MOST_BYTES:
                raise ValueError("it unpacks to more than a policy")
            arrays = {key: archive[key] for key in archive.files}
        about = json.loads(arrays["about"].tobytes()) if "about" in arrays else {}
        return dict(about), arrays["q"]
    except _DAMAGE as error:
        raise PolicyFileError(
            "this is no npz file of a policy: expected an array 'q' of numbers with 3, 5 or 7 axes of length 3, for a "
            "history of 1, 2 or 3."
        ) from error


def _described(policy: Policy, remarks: Remarks | None = None) -> dict[str, Any]:
    told = {name: value for name, value in (remarks or Remarks())._asdict().items() if value}
    return (
        told
        | {
            "format": FORMAT,
            "version": VERSION if policy.temperature else 1,
            "name": policy.name,
            "title": policy.title,
            "description": policy.description,
            "history": policy.history,
            "exploration": policy.exploration,
            "lineage": dict(policy.lineage),
        }
        | ({"temperature": policy.temperature} if policy.temperature else {})
    )


def _policy(told: dict[str, Any], table: Any) -> Policy:
    """Make a policy from the content of a file, checking each part."""
    if told.get("version", VERSION) not in range(1, VERSION + 1):
        raise PolicyFileError(
            f"the policy file has version {told['version']}; this program reads versions 1 to {VERSION}."
        )
    texts = {key: str(told.get(key, ""))[:2000] for key in ("name", "title", "description")}
    if not texts["name"] or len(texts["name"]) > 200:
        raise PolicyFileError("its name should have 1 to 200 characters, for example 'my policy'.")
    lineage = told.get("lineage") or {}
    if "\0" in "".join(texts.values()) or not _is_storable([texts, lineage]):
        raise PolicyFileError(
            "its name, title, description and lineage should have whole characters other than U+0000, and no NaN or "
            "infinity."
        )
    if not isinstance(lineage, Mapping):
        raise PolicyFileError("its lineage should be an object: names with values; leave it out where there is none.")
    exploration = _number(told, "exploration", "a probability from 0 to 1, for example 0.1")
    if not 0 <= exploration <= 1:
        raise PolicyFileError(f"its exploration is {exploration}; it should be a probability from 0 to 1.")
    temperature = _number(told, "temperature", "a number of at least 0, for example 0.5")
    q = _table(table)
    try:
        return Policy(**texts, q=q, exploration=exploration, lineage=dict(lineage), temperature=temperature)
    except ValueError as error:
        raise PolicyFileError(f"the policy can't be used: {error}") from error


def _is_storable(about: Any) -> bool:
    """Return whether JSON can be written again: Python reads NaN and half characters, which databases refuse."""
    try:
        json.dumps(about, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return False
    return True


def _number(told: Mapping[str, Any], name: str, allowed: str) -> float:
    given = told.get(name, 0.0)
    try:
        return float(given)
    except (TypeError, ValueError, OverflowError) as error:
        raise PolicyFileError(f"its {name} should be {allowed} (given: {str(given)[:80]!r}).") from error


def _table(given: Any) -> NDArray[np.float64]:
    """Read a table of numbers, however deep; `Policy` holds its shape against what a history asks for."""
    try:
        table: NDArray[np.float64] = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise PolicyFileError(f"its table 'q' has words, or lists of other lengths. It should be {_TABLE}.") from error
    return table
