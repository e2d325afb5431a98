"""Migration of a database to the schema of this version: under a lock, after a copy if it holds data."""

from __future__ import annotations

import logging
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

import migrations
from backend.kit.errors import DomainError

log = logging.getLogger(__name__)


class NewerSchemaError(DomainError):
    """The database was written by a newer SynRL."""

    title = "The database is newer than this SynRL"


def alembic_config(connection: Connection | None = None) -> Config:
    """Configure Alembic for the migrations that ship with the package."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """Return the revision of this version's schema."""
    revision = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if revision is None:
        raise RuntimeError("the package ships no migrations; it was not built as its pyproject.toml says")
    return revision


def revisions() -> set[str]:
    """Return the revisions that this version knows."""
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
        script = ScriptDirectory.from_config(alembic_config())
        current = MigrationContext.configure(connection).get_current_revision()
        if current == script.get_current_head():
            return None
        if current is not None:
            if current not in revisions():
                raise NewerSchemaError(
                    f"The database {engine.url.render_as_string()} has schema {current}, which this version of SynRL "
                    f"does not know (its newest is {script.get_current_head()}). Start the SynRL version that wrote "
                    "it, or newer, or name another folder with SYNRL_DATA_DIR."
                )
            copy = _copy_sqlite(engine, current)
        command.upgrade(alembic_config(connection), "head")
    log.info("database upgraded from %s to %s", current or "nothing", head())
    return copy


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
