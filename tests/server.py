"""A real server as a process of its own, for tests, benchmarks and screenshots."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psutil

from tests.slowness import patience

Value = TypeVar("Value")

ROOT = Path(__file__).parent.parent


@dataclass
class Server:
    """`synrl serve` in a process group of its own, as a terminal would start it."""

    data_dir: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    url: str = ""
    output: list[str] = field(default_factory=list)
    source: Path = ROOT
    """Folder with the code that it runs."""

    def start(self, timeout: float = 60) -> None:
        """Start it and wait until it says where the page is."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "backend.cli", "serve"],
            cwd=self.source,
            env=os.environ | {"SYNRL_DATA_DIR": str(self.data_dir), "SYNRL_PORT": "0"} | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        ready = threading.Event()
        threading.Thread(target=self._read, args=(self.process, ready), daemon=True).start()
        if not ready.wait(patience(timeout)) or not self.url:
            self.kill()
            raise AssertionError("the server did not start:\n" + "".join(self.output))

    def _read(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.output.append(line)
            if "is ready: " in line:
                self.url = line.split("is ready: ")[1].split()[0]
                ready.set()
        ready.set()

    def interrupt(self, timeout: float = 30) -> int:
        """Press Ctrl-C: every process of the group gets the signal. Return the exit code."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(patience(timeout))

    def terminate(self, timeout: float = 30) -> int:
        """End it as a system that shuts down does: every process of the group gets SIGTERM. Return the exit code."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGTERM)
        return self.process.wait(patience(timeout))

    def kill(self) -> None:
        """Kill the web process alone, without a word."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    @contextmanager
    def training_suspended(self) -> Iterator[None]:
        """Have the workers stand still for the length of a block, so that no machine is quick enough to end a run."""
        assert self.process is not None
        children = psutil.Process(self.process.pid).children(recursive=True)
        workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        for worker in workers:
            worker.suspend()
        try:
            yield
        finally:
            for worker in workers:
                worker.resume()

    def get(self, path: str) -> Any:
        """GET JSON."""
        return self._answer(path)

    def post(self, path: str, body: Any = None) -> Any:
        """POST JSON and return the answer's."""
        return self._answer(
            path,
            data=json.dumps(body if body is not None else {}).encode(),
            headers={"Content-Type": "application/json"},
        )

    def _answer(self, path: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
        """Ask; where people sign in, as the teacher, whose token the printed address holds."""
        url, _, token = self.url.partition("/?token=")
        authorization = {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(url + path, data, (headers or {}) | authorization)  # noqa: S310 (our own server)
        with urllib.request.urlopen(request, timeout=patience(20)) as answer:  # noqa: S310 (our own server)
            return json.load(answer)

    def stop_runs(self) -> None:
        """Stop all that trains or waits, so that it takes no processor from what comes next."""
        for status in ("queued", "running"):
            for run in self.get(f"/api/v1/runs?status={status}&limit=1000")["items"]:
                self.stop_run(run["id"])

    def stop_run(self, run_id: str) -> None:
        """Stop a run, unless it has ended meanwhile."""
        try:
            self.post(f"/api/v1/runs/{run_id}/stop")
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise


def has_child_in_python(parent: psutil.Process) -> bool:
    """Whether a spawned child runs Python already, which then catches SIGINT; without /proc, whether there is one."""
    for child in parent.children():
        with suppress(OSError, psutil.Error):
            if "spawn_main" in " ".join(child.cmdline()):
                if not Path("/proc").exists():
                    return True
                lines = Path(f"/proc/{child.pid}/status").read_text().splitlines()
                words = dict(line.split(":\t", 1) for line in lines)
                if (int(words["SigCgt"], 16) | int(words["SigIgn"], 16)) >> (signal.SIGINT - 1) & 1:
                    return True
    return False


@contextmanager
def running(data_dir: Path, **environment: str) -> Iterator[Server]:
    """Run a server for the length of a block."""
    server = Server(data_dir, environment)
    server.start()
    try:
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.interrupt()


def wait_for(look: Callable[[], Value], until: Callable[[Value], bool], timeout: float = 60) -> Value:
    """Look again and again until what is seen is as wished; fail with what was seen last.

    ``timeout`` is in seconds on an ordinary machine; it grows with this machine's slowness.
    """
    limit = patience(timeout)
    began = time.monotonic()
    while not until(seen := look()):
        waited = time.monotonic() - began
        assert waited < limit, f"not within {limit:g} s; seen last: {seen}"
        time.sleep(0.02 if waited < 1 else 0.06)  # a look at a server takes 5 ms of a processor that others want
    return seen
