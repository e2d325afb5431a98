"""The live feed: what workers report, handed to viewers without a detour through the database.

A frame is built and encoded once a tick and shared by all viewers of a run. A viewer that does not keep up loses
its queue and gets the whole state anew (`Viewer.behind`) instead of holding everybody's memory.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from backend.inspection import weights
from backend.kit.identity import TEACHER, Person, Role
from backend.kit.status import RunStatus
from backend.live import sse
from backend.live.schemas import Frame, RunProgress, RunsFrame
from backend.runs import progress
from backend.runs.curves import service as curves
from backend.runs.schemas import RunRead
from backend.runs.service import shown_to, waiting
from backend.runs.table import service as run_table
from backend.wire import columns
from backend.wire import snapshots as looks
from backend.wire.columns import Columns
from backend.wire.messages import Message
from synrl_core.measuring.events import Snapshot

log = logging.getLogger(__name__)

#: Seconds between two frames of a run.
TICK = 0.1
#: Seconds between two frames of the list of runs.
OVERVIEW_INTERVAL = 0.5
#: Seconds between two events that tell how far a run is.
PROGRESS_INTERVAL = 1.0
#: Frames that wait for a viewer before it is skipped forward.
QUEUE_FRAMES = 16


#: What of a run in training comes from people, not from its worker.
_CHANGED_BY_PEOPLE = ("name", "tags", "notes", "archived", "requested", "iterations", "config", "group_key",
                      "allowed_actions")  # fmt: skip

Item = TypeVar("Item")


class Viewer(Generic[Item]):
    """One open page, or one reader of events: what waits to be sent to it.

    ``person`` is who looks; ``replicate`` whose weights and table it looks at; ``owner`` whose runs it may hear of,
    where not of all.
    """

    def __init__(self, person: Person = TEACHER, replicate: int = 0, owner: str | None = None) -> None:
        self.person = person
        self.replicate = replicate
        self.owner = owner
        self._frames: asyncio.Queue[Item | None] = asyncio.Queue(maxsize=QUEUE_FRAMES)
        self.behind = True
        """It needs the whole state: it is new, or was too slow, or its run began anew."""

    def offer(self, frame: Item) -> None:
        """Queue a frame, or skip the viewer forward when its queue is full."""
        if self._frames.full():
            self.skip()
        elif not self.behind:
            self._frames.put_nowait(frame)

    def skip(self) -> None:
        """Forget what waits; the whole state is sent next."""
        while not self._frames.empty():
            self._frames.get_nowait()
        self.behind = True
        self._frames.put_nowait(None)

    def catch_up(self) -> None:
        """Collect frames from now on: the whole state is about to be read."""
        self.behind = False

    async def next(self) -> Item | None:
        """Wait for a frame; None means that the viewer is behind."""
        return await self._frames.get()


@dataclass(frozen=True)
class News:
    """What happened on a run within a tick, encoded once for all who read its events."""

    rewinds: int
    attempt: int
    run: RunRead | None = None
    """Where more than its progress has changed."""
    progress: bytes = b""
    """Event that tells, once a second, how far it is."""
    points: Columns | None = None
    text: bytes = b""
    """Event with the points."""
    is_final: bool = False
    """The run has ended, or is gone."""


@dataclass
class _Channel:
    """What is known of one run beyond the database, and who looks at it."""

    run: RunRead | None = None
    attempt: int = 0
    training: bool = False
    """Between `begin` and `settle` the copy here is ahead of the database."""
    look: Snapshot | None = None
    viewers: set[Viewer[str]] = field(default_factory=set)
    followers: set[Viewer[News]] = field(default_factory=set)
    told_at: float = 0.0
    """When the followers were last sent the run or its progress."""
    points: list[Columns] = field(default_factory=list)
    measured_at: float | None = None
    changed: bool = False
    run_changed: bool = False
    """More than its progress: its status, its name, its machine."""
    look_changed: bool = False

    def everyone(self) -> list[Viewer[str] | Viewer[News]]:
        """Return all who look at the run."""
        return [*self.viewers, *self.followers]


class LiveHub:
    """Channels of runs, the feed of the list of runs, and the tick that serves both. Lives on the event loop."""

    def __init__(self) -> None:
        self._channels: dict[str, _Channel] = {}
        self._overview_viewers: set[Viewer[str]] = set()
        self.is_closing = False
        self._overview_runs: dict[str, RunRead] = {}
        self._overview_removed: list[str] = []
        self._queue: list[str] = []
        self._queue_changed = False
        self._news = asyncio.Event()
        """Set while something waits to be sent."""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to tick."""
        self._task = asyncio.create_task(self._run(), name="live hub")

    async def close(self) -> None:
        """Stop ticking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    # -- from the jobs --------------------------------------------------------------------------------------------

    def begin(self, run: RunRead, attempt: int) -> None:
        """Follow a run that is about to be trained."""
        channel = self._channels.setdefault(run.id, _Channel())
        channel.run, channel.attempt, channel.look, channel.points = run, attempt, None, []
        channel.training = channel.changed = channel.run_changed = True
        self._overview_runs[run.id] = run
        self._news.set()

    def take(self, message: Message) -> None:
        """Show what a worker reports."""
        channel = self._channels.get(message["run_id"])
        if channel is None or channel.run is None or not channel.training or message["attempt"] != channel.attempt:
            return
        match message["kind"]:
            case "started":
                progress.begin(channel.run, message)
                channel.run.dataset_hash, channel.run.provenance = message["dataset_hash"], message["provenance"]
                channel.run_changed = True
                channel.points.clear()
                for viewer in channel.everyone():
                    viewer.skip()
            case "progress":
                progress.advance(channel.run, message)
                if message["points"] is not None:
                    points = columns.decode(message["points"])
                    progress.measure(channel.run, points)
                    channel.measured_at = message["measured_at"]
                    if channel.everyone():
                        channel.points.append(points)
            case "weights":
                channel.look = looks.from_message(message["iteration"], message["arrays"])
                channel.look_changed = True
            case "snapshot" | "checkpoint" | "alive" | "ended":
                # The end is shown when it is stored, by `settle`: what a page calls finished survives a restart.
                return
        channel.changed = True
        self._overview_runs[channel.run.id] = channel.run
        self._news.set()

    def settle(self, run: RunRead, attempt: int) -> None:
        """Show a run whose worker is done with this attempt, as it now stands in the database."""
        channel = self._channels.get(run.id)
        if channel is not None:
            if channel.training and channel.attempt != attempt:
                return  # The next attempt has begun meanwhile.
            channel.training = False
        self.update(run)

    def wait(self, run_id: str, reason: str) -> None:
        """Show a run whose worker is done with it and whose end can't be stored yet."""
        channel = self._channels.get(run_id)
        if channel is not None and channel.run is not None and channel.run.error != reason:
            channel.run = self._overview_runs[run_id] = waiting(channel.run, reason)
            channel.changed = channel.run_changed = True
            self._news.set()

    def update(self, run: RunRead) -> None:
        """Show a run that somebody changed."""
        channel = self._channels.get(run.id)
        if channel is not None and channel.training and channel.run is not None:
            if run.status != RunStatus.RUNNING:
                return  # Read before its training began, or already ended: `settle` says so with all that was stored.
            # Read while the worker went on: only what people change is news.
            for field_name in _CHANGED_BY_PEOPLE:
                setattr(channel.run, field_name, getattr(run, field_name))
            run = channel.run
        self._overview_runs[run.id] = run
        self._news.set()
        if channel is None:
            return
        channel.run, channel.changed, channel.run_changed = run, True, True
        if not channel.training and not channel.everyone():
            del self._channels[run.id]

    def show_queue(self, order: list[str]) -> list[str]:
        """Show the queued runs in the order of their turns; return those that are looked at and not known here yet."""
        if order != self._queue:
            self._queue, self._queue_changed = order, True
            self._news.set()
        places = {run_id: place for place, run_id in enumerate(order, start=1)}
        for run_id, channel in self._channels.items():
            if channel.run is not None and channel.run.queue_position != places.get(run_id):
                channel.run.queue_position = places.get(run_id)
                channel.changed = channel.run_changed = True
                self._news.set()
        return [run_id for run_id, channel in self._channels.items() if channel.run is None and run_id in places]

    def refresh(self) -> None:
        """Have every viewer of a run get the whole state anew: what it was shown may have a hole."""
        for channel in self._channels.values():
            for viewer in channel.everyone():
                viewer.skip()

    def hold(self, run_id: str) -> None:
        """Show nothing more of an attempt whose points are no longer kept: readers would never get what is between."""
        channel = self._channels.get(run_id)
        if channel is not None:
            channel.training, channel.points = False, []

    def stop_following(self) -> None:
        """Have all event streams end: the server is about to, and would wait for them."""
        self.is_closing = True
        for channel in self._channels.values():
            for follower in channel.followers:
                follower.skip()

    def remove(self, run_id: str) -> None:
        """Tell all that a run was deleted."""
        self._overview_runs.pop(run_id, None)
        self._overview_removed.append(run_id)
        self._news.set()
        channel = self._channels.pop(run_id, None)
        if channel is None:
            return
        for viewer in channel.viewers:
            viewer.offer(Frame(deleted=True).model_dump_json(exclude_none=True))
        for follower in channel.followers:
            follower.skip()

    # -- from the viewers -----------------------------------------------------------------------------------------

    def join(self, run_id: str, person: Person, replicate: int = 0) -> Viewer[str]:
        """Open a viewer of one run; what happens from now on waits in its queue."""
        viewer: Viewer[str] = Viewer(person, replicate)
        self._channels.setdefault(run_id, _Channel()).viewers.add(viewer)
        return viewer

    def leave(self, run_id: str, viewer: Viewer[str]) -> None:
        """Close a viewer of one run."""
        channel = self._channels.get(run_id)
        if channel is None:
            return
        channel.viewers.discard(viewer)
        self._tidy(run_id, channel)

    def follow(self, run_id: str) -> Viewer[News]:
        """Open a reader of a run's events; what happens from now on waits in its queue."""
        follower: Viewer[News] = Viewer()
        self._channels.setdefault(run_id, _Channel()).followers.add(follower)
        return follower

    def unfollow(self, run_id: str, follower: Viewer[News]) -> None:
        """Close a reader of a run's events."""
        channel = self._channels.get(run_id)
        if channel is not None:
            channel.followers.discard(follower)
            self._tidy(run_id, channel)

    def _tidy(self, run_id: str, channel: _Channel) -> None:
        if not channel.everyone() and not channel.training:
            del self._channels[run_id]

    def join_overview(self, person: Person, owner: str | None = None) -> Viewer[str]:
        """Open a viewer of the list of runs: of all, or of those of one owner."""
        viewer: Viewer[str] = Viewer(person, owner=owner)
        self._overview_viewers.add(viewer)
        return viewer

    def leave_overview(self, viewer: Viewer[str]) -> None:
        """Close a viewer of the list of runs."""
        self._overview_viewers.discard(viewer)

    @property
    def audience(self) -> dict[str, int]:
        """How many look on, by kind."""
        channels = list(self._channels.values())
        return {
            "page": sum(len(channel.viewers) for channel in channels),
            "events": sum(len(channel.followers) for channel in channels),
            "list": len(self._overview_viewers),
        }

    def state(self, run_id: str) -> tuple[RunRead | None, Snapshot | None]:
        """Return what is known here and newer than the database: a running run and the last look at its weights."""
        channel = self._channels.get(run_id)
        if channel is None or channel.run is None or not channel.training:
            return None, None
        return channel.run, channel.look

    # -- the tick -------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        """Send what is new, at most once a tick; sleep while nothing happens."""
        overview_due = 0.0
        while True:
            await self._news.wait()
            try:
                changed = [channel for channel in self._channels.values() if channel.changed]
                for channel in changed:
                    self._send(channel)
                now = time.monotonic()
                if self._overview_waits and now >= overview_due:
                    overview_due = now + OVERVIEW_INTERVAL
                    self._send_overview()
                elif not changed and not self._overview_waits:
                    self._news.clear()
                    continue
            except Exception:
                log.exception("a live frame could not be sent")
            await asyncio.sleep(TICK)

    def _send(self, channel: _Channel) -> None:
        points, channel.points = channel.points, []
        look = channel.look if channel.look_changed else None
        run_changed = channel.run_changed
        channel.changed = channel.run_changed = channel.look_changed = False
        if not channel.everyone() or channel.run is None:
            return
        measured = Frame()
        joined = columns.concatenate(points)
        if points:
            count = columns.points(joined)
            measured.metrics = curves.metrics(joined, max_points=count)
            measured.actions = curves.actions(joined, max_points=count)
            measured.measured_at = channel.measured_at
        self._send_to_followers(channel, channel.run, run_changed, joined or None, measured)
        frame = measured
        if not run_changed:
            frame.progress = RunProgress.model_validate(channel.run)
        # One text for all who are shown the same.
        alike: dict[tuple[int, tuple[str, ...]], list[Viewer[str]]] = {}
        for viewer in channel.viewers:
            allowed = shown_to(viewer.person, channel.run).allowed_actions if run_changed else ()
            alike.setdefault((viewer.replicate, tuple(allowed)), []).append(viewer)
        for (replicate, _), viewers in alike.items():
            if run_changed:
                frame.run = shown_to(viewers[0].person, channel.run)
            if look is not None:
                frame.weights, frame.policy = weights.shown(look, replicate), weights.policy(look, replicate)
            _offer(viewers, encode(frame))

    def _send_to_followers(
        self, channel: _Channel, run: RunRead, run_changed: bool, points: Columns | None, measured: Frame
    ) -> None:
        if not channel.followers:
            return
        tells_progress = not run_changed and time.monotonic() - channel.told_at >= PROGRESS_INTERVAL
        if run_changed or tells_progress:
            channel.told_at = time.monotonic()
        news = News(
            rewinds=run.rewinds,
            attempt=channel.attempt,
            run=run.model_copy() if run_changed else None,
            progress=sse.progress(RunProgress.model_validate(run)) if tells_progress else b"",
            points=points,
            text=sse.points(measured, run.rewinds, channel.attempt) if points else b"",
            is_final=run.status.is_final,
        )
        for follower in channel.followers:
            follower.offer(news)

    @property
    def _overview_waits(self) -> bool:
        return bool(self._overview_runs or self._overview_removed or self._queue_changed)

    def _send_overview(self) -> None:
        runs, self._overview_runs = self._overview_runs, {}
        removed, self._overview_removed = self._overview_removed, []
        queue, self._queue_changed = self._queue if self._queue_changed else None, False
        # One text for all who may hear of the same runs and do the same with them.
        alike: dict[tuple[str | None, Person | Role], list[Viewer[str]]] = {}
        for viewer in self._overview_viewers:
            person = viewer.person
            key = person if person.role is Role.STUDENT else person.role
            alike.setdefault((viewer.owner, key), []).append(viewer)
        for (owner, _), viewers in alike.items():
            heard = [run for run in runs.values() if owner is None or run.owner == owner]
            if heard or removed or queue is not None:
                rows = [run_table.row(shown_to(viewers[0].person, run)) for run in heard]
                news = RunsFrame(runs=rows, removed=removed, queue=queue)
                _offer(viewers, news.model_dump_json())


def encode(frame: Frame) -> str:
    """Return a frame as it is sent: without what no page shows."""
    return frame.model_dump_json(exclude_none=True, exclude={"metrics": {"forward_passes", "seconds"}})


def _offer(viewers: Sequence[Viewer[str]], text: str) -> None:
    for viewer in viewers:
        viewer.offer(text)
