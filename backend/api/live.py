"""WebSockets of the live feed. Frames are `backend.live.schemas.Frame` and `RunsFrame` as JSON text."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated

from fastapi import Query, WebSocket
from pydantic import Field

from backend.api.dependencies import JobsDependency, StoreDependency
from backend.api.routing import router_under
from backend.api.sockets import send_text, until_closed
from backend.db import guard
from backend.db.store import Store
from backend.inspection import weights
from backend.kit.access import requires
from backend.kit.errors import NotFoundError
from backend.kit.fields import FROM_TEXT
from backend.kit.identity import Role, current_person
from backend.live.schemas import Frame
from backend.live.subscribers import Subscriber, encode
from backend.runs import service as runs
from backend.runs.curves import service as curves
from backend.training.runtime import Jobs

router = router_under("/runs")

WholeState = Callable[[], Awaitable[str]]

#: Points of a curve, and of the shares of actions, that a subscriber gets when it joins: a page is about so many pixels
#: wide, fetches what somebody zooms in on, and shall cost little.
MAX_POINTS, MAX_ACTION_POINTS = 480, 160
#: Seconds that a page waits for what was measured to be stored.
FLUSH_TIMEOUT = 2.0
#: WebSocket close codes of ours.
NO_SUCH_RUN = 4404


@router.websocket("/live")
@requires(Role.VIEWER)
async def runs_feed(socket: WebSocket, store: StoreDependency, jobs: JobsDependency) -> None:
    """Send runs that are new, changed or deleted."""
    await socket.accept()
    subscriber = jobs.hub.overview.subscribe(current_person(), await asyncio.to_thread(_only_of, store))
    try:
        await _serve(socket, subscriber, whole_state=None)
    finally:
        jobs.hub.overview.unsubscribe(subscriber)


@router.websocket("/{run_id}/live")
@requires(Role.VIEWER)
async def run_feed(
    socket: WebSocket,
    run_id: str,
    store: StoreDependency,
    jobs: JobsDependency,
    replicate: Annotated[int, Field(ge=0, lt=1000), FROM_TEXT, Query()] = 0,
) -> None:
    """Send the whole state of a run, then changes; of weights and tables those of one replicate."""
    await socket.accept()
    subscriber = jobs.hub.channels.subscribe(run_id, current_person(), replicate)

    async def whole_state() -> str:
        subscriber.catch_up()
        # A class that opens the same run gets one text.
        return await jobs.whole_states.get((run_id, replicate, current_person()), read)

    async def read() -> str:
        # While the database takes nothing, queued reports are missing here; the hub resets the subscriber later.
        with suppress(Exception):
            await asyncio.wait_for(jobs.recorder.flush(), FLUSH_TIMEOUT)
        return await asyncio.to_thread(_whole_state, store, jobs, run_id, replicate)

    try:
        await _serve(socket, subscriber, whole_state)
    finally:
        jobs.hub.channels.unsubscribe(run_id, subscriber)


def _only_of(store: Store) -> str | None:
    """Return the only owner whose runs the person may see; None: those of everybody."""
    with store.read() as session:
        return guard.sees_only(session)


def _whole_state(store: Store, jobs: Jobs, run_id: str, replicate: int) -> str:
    live_run, snapshot = jobs.mirrors.state(run_id)
    with store.read() as session:
        # Read in any case: only the database knows whether the person may see the run.
        stored = runs.get(session, run_id)
        run = runs.read_for(guard.person_of(session), live_run or stored)
        metrics = curves.read_metrics(session, run_id, MAX_POINTS)
        actions = curves.read_actions(session, run_id, MAX_ACTION_POINTS)
        snapshot = snapshot or weights.at(session, jobs.artifacts, run_id, None)
    frame = Frame(
        reset=True,
        run=run,
        metrics=metrics,
        actions=actions,
        weights=weights.read_weights(snapshot, replicate) if snapshot else None,
        policy=weights.policy(snapshot, replicate) if snapshot else None,
    )
    return encode(frame)


async def _serve(socket: WebSocket, subscriber: Subscriber[str], whole_state: WholeState | None) -> None:
    """Send frames until the page is closed; a closed page is noticed at once, not at the next frame."""
    async with until_closed(socket):
        await _send(socket, subscriber, whole_state)


async def _send(socket: WebSocket, subscriber: Subscriber[str], whole_state: WholeState | None) -> None:
    while True:
        if subscriber.behind and whole_state is not None:
            try:
                text = await whole_state()
            except NotFoundError:
                await socket.close(NO_SUCH_RUN)
                return
        else:
            subscriber.catch_up()
            frame = await subscriber.next()
            if frame is None:
                continue
            text = frame
        await send_text(socket, text)
