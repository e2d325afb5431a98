"""What was acknowledged survives: workers killed, servers ended and killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import psutil

from tests.server import Server, running, wait_for

CONFIG = {"dataset": "digits", "hidden_layers": [8], "iterations": 4000, "evaluate_every": 50}


def begun(server: Server) -> dict[str, Any]:
    run = server.post("/api/v1/runs", {"config": CONFIG})
    return wait_for(lambda: server.get(f"/api/v1/runs/{run['id']}"), lambda seen: seen["iteration"] > 0)


def ended(server: Server, run: dict[str, Any]) -> dict[str, Any]:
    return wait_for(
        lambda: server.get(f"/api/v1/runs/{run['id']}"),
        lambda seen: seen["status"] not in ("queued", "running"),
        timeout=120,
    )


def curve(server: Server, run: dict[str, Any]) -> dict[str, Any]:
    metrics = server.get(f"/api/v1/runs/{run['id']}/metrics")
    return {name: metrics[name] for name in ("iteration", "values")}


def worker_processes(server: Server) -> list[psutil.Process]:
    assert server.process is not None
    children = psutil.Process(server.process.pid).children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def test_a_run_outlives_its_worker_and_its_server(tmp_path: Path) -> None:
    with running(tmp_path, SYNRL_WORKERS="1") as server:
        undisturbed = ended(server, begun(server))
        expected = curve(server, undisturbed)

        run = begun(server)
        for process in worker_processes(server):
            os.kill(process.pid, signal.SIGKILL)
        survivor = ended(server, run)
        assert survivor["status"] == "succeeded", survivor["error"]
        assert curve(server, survivor) == expected

        run = begun(server)
        server.kill()
        wait_for(lambda: worker_processes_left(tmp_path), lambda left: not left, timeout=20)
        server.start()
        assert ended(server, run)["status"] == "succeeded"
        assert curve(server, run) == expected

        run = begun(server)
        assert server.interrupt() == 0
        server.start()
        assert ended(server, run)["status"] == "succeeded"
        assert curve(server, run) == expected
        assert curve(server, undisturbed) == expected


def worker_processes_left(data_dir: Path) -> list[int]:
    """Return processes that still work for the server of a data folder."""
    left = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("SYNRL_DATA_DIR") == str(data_dir) and process.status() != psutil.STATUS_ZOMBIE:
                left.append(process.pid)
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            continue
    return left


def test_ctrl_c_leaves_no_process_behind(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        begun(server)
        assert server.interrupt(timeout=10) == 0
        wait_for(lambda: worker_processes_left(tmp_path), lambda left: not left, timeout=5)
    assert "Traceback" not in "".join(server.output), "".join(server.output)


def test_a_stop_that_was_acknowledged_is_kept_over_a_kill(tmp_path: Path) -> None:
    with running(tmp_path, SYNRL_WORKERS="1") as server:
        run = begun(server)
        server.post(f"/api/v1/runs/{run['id']}/stop")
        server.kill()
        server.start()
        assert ended(server, run)["status"] == "stopped"
