"""Backup and restore: database and referenced files, with a manifest of hashes.

A backup is a folder: ``manifest.json``, ``database.db`` (SQLite) or ``database.dump`` (PostgreSQL), ``artifacts/``.
It is made beside its place and takes its name when it is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, create_engine, inspect, text

from backend.db import migrate
from backend.kit.errors import ConflictError, DomainError, NotFoundError
from backend.wire.artifacts import Artifacts

MANIFEST = "manifest.json"
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)
_FORMAT = 1
#: How often a backup looks again for files that were removed while it copied.
_PASSES = 5
_BLOCK = 2**20


class BackupError(DomainError):
    """A backup can't be made, or is damaged."""

    title = "The backup can't be used"


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


# -- making one --------------------------------------------------------------------------------------------------


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
        _write_synced(part / MANIFEST, json.dumps(manifest, indent=1).encode())
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
    _run_postgres("pg_dump", engine, "--format=custom", "--no-owner", f"--file={part / 'database.dump'}")
    return names


def _run_postgres(program: str, engine: Engine, *arguments: str) -> None:
    """Run a program of PostgreSQL on a database; the password goes by the environment, where no other user sees it."""
    found = shutil.which(program)
    if found is None:
        raise BackupError(
            f"{program} is not on this machine's PATH. It comes with PostgreSQL's client programs (Debian: "
            "postgresql-client), in a version not older than the server's."
        )
    url = engine.url
    environment = dict(os.environ)
    if url.password:
        environment["PGPASSWORD"] = str(url.password)
    connection = url.set(drivername="postgresql", password=None).render_as_string()
    done = subprocess.run(  # noqa: S603 (our own arguments)
        [found, f"--dbname={connection}", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()[-2000:]}")


def _copy_artifact(artifacts: Artifacts, path: str, part: Path) -> bool:
    target = part / "artifacts" / path
    if target.exists():
        return True
    target.parent.mkdir(parents=True, exist_ok=True)
    copying = target.with_name(f"{target.name}.copying")
    try:
        with artifacts.reading(path) as source, copying.open("wb") as file:
            shutil.copyfileobj(source, file, _BLOCK)
    except (NotFoundError, FileNotFoundError):
        copying.unlink(missing_ok=True)
        return False
    copying.rename(target)
    return True


def _leave_out_unnamed(part: Path, names: set[str]) -> None:
    for file in _files(part / "artifacts"):
        if file.relative_to(part / "artifacts").as_posix() not in names:
            file.unlink()


def _manifest(engine: Engine, part: Path, missing: list[str]) -> dict[str, Any]:
    with engine.connect() as connection:
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return {
        "format": _FORMAT,
        "synrl": version("synrl"),
        "schema": revision,
        "database": engine.url.get_backend_name(),
        "made_at": datetime.now(UTC).isoformat(),
        "missing": missing,
        "files": {
            file.relative_to(part).as_posix(): {"bytes": file.stat().st_size, "sha256": _hash(file)}
            for file in _files(part)
        },
    }


# -- the way back ------------------------------------------------------------------------------------------------


def verify(folder: Path) -> dict[str, Any]:
    """Compare every file of a backup with the manifest, and return it.

    Raises
    ------
    BackupError
        Naming what is missing, changed or too much.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        files: dict[str, Any] = manifest["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{folder} is no backup: its {MANIFEST} can't be read ({error}).") from error
    if manifest.get("format") != _FORMAT:
        raise BackupError(f"{folder} has format {manifest.get('format')}; this version reads {_FORMAT}.")
    there = {file.relative_to(folder).as_posix() for file in _files(folder)} - {MANIFEST}
    wrong = [f"{name} is missing" for name in sorted(set(files) - there)]
    wrong += [f"{name} is not in the manifest" for name in sorted(there - set(files))]
    for name in sorted(there & set(files)):
        file = folder / name
        if file.stat().st_size != files[name]["bytes"] or _hash(file) != files[name]["sha256"]:
            wrong.append(f"{name} is not as it was written")
    if wrong:
        shown = "; ".join(wrong[:5]) + (f"; and {len(wrong) - 5} more" if len(wrong) > 5 else "")
        raise BackupError(f"{folder} is damaged: {shown}. Nothing was restored; take another backup.")
    return manifest


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
    _refuse_in_use(place.database)
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
        for file in _files(staged) if staged.is_dir() else [staged]:
            _sync(file)
        moves.append((staged, target))
    # From here on the restore is decided: the next start finds the journal and completes it.
    journal = place.data_dir / JOURNAL
    _write_synced(journal.with_suffix(".part"), json.dumps([[str(a), str(b)] for a, b in moves]).encode())
    journal.with_suffix(".part").rename(journal)
    _sync(place.data_dir)
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
            _sync(target.parent)
    journal.unlink()
    _sync(data_dir)
    return True


def _beside(path: Path, why: str, stamp: str) -> Path:
    return path.with_name(f"{path.name}.{why}-{stamp}")


def _put_artifacts(folder: Path, artifacts: Artifacts) -> None:
    for file in _files(folder / "artifacts"):
        with file.open("rb") as source, artifacts.writing(file.relative_to(folder / "artifacts").as_posix()) as target:
            shutil.copyfileobj(source, target, _BLOCK)


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
    _run_postgres("pg_restore", engine, *arguments, str(folder / "database.dump"))


def _refuse_newer(folder: Path, manifest: dict[str, Any]) -> None:
    if manifest["schema"] not in migrate.revisions():
        raise BackupError(
            f"{folder} has schema {manifest['schema']}, which this version of SynRL does not know (its newest is "
            f"{migrate.head()}). Restore it with the version that made it ({manifest['synrl']}), or a newer one."
        )


def _refuse_in_use(database: Path) -> None:
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


# -- helpers -----------------------------------------------------------------------------------------------------


def is_in_use(engine: Engine) -> bool:
    """Whether another process has the database open."""
    if engine.url.get_backend_name() != "sqlite":
        with engine.connect() as connection:
            return bool(connection.scalar(_OTHERS))
    engine.dispose()
    try:
        _refuse_in_use(Path(str(engine.url.database)))
    except ConflictError:
        return True
    return False


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def _hash(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    """Have the disk hold what was written to a file or folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
