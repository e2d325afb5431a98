"""Live feed: passes the reports of workers and changes of people on to subscribers, without reading the database.

A frame is built and encoded once a tick and shared by all subscribers of a run. A subscriber that does not keep up
loses its queue and gets the whole state anew (`Subscriber.behind`) instead of using up memory.
"""

from __future__ import annotations

import asyncio
import logging
import time

from backend.live import frames
from backend.live.mirror import Mirrors, Report
from backend.live.overview import Overview
from backend.live.schemas import Frame
from backend.live.subscribers import Channel, Channels, publish
from backend.runs.schemas import RunRead
from backend.runs.service import as_paused

log = logging.getLogger(__name__)

#: Seconds between two frames of a run.
TICK = 0.1
#: Seconds between two frames of the list of runs.
OVERVIEW_INTERVAL = 0.5


class LiveHub:
    """Publishes runs to subscribers: of one run (`channels`) and of the list of runs (`overview`).

    Lives on the event loop. What a run in training is, it reads from `mirrors`.
    """

    def __init__(self, mirrors: Mirrors) -> None:
        self.channels = Channels()
        self.overview = Overview()
        self.is_closing = False
        self._mirrors = mirrors
        self._news = asyncio.Event()
        """Set while something is to be sent."""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.create_task(self._run(), name="live hub")

    async def close(self) -> None:
        """Stop sending."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def close_event_streams(self) -> None:
        """End all server-sent event streams; shutdown would otherwise wait for them."""
        self.is_closing = True
        for _, channel in self.channels.all():
            for follower in channel.followers:
                follower.skip()

    @property
    def subscriber_counts(self) -> dict[str, int]:
        """How many subscribers there are, by kind."""
        channels = [channel for _, channel in self.channels.all()]
        return {
            "page": sum(len(channel.subscribers) for channel in channels),
            "events": sum(len(channel.followers) for channel in channels),
            "list": len(self.overview),
        }

    # -- from the jobs --------------------------------------------------------------------------------------------

    def receive(self, report: Report) -> None:
        """Publish a message of a worker."""
        message = report.message
        if message["kind"] in ("snapshot", "checkpoint", "alive", "ended"):
            return  # The end is shown when it is stored: what a page calls finished survives a restart.
        mirror = self._mirrors.get(message["run_id"])
        if mirror is None or not mirror.is_shown:
            return
        self.overview.update(mirror.run)
        self._news.set()
        channel = self.channels.get(message["run_id"])
        if channel is None:
            return
        channel.run, channel.attempt, channel.changed = mirror.run, mirror.attempt, True
        match message["kind"]:
            case "started":
                channel.run_changed = True
                channel.points.clear()
                channel.restart()
            case "progress":
                if report.points is not None:
                    channel.points.append(report.points)
                    channel.measured_at = message["measured_at"]
            case "weights":
                channel.snapshot = mirror.snapshot

    def show(self, stored: RunRead) -> None:
        """Publish a run that was read from the database, if that read is not out of date."""
        run = self._mirrors.refresh(stored)
        if run is not None:
            self._show(run)

    def show_end(self, run: RunRead, attempt: int) -> None:
        """Publish a run whose attempt is over, as it is stored."""
        if self._mirrors.end(run.id, attempt):
            self.show(run)

    def show_unstored_end(self, run_id: str, reason: str) -> None:
        """Publish a run whose attempt is over and whose end can't be stored yet."""
        mirror = self._mirrors.get(run_id)
        if mirror is not None and mirror.run.error != reason:
            mirror.run = as_paused(mirror.run, reason)
            self._show(mirror.run)

    def show_queue(self, order: list[str]) -> list[str]:
        """Publish the queued runs in the order of their turns; return watched ones that were not shown yet."""
        if self.overview.reorder(order):
            self._news.set()
        places = {run_id: place for place, run_id in enumerate(order, start=1)}
        unknown = []
        for run_id, channel in self.channels.all():
            if channel.run is None:
                unknown += [run_id] if run_id in places else []
            elif channel.run.queue_position != places.get(run_id):
                self._show_in(channel, channel.run.model_copy(update={"queue_position": places.get(run_id)}))
        return unknown

    def begin(self, run: RunRead, attempt: int) -> None:
        """Publish a run that is about to be trained."""
        self._mirrors.begin(run, attempt)
        channel = self.channels.get(run.id)
        if channel is not None:
            channel.snapshot, channel.points = None, []
        self._show(run)

    def restart_subscribers(self) -> None:
        """Send the whole state to every subscriber of a run again: its points may have a hole."""
        for _, channel in self.channels.all():
            channel.restart()

    def stop_showing(self, run_id: str) -> None:
        """Publish nothing more of an attempt whose points are no longer stored: the curve would have a hole."""
        self._mirrors.hide(run_id)
        channel = self.channels.get(run_id)
        if channel is not None:
            channel.points = []

    def remove(self, run_id: str) -> None:
        """Publish that a run was deleted."""
        self._mirrors.hide(run_id)
        self.overview.remove(run_id)
        self._news.set()
        channel = self.channels.pop(run_id)
        if channel is None:
            return
        publish(list(channel.subscribers), Frame(deleted=True).model_dump_json(exclude_none=True))
        for follower in channel.followers:
            follower.skip()

    def _show(self, run: RunRead) -> None:
        self.overview.update(run)
        self._news.set()
        channel, mirror = self.channels.get(run.id), self._mirrors.get(run.id)
        if channel is not None:
            channel.attempt = channel.attempt if mirror is None else mirror.attempt
            self._show_in(channel, run)

    def _show_in(self, channel: Channel, run: RunRead) -> None:
        channel.run, channel.changed, channel.run_changed = run, True, True
        self._news.set()

    # -- the tick -------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        """Send changes at most once a tick; sleep while there are none."""
        overview_due = 0.0
        while True:
            await self._news.wait()
            try:
                changed = [channel for _, channel in self.channels.all() if channel.changed]
                for channel in changed:
                    frames.send(channel)
                now = time.monotonic()
                if self.overview.has_changes and now >= overview_due:
                    overview_due = now + OVERVIEW_INTERVAL
                    self.overview.send()
                elif not changed and not self.overview.has_changes:
                    self._news.clear()
                    continue
            except Exception:
                log.exception("a live frame could not be sent")
            await asyncio.sleep(TICK)
