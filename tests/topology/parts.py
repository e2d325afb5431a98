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
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from tests.postgres import binaries, reachable
from tests.server import ROOT
from tests.slowness import patience


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
            self.process.wait(patience(60))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(patience(10))


def synrl(name: str, arguments: list[str], folder: Path, **environment: str) -> Part:
    """One of our own commands."""
    (folder / name).mkdir(exist_ok=True)
    given = {"SYNRL_DATA_DIR": str(folder / name), "OPENBLAS_NUM_THREADS": "1"} | environment
    return Part(name, [sys.executable, "-m", "backend.cli", *arguments], given, folder / f"{name}.log")


class Database(Part):
    """PostgreSQL on a socket file; as nobody where we are root, since it refuses root."""

    def __init__(self, folder: Path) -> None:
        found = binaries()
        if found is None:
            raise FileNotFoundError("no postgres here; name the folder of its programs: SYNRL_TEST_POSTGRES")
        # Not below pytest's folder, which is root's alone.
        self.folder = Path(tempfile.mkdtemp(prefix="synrl-topology-"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self._bin = reachable(found, self.folder, self._as | {"cwd": self.folder})
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
        """Return SQLAlchemy's URL of it."""
        return f"postgresql+psycopg://synrl@/postgres?host={self.folder}"

    def start(self, **options: Any) -> None:
        """Start it and wait until it answers."""
        super().start(**self._as, **options)
        wait_until(self._answers, "PostgreSQL")

    def remove(self) -> None:
        """Remove all that it stored; it has ended."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            psycopg.connect(f"host={self.folder} user=synrl dbname=postgres", connect_timeout=int(patience(2))).close()
        except psycopg.OperationalError:
            return False
        return True


class Web:
    """What the web process is asked, patiently: it may be away for a while."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def ask(self, path: str, body: Any = None, *, raw: bool = False) -> Any:
        """GET, or POST a body; return the answer's JSON, or its bytes."""
        data = None if body is None else json.dumps(body).encode()
        return self._ask(path, data, "application/json", raw=raw)

    def upload(self, path: str, file: bytes, name: str) -> Any:
        """POST a file as a browser's form does; return the answer's JSON."""
        part = f'--part\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        return self._ask(path, part.encode() + file + b"\r\n--part--\r\n", "multipart/form-data; boundary=part")

    def _ask(self, path: str, data: bytes | None, kind: str, *, raw: bool = False) -> Any:
        request = urllib.request.Request(  # noqa: S310 (our own server)
            self._url + path, data=data, headers={"Content-Type": kind}
        )
        with urllib.request.urlopen(request, timeout=patience(30)) as answer:  # noqa: S310 (our own server)
            return answer.read() if raw else json.load(answer)

    def patiently(self, path: str) -> Any:
        """GET; None while nobody answers."""
        try:
            return self.ask(path)
        except OSError:
            return None


class Cluster(NamedTuple):
    """All parts, running."""

    database: Database
    scheduler: Part
    workers: list[Part]
    server: Part
    web: Web


@contextmanager
def running_cluster(folder: Path, workers: int = 2, **environment: str) -> Iterator[Cluster]:
    """Run web, scheduler, workers and PostgreSQL, with TLS between them, for the length of a block.

    Parameters
    ----------
    folder
        Becomes the data folders of the parts, and what they say: ``<part>.log``.
    environment
        Settings of the web process.
    """
    certificates = make_certificates(folder / "certificates")
    port, web_port = free_port(), free_port()
    url = f"tls://127.0.0.1:{port}"
    database = Database(folder)
    settings = {
        "SYNRL_PORT": str(web_port),
        "SYNRL_SCHEDULER": url,
        "SYNRL_DATABASE_URL": database.url,
        "SYNRL_ARTIFACTS_URL": (folder / "shared").as_uri(),
    }
    cluster = Cluster(
        database,
        synrl("scheduler", ["scheduler", "--port", str(port)], folder, **certificates),
        [synrl(f"worker{n + 1}", ["worker", url], folder, SYNRL_WORKERS="1", **certificates) for n in range(workers)],
        synrl("web", ["serve"], folder, **settings, **certificates, **environment),
        Web(web_port),
    )
    parts = (database, cluster.scheduler, *cluster.workers, cluster.server)
    try:
        for part in parts:
            part.start()
        wait_until(lambda: _workers(cluster.web) == workers, "the start of all parts")
        yield cluster
    finally:
        for part in reversed(parts):
            part.end()
        database.remove()


def _workers(web: Web) -> int:
    """Return how many workers were accepted."""
    try:
        told = web.ask("/metrics", raw=True).decode()
    except OSError:
        return 0
    return next((int(float(line.split()[1])) for line in told.splitlines() if line.startswith("synrl_workers ")), 0)


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


def wait_until(is_so: Callable[[], bool], what: str, timeout: float = 120) -> None:
    """Look again and again; fail when it takes too long."""
    deadline = time.monotonic() + patience(timeout)
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} took more than {timeout:g} s")
        time.sleep(0.2)
