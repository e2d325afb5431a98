"""Requests to runs in training, followed by a real worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.runs import queries as repository
from backend.training.runtime import Jobs
from backend.wire import checkpoints
from tests.server import wait_for

LONG = {"dataset": "digits", "hidden_layers": [8], "iterations": 10_000_000, "evaluate_every": 50}
SHORT = LONG | {"iterations": 5000, "evaluate_every": 250, "snapshot_every": 1500}
#: Long enough to be paused on the way on a quick machine too, which trains `SHORT` in a tenth of a second.
PAUSED = LONG | {"iterations": 25_000, "evaluate_every": 1000, "snapshot_every": 7500}


def create(client: TestClient, config: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/runs", json={"config": config} | more)
    assert answer.status_code == 201, answer.text
    run: dict[str, Any] = answer.json()
    return run


def look(client: TestClient, run: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/runs/{run['id']}").json()
    return found


def do(client: TestClient, run: dict[str, Any], action: str, **body: Any) -> dict[str, Any]:
    answer = client.post(f"/api/v1/runs/{run['id']}/{action}", json=body or None)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


def until(
    client: TestClient, run: dict[str, Any], seen: Callable[[dict[str, Any]], bool], timeout: float = 60
) -> dict[str, Any]:
    return wait_for(lambda: look(client, run), seen, timeout)


def until_status(client: TestClient, run: dict[str, Any], *statuses: str) -> dict[str, Any]:
    return until(client, run, lambda seen: seen["status"] in statuses)


def training(client: TestClient, config: dict[str, Any] = LONG, **more: Any) -> dict[str, Any]:
    run = create(client, config, **more)
    return until(client, run, lambda seen: seen["status"] == "running" and seen["iteration"] > 0)


def jobs(client: TestClient) -> Jobs:
    found: Jobs = client.app.state.jobs  # type: ignore[attr-defined]
    return found


def final_bytes(client: TestClient, run: dict[str, Any]) -> bytes:
    """Return the trainer's whole state as the newest checkpoint has it."""
    with client.app.state.store.read() as session:  # type: ignore[attr-defined]
        [newest, *_] = repository.checkpoint_paths(session, run["id"])
    return checkpoints.unpack(jobs(client).artifacts.read(newest)).state


def curve(client: TestClient, run: dict[str, Any]) -> Any:
    metrics = client.get(f"/api/v1/runs/{run['id']}/metrics").json()
    snapshots = client.get(f"/api/v1/runs/{run['id']}/snapshots").json()
    actions = client.get(f"/api/v1/runs/{run['id']}/actions").json()
    return metrics["iteration"], metrics["values"], actions, snapshots


@pytest.fixture(scope="module")
def undisturbed(client: TestClient) -> dict[str, Any]:
    return until_status(client, create(client, SHORT), "succeeded")


def test_pause_frees_the_worker_and_resume_goes_on_to_the_same_end(client: TestClient) -> None:
    run = training(client, PAUSED)
    for _ in range(2):
        do(client, run, "pause")
    paused = until_status(client, run, "paused")
    assert 0 < paused["iteration"] < 25_000
    assert paused["requested"] is None
    assert "resume" in paused["allowed_actions"]
    other = until_status(client, create(client, SHORT | {"iterations": 20}), "succeeded")
    assert other["iteration"] == 20
    assert look(client, run)["iteration"] == paused["iteration"]
    for _ in range(2):
        do(client, run, "resume")
    done = until_status(client, run, "succeeded")
    undisturbed = until_status(client, create(client, PAUSED), "succeeded")
    assert final_bytes(client, done) == final_bytes(client, undisturbed)
    assert curve(client, done) == curve(client, undisturbed)
    assert done["started_at"] == paused["started_at"]


@pytest.mark.timed
@pytest.mark.parametrize(("action", "status"), [("pause", "paused"), ("stop", "stopped")])
def test_requests_to_a_fast_run_are_followed_within_half_a_second(client: TestClient, action: str, status: str) -> None:
    """Of five tries the best counts: a machine that does something else meanwhile is not what is measured."""
    times = []
    for _ in range(5):
        run = training(client)
        asked = time.perf_counter()
        do(client, run, action)
        until_status(client, run, status)
        times.append(time.perf_counter() - asked)
        if times[-1] < 0.5:
            break
        do(client, run, "stop")
    assert min(times) < 0.5, times
    do(client, run, "stop")


