"""Integrity check of a database and its artifacts: schema, file, missing and unreferenced files."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Engine, inspect, text

from backend.db import migrate
from backend.kit.errors import ConflictError
from backend.upkeep.backups import referenced
from backend.upkeep.database_use import is_in_use
from backend.wire.artifacts import Artifacts

#: Seconds after which a server has named what it stored.
SETTLE_SECONDS = 1.0


class Finding(NamedTuple):
    """A problem found by the integrity check, and its remedy."""

    problem: str
    remedy: str


def check(engine: Engine, artifacts: Artifacts) -> list[Finding]:
    """Check schema, database and artifacts; return the problems."""
    found: list[Finding] = []
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        revision = connection.scalar(text("SELECT version_num FROM alembic_version")) if tables else None
        if revision != migrate.head():
            known = revision is None or revision in migrate.revisions()
            remedy = "run `synrl db upgrade`" if known else "use the version of SynRL that wrote it, or a newer one"
            found.append(Finding(f"the schema is {revision or 'missing'}, this version's is {migrate.head()}", remedy))
        if engine.url.get_backend_name() == "sqlite":
            found += _check_sqlite(connection)
    if revision is None:
        return found
    missing, orphans = compare(engine, artifacts)
    found += [Finding(f"the artifact {path} is missing", _remedy_for_missing(path)) for path in missing]
    remedy = "remove it with `synrl db check --remove-orphans` when no server runs"
    found += [Finding(f"nothing names the artifact {path}", remedy) for path in orphans]
    return found


def compare(engine: Engine, artifacts: Artifacts) -> tuple[list[str], list[str]]:
    """Return the artifacts that are named but missing, and those that are stored but not named.

    A server stores a file a moment before it names it, and forgets the name before it removes the file: what looks
    wrong is looked at again.
    """
    missing, orphans = _difference(engine, artifacts)
    if missing or orphans:
        time.sleep(SETTLE_SECONDS)
        again = _difference(engine, artifacts)
        missing, orphans = missing & again[0], orphans & again[1]
    return sorted(missing), sorted(orphans)


def _difference(engine: Engine, artifacts: Artifacts) -> tuple[set[str], set[str]]:
    there = set(artifacts.paths())
    names = set(referenced(engine))
    return {path for path in names - there if not artifacts.exists(path)}, there - names


def _check_sqlite(connection: Any) -> Iterator[Finding]:
    backup_first = "restore the last backup (`synrl db restore FOLDER --force`), or ask sqlite3's .recover"
    for (message,) in connection.execute(text("PRAGMA integrity_check(20)")):
        if message != "ok":
            yield Finding(f"the database file is damaged: {message}", backup_first)
    for table, row, parent, _ in connection.execute(text("PRAGMA foreign_key_check")):
        yield Finding(f"row {row} of {table} names a row of {parent} that is not there", backup_first)


def _remedy_for_missing(path: str) -> str:
    if path.startswith("datasets/"):
        return "bring the data set again (`synrl datasets add`), or restore a backup; runs on it can't go on without"
    if "/checkpoints/" in path:
        return "none is needed: the run goes on from an earlier checkpoint, or from its beginning"
    return "restore a backup, or do without: the run's curve is whole, its weights at that iteration are not shown"


def remove_orphans(engine: Engine, artifacts: Artifacts) -> list[str]:
    """Delete the artifacts that no row names, and return their paths.

    Raises
    ------
    ConflictError
        While a server uses the database: it stores files before it names them.
    """
    if is_in_use(engine):
        raise ConflictError("A server uses the database, and files it has just stored look like orphans. End it first.")
    _, orphans = compare(engine, artifacts)
    for path in orphans:
        artifacts.delete(path)
    return orphans
