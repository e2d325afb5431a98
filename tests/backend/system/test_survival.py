"""Durability: acknowledged runs survive killed workers and servers.

The first test kills each of them once; those marked `long` kill in more ways and at more moments.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from backend.wire import checkpoints
from tests.server import Server, running, wait_for
from tests.slowness import patience

CONFIG = {"hidden_layers": [8], "iterations": 40_000, "evaluate_every": 300, "snapshot_every": 3000}
#: So that something is lost at every kill, and little.
OFTEN = {"SYNRL_WORKERS": "1", "SYNRL_CHECKPOINT_SECONDS": "0.3"}


def begun(server: Server, iteration: int = 1, **settings: Any) -> dict[str, Any]:
    run = server.post("/api/v1/runs", {"config": CONFIG | settings})
    return further(server, run, iteration)


def look(server: Server, run: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = server.get(f"/api/v1/runs/{run['id']}")
    return found


def further(server: Server, run: dict[str, Any], iteration: int) -> dict[str, Any]:
    return wait_for(lambda: look(server, run), lambda seen: seen["iteration"] >= iteration)


def ended(server: Server, run: dict[str, Any]) -> dict[str, Any]:
    return wait_for(lambda: look(server, run), lambda seen: seen["status"] not in ("queued", "running"), timeout=120)


def curve(server: Server, run: dict[str, Any]) -> dict[str, Any]:
    metrics = server.get(f"/api/v1/runs/{run['id']}/metrics?replicates=all&max_points=100000")
    snapshots = server.get(f"/api/v1/runs/{run['id']}/snapshots")
    return {
        **{name: metrics[name] for name in ("iteration", "forward_passes", "values", "replicates")},
        "actions": server.get(f"/api/v1/runs/{run['id']}/actions?max_points=100000"),
        "snapshots": [snapshot["iteration"] for snapshot in snapshots],
    }


def attempts(server: Server, run: dict[str, Any]) -> int:
    """Return how often a worker was given the run."""
    with sqlite3.connect(server.data_dir / "synrl.db") as database:
        (found,) = database.execute("SELECT attempt FROM runs WHERE id = ?", (run["id"],)).fetchone()
    database.close()
    return int(found)


def checkpoint_files(server: Server, run: dict[str, Any]) -> list[Path]:
    """Return the files of the run's checkpoints that the database names, newest first."""
    with sqlite3.connect(server.data_dir / "synrl.db") as database:
        rows = database.execute(
            "SELECT path FROM checkpoints WHERE run_id = ? ORDER BY iteration DESC", (run["id"],)
        ).fetchall()
    database.close()
    return [server.data_dir / "artifacts" / path for (path,) in rows]


def final_bytes(server: Server, run: dict[str, Any]) -> bytes:
    """Return the trainer's whole state at the end."""
    return checkpoints.unpack(checkpoint_files(server, run)[0].read_bytes()).state


def worker_processes(server: Server) -> list[psutil.Process]:
    assert server.process is not None
    children = psutil.Process(server.process.pid).children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def kill_workers(server: Server) -> None:
    for process in worker_processes(server):
        os.kill(process.pid, signal.SIGKILL)


def processes_left(data_dir: Path) -> list[int]:
    """Return processes that still work for the server of a data folder."""
    left = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("SYNRL_DATA_DIR") == str(data_dir) and process.status() != psutil.STATUS_ZOMBIE:
                left.append(process.pid)
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            continue
    return left


@pytest.mark.guarantee("Jobs: whole-curve")
@pytest.mark.guarantee("Jobs: no-orphan")
@pytest.mark.guarantee("Store: durable")
def test_a_killed_worker_and_server_cost_a_run_no_byte_and_no_wish(tmp_path: Path) -> None:
    logged = {"SYNRL_LOG_FORMAT": "json", "SYNRL_LOG_LEVEL": "info"}
    with running(tmp_path, **OFTEN, **logged) as server:
        undisturbed = ended(server, begun(server, iterations=32_000))
        expected, expected_bytes = curve(server, undisturbed), final_bytes(server, undisturbed)

        run = begun(server, 1000, iterations=32_000)
        kill_workers(server)
        wait_for(lambda: attempts(server, run), lambda seen: seen == 2)
        [lost] = wait_for(lambda: lines_about_lost_workers(server), bool)
        assert (lost["run_id"], lost["attempt"], lost["level"]) == (run["id"], 1, "warning")
        assert {"time", "logger"} <= set(lost)

        server.post(f"/api/v1/runs/{run['id']}/pause")
        server.kill()
        wait_for(lambda: processes_left(tmp_path), lambda left: not left)
        server.start()
        paused = ended(server, run)
        assert (paused["status"], paused["iteration"] < 32_000) == ("paused", True), "the wish to pause was lost"
        server.post(f"/api/v1/runs/{run['id']}/resume")
        survivor = ended(server, run)
        assert (survivor["status"], survivor["iteration"]) == ("succeeded", 32_000), survivor["error"]
        assert final_bytes(server, run) == expected_bytes
        assert curve(server, run) == curve(server, undisturbed) == expected

        # On the server that is there anyway: Ctrl-C in the middle of a training leaves no process behind.
        begun(server)
        printed = len(server.output)
        assert server.interrupt() == 0
        wait_for(lambda: processes_left(tmp_path), lambda left: not left)
    assert "Traceback" not in "".join(server.output[printed:]), "".join(server.output[printed:])