def test_a_run_in_training_hears_that_it_is_to_become_longer(client: TestClient, undisturbed: dict[str, Any]) -> None:
    """It goes on without a break: the end at the old length is never measured, as in a run of the new length."""
    long = SHORT | {"iterations": 8000, "schedule_iterations": 5010}
    expected = until_status(client, create(client, long), "succeeded")
    run = training(client, SHORT | {"iterations": 5010})
    extended = do(client, run, "extend", iterations=2990, from_iterations=5010)
    done = until_status(client, run, "succeeded")
    assert (done["iteration"], done["iterations"]) == (8000, 8000)
    assert final_bytes(client, done) == final_bytes(client, expected)
    if extended["status"] == "running":
        assert curve(client, done) == curve(client, expected)


def test_a_finished_run_is_extended_from_where_it_ended(client: TestClient) -> None:
    expected = until_status(client, create(client, SHORT | {"schedule_iterations": 2500}), "succeeded")
    run = until_status(client, create(client, SHORT | {"iterations": 2500}), "succeeded")
    before = curve(client, run)
    assert do(client, run, "extend", iterations=2500)["status"] in ("queued", "running")
    done = until_status(client, run, "succeeded")
    assert done["config"] == expected["config"]
    assert final_bytes(client, done) == final_bytes(client, expected)
    iterations, values, *_ = curve(client, done)
    assert iterations == curve(client, expected)[0]
    assert iterations[: len(before[0])] == before[0]
    assert values["train_loss"][: len(before[0])] == before[1]["train_loss"]
    assert done["training_seconds"] > run["training_seconds"]


def test_a_stopped_run_goes_on_when_it_is_extended(client: TestClient) -> None:
    run = training(client)
    do(client, run, "stop")
    stopped = until_status(client, run, "stopped")
    extended = do(client, run, "extend", iterations=100)
    assert extended["iterations"] == stopped["iteration"] + 100
    done = until_status(client, run, "succeeded")
    iterations = curve(client, done)[0]
    assert iterations == [*range(0, done["iteration"], 50), done["iteration"]]


def test_rewinding_trains_the_same_again(client: TestClient, undisturbed: dict[str, Any]) -> None:
    run = until_status(client, create(client, SHORT), "succeeded")
    expected, expected_bytes = curve(client, run), final_bytes(client, run)
    files = jobs(client).artifacts.run_files()
    assert do(client, run, "rewind")["iteration"] == 0
    again = until_status(client, run, "succeeded")
    assert curve(client, again) == expected == curve(client, undisturbed)
    assert final_bytes(client, again) == expected_bytes
    left = [path for path in files if path.split("/")[1] == run["id"]]
    wait_for(lambda: [path for path in left if jobs(client).artifacts.exists(path)], lambda found: not found, 10)


def test_a_run_of_a_sweep_makes_room_for_one_that_somebody_waits_for(
    client: TestClient, undisturbed: dict[str, Any]
) -> None:
    body = {"config": SHORT | {"iterations": 200_000}, "grid": {"seed": [0, 1]}, "owner": "researcher"}
    sweep = client.post("/api/v1/sweeps", json=body).json()
    first, second = ({"id": run_id} for run_id in sweep["run_ids"])
    until(client, first, lambda seen: seen["status"] == "running" and seen["iteration"] > 0)
    quick = until_status(client, create(client, SHORT, owner="student"), "succeeded")
    statuses = [look(client, run)["status"] for run in (first, second)]
    assert "succeeded" not in statuses, "the student waited for the sweep"
    assert final_bytes(client, quick) == final_bytes(client, undisturbed)
    until(client, first, lambda seen: seen["status"] == "running")
    went_on = look(client, first)
    assert went_on["iteration"] > 0
    assert client.post(f"/api/v1/sweeps/{sweep['id']}/stop").status_code == 200
    wait_for(
        lambda: client.get(f"/api/v1/sweeps/{sweep['id']}").json()["by_status"], lambda seen: seen == {"stopped": 2}
    )
    assert client.delete(f"/api/v1/sweeps/{sweep['id']}?purge=true").status_code == 204
    assert client.get(f"/api/v1/sweeps/{sweep['id']}").status_code == 404


def test_waiting_runs_see_their_places_and_move_up(client: TestClient) -> None:
    blocking = training(client, owner="a")
    waiting = [create(client, SHORT | {"iterations": 5}, owner=owner) for owner in ("b", "b", "c")]
    assert [look(client, run)["queue_position"] for run in waiting] == [1, 3, 2]
    with client.websocket_connect(f"/api/v1/runs/{waiting[1]['id']}/live") as socket:
        assert socket.receive_json()["run"]["queue_position"] == 3
        do(client, waiting[0], "pause")
        while (frame := socket.receive_json())["run"].get("queue_position") == 3:
            continue
        assert frame["run"]["queue_position"] == 1
    for run in (*waiting, blocking):
        do(client, run, "stop")
    until_status(client, blocking, "stopped")
