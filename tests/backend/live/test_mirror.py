"""The live state of a run: one copy, whose reports recorder and live feed share."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from backend.kit.status import RunStatus
from backend.live.hub import LiveHub
from backend.live.mirror import REPORTED, Mirrors, Report
from backend.runs.schemas import RunRead
from backend.training.backlog import _pack, _unpack
from backend.wire import columns
from backend.wire.messages import Message, Progress, Started
from tests.backend.api.test_runs import create


def started(run_id: str, attempt: int = 1) -> Started:
    return Started(
        kind="started", run_id=run_id, attempt=attempt, iteration=0, next_point=0, training_seconds=0.0, summary={},
        dataset_hash="abc", provenance={"host": "here"}, lost_checkpoints=0,
    )  # fmt: skip


def progress(run_id: str, accuracies: dict[int, float], attempt: int = 1) -> Progress:
    count = len(accuracies)
    points: columns.Columns = {
        "iteration": np.array(list(accuracies), np.int64),
        "forward_passes": np.array(list(accuracies), np.int64) * 2,
        "seconds": np.zeros(count, np.float32),
        "actions": np.zeros((count, 1, 3), np.int64),
    }
    values = np.array([[one] for one in accuracies.values()], np.float32)
    points |= dict.fromkeys(columns.METRICS, values)
    return Progress(
        kind="progress", run_id=run_id, attempt=attempt, iteration=max(accuracies), iterations_per_second=10.0,
        training_seconds=1.5, points=columns.encode(points), measured_at=1.0,
    )  # fmt: skip


def training(client: TestClient) -> tuple[Mirrors, RunRead]:
    run = RunRead.model_validate(create(client)).model_copy(update={"status": RunStatus.RUNNING})
    mirrors = Mirrors()
    mirrors.begin(run, 1)
    return mirrors, run


def receive(mirrors: Mirrors, *messages: Message) -> list[Report]:
    reports = [report for message in messages if (report := mirrors.receive(message)) is not None]
    assert len(reports) == len(messages)
    return reports


@pytest.mark.guarantee("Jobs: one-state")
def test_what_is_stored_and_what_is_shown_come_from_the_same_copy(client: TestClient) -> None:
    mirrors, run = training(client)
    row: dict[str, Any] = run.model_copy(deep=True).__dict__

    class Row:
        """A row that reports are applied to."""

        def __setattr__(self, name: str, value: Any) -> None:
            row[name] = value

    messages: list[Message] = [started(run.id), progress(run.id, {0: 0.1, 20: 0.5}), progress(run.id, {40: 0.4})]
    for report in receive(mirrors, *messages):
        report.apply(Row())
    shown, _ = mirrors.state(run.id)
    assert shown is not None
    assert {name: row[name] for name in REPORTED} == {name: getattr(shown, name) for name in REPORTED}
    assert (shown.iteration, shown.best_iteration, shown.forward_passes) == (40, 20, 80)


def test_a_report_that_waited_in_the_file_says_the_same(client: TestClient) -> None:
    mirrors, run = training(client)
    for report in receive(mirrors, started(run.id), progress(run.id, {0: 0.1, 20: 0.5})):
        again = _unpack(_pack(report))
        assert json.dumps(again.state) == json.dumps(report.state)
        assert (again.points is None) == (report.points is None)
        assert columns.points(again.points or {}) == columns.points(report.points or {})


def test_changes_of_people_leave_what_the_worker_reported(client: TestClient) -> None:
    mirrors, run = training(client)
    stored = run.model_copy(deep=True)
    receive(mirrors, started(run.id), progress(run.id, {0: 0.1, 20: 0.5}))
    seen = mirrors.refresh(stored.model_copy(update={"name": "renamed", "requested": "stop"}))
    assert seen is not None
    assert (seen.name, seen.requested, seen.iteration, seen.best_iteration) == ("renamed", "stop", 20, 20)
    receive(mirrors, progress(run.id, {40: 0.6}))
    shown, _ = mirrors.state(run.id)
    assert shown is not None
    assert (shown.name, shown.iteration) == ("renamed", 40)


@pytest.mark.guarantee("Jobs: current-attempt")
def test_messages_of_another_attempt_change_nothing(client: TestClient) -> None:
    mirrors, run = training(client)
    assert mirrors.receive(progress(run.id, {20: 0.5}, attempt=2)) is None
    assert mirrors.receive(progress("unknown", {20: 0.5})) is None
    shown, _ = mirrors.state(run.id)
    assert shown is not None
    assert shown.iteration == 0


def test_a_deleted_run_is_stored_on_and_shown_no_more(client: TestClient) -> None:
    mirrors, run = training(client)
    hub = LiveHub(mirrors)
    hub.remove(run.id)
    hub.overview.send()
    [report] = receive(mirrors, progress(run.id, {20: 0.5}))
    hub.receive(report)
    assert not hub.overview.has_changes
    assert mirrors.state(run.id) == (None, None)
    assert report.state["iteration"] == 20


@pytest.mark.guarantee("Jobs: stored-before-final")
def test_the_end_that_a_worker_reports_is_not_shown_before_it_is_stored(client: TestClient) -> None:
    mirrors, run = training(client)
    hub = LiveHub(mirrors)
    ended: Message = {
        "kind": "ended", "run_id": run.id, "attempt": 1, "iteration": 20, "outcome": "completed", "length": 20,
        "error": None,
    }  # fmt: skip
    for report in receive(mirrors, ended):
        hub.receive(report)
    assert not hub.overview.has_changes
    shown, _ = mirrors.state(run.id)
    assert shown is not None
    assert shown.status == RunStatus.RUNNING
    hub.show_end(run.model_copy(update={"status": RunStatus.SUCCEEDED}), 1)
    assert hub.overview.has_changes
    assert mirrors.state(run.id) == (None, None)
