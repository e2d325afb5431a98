"""SQLite databases of this version's schema for the tests: migrated once in each process, then copied."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from backend.db.migrate import upgrade
from backend.db.store import make_engine


@cache
def _migrated() -> bytes:
    """Return the file of an empty database that all migrations ran on."""
    with tempfile.TemporaryDirectory(prefix="synrl-migrated-") as folder:
        path = Path(folder) / "synrl.db"
        engine = make_engine(f"sqlite:///{path}")
        upgrade(engine)
        with engine.connect() as connection:
            # Else the file alone would lack what is in the write-ahead log.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        return path.read_bytes()


def new_database(path: Path) -> str:
    """Write an empty database that needs no migration; return its URL.

    A test that migrates itself, or starts a server in an empty folder, promises more; one is enough of each kind.
    """
    path.write_bytes(_migrated())
    return f"sqlite:///{path}"
