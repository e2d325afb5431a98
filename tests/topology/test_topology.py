"""Web, scheduler, two workers and PostgreSQL, each killed or restarted while twenty runs train.

Takes minutes: `make topology` runs it, or `pytest -m topology`.
"""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.events import Evaluation
from synrl_core.training import make_trainer
from tests.topology.parts import Database, Part, Web, free_port, synrl, wait_until

pytestmark = [pytest.mark.topology, pytest.mark.timeout(1500)]

RUNS = 20


class Cluster(NamedTuple):
    """All parts, running."""

    database: Database
    scheduler: Part
    workers: list[Part]
    server: Part
    web: Web


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    certificates = make_certificates(tmp_path / "certificates")
    port, web_port = free_port(), free_port()
    url = f"tls://127.0.0.1:{port}"
    database = Database(tmp_path)
    made = Cluster(
        database,
        synrl("scheduler", ["scheduler", "--port", str(port)], tmp_path, **certificates),
        [synrl(f"worker{n}", ["worker", url], tmp_path, SYNRL_WORKERS="1", **certificates) for n in (1, 2)],
        synrl(
            "web",
            ["serve"],
            tmp_path,
            SYNRL_PORT=str(web_port),
            SYNRL_SCHEDULER=url,
            SYNRL_DATABASE_URL=database.url,
            SYNRL_ARTIFACTS_URL=(tmp_path / "shared").as_uri(),
            SYNRL_CHECKPOINT_SECONDS="1",
            **certificates,
        ),
        Web(web_port),
    )
    try:
        for part in (made.database, made.scheduler, *made.workers, made.server):
            part.start()
        wait_until(lambda: made.web.patiently("/api/v1/me") is not None, "the start of the web process")
        yield made
    finally:
        for part in (made.server, *made.workers, made.scheduler, made.database):
            part.end()


def make_certificates(folder: Path) -> dict[str, str]:
    """Make a certificate that vouches for itself, for all parts; return the settings that name it."""
    folder.mkdir()
    command = [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", "2", "-subj", "/CN=synrl", "-keyout", "key.pem", "-out", "cert.pem",
    ]  # fmt: skip
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    certificate, key = str(folder / "cert.pem"), str(folder / "key.pem")
    return {"SYNRL_TLS_CA_FILE": certificate, "SYNRL_TLS_CERT_FILE": certificate, "SYNRL_TLS_KEY_FILE": key}


def configuration(number: int, dataset: str) -> dict[str, Any]:
    return {"iterations": 2500, "seed": number, "evaluate_every": 250, "dataset": dataset}


def uninterrupted(config: dict[str, Any]) -> tuple[list[bytes], list[float]]:
    """Train in this process; return the weights' bytes and the validation accuracies."""
    trainer = make_trainer(TrainingConfig(**config), datasets.load("digits"))
    accuracies = [float(e.validation_accuracy.mean()) for e in trainer.events() if isinstance(e, Evaluation)]
    return [layer.tobytes() for layer in trainer.weights()], accuracies


def test_every_run_ends_with_the_uninterrupted_bytes_whatever_is_killed_meanwhile(cluster: Cluster) -> None:
    web = cluster.web
    runs = [web.ask("/api/v1/runs", {"config": configuration(n, "digits")})["id"] for n in range(RUNS)]

    def done() -> int:
        answer = web.patiently("/api/v1/runs?status=succeeded")
        return int(answer["total"]) if answer else -1

    def after(more: int, what: str) -> None:
        before = done()
        wait_until(lambda: done() >= min(before + more, RUNS), f"{more} more runs {what}", 300)

    after(2, "from the start")
    cluster.workers[0].kill()
    after(2, "with one worker")
    cluster.workers[0].start()
    after(2, "after the worker came back")
    cluster.scheduler.kill()
    cluster.scheduler.start()
    after(2, "after the scheduler's restart")
    cluster.database.kill()
    cluster.database.start()
    after(2, "after the database's restart")
    cluster.server.kill()
    cluster.server.start()
    wait_until(lambda: done() == RUNS, "the end of all runs", 600)

    for number, run_id in enumerate(runs):
        weights, accuracies = uninterrupted(configuration(number, "digits"))
        snapshots = web.ask(f"/api/v1/runs/{run_id}/snapshots")
        last = max(one["iteration"] for one in snapshots)
        stored = np.load(io.BytesIO(web.ask(f"/api/v1/runs/{run_id}/snapshots/{last}?format=npz", raw=True)))
        assert [stored[f"weights_{layer}"].tobytes() for layer in range(len(weights))] == weights, run_id
        metrics = web.ask(f"/api/v1/runs/{run_id}/metrics?max_points=1000")
        assert metrics["values"]["validation_accuracy"] == pytest.approx(accuracies, abs=1e-6), run_id
