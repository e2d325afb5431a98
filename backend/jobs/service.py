"""All that gets runs trained, started and ended in the right order."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from backend.artifacts import Artifacts
from backend.db.store import Change, ChangeKind, Store
from backend.errors import NotFoundError
from backend.jobs.dispatcher import Dispatcher
from backend.jobs.executor import DaskExecutor
from backend.jobs.live import LiveHub
from backend.jobs.recorder import Recorder
from backend.messages import Message
from backend.schemas import RunRead
from backend.services import runs as runs_service
from backend.settings import Settings


class Jobs:
    """Executor, recorder, live hub and dispatcher of one server."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.artifacts = Artifacts(settings.resolved_artifacts_url)
        self.hub = LiveHub()
        self.recorder = Recorder(store, on_ended=self.hub.settle)
        self._executor = DaskExecutor(settings.workers, settings.threads_per_worker)
        self._dispatcher = Dispatcher(store, self._executor, self.recorder, self.hub, settings.resolved_artifacts_url)

    async def start(self) -> None:
        """Begin; workers start in the background and take up what is queued."""
        self._loop = asyncio.get_running_loop()
        self._store.listen(self._hear)
        self.recorder.start()
        self.hub.start()
        await self._dispatcher.start(self._take)

    async def close(self) -> None:
        """End. Runs in training stay marked as such and are taken up at the next start."""
        self._loop = None
        await self._dispatcher.close()
        await self.recorder.close()
        await self._dispatcher.stop_training()
        await self._executor.close()
        await self.hub.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _take(self, message: Message) -> None:
        # After close() a worker says that it was stopped: nobody wished that, so nobody records it.
        if self._loop is not None:
            self.recorder.take(message)
            self.hub.take(message)

    def _hear(self, change: Change) -> None:
        """Pass a committed change on to the event loop; called in the thread of whoever committed."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._react, change)

    def _react(self, change: Change) -> None:
        match change.kind:
            case ChangeKind.QUEUED:
                self._dispatcher.wake()
            case ChangeKind.REQUESTED:
                self._dispatcher.request_stop(change.run_id)
            case ChangeKind.UPDATED:
                pass
            case ChangeKind.TRASHED:
                self.hub.remove(change.run_id)
                return
            case ChangeKind.PURGED:
                self.hub.remove(change.run_id)
                self._spawn(asyncio.to_thread(self.artifacts.delete_run, change.run_id))
                return
        self._spawn(self._show(change.run_id))

    async def _show(self, run_id: str) -> None:
        def find() -> RunRead | None:
            with self._store.read() as session:
                try:
                    return runs_service.get(session, run_id)
                except NotFoundError:
                    return None

        run = await asyncio.to_thread(find)
        if run is not None:
            self.hub.update(run)

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
