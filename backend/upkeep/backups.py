"""Backups of database and referenced files, made while the server runs, with a manifest of hashes.

A backup is made beside its place and takes its name when it is whole; see `backend.upkeep.backup_format`.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, create_engine, inspect, text

from backend.kit.errors import ConflictError, NotFoundError
from backend.upkeep.backup_format import BLOCK, FORMAT, MANIFEST, files_in, hash_of, run_postgres, write_synced
from backend.wire.artifacts import Artifacts

#: How often a backup looks again for files that were removed while it copied.
_PASSES = 5


class BackupSummary(NamedTuple):
    """Summary of a backup: folder, number of files, bytes, missing files."""

    folder: Path
    files: int
    bytes: int
    missing: list[str]
    """Artifacts that the database names and that are not there."""


def referenced(engine: Engine) -> list[str]:
    """Return the paths of all artifacts that a database names, checkpoints first: they don't stay for long.

    It asks the database which tables it has, so that it does for every schema.
    """
    tables = set(inspect(engine).get_table_names())
    found: list[str] = []
    with engine.connect() as connection:
        for table in ("checkpoints", "snapshots"):
            if table in tables:
                found += connection.scalars(text(f"SELECT path FROM {table} ORDER BY path"))  # noqa: S608
        if "datasets" in tables:
            hashes = connection.scalars(text("SELECT content_hash FROM datasets ORDER BY content_hash"))
            found += [f"datasets/{content_hash}.npz" for content_hash in hashes]
    return found


def backup(engine: Engine, artifacts: Artifacts, target: Path) -> BackupSummary:
    """Copy database and artifacts into a new folder while the server runs.

    The database's copy is of one moment. Files are copied after it; where one was removed meanwhile, the database is
    copied again, until both agree.

    Raises
    ------
    ConflictError
        When there is something at the target.
    BackupError
        When the database can't be copied.
    """
    if target.exists():
        raise ConflictError(f"{target} is there already. Name a folder that is not.")
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    (part / "artifacts").mkdir(parents=True)
    try:
        missing: list[str] = []
        for _ in range(_PASSES):
            names = _copy_database(engine, part)
            missing = [path for path in names if not _copy_artifact(artifacts, path, part)]
            if not missing:
                break
        _leave_out_unnamed(part, set(names))
        manifest = _manifest(engine, part, missing)
        write_synced(part / MANIFEST, json.dumps(manifest, indent=1).encode())
        part.rename(target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    sizes = [entry["bytes"] for entry in manifest["files"].values()]
    return BackupSummary(target, len(sizes), sum(sizes), missing)


def _copy_database(engine: Engine, part: Path) -> list[str]:
    """Copy the database of one moment; return the artifacts that the copy names."""
    if engine.url.get_backend_name() == "sqlite":
        copy = part / "database.db"
        copy.unlink(missing_ok=True)
        source = sqlite3.connect(f"file:{engine.url.database}?mode=ro", uri=True)
        try:
            with sqlite3.connect(copy) as writer:
                source.backup(writer)
            writer.execute("PRAGMA journal_mode = DELETE")
            writer.close()
        finally:
            source.close()
        copied = create_engine(f"sqlite:///{copy}")
        try:
            return referenced(copied)
        finally:
            copied.dispose()
    names = referenced(engine)
    run_postgres("pg_dump", engine, "--format=custom", "--no-owner", f"--file={part / 'database.dump'}")
    return names


def _copy_artifact(artifacts: Artifacts, path: str, part: Path) -> bool:
    target = part / "artifacts" / path
    if target.exists():
        return True
    target.parent.mkdir(parents=True, exist_ok=True)
    copying = target.with_name(f"{target.name}.copying")
    try:
        with artifacts.reading(path) as source, copying.open("wb") as file:
            shutil.copyfileobj(source, file, BLOCK)
    except (NotFoundError, FileNotFoundError):
        copying.unlink(missing_ok=True)
        return False
    copying.rename(target)
    return True


def _leave_out_unnamed(part: Path, names: set[str]) -> None:
    for file in files_in(part / "artifacts"):
        if file.relative_to(part / "artifacts").as_posix() not in names:
            file.unlink()


def _manifest(engine: Engine, part: Path, missing: list[str]) -> dict[str, Any]:
    with engine.connect() as connection:
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return {
        "format": FORMAT,
        "synrl": version("synrl"),
        "schema": revision,
        "database": engine.url.get_backend_name(),
        "made_at": datetime.now(UTC).isoformat(),
        "missing": missing,
        "files": {
            file.relative_to(part).as_posix(): {"bytes": file.stat().st_size, "sha256": hash_of(file)}
            for file in files_in(part)
        },
    }
