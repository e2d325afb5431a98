"""Format of backups: a manifest with the hash of every file, its verification, and helpers that write and sync.

A backup is a folder: ``manifest.json``, ``database.db`` (SQLite) or ``database.dump`` (PostgreSQL), ``artifacts/``.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from backend.kit.errors import DomainError

MANIFEST = "manifest.json"
FORMAT = 1
#: Bytes that are copied at a time.
BLOCK = 2**20


class BackupError(DomainError):
    """A backup can't be made, or is damaged."""

    title = "The backup can't be used"


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
    if manifest.get("format") != FORMAT:
        raise BackupError(f"{folder} has format {manifest.get('format')}; this version reads {FORMAT}.")
    there = {file.relative_to(folder).as_posix() for file in files_in(folder)} - {MANIFEST}
    wrong = [f"{name} is missing" for name in sorted(set(files) - there)]
    wrong += [f"{name} is not in the manifest" for name in sorted(there - set(files))]
    for name in sorted(there & set(files)):
        file = folder / name
        if file.stat().st_size != files[name]["bytes"] or hash_of(file) != files[name]["sha256"]:
            wrong.append(f"{name} is not as it was written")
    if wrong:
        shown = "; ".join(wrong[:5]) + (f"; and {len(wrong) - 5} more" if len(wrong) > 5 else "")
        raise BackupError(f"{folder} is damaged: {shown}. Nothing was restored; take another backup.")
    return manifest


def run_postgres(program: str, engine: Engine, *arguments: str) -> None:
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


def files_in(folder: Path) -> list[Path]:
    """Return all files below a folder, sorted; none where there is no folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def hash_of(file: Path) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits."""
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def write_synced(path: Path, data: bytes) -> None:
    """Write a file and sync it to the disk."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync(path: Path) -> None:
    """Sync a file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
