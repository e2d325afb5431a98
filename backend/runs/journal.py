"""Journal of a run: what people requested and what happened, in order."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from backend.db.guard import person_of
from backend.db.tables import Run, RunEvent
from backend.kit.identity import TEACHER
from backend.kit.status import RunStatus
from backend.runs import queries as repository
from backend.runs.journal_schemas import LogEntry

#: Entries that are shown: a run that takes turns with others has many.
MOST_ENTRIES = 500


class EventKind(StrEnum):
    """Kinds of journal entries."""

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
    RECOVERED = "taken up"
    """The server that trained it ended."""
    RESUMED_HELD = "mended"
    """The server had to pause it, and could go on."""


def record_event(session: Session, run: Run, happened: EventKind, **detail: Any) -> None:
    """Add an entry to the journal of a run; stored in the transaction of the change that it describes.

    Who did it is stored if people sign in on this server.
    """
    person = person_of(session)
    detail = {"status": str(run.status)} | ({"by": person.name} if person.signed_in else {}) | detail
    entry = RunEvent(run_id=run.id, at=datetime.now(UTC), kind=happened.value, iteration=run.iteration, detail=detail)
    repository.add_event(session, entry)


def record_action(session: Session, run: Run, action: str, before: tuple[Any, ...]) -> None:
    """Add a person's pause, resume, stop, extend or rewind, if it changed the `requested_state` from before."""
    if requested_state(run) != before:
        record_event(session, run, EventKind(action), length=run.iterations, length_before=before[2])


def requested_state(run: Run) -> tuple[Any, ...]:
    """Return the fields of a run that an action changes."""
    return run.status, run.requested, run.iterations, run.rewinds


def listing(session: Session, run_id: str) -> list[LogEntry]:
    """Return the journal of a run, oldest first: its creation, then the newest entries."""
    run = repository.find(session, run_id)
    if run is None:
        return []
    by = _by(run.owner) if run.owner != TEACHER.name else ""
    origin = f"Cloned from run {run.parent_id}{by}, and queued." if run.parent_id else f"Queued{by}."
    created = LogEntry(at=run.created_at, iteration=0, kind="created", words=origin)
    entries = repository.events(session, run_id, MOST_ENTRIES)
    return [created, *(_entry(one) for one in entries)]


def _entry(event: RunEvent) -> LogEntry:
    return LogEntry(at=event.at, iteration=event.iteration, kind=event.kind, words=_words(event))


def _words(event: RunEvent) -> str:
    at, detail = f"at iteration {event.iteration:,}", event.detail
    by = _by(detail.get("by"))
    match EventKind(event.kind):
        case EventKind.STARTED:
            begun = "Began" if event.iteration == 0 else f"Went on {at}"
            lost = detail.get("lost_checkpoints", 0)
            if lost:
                files = "its checkpoint is" if lost == 1 else f"its {lost} checkpoints are"
                return f"Began anew on {detail.get('host', 'a worker')}: {files} no longer among the artifacts."
            return f"{begun} on {detail.get('host', 'a worker')}."
        case EventKind.PAUSE:
            return f"Pause was asked for{by}." if detail["status"] == RunStatus.RUNNING else f"Paused {at}{by}."
        case EventKind.STOP:
            return f"Stop was asked for{by}." if detail["status"] == RunStatus.RUNNING else f"Stopped {at}{by}."
        case EventKind.RESUME:
            return (
                f"Pause was taken back{by}." if detail["status"] == RunStatus.RUNNING else f"Resumed{by}, and queued."
            )
        case EventKind.EXTEND:
            return f"Extended from {detail['length_before']:,} to {detail['length']:,} iterations{by}."
        case EventKind.REWIND:
            return f"Rewound to iteration 0{by}, and queued. What was measured before was cleared."
        case EventKind.TRASHED:
            return f"Put into the trash{by}."
        case EventKind.RESTORED:
            return f"Taken back from the trash{by}."
        case EventKind.LOST:
            return f"Its worker died, for the {_ordinal(detail['times'])} time. {_left(at, detail)}"
        case EventKind.RECOVERED:
            return f"The server had ended while it trained. {_left(at, detail)}"
        case EventKind.RESUMED_HELD:
            return "What had kept it from going on is mended. Queued."
        case EventKind.LEFT:
            return _left(at, detail)


def _by(name: str | None) -> str:
    """Name the person of an entry; empty where that is not known, or there is nobody else."""
    if not name:
        return ""
    return " by the teacher" if name == TEACHER.name else f" by {name}"


def _left(at: str, detail: dict[str, Any]) -> str:
    """Describe the state of a run that no worker has any more."""
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
