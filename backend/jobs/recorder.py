"""Writes what workers report into the database, in batches and in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from backend import columns
from backend.columns import Columns
from backend.db import runs as repository
from backend.db.store import Store
from backend.db.tables import Run, Snapshot
from backend.jobs import progress
from backend.messages import Message
from backend.schemas import RunRead, RunStatus
from backend.services import points
from backend.services import runs as runs_service

log = logging.getLogger(__name__)

#: Seconds between two transactions while messages come in.
WRITE_INTERVAL = 0.25
#: Seconds to wait before a batch that could not be written is tried again, at most.
MAX_RETRY_DELAY = 5.0


class Recorder:
    """Takes messages on the event loop; a thread writes them. A batch that fails is kept and tried again."""

    def __init__(self, store: Store, on_ended: Callable[[RunRead], None]) -> None:
        self._store = store
        self._on_ended = on_ended
        self._messages: list[Message] = []
        self._news = asyncio.Event()
        self._write_lock = asyncio.Lock()
        self._writing: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="recorder")

    def take(self, message: Message) -> None:
        """Keep a message for the next batch."""
        self._messages.append(message)
        self._news.set()

    async def flush(self) -> None:
        """Return once all that was taken before the call is in the database.

        Who calls may be cancelled meanwhile, as when a viewer leaves; the write goes on, for it can't be taken back.
        """
        writing = asyncio.get_running_loop().create_task(self._flush())
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)
        await asyncio.shield(writing)

    async def _flush(self) -> None:
        async with self._write_lock:
            batch, self._messages = self._messages, []
            if not batch:
                return
            try:
                ended = await asyncio.to_thread(self._write, batch)
            except Exception:
                self._messages = batch + self._messages
                raise
        for run in ended:
            self._on_ended(run)

    async def close(self) -> None:
        """Write what was taken and end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.flush()

    async def _run(self) -> None:
        delay = WRITE_INTERVAL
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self.flush()
                delay = WRITE_INTERVAL
            except Exception:
                log.exception("the database did not take a batch; it is kept and tried again in %.2f s", delay * 2)
                delay = min(delay * 2, MAX_RETRY_DELAY)
                self._news.set()
            await asyncio.sleep(delay)

    def _write(self, batch: Sequence[Message]) -> list[RunRead]:
        by_run: dict[str, list[Message]] = {}
        for message in batch:
            by_run.setdefault(message["run_id"], []).append(message)
        ended = []
        with self._store.write() as session:
            for run_id, messages in by_run.items():
                run = repository.find(session, run_id)
                # A deleted run, or news of an attempt that was given up: nobody waits for it.
                current = [m for m in messages if run is not None and m["attempt"] == run.attempt]
                if run is None or run.status != RunStatus.RUNNING or not current:
                    continue
                record(session, run, current)
                if run.status != RunStatus.RUNNING:
                    ended.append(runs_service.read(run))
        return ended


def record(session: Session, run: Run, messages: Sequence[Message]) -> None:
    """Apply the messages of one attempt, in order, to its run."""
    measured: list[Columns] = []
    for message in messages:
        match message["kind"]:
            case "started":
                points.drop(session, run.id, message["from_iteration"])
                repository.drop_snapshots(session, run.id, message["from_iteration"])
                progress.begin(run, message["from_iteration"])
                run.dataset_hash, run.provenance = message["dataset_hash"], message["provenance"]
            case "progress":
                progress.advance(run, message)
                if message["points"] is not None:
                    measured.append(columns.decode(message["points"]))
                    progress.measure(run, measured[-1])
            case "snapshot":
                snapshot = Snapshot(run_id=run.id, iteration=message["iteration"], path=message["path"])
                repository.add_snapshot(session, snapshot)
            case "ended":
                run.status, run.error = RunStatus(message["status"]), message["error"]
                run.iteration, run.finished_at = message["iteration"], datetime.now(UTC)
                if run.status == RunStatus.STOPPED and run.requested == "pause":
                    run.status, run.finished_at = RunStatus.PAUSED, None
                run.requested = None
            case "weights":
                pass
    if measured:
        points.append(session, run.id, columns.concatenate(measured))
    if RunStatus(run.status).is_final:
        points.settle(session, run.id)
