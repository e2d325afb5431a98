"""The parts of a cluster as processes of this machine, each with a data folder of its own."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.server import ROOT


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Part:
    """A process that can be killed and started again; what it says goes into a file."""

    def __init__(self, name: str, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        self.name = name
        self._arguments, self._environment, self._log = arguments, environment, log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, **options: Any) -> None:
        """Start it."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._arguments,
                cwd=ROOT,
                env=os.environ | self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **options,
            )

    def kill(self) -> None:
        """Kill it and all processes it started, without a word."""
        self.end(signal.SIGKILL)

    def end(self, number: int = signal.SIGTERM) -> None:
        """Send all of it a signal and wait for its end."""
        if self.process is None or self.process.poll() is not None:
            return
        os.killpg(self.process.pid, number)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)


def synrl(name: str, arguments: list[str], folder: Path, **environment: str) -> Part:
    """One of our own commands."""
    (folder / name).mkdir(exist_ok=True)
    given = {"SYNRL_DATA_DIR": str(folder / name), "OPENBLAS_NUM_THREADS": "1"} | environment
    return Part(name, [sys.executable, "-m", "backend.cli", *arguments], given, folder / f"{name}.log")


class Database(Part):
    """PostgreSQL on a socket file; as nobody where we are root, since it refuses root."""

    def __init__(self, folder: Path) -> None:
        found = shutil.which("postgres")
        if found is None:
            raise FileNotFoundError("no postgres on the PATH")
        self._bin = Path(found).resolve().parent
        # Not below pytest's folder, which is root's alone.
        self.folder = Path(tempfile.mkdtemp(prefix="synrl-topology-"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        data = str(self.folder / "data")
        subprocess.run(
            [self._bin / "initdb", "-D", data, "-U", "synrl", "--auth=trust", "--no-sync", "--encoding=UTF8"],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **self._as,
        )
        arguments = [str(self._bin / "postgres"), "-D", data, "-k", str(self.folder), "-h", ""]
        super().__init__("database", arguments, {}, folder / "database.log")

    @property
    def url(self) -> str:
        """SQLAlchemy's URL of it."""
        return f"postgresql+psycopg://synrl@/postgres?host={self.folder}"

    def start(self, **options: Any) -> None:
        """Start it and wait until it answers."""
        super().start(**self._as, **options)
        wait_until(self._answers, "PostgreSQL")

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(f"host={self.folder} user=synrl dbname=postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


class Web:
    """What the web process is asked, patiently: it may be away for a while."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def ask(self, path: str, body: Any = None, *, raw: bool = False) -> Any:
        """GET, or POST a body; return the answer's JSON, or its bytes."""
        request = urllib.request.Request(  # noqa: S310 (our own server)
            self._url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 (our own server)
            return answer.read() if raw else json.load(answer)

    def patiently(self, path: str) -> Any:
        """GET; None while nobody answers."""
        try:
            return self.ask(path)
        except (OSError, urllib.error.HTTPError):
            return None


def wait_until(is_so: Callable[[], bool], what: str, timeout: float = 120) -> None:
    """Look again and again; fail when it takes too long."""
    deadline = time.monotonic() + timeout
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} took more than {timeout:g} s")
        time.sleep(0.2)
