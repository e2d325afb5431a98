"""Serialise checkpoints of a run as files: the trainer's whole state, and the progress that the reporter keeps.

Layout: eight bytes that name the format, ``u32`` length of a JSON header, the header, the trainer's state, and the
SHA-256 of all before. A file that was cut off or damaged is recognised, whatever the damage.
"""

from __future__ import annotations

import hashlib
import json
import logging
import struct
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from backend.kit.errors import NotFoundError
from backend.wire.artifacts import Artifacts

log = logging.getLogger(__name__)

_MAGIC = b"SYNRLCK1"
_LENGTH = struct.Struct("<I")
_DIGEST = hashlib.sha256().digest_size


class DamagedError(ValueError):
    """The bytes are no (intact) checkpoint."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Last and best measurements at a checkpoint. None: not measured yet."""

    forward_passes: int = 0
    train_accuracy: float | None = None
    validation_accuracy: float | None = None
    best_validation_accuracy: float | None = None
    best_iteration: int | None = None


@dataclass(frozen=True, slots=True)
class SavedCheckpoint:
    """A checkpoint with the fields that the reporter needs to resume."""

    iteration: int
    next_point: int
    """Points and snapshots at or after this iteration come (again) when the run goes on from here."""
    training_seconds: float
    summary: Summary
    state: bytes
    """As `synrl_core.learning.factory.Trainer.state_bytes` wrote it."""


def pack(saved: SavedCheckpoint) -> bytes:
    """Write a checkpoint. The same checkpoint gives the same bytes."""
    header = {
        "iteration": saved.iteration,
        "next_point": saved.next_point,
        "training_seconds": saved.training_seconds,
        "summary": asdict(saved.summary),
    }
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    content = b"".join([_MAGIC, _LENGTH.pack(len(text)), text, saved.state])
    return content + hashlib.sha256(content).digest()


def unpack(data: bytes) -> SavedCheckpoint:
    """Read a checkpoint.

    Raises
    ------
    DamagedError
        When a byte is missing or differs from what was written.
    """
    content, digest = data[:-_DIGEST], data[-_DIGEST:]
    if not content.startswith(_MAGIC) or hashlib.sha256(content).digest() != digest:
        raise DamagedError(f"these {len(data)} bytes are no checkpoint, or a damaged one")
    start = len(_MAGIC) + _LENGTH.size
    (length,) = _LENGTH.unpack_from(content, len(_MAGIC))
    header = json.loads(content[start : start + length])
    summary = Summary(**header.pop("summary"))
    return SavedCheckpoint(**header, summary=summary, state=content[start + length :])


def newest(artifacts: Artifacts, paths: Iterable[str]) -> SavedCheckpoint | None:
    """Return the first of several checkpoints, newest first, that is there and whole; None if all files are gone.

    Raises
    ------
    OSError
        When none is whole, and one of them could not be read for a reason that may pass.
    DamagedError
        When none is whole, and one of them is damaged; the message names all that are.
    """
    unreadable: OSError | None = None
    damaged: list[str] = []
    for path in paths:
        try:
            return unpack(artifacts.read(path))
        except NotFoundError as error:
            log.warning("checkpoint %s is skipped: %s", path, error)
        except DamagedError as error:
            log.warning("checkpoint %s is skipped: %s", path, error)
            damaged.append(f"{path}: {error}")
        except OSError as error:
            unreadable = error
    if unreadable is not None:
        raise unreadable
    if damaged:
        raise DamagedError("; ".join(damaged))
    return None