def lines_about_lost_workers(server: Server) -> list[dict[str, Any]]:
    """Return what a server that logs for machines has said of workers that died: an object a line."""
    lines = [json.loads(line) for line in server.output if line.startswith("{")]
    return [line for line in lines if "lost its worker" in line["message"]]


@pytest.mark.long
@pytest.mark.guarantee("Jobs: whole-curve")
@pytest.mark.guarantee("Jobs: no-orphan")
def test_a_run_that_was_killed_in_every_way_ends_as_one_that_was_not(tmp_path: Path) -> None:
    with running(tmp_path, **OFTEN) as server:
        undisturbed = ended(server, begun(server))
        expected, expected_bytes = curve(server, undisturbed), final_bytes(server, undisturbed)

        run = begun(server, 3000)
        kill_workers(server)
        killed_at = time.monotonic()
        wait_for(lambda: attempts(server, run), lambda seen: seen == 2)
        further(server, run, 3500)
        assert time.monotonic() - killed_at < patience(15)

        further(server, run, 7000)
        server.kill()
        wait_for(lambda: processes_left(tmp_path), lambda left: not left)
        server.start()

        further(server, run, 11_000)
        server.terminate()
        # Killed ones may still be on their way out.
        wait_for(lambda: processes_left(tmp_path), lambda left: not left)
        server.start()
        kept = wait_for(lambda: look(server, run), lambda seen: seen["status"] == "running")
        assert kept["iteration"] >= 11_000, "what was done before an orderly end was lost"

        survivor = ended(server, run)
        assert (survivor["status"], survivor["iteration"]) == ("succeeded", 40_000), survivor["error"]
        assert final_bytes(server, run) == expected_bytes
        assert curve(server, run) == expected
        assert curve(server, undisturbed) == expected
        for name in ("best_validation_accuracy", "best_iteration", "train_accuracy", "forward_passes"):
            assert survivor[name] == undisturbed[name]
        assert len(checkpoint_files(server, run)) == 2
        wait_for(lambda: stored_checkpoints(server, run), lambda stored: stored == checkpoint_files(server, run)[::-1])


def stored_checkpoints(server: Server, run: dict[str, Any]) -> list[Path]:
    return sorted((server.data_dir / "artifacts" / "runs" / run["id"] / "checkpoints").iterdir())


@pytest.mark.long
def test_a_server_that_ends_while_its_workers_start_ends_whole(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        assert server.terminate() == 0, "".join(server.output)
        assert "leaked" not in "".join(server.output)
        wait_for(lambda: processes_left(tmp_path), lambda left: not left)


@pytest.mark.long
@pytest.mark.guarantee("Store: durable")
def test_wishes_are_kept_over_a_kill_and_ctrl_c_leaves_no_process(tmp_path: Path) -> None:
    wishes = {"stop": "stopped", "pause": "paused"}
    with running(tmp_path, **OFTEN | {"SYNRL_WORKERS": "2"}) as server:
        runs = {wish: begun(server) for wish in wishes}
        for wish, run in runs.items():
            server.post(f"/api/v1/runs/{run['id']}/{wish}")
        server.kill()
        server.start()
        assert {wish: ended(server, run)["status"] for wish, run in runs.items()} == wishes

        # On the server that is there anyway: Ctrl-C in the middle of a training leaves no process behind.
        begun(server)
        printed = len(server.output)
        assert server.interrupt() == 0
        wait_for(lambda: processes_left(tmp_path), lambda left: not left)
    assert "Traceback" not in "".join(server.output[printed:]), "".join(server.output[printed:])
