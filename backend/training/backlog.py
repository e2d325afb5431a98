"""Backlog of reports while the database can't be written: bounded, in memory, then in a file."""

from __future__ import annotations

import base64
import json
import logging
import tempfile
from collections import deque
from pathlib import Path
from typing import IO, Any, cast

from backend.live.mirror import Report
from backend.wire import columns
from backend.wire.messages import Message

log = logging.getLogger(__name__)

#: Bytes of messages that wait in memory.
MEMORY_BYTES = 32 * 2**20
#: Bytes of messages that are written in one transaction.
BATCH_BYTES = 4 * 2**20
#: What a message takes beside its points.
_OVERHEAD = 1200


class BacklogFullError(Exception):
    """The backlog is full: the file reached its limit, or the disk is full."""


class Backlog:
    """Bounded FIFO queue of reports.

    The file is nobody's after a crash, and nobody misses it: what the database has not got is measured again, for a
    run goes on from what is stored.

    Parameters
    ----------
    folder
        Where the file lies, once there is one.
    file_bytes
        Its limit.
    """

    def __init__(self, folder: Path, file_bytes: int, memory_bytes: int = MEMORY_BYTES) -> None:
        self._folder = folder
        self._file_limit, self._memory_limit = file_bytes, memory_bytes
        self._memory: deque[Report] = deque()
        self._memory_bytes = 0
        self._file: IO[bytes] | None = None
        self._read_at = self._write_at = 0
        self._in_file = 0

    def __len__(self) -> int:
        return len(self._memory) + self._in_file

    @property
    def bytes(self) -> int:
        """Bytes of the waiting messages, in memory and in the file."""
        return self._memory_bytes + self._write_at - self._read_at

    def append_report(self, report: Report) -> None:
        """Append a message.

        Raises
        ------
        BacklogFullError
            When there is no room for it.
        """
        if self._in_file == 0 and self._memory_bytes + size(report) <= self._memory_limit:
            self._memory.append(report)
            self._memory_bytes += size(report)
        else:
            self._append(report)

    def pop_batch(self) -> list[Report]:
        """Remove and return the oldest messages, as many as one transaction writes."""
        batch: list[Report] = []
        room = BATCH_BYTES
        while (self._memory or self._in_file) and room > 0:
            if self._memory:
                report = self._memory.popleft()
                self._memory_bytes -= size(report)
            else:
                report = self._read()
            room -= size(report)
            batch.append(report)
        return batch

    def restore_batch(self, batch: list[Report]) -> None:
        """Put messages back at the front: they could not be written."""
        self._memory.extendleft(reversed(batch))
        self._memory_bytes += sum(map(size, batch))

    def close(self) -> None:
        """Discard all waiting messages."""
        if self._file is not None:
            self._file.close()
        self._file, self._in_file, self._read_at, self._write_at = None, 0, 0, 0
        self._memory.clear()
        self._memory_bytes = 0

    def _append(self, report: Report) -> None:
        line = _pack(report)
        if self._write_at + len(line) > self._file_limit:
            raise BacklogFullError(f"{self._file_limit:,} bytes wait for the database")
        try:
            if self._file is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(dir=self._folder, prefix="backlog-")  # noqa: SIM115 (kept open)
            self._file.seek(self._write_at)
            self._file.write(line)
            self._file.flush()
        except OSError as error:
            raise BacklogFullError(f"nothing can be kept in {self._folder}: {error}") from error
        self._write_at += len(line)
        self._in_file += 1

    def _read(self) -> Report:
        assert self._file is not None  # noqa: S101 (there are messages in it)
        self._file.seek(self._read_at)
        line = self._file.readline()
        self._read_at += len(line)
        self._in_file -= 1
        if not self._in_file:
            self._file.close()
            self._file, self._read_at, self._write_at = None, 0, 0
        return _unpack(line)


def size(report: Report) -> int:
    """Return about how many bytes a report holds, its points packed and decoded."""
    packed = report.message.get("points")
    decoded = sum(array.nbytes for array in (report.points or {}).values())
    return _OVERHEAD + (len(packed) if isinstance(packed, bytes) else 0) + decoded


def _pack(report: Report) -> bytes:
    def plain(value: Any) -> dict[str, str]:
        return {"bytes": base64.b85encode(value).decode()}

    content = {"message": report.message, "state": report.state}
    return json.dumps(content, default=plain, separators=(",", ":")).encode() + b"\n"


def _unpack(line: bytes) -> Report:
    def rich(value: dict[str, Any]) -> Any:
        return (
            base64.b85decode(value["bytes"]) if set(value) == {"bytes"} and isinstance(value["bytes"], str) else value
        )

    content = json.loads(line, object_hook=rich)
    message = cast("Message", content["message"])
    packed = message["points"] if message["kind"] == "progress" else None
    return Report(message, None if packed is None else columns.decode(packed), content["state"])
