"""Migration of a database to the schema of this version: under a lock, after a copy if it holds data.

Alembic is imported by what migrates: a server whose database is up to date, as nearly always, starts without it.
"""

from __future__ import annotations

import logging
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

import migrations
from backend.kit.errors import DomainError

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

#: What a file of migrations says of its place among them.
_LINKS = tuple((link, rf"^{link}\b[^=\n]*= *[\"'](\w+)") for link in ("revision", "down_revision"))


class NewerSchemaError(DomainError):
    """The database was written by a newer SynRL."""

    title = "The database is newer than this SynRL"


def alembic_config(connection: Connection | None = None) -> Config:
    """Configure Alembic for the migrations that ship with the package."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """Return the revision of this version's schema: the one that no other follows."""
    sources = [path.read_text() for path in Path(migrations.__file__).parent.glob("versions/[0-9]*.py")]
    found = {link: {m[1] for source in sources if (m := re.search(pattern, source, re.M))} for link, pattern in _LINKS}
    heads = found["revision"] - found["down_revision"]
    if len(heads) != 1:
        raise RuntimeError("the package ships no migrations; it was not built as its pyproject.toml says")
    return heads.pop()


def revisions() -> set[str]:
    """Return the revisions that this version knows."""
    from alembic.script import ScriptDirectory

    return {one.revision for one in ScriptDirectory.from_config(alembic_config()).walk_revisions()}


def upgrade(engine: Engine) -> Path | None:
    """Upgrade the database to `head`, all or nothing.

    Two servers that start at once on one file take turns: the transaction that migrates is the lock, and the second
    finds nothing left to do.

    Returns
    -------
    The copy of the SQLite file as it was before, or None where nothing was to be upgraded or it was new.

    Raises
    ------
    NewerSchemaError
        When the database's revision is not one of this package's.
    """
    copy = None
    with engine.execution_options(synrl_writes=True).begin() as connection:
        current = _current(connection)
        if current == head():
            return None
        if current is not None:
            if current not in revisions():
                raise NewerSchemaError(
                    f"The database {engine.url.render_as_string()} has schema {current}, which this version of SynRL "
                    f"does not know (its newest is {head()}). Start the SynRL version that wrote "
                    "it, or newer, or name another folder with SYNRL_DATA_DIR."
                )
            copy = _copy_sqlite(engine, current)
        from alembic import command

        command.upgrade(alembic_config(connection), "head")
    log.info("database upgraded from %s to %s", current or "nothing", head())
    return copy


def _current(connection: Connection) -> str | None:
    """Return the revision of a database's schema; None: it is new."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _copy_sqlite(engine: Engine, revision: str) -> Path | None:
    """Copy a SQLite file through SQLite's own backup, which sees what the write-ahead log holds."""
    if engine.url.get_backend_name() != "sqlite" or not engine.url.database:
        return None
    source = Path(engine.url.database)
    copy = source.with_name(f"{source.stem}-before-{revision}-{datetime.now(UTC):%Y%m%dT%H%M%S}{source.suffix}")
    with sqlite3.connect(source) as reader, sqlite3.connect(copy) as writer:
        reader.backup(writer)
    reader.close()
    writer.close()
    return copy
