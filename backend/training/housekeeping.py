"""Housekeeping: keeps results of races, purges the trash, removes files and names that are kept no longer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from backend.classroom import retention
from backend.comparison import race_places
from backend.db.store import Store
from backend.runs import queries as repository
from backend.runs import trash
from backend.wire.artifacts import Artifacts, RunFile, run_file

log = logging.getLogger(__name__)

#: Seconds between two looks into the trash.
INTERVAL = 20.0


class Housekeeping:
    """Periodic cleanup of trash, orphaned files and names kept long enough; keeps races before their runs go."""

    def __init__(
        self, store: Store, artifacts: Artifacts, kept_in_trash: timedelta, class_names_hours: float = 24.0
    ) -> None:
        self._store = store
        self._artifacts = artifacts
        self._kept_in_trash = kept_in_trash
        self._class_names_hours = class_names_hours
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start: remove orphaned files once, then purge the trash periodically."""
        self._task = asyncio.create_task(self._run(), name="housekeeping")

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        await asyncio.to_thread(self._tried, self.remove_orphans)
        while True:
            # Before runs are removed: the places rest on them.
            await asyncio.to_thread(self._tried, self._keep_races)
            await asyncio.to_thread(self._tried, self._purge)
            await asyncio.to_thread(self._tried, self.remove_class_names)
            await asyncio.sleep(INTERVAL)

    def _tried(self, what: Callable[[], object]) -> None:
        try:
            what()
        except Exception as error:
            log.error("housekeeping failed; retry later: %s", error)

    def _keep_races(self) -> None:
        with self._store.read() as session:
            if not race_places.ended(session):
                return
        with self._store.write() as session:
            race_places.keep_ended(session)

    def _purge(self) -> None:
        with self._store.read() as session:
            if not repository.has_trash(session):
                return
        with self._store.write() as session:
            purged = trash.purge_old(session, self._kept_in_trash)
        if purged:
            log.info("%d runs were purged from the trash", purged)

    def remove_class_names(self) -> None:
        """Delete the names of class sessions that were closed long enough ago."""
        with self._store.read() as session:
            if not retention.has_names_to_remove(session, self._class_names_hours):
                return
        with self._store.write() as session:
            count = retention.remove_names(session, self._class_names_hours)
        log.info("names of %d class sessions were deleted", count)

    def remove_orphans(self) -> int:
        """Delete files of runs that no longer exist, and of attempts that were abandoned before they were recorded.

        A server that was killed between the two leaves them. Files are listed before the database is asked, so that
        a run which begins meanwhile loses none.

        Returns
        -------
        How many files were removed.
        """
        paths = self._artifacts.run_files()
        with self._store.read() as session:
            attempts = repository.attempts(session)
            named = repository.named_files(session)
        unnamed = [path for path in paths if path not in named and _is_left_over(run_file(path), attempts)]
        self.remove_files(unnamed)
        self._measure_snapshots()
        return len(unnamed)

    def _measure_snapshots(self) -> None:
        """Fill in the sizes of snapshots that were stored by versions without sizes."""
        with self._store.read() as session:
            unmeasured = repository.unmeasured_snapshots(session)
        sizes: dict[str, int] = {}
        for path in unmeasured:
            with suppress(FileNotFoundError):
                sizes[path] = self._artifacts.size(path)
        if sizes:
            with self._store.write() as session:
                repository.measure_snapshots(session, sizes)

    def remove_files(self, paths: Sequence[str]) -> None:
        """Delete files; missing ones are ignored."""
        for path in paths:
            try:
                self._artifacts.delete(path)
            except OSError as error:
                log.warning("%s could not be removed; retry at the next start: %s", path, error)

    def remove_run(self, run_id: str) -> None:
        """Delete all files of a run."""
        try:
            self._artifacts.delete_run(run_id)
        except OSError as error:
            log.warning("files of run %s could not be removed; retry at the next start: %s", run_id, error)


def _is_left_over(file: RunFile, attempts: dict[str, int]) -> bool:
    """True if the attempt that wrote a file is over, so that no row will ever refer to it and it can be deleted."""
    if file.run_id not in attempts:
        return True
    return file.attempt is not None and file.attempt < attempts[file.run_id]
