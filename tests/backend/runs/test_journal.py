"""The journal of a run: complete, in order and readable."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from backend.db.store import Store
from backend.kit.identity import LOCAL_USER, TEACHER, Person, Role, acting
from backend.kit.status import RunStatus
from backend.runs import journal as log
from backend.runs import queries as repository
from backend.runs import service as runs
from backend.runs import trash
from backend.runs.schemas import RunCreate
from backend.training.transactions import ClaimedRun, Transactions
from backend.wire.artifacts import Artifacts
from backend.wire.messages import Job
from synrl_core.config import TrainingConfig
from tests.backend.api.test_runs import create, finished
from tests.server import wait_for


def told(client: TestClient, run: dict[str, Any]) -> list[str]:
    return [entry["words"] for entry in client.get(f"/api/v1/runs/{run['id']}/log").json()]


def test_the_log_tells_what_was_asked_and_what_became_of_it(client: TestClient) -> None:
    run = create(client, iterations=100_000, evaluate_every=1000)
    where = f"/api/v1/runs/{run['id']}"
    wait_for(lambda: client.get(where).json(), lambda seen: seen["iteration"] > 0)
    client.post(f"{where}/pause")
    client.post(f"{where}/pause")
    paused = wait_for(lambda: client.get(where).json(), lambda seen: seen["status"] == "paused")
    client.post(f"{where}/extend", json={"iterations": 500})
    client.post(f"{where}/resume")
    wait_for(lambda: client.get(where).json(), lambda seen: seen["iteration"] > paused["iteration"])
    client.post(f"{where}/stop")
    stopped = finished(client, run)
    client.delete(where)
    client.post(f"{where}/restore")
    words = told(client, run)
    assert words[0] == "Queued."
    assert words[1].startswith("Began on ")
    assert words[2:5] == [
        "Pause was asked for.",
        f"Paused at iteration {paused['iteration']:,}.",
        "Extended from 100,000 to 100,500 iterations.",
    ], "asked twice, told once"
    assert words[5] == "Resumed, and queued."
    assert words[6].startswith(f"Went on at iteration {paused['iteration']:,} on ")
    assert words[7:] == [
        "Stop was asked for.",
        f"Stopped at iteration {stopped['iteration']:,}.",
        "Put into the trash.",
        "Taken back from the trash.",
    ]


def paused_run(client: TestClient) -> tuple[dict[str, Any], list[str]]:
    """A run paused in the middle, and where its checkpoints lie."""
    run = create(client, iterations=100_000, evaluate_every=1000)
    where = f"/api/v1/runs/{run['id']}"
    wait_for(lambda: client.get(where).json(), lambda seen: seen["iteration"] > 0)
    client.post(f"{where}/pause")
    paused: dict[str, Any] = wait_for(lambda: client.get(where).json(), lambda seen: seen["status"] == "paused")
    store: Store = client.app.state.store  # type: ignore[attr-defined]
    with store.read() as session:
        return paused, list(repository.checkpoint_paths(session, run["id"]))


def test_a_run_whose_checkpoint_cannot_be_read_fails_where_it_stood(client: TestClient) -> None:
    paused, paths = paused_run(client)
    artifacts: Artifacts = client.app.state.jobs.artifacts  # type: ignore[attr-defined]
    assert paths
    for path in paths:
        artifacts.write(path, b"nonsense")
    client.post(f"/api/v1/runs/{paused['id']}/resume")
    failed = finished(client, paused)
    assert (failed["status"], failed["iteration"]) == ("failed", paused["iteration"])
    assert "None of its checkpoints is whole" in failed["error"]
    assert told(client, paused)[-1].startswith(f"Failed at iteration {paused['iteration']:,}. None of its checkpoints")


def test_a_run_whose_checkpoints_are_gone_says_that_it_begins_anew(client: TestClient) -> None:
    paused, paths = paused_run(client)
    artifacts: Artifacts = client.app.state.jobs.artifacts  # type: ignore[attr-defined]
    for path in paths:
        artifacts.delete(path)
    where = f"/api/v1/runs/{paused['id']}"
    client.post(f"{where}/resume")
    begun = wait_for(lambda: told(client, paused), lambda words: any("anew" in one for one in words))
    client.post(f"{where}/stop")
    finished(client, paused)
    [words] = [one for one in begun if "anew" in one]
    files = "its checkpoint is" if len(paths) == 1 else f"its {len(paths)} checkpoints are"
    assert words.endswith(f": {files} no longer among the artifacts.")


def test_a_failure_is_logged_with_its_reason_and_a_clone_with_its_origin(client: TestClient) -> None:
    run = finished(client, create(client, give_up_after=50, give_up_below=0.99))
    assert "Failed at iteration 50. given up at iteration 50" in told(client, run)[-1]
    clone = client.post(f"/api/v1/runs/{run['id']}/clone", json={"changes": {"give_up_after": None}}).json()
    assert told(client, clone)[0] == f"Cloned from run {run['id']}, and queued."
    finished(client, clone)
    assert told(client, clone)[-1] == "Finished at iteration 300."


def test_a_lost_worker_and_an_ended_server_are_logged(store: Store, tmp_path: Path) -> None:
    transactions = Transactions(
        store, Artifacts(tmp_path.as_uri()), checkpoint_seconds=60, turn_seconds=60, per_owner=4
    )
    with store.write() as session:
        run_id = runs.create(session, RunCreate(config=TrainingConfig())).id
    for died in (True, True, False):
        with store.write() as session:
            run = runs.find(session, run_id)
            run.status, run.iteration, run.started_at = RunStatus.RUNNING, 1234, datetime.now(UTC)
            job = Job(
                run_id=run_id, attempt=run.attempt, config={}, artifacts_url="", dataset_hash=None, checkpoints=[],
                checkpoint_seconds=60, policies={},
            )  # fmt: skip
            claimed = ClaimedRun(runs.read(run), job)
        if died:
            assert transactions.requeue_lost(claimed, died=True) is not None
        else:
            transactions.recover()
    with store.read() as session:
        words = [entry.words for entry in log.listing(session, run_id)]
    waits = "It waits at iteration 1,234 for a worker, and goes on from its last checkpoint."
    assert words[1:] == [
        f"Its worker died, for the first time. {waits}",
        f"Its worker died, for the second time. {waits}",
        f"The server had ended while it trained. {waits}",
    ]


def test_where_people_sign_in_the_log_says_who_asked(store: Store) -> None:
    ann = Person("a1", "Ann", Role.STUDENT)
    with acting(ann), store.write() as session:
        run_id = runs.create(session, RunCreate(config=TrainingConfig())).id
        runs.pause(session, run_id)
        runs.resume(session, run_id)
    with acting(TEACHER), store.write() as session:
        runs.stop(session, run_id)
        runs.rewind(session, run_id)
    with acting(LOCAL_USER), store.write() as session:
        trash.delete(session, run_id)
    with acting(ann), store.read() as session:
        words = [entry.words for entry in log.listing(session, run_id)]
    assert words == [
        "Queued by Ann.",
        "Paused at iteration 0 by Ann.",
        "Resumed by Ann, and queued.",
        "Stopped at iteration 0 by the teacher.",
        "Rewound to iteration 0 by the teacher, and queued. What was measured before was cleared.",
        "Put into the trash.",
    ]


def test_what_is_purged_leaves_no_entries(store: Store) -> None:
    with store.write() as session:
        run_id = runs.create(session, RunCreate(config=TrainingConfig())).id
        runs.stop(session, run_id)
        runs.rewind(session, run_id)
    with store.read() as session:
        assert [entry.kind for entry in log.listing(session, run_id)] == ["created", "stop", "rewind"]
    with store.write() as session:
        trash.delete(session, run_id, purge=True)
    with store.read() as session:
        assert repository.events(session, run_id, 10) == []
