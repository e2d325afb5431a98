"""Lock of a database: one server at a time, since two would each requeue the runs of the other."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from backend.kit.errors import DomainError

try:
    import fcntl
except ImportError:  # pragma: no cover (a system without it has no second server to fear but by the user's hand)
    fcntl = None  # type: ignore[assignment]

#: Names our lock among those of other programs on a PostgreSQL server.
_ADVISORY_KEY = 0x53594E524C
#: Seconds that a server which is ending gets.
TIMEOUT = 5.0


class InUseError(DomainError):
    """The database is in use by another server."""

    status = 503
    title = "Another SynRL works on this database"


class ServerLock:
    """Lock held while a server runs; the operating system releases it when the process ends."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: Any = None

    def acquire(self, timeout: float = TIMEOUT) -> None:
        """Take the lock.

        Raises
        ------
        InUseError
            When another server holds it and goes on holding it.
        """
        deadline = time.monotonic() + timeout
        while not self._try():
            if time.monotonic() > deadline:
                raise InUseError(
                    f"Another SynRL server works on {self._engine.url.render_as_string()}. Open its page, or end it, "
                    "or choose another folder: SYNRL_DATA_DIR=..."
                )
            time.sleep(0.1)

    def release(self) -> None:
        """Release the lock."""
        held, self._held = self._held, None
        if held is not None:
            held.close()

    def _try(self) -> bool:
        name = self._engine.url.get_backend_name()
        if name == "postgresql":
            return self._try_advisory()
        if name == "sqlite" and self._engine.url.database and fcntl is not None:
            return self._try_file(Path(self._engine.url.database))
        return True

    def _try_file(self, database: Path) -> bool:
        file = database.with_name(f"{database.name}.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._held = file
        return True

    def _try_advisory(self) -> bool:
        connection = self._engine.connect()
        if connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_KEY}):
            # The lock belongs to the session: no transaction shall stay open for it.
            with suppress(Exception):
                connection.commit()
            connection.detach()
            self._held = connection
            return True
        connection.close()
        return False
