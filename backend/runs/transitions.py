"""Transition table: which action is allowed on a run in which status, and the status that it leads to."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from backend.kit.errors import ConflictError
from backend.kit.identity import Person, Role
from backend.kit.status import RunStatus

QUEUED, RUNNING, PAUSED = RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.PAUSED
SUCCEEDED, STOPPED, FAILED = RunStatus.SUCCEEDED, RunStatus.STOPPED, RunStatus.FAILED


class Action(StrEnum):
    """Actions on a run."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    EXTEND = "extend"
    REWIND = "rewind"
    CLONE = "clone"
    DELETE = "delete"
    RESTORE = "restore"


class Subject(NamedTuple):
    """Fields of a run that decide which actions are allowed."""

    status: RunStatus
    requested: str | None
    """A request that the run in training has not confirmed yet."""
    in_trash: bool


#: Where an action leads from a status; no entry: refused. An entry that leads to where the run is already makes the
#: action one that can be repeated. A running run gets there when its worker has followed.
TABLE: dict[Action, dict[RunStatus, RunStatus]] = {
    Action.PAUSE: {QUEUED: PAUSED, RUNNING: PAUSED, PAUSED: PAUSED},
    # On a running run it takes back a pause that was not followed yet.
    Action.RESUME: {PAUSED: QUEUED, QUEUED: QUEUED, RUNNING: RUNNING},
    Action.STOP: {QUEUED: STOPPED, RUNNING: STOPPED, PAUSED: STOPPED, STOPPED: STOPPED},
    Action.EXTEND: {QUEUED: QUEUED, RUNNING: RUNNING, PAUSED: PAUSED, SUCCEEDED: QUEUED, STOPPED: QUEUED},
    Action.REWIND: {QUEUED: QUEUED, PAUSED: QUEUED, SUCCEEDED: QUEUED, STOPPED: QUEUED, FAILED: QUEUED},
    Action.CLONE: {status: status for status in RunStatus},
    Action.DELETE: {status: status for status in RunStatus if status != RUNNING},
    Action.RESTORE: {status: status for status in RunStatus},
}

#: These do something although the status stays.
_ALWAYS_OF_USE = frozenset({Action.EXTEND, Action.REWIND, Action.CLONE, Action.DELETE})

_REFUSALS: dict[Action, str] = {
    Action.PAUSE: "there is nothing to pause",
    Action.RESUME: "only a paused run is resumed. Extend it to train it for longer, rewind it to begin anew",
    Action.STOP: "there is nothing to stop",
    Action.EXTEND: "it can't be extended. Rewind it, or clone it with other settings",
    Action.REWIND: "pause or stop it first, then rewind it",
    Action.CLONE: "it can't be cloned",
    Action.DELETE: "it is training. Stop it first, then delete it",
    Action.RESTORE: "it can't be restored",
}


def target(action: Action, subject: Subject, name: str) -> RunStatus:
    """Return the status that an action leads to.

    Raises
    ------
    ConflictError
        When the action is not allowed now, saying why and what is.
    """
    if subject.in_trash and action not in (Action.RESTORE, Action.DELETE):
        raise ConflictError(f"Run '{name}' is in the trash: restore it first.")
    if action == Action.RESUME and subject.requested == "stop":
        raise ConflictError(f"Run '{name}' is about to stop. Extend it afterwards to train it for longer.")
    if action == Action.PAUSE and subject.requested == "stop":
        raise ConflictError(f"Run '{name}' is about to stop: there is nothing to pause.")
    try:
        return TABLE[action][subject.status]
    except KeyError:
        raise ConflictError(f"Run '{name}' {_standing(subject.status)}: {_REFUSALS[action]}.") from None


def allowed(subject: Subject) -> list[str]:
    """Return the actions that are allowed and would change something, in the order of `Action`."""
    return [action.value for action in Action if _is_of_use(action, subject)]


def allowed_to(person: Person, owner: str, actions: list[str]) -> list[str]:
    """Return the actions that a person may take on an owner's run; students may clone runs of others."""
    if person.may_change(owner):
        return actions
    return [action for action in actions if action == Action.CLONE and person.role is Role.STUDENT]


def _is_of_use(action: Action, subject: Subject) -> bool:
    if subject.in_trash or action == Action.RESTORE:
        return subject.in_trash and action == Action.RESTORE
    if subject.status == RUNNING and action in (Action.PAUSE, Action.RESUME, Action.STOP):
        useful = {None: (Action.PAUSE, Action.STOP), "pause": (Action.RESUME, Action.STOP), "stop": ()}
        return action in useful[subject.requested]
    leads_to = TABLE[action].get(subject.status)
    return leads_to is not None and (leads_to != subject.status or action in _ALWAYS_OF_USE)


def _standing(status: RunStatus) -> str:
    return {RUNNING: "is running", QUEUED: "is queued", PAUSED: "is paused", STOPPED: "was stopped"}.get(
        status, f"has already {status}"
    )
