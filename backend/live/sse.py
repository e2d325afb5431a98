"""Encoder of server-sent events of a run. An event with points has an id that states the position of the reader."""

from __future__ import annotations

import re
from typing import NamedTuple

from fastapi.sse import format_sse_event

from backend.live.schemas import Frame, RunProgress
from backend.runs.schemas import RunRead

#: Comment that keeps proxies from closing a silent stream.
KEEP_ALIVE = b": keep-alive\n\n"
#: Milliseconds after which a browser opens a broken stream again.
RETRY = b"retry: 2000\n\n"
RESET = b"event: reset\ndata: {}\n\n"
DELETED = b"event: deleted\ndata: {}\n\n"


class Position(NamedTuple):
    """Position of a reader in a run's event stream: rewind count, attempt and iteration."""

    rewinds: int = 0
    attempt: int = 0
    iteration: int = -1
    ended: bool = False

    def __str__(self) -> str:
        """Return what `parse` reads."""
        return f"{self.rewinds}.{self.attempt}.{self.iteration}{'.end' if self.ended else ''}"


def parse(event_id: str | None) -> Position | None:
    """Read the id of the last event that a reader has; None for one that has none, or none of ours."""
    match = re.fullmatch(r"([0-9]{1,9})\.([0-9]{1,9})\.(-1|[0-9]{1,18})(\.end)?", event_id or "")
    if match is None:
        return None
    return Position(int(match[1]), int(match[2]), int(match[3]), match[4] is not None)


def points(measured: Frame, rewinds: int, attempt: int) -> bytes:
    """Encode points; the frame has metrics and actions."""
    last = measured.metrics.iteration[-1] if measured.metrics else -1
    return _event("points", measured.model_dump_json(exclude_none=True), Position(rewinds, attempt, last))


def run(run: RunRead) -> bytes:
    """Encode the state of a run."""
    return _event("run", run.model_dump_json(exclude={"provenance"}))


def progress(now: RunProgress) -> bytes:
    """Encode the progress of a run."""
    return _event("progress", now.model_dump_json())


def end(run: RunRead, position: Position) -> bytes:
    """Encode the last event: the run has ended, and all its points were sent."""
    return _event("end", run.model_dump_json(), position._replace(ended=True))


def _event(kind: str, data: str, position: Position | None = None) -> bytes:
    return format_sse_event(event=kind, data_str=data, id=None if position is None else str(position))
