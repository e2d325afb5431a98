from __future__ import annotations

import itertools

import pytest

from backend.kit.errors import ConflictError
from backend.kit.status import RunStatus
from backend.runs import transitions
from backend.runs.transitions import TABLE, Action, Subject

EVERY_SUBJECT = [
    Subject(status, requested, in_trash)
    for status, requested, in_trash in itertools.product(RunStatus, (None, "pause", "stop"), (False, True))
    if (requested is None or status == RunStatus.RUNNING) and not (in_trash and status == RunStatus.RUNNING)
]


@pytest.mark.parametrize("subject", EVERY_SUBJECT, ids=str)
def test_what_is_offered_is_carried_out(subject: Subject) -> None:
    for action in transitions.allowed(subject):
        assert isinstance(transitions.target(Action(action), subject, "a"), RunStatus)


@pytest.mark.parametrize("subject", EVERY_SUBJECT, ids=str)
def test_what_is_refused_says_the_runs_name_and_how_it_stands(subject: Subject) -> None:
    offered = transitions.allowed(subject)
    for action in Action:
        if action.value in offered:
            continue
        refusal = _refusal(action, subject)
        assert refusal is None or "Run 'Ada's run' " in refusal


def _refusal(action: Action, subject: Subject) -> str | None:
    """Return why an action is refused; None for one that may be repeated."""
    try:
        leads_to = transitions.target(action, subject, "Ada's run")
    except ConflictError as error:
        return error.detail
    assert leads_to == subject.status or subject.status == RunStatus.RUNNING
    return None


@pytest.mark.parametrize("action", [Action.PAUSE, Action.STOP, Action.RESUME, Action.DELETE, Action.RESTORE])
def test_an_action_may_be_repeated_where_it_has_led(action: Action) -> None:
    for leads_to in TABLE[action].values():
        assert TABLE[action].get(leads_to) in (leads_to, None)
        if leads_to in TABLE[action]:
            assert TABLE[action][leads_to] == leads_to


def test_a_running_run_offers_what_has_not_been_asked_yet() -> None:
    offered = {wish: transitions.allowed(Subject(RunStatus.RUNNING, wish, False)) for wish in (None, "pause", "stop")}
    assert offered == {
        None: ["pause", "stop", "extend", "clone"],
        "pause": ["resume", "stop", "extend", "clone"],
        "stop": ["extend", "clone"],
    }


def test_what_lies_in_the_trash_can_only_be_restored() -> None:
    subject = Subject(RunStatus.SUCCEEDED, None, True)
    assert transitions.allowed(subject) == ["restore"]
    with pytest.raises(ConflictError, match="restore it first"):
        transitions.target(Action.EXTEND, subject, "a")
