"""Use of a database by other processes: servers and tools that have it open."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Engine, text

from backend.kit.errors import ConflictError

_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)


def refuse_in_use(database: Path) -> None:
    """Refuse while another process has the database open: what it writes would go to the file that was moved."""
    if not database.exists():
        return
    connection = sqlite3.connect(database, timeout=0.2, isolation_level=None)
    try:
        # Only who is alone may leave write-ahead logging. It also brings what the log holds into the file.
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.OperationalError as error:
        raise ConflictError(
            f"The database {database} is in use ({error}). End the server (Ctrl-C), then restore."
        ) from error
    except sqlite3.DatabaseError:
        pass  # Damaged, which is why people restore.
    finally:
        connection.close()


def is_in_use(engine: Engine) -> bool:
    """Whether another process has the database open."""
    if engine.url.get_backend_name() != "sqlite":
        with engine.connect() as connection:
            return bool(connection.scalar(_OTHERS))
    engine.dispose()
    try:
        refuse_in_use(Path(str(engine.url.database)))
    except ConflictError:
        return True
    return False
