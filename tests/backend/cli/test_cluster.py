"""`synrl worker --check`, the health check of a container's workers."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result

from backend.cli.main import main
from backend.kit.settings import scheduler_address
from backend.worker import compatibility
from tests.server import has_child_in_python, wait_for
from tests.slowness import patience
from tests.topology.parts import Part, free_port, synrl


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Callable[..., Part]]:
    """Start parts of a cluster, which end with the test."""
    with ExitStack() as ending:

        def start(name: str, *arguments: str, **environment: str) -> Part:
            part = synrl(name, list(arguments), tmp_path, **environment)
            part.start()
            ending.callback(part.end)
            return part

        yield start


def check(url: str) -> Result:
    return CliRunner().invoke(main, ["worker", "--check", url])


def test_check_detects_missing_schedulers_versions_and_workers(
    parts: Callable[..., Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    url = f"tcp://127.0.0.1:{port}"
    absent = check(url)
    assert absent.exit_code == 1
    assert f"{url} does not answer" in absent.output
    parts("scheduler", "scheduler", "--port", str(port))
    alone = wait_for(lambda: check(url), lambda result: "does not answer" not in result.output)
    assert alone.exit_code == 1
    assert "no workers of this machine" in alone.output
    with monkeypatch.context() as other:
        ours = compatibility.versions()
        other.setattr(compatibility, "versions", lambda: ours | {"distributed": "2020.1.0"})
        differing = check(url)
    assert differing.exit_code == 1
    assert f"distributed {ours['distributed']} there and 2020.1.0 here" in differing.output
    worker = parts("worker", "worker", url, SYNRL_WORKERS="1")
    there = wait_for(lambda: check(url), lambda result: "no workers" not in result.output)
    assert (there.exit_code, there.output) == (0, f"1 worker of this machine is at {url}.\n")
    # Told to end as soon as its process is up: Dask has not finished to start it.
    assert worker.process is not None
    os.killpg(worker.process.pid, signal.SIGTERM)
    assert worker.process.wait(patience(10)) == 0


def test_ctrl_c_ends_a_worker_quietly_while_its_process_starts(parts: Callable[..., Part], tmp_path: Path) -> None:
    port = free_port()
    parts("scheduler", "scheduler", "--port", str(port))
    worker = parts("worker", "worker", f"tcp://127.0.0.1:{port}", SYNRL_WORKERS="1")
    assert worker.process is not None
    parent = psutil.Process(worker.process.pid)
    wait_for(lambda: has_child_in_python(parent), bool)
    # As a terminal does: to the whole group.
    os.killpg(worker.process.pid, signal.SIGINT)
    assert worker.process.wait(patience(30)) == 0
    said = (tmp_path / "worker.log").read_text()
    assert "Traceback" not in said
    assert said.endswith("The workers have ended.\n")


@pytest.mark.parametrize("options", [[], ["--check"]])
def test_a_scheduler_with_tls_needs_certificates(options: list[str]) -> None:
    result = CliRunner().invoke(main, ["worker", *options, "tls://127.0.0.1:1"])
    assert result.exit_code == 2
    assert "SYNRL_TLS_" in result.output


@pytest.mark.parametrize("given", ["x", "tcp://x", "http://x:1", "tcp://x:0", "tcp://x:65536", "tcp://x:y", "tcp://:1"])
def test_an_address_that_is_none_is_refused_before_anything_starts(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    as_argument = CliRunner().invoke(main, ["worker", given])
    assert as_argument.exit_code == 2
    monkeypatch.setenv("SYNRL_SCHEDULER", given)
    as_setting = CliRunner().invoke(main, ["worker"])
    assert as_setting.exit_code == 1
    for result in (as_argument, as_setting):
        assert "tcp://HOST:PORT or tls://HOST:PORT with a port from 1 to 65535" in result.output
        assert "for example tcp://10.0.0.5:8786" in result.output
        assert repr(given) in result.output


def test_addresses_of_names_and_of_both_protocols_are_taken() -> None:
    for address in ("tcp://10.0.0.5:8786", "tls://scheduler.example.org:1", "tcp://[::1]:65535"):
        assert scheduler_address(address) == address
