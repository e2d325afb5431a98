"""What happened to a run, in order: what people asked, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from backend.db import runs as repository
from backend.db.tables import Run, RunEvent
from backend.schemas import LogEntry, RunStatus

#: Entries that are shown: a run that takes turns with others has many.
MOST_ENTRIES = 500


class Happened(StrEnum):
    """Kinds of entries."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    EXTEND = "extend"
    REWIND = "rewind"
    TRASHED = "trashed"
    RESTORED = "restored"
    STARTED = "started"
    LEFT = "left"
    """No worker has it any more; the status says what it is now."""
    LOST = "lost"
    """Its worker died."""
    TAKEN_UP = "taken up"
    """The server that trained it ended."""
    MENDED = "mended"
    """The server had to pause it, and could go on."""


def note(session: Session, run: Run, happened: Happened, **detail: Any) -> None:
    """Remember what happened to a run, as it now stands; stored with the change that it tells of, or not at all."""
    detail = {"status": str(run.status)} | detail
    entry = RunEvent(run_id=run.id, at=datetime.now(UTC), kind=happened.value, iteration=run.iteration, detail=detail)
    repository.add_event(session, entry)


def note_action(session: Session, run: Run, action: str, before: tuple[Any, ...]) -> None:
    """Remember a person's pause, resume, stop, extend or rewind, if it changed what `standing` was before it."""
    if standing(run) != before:
        note(session, run, Happened(action), length=run.iterations, length_before=before[2])


def standing(run: Run) -> tuple[Any, ...]:
    """Return what of a run an action changes."""
    return run.status, run.requested, run.iterations, run.rewinds


def listing(session: Session, run_id: str) -> list[LogEntry]:
    """Return what happened to a run, oldest first: its creation, then the newest entries."""
    run = repository.find(session, run_id)
    if run is None:
        return []
    origin = f"Cloned from run {run.parent_id}, and queued." if run.parent_id else "Queued."
    created = LogEntry(at=run.created_at, iteration=0, kind="created", words=origin)
    entries = repository.events(session, run_id, MOST_ENTRIES)
    return [created, *(_entry(one) for one in entries)]


def _entry(event: RunEvent) -> LogEntry:
    return LogEntry(at=event.at, iteration=event.iteration, kind=event.kind, words=_words(event))


def _words(event: RunEvent) -> str:
    at, detail = f"at iteration {event.iteration:,}", event.detail
    match Happened(event.kind):
        case Happened.STARTED:
            begun = "Began" if event.iteration == 0 else f"Went on {at}"
            return f"{begun} on {detail.get('host', 'a worker')}."
        case Happened.PAUSE:
            return "Pause was asked for." if detail["status"] == RunStatus.RUNNING else f"Paused {at}."
        case Happened.STOP:
            return "Stop was asked for." if detail["status"] == RunStatus.RUNNING else f"Stopped {at}."
        case Happened.RESUME:
            return "Pause was taken back." if detail["status"] == RunStatus.RUNNING else "Resumed, and queued."
        case Happened.EXTEND:
            return f"Extended from {detail['length_before']:,} to {detail['length']:,} iterations."
        case Happened.REWIND:
            return "Rewound to iteration 0, and queued. What was measured before was cleared."
        case Happened.TRASHED:
            return "Put into the trash."
        case Happened.RESTORED:
            return "Taken back from the trash."
        case Happened.LOST:
            return f"Its worker died, for the {_ordinal(detail['times'])} time. {_left(at, detail)}"
        case Happened.TAKEN_UP:
            return f"The server had ended while it trained. {_left(at, detail)}"
        case Happened.MENDED:
            return "What had kept it from going on is mended. Queued."
        case Happened.LEFT:
            return _left(at, detail)


def _left(at: str, detail: dict[str, Any]) -> str:
    """Say what a run is that no worker has any more."""
    words = {
        RunStatus.SUCCEEDED: f"Finished {at}.",
        RunStatus.STOPPED: f"Stopped {at}.",
        RunStatus.PAUSED: f"Paused {at}.",
        RunStatus.QUEUED: f"It waits {at} for a worker, and goes on from its last checkpoint.",
        RunStatus.FAILED: f"Failed {at}.",
    }
    reason = f" {detail['error']}" if detail.get("error") else ""
    return f"{words[RunStatus(detail['status'])]}{reason}"


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")
