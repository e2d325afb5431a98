"""/runs/{id}/events: server-sent events of a run, for scripts, notebooks and curl."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Header, Query, Response
from fastapi.responses import StreamingResponse

from backend.api.dependencies import JobsDependency, RunId, StoreDependency
from backend.api.routing import router_under
from backend.db.store import Store
from backend.kit.access import requires
from backend.kit.errors import NotFoundError
from backend.kit.identity import Person, Role, current_person
from backend.live import sse
from backend.live.schemas import Frame
from backend.live.sse import Position
from backend.live.subscribers import EventBatch, Subscriber
from backend.runs import service as runs
from backend.runs.curves import service as curves
from backend.runs.curves.service import Window
from backend.runs.schemas import RunRead
from backend.training.runtime import Jobs
from backend.wire import columns

router = router_under("/runs", tags=["runs"])

#: Seconds of silence after which a comment is sent.
HEARTBEAT = 15.0
#: Points of one event while a reader catches up.
PAGE_POINTS = 500

_DOCUMENTED = {
    200: {
        "description": "Events `points`, `run` when it has changed, `progress` once a second, `reset` (the run was "
        "rewound: forget its points) and, last, `end` or `deleted`.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    204: {"description": "The run has ended, and the reader has all of it: browsers stop asking."},
}


@router.get("/{run_id}/events", response_class=Response, responses=_DOCUMENTED)  # type: ignore[arg-type]
@requires(Role.VIEWER)
async def follow_run(
    run_id: RunId,
    store: StoreDependency,
    jobs: JobsDependency,
    last_event_id: Annotated[str | None, Header(max_length=100, description="Id of the last event received.")] = None,
    after: Annotated[
        str | None, Query(max_length=100, description="The same, for clients that can't set a header.")
    ] = None,
) -> Response:
    """Stream all measurements of a run, first the stored ones, then new ones, until the run has ended.

    Every point comes once, at full resolution, as mean over replicates with its deviation. An interrupted reader that
    names the last event it got goes on right behind it, over restarts of the server too. A reader that is slower than
    the run is sent what is stored, in its own time.
    """
    run = await asyncio.to_thread(_find, store, run_id)
    position = sse.parse(last_event_id if last_event_id is not None else after)
    if position is not None and position.ended and run.status.is_final and position.rewinds == run.rewinds:
        return Response(status_code=204)
    stream = _Stream(store, jobs, run_id, current_person(), position or Position(rewinds=run.rewinds))
    # No proxy shall collect events before it passes them on.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream.events(), media_type="text/event-stream", headers=headers)


def _find(store: Store, run_id: str) -> RunRead:
    with store.read() as session:
        return runs.get(session, run_id)


@dataclass
class _Page:
    """Stored points behind a position, and the run as it stood when they were read."""

    run: RunRead
    attempt: int
    points: columns.Columns


@dataclass
class _Stream:
    """Event stream of one reader: its position and the next events to send."""

    store: Store
    jobs: Jobs
    run_id: str
    person: Person
    position: Position
    is_over: bool = False

    async def events(self) -> AsyncIterator[bytes]:
        """Yield events until the run has ended or is gone."""
        follower = self.jobs.hub.channels.subscribe_events(self.run_id)
        try:
            yield sse.RETRY
            while not self.jobs.hub.is_closing:
                if follower.behind:
                    # What happens from here on waits in the queue; what happened before is in the database.
                    follower.catch_up()
                    async for text in self._catch_up():
                        yield text
                    if self.is_over:
                        return
                    continue
                async for text in self._live(follower):
                    yield text
        finally:
            self.jobs.hub.channels.unsubscribe(self.run_id, follower)

    async def _live(self, follower: Subscriber[EventBatch]) -> AsyncIterator[bytes]:
        try:
            news = await asyncio.wait_for(follower.next(), HEARTBEAT)
        except TimeoutError:
            yield sse.KEEP_ALIVE
            return
        if news is None:
            return
        if news.rewinds != self.position.rewinds or news.is_final:
            # The database says what is now true: another curve, or the end.
            follower.behind = True
            return
        if news.points is not None:
            for text in self._new(news):
                yield text
        if news.run is not None:
            yield sse.run(runs.read_for(self.person, news.run))
        elif news.progress:
            yield news.progress

    def _new(self, news: EventBatch) -> list[bytes]:
        assert news.points is not None  # noqa: S101 (the caller looked)
        iterations = news.points["iteration"]
        if iterations[-1] <= self.position.iteration:
            return []
        attempt, before = news.attempt, self.position.iteration
        self.position = Position(news.rewinds, attempt, int(iterations[-1]))
        if iterations[0] > before:
            return [news.text]
        new = iterations > before
        return [_encode({name: array[new] for name, array in news.points.items()}, self.position)]

    async def _catch_up(self) -> AsyncIterator[bytes]:
        """Yield the stored events behind the position, and whether they are complete."""
        settled = asyncio.create_task(self.jobs.recorder.wait_until_stored())
        while not (await asyncio.wait({settled}, timeout=HEARTBEAT))[0]:
            yield sse.KEEP_ALIVE  # The database is locked or gone; what waits comes once it is back.
        told = False
        while not self.jobs.hub.is_closing:
            try:
                page = await asyncio.to_thread(self._read)
            except NotFoundError:
                self.is_over = True
                yield sse.DELETED
                return
            if page.run.rewinds != self.position.rewinds:
                self.position, told = Position(rewinds=page.run.rewinds), False
                yield sse.RESET
                continue
            if not told:
                told = True
                yield sse.run(page.run)
            if not columns.points(page.points):
                self.is_over = page.run.status.is_final
                if self.is_over:
                    yield sse.end(page.run, self.position)
                return
            for start in range(0, columns.points(page.points), PAGE_POINTS):
                part = {name: array[start : start + PAGE_POINTS] for name, array in page.points.items()}
                self.position = Position(page.run.rewinds, page.attempt, int(part["iteration"][-1]))
                yield _encode(part, self.position)

    def _read(self) -> _Page:
        with self.store.read() as session:
            row = runs.find(session, self.run_id)
            run, window = runs.read_for(self.person, runs.read(row)), Window(self.position.iteration + 1, None)
            same_curve = run.rewinds == self.position.rewinds
            points = curves.next_points(session, self.run_id, window) if same_curve else {}
            return _Page(run, row.attempt, points)


def _encode(points: columns.Columns, position: Position) -> bytes:
    count = columns.points(points)
    frame = Frame(metrics=curves.metrics(points, count), actions=curves.actions(points, count))
    return sse.points(frame, position.rewinds, position.attempt)
