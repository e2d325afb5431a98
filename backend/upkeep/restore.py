"""Restore of backups: database and files take the place of what is there, whole or not at all.

What was there before is moved aside, not deleted. A restore that was killed is finished by the next start.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, inspect

from backend.db import migrate
from backend.kit.errors import ConflictError
from backend.upkeep.backup_format import BLOCK, BackupError, files_in, run_postgres, sync, verify, write_synced
from backend.upkeep.database_use import is_in_use, refuse_in_use
from backend.wire.artifacts import Artifacts

#: What lies in the data folder while a restore changes places; a start finishes it.
JOURNAL = "restore.json"


class RestoreTarget(NamedTuple):
    """Target of a restore: paths of the database and the artifacts."""

    data_dir: Path
    database: Path
    artifacts: Artifacts
    local_artifacts: Path | None
    """Their folder, where they lie on this machine's disk."""


def restore_sqlite(folder: Path, place: RestoreTarget, *, force: bool) -> list[Path]:
    """Put a backup in the place of database and artifacts.

    All is copied beside its place first, then names are changed. Killed at any moment, either nothing has changed, or
    the change of names is finished by `finish` at the next start. What was there keeps lying beside.

    Returns
    -------
    Where the former database and artifacts are now.

    Raises
    ------
    ConflictError
        When there is a database and `force` is not set, or a server uses it.
    BackupError
        When the backup is damaged or of another kind.
    """
    manifest = verify(folder)
    if manifest["database"] != "sqlite":
        raise BackupError(f"{folder} is of {manifest['database']}, and SYNRL_DATABASE_URL names SQLite.")
    _refuse_newer(folder, manifest)
    if place.database.exists() and not force:
        raise ConflictError(
            f"There is a database at {place.database}. To put the backup in its place: --force. What is there now is "
            "moved aside, not deleted."
        )
    refuse_in_use(place.database)
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    incoming = {place.database: folder / "database.db"}
    if place.local_artifacts is None:
        _put_artifacts(folder, place.artifacts)
    else:
        incoming[place.local_artifacts] = folder / "artifacts"
    outgoing = [Path(f"{place.database}{end}") for end in ("", "-wal", "-shm")] + list(incoming)[1:]
    moves = [(path, _beside(path, "replaced", stamp)) for path in outgoing if path.exists()]
    place.data_dir.mkdir(parents=True, exist_ok=True)
    for target, source in incoming.items():
        staged = _beside(target, "restoring", stamp)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, staged)
        else:
            shutil.copy2(source, staged)
        for file in files_in(staged) if staged.is_dir() else [staged]:
            sync(file)
        moves.append((staged, target))
    # From here on the restore is decided: the next start finds the journal and completes it.
    journal = place.data_dir / JOURNAL
    write_synced(journal.with_suffix(".part"), json.dumps([[str(a), str(b)] for a, b in moves]).encode())
    journal.with_suffix(".part").rename(journal)
    sync(place.data_dir)
    finish(place.data_dir)
    return [target for _, target in moves if ".replaced-" in target.name]


def finish(data_dir: Path) -> bool:
    """Carry out what a restore that was killed had begun; return whether there was one. Harmless to repeat."""
    journal = data_dir / JOURNAL
    if not journal.exists():
        return False
    for source, target in ((Path(a), Path(b)) for a, b in json.loads(journal.read_text())):
        # Done is a move away whose target is there, and a move in whose source is gone. Both lie in one folder, so
        # each is one step of the file system.
        is_done = target.exists() if ".replaced-" in target.name else not source.exists()
        if not is_done:
            source.rename(target)
            sync(target.parent)
    journal.unlink()
    sync(data_dir)
    return True


def _beside(path: Path, why: str, stamp: str) -> Path:
    return path.with_name(f"{path.name}.{why}-{stamp}")


def _put_artifacts(folder: Path, artifacts: Artifacts) -> None:
    for file in files_in(folder / "artifacts"):
        with file.open("rb") as source, artifacts.writing(file.relative_to(folder / "artifacts").as_posix()) as target:
            shutil.copyfileobj(source, target, BLOCK)


def restore_postgres(folder: Path, engine: Engine, artifacts: Artifacts, *, force: bool) -> None:
    """Put a backup into a PostgreSQL database, in one transaction, and its files among the artifacts.

    Files come first: until the database names them, nobody looks at them.

    Raises
    ------
    ConflictError
        When there are tables and `force` is not set, or a server uses them.
    """
    manifest = verify(folder)
    if manifest["database"] != "postgresql":
        raise BackupError(f"{folder} is of {manifest['database']}, and SYNRL_DATABASE_URL names PostgreSQL.")
    _refuse_newer(folder, manifest)
    if is_in_use(engine):
        raise ConflictError("Other connections use the database. End the server, then restore.")
    if inspect(engine).get_table_names() and not force:
        raise ConflictError(f"The database {engine.url.render_as_string()} has tables. To replace them: --force.")
    _put_artifacts(folder, artifacts)
    arguments = ("--single-transaction", "--exit-on-error", "--clean", "--if-exists", "--no-owner")
    run_postgres("pg_restore", engine, *arguments, str(folder / "database.dump"))


def _refuse_newer(folder: Path, manifest: dict[str, Any]) -> None:
    if manifest["schema"] not in migrate.revisions():
        raise BackupError(
            f"{folder} has schema {manifest['schema']}, which this version of SynRL does not know (its newest is "
            f"{migrate.head()}). Restore it with the version that made it ({manifest['synrl']}), or a newer one."
        )
