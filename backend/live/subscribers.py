"""Subscribers of the live feed: pages and readers of events, each with a bounded queue of frames."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from backend.kit.identity import TEACHER, Person
from backend.live.schemas import Frame
from backend.runs.schemas import RunRead
from backend.wire.columns import Columns
from synrl_core.measuring.events import Snapshot

#: Frames that wait for a subscriber before it is skipped forward.
QUEUE_FRAMES = 16

Item = TypeVar("Item")


class Subscriber(Generic[Item]):
    """Subscription of one open page or event stream: a bounded queue of frames.

    ``person`` is who subscribed; ``replicate`` whose weights and table are shown; ``owner`` whose runs the list tells
    of, where not of all.
    """

    def __init__(self, person: Person = TEACHER, replicate: int = 0, owner: str | None = None) -> None:
        self.person = person
        self.replicate = replicate
        self.owner = owner
        self._frames: asyncio.Queue[Item | None] = asyncio.Queue(maxsize=QUEUE_FRAMES)
        self.behind = True
        """It needs the whole state: it is new, or was too slow, or its run began anew."""

    def offer(self, frame: Item) -> None:
        """Queue a frame, or skip the subscriber forward when its queue is full."""
        if self._frames.full():
            self.skip()
        elif not self.behind:
            self._frames.put_nowait(frame)

    def skip(self) -> None:
        """Drop what is queued; the whole state is sent next."""
        while not self._frames.empty():
            self._frames.get_nowait()
        self.behind = True
        self._frames.put_nowait(None)

    def catch_up(self) -> None:
        """Collect frames from now on: the whole state is about to be read."""
        self.behind = False

    async def next(self) -> Item | None:
        """Wait for a frame; None means that the subscriber is behind."""
        return await self._frames.get()


@dataclass(frozen=True)
class EventBatch:
    """Events of a run within one tick, encoded once for all event streams."""

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
class Channel:
    """Subscribers of one run, and the changes to send at the next tick."""

    subscribers: set[Subscriber[str]] = field(default_factory=set)
    followers: set[Subscriber[EventBatch]] = field(default_factory=set)
    last_progress_at: float = 0.0
    """When the followers were last sent the run or its progress."""
    run: RunRead | None = None
    """The run as it was last shown; None before anything was."""
    attempt: int = 0
    points: list[Columns] = field(default_factory=list)
    measured_at: float | None = None
    snapshot: Snapshot | None = None
    """Weights that were not sent yet."""
    changed: bool = False
    run_changed: bool = False
    """More than its progress: its status, its name, its machine."""

    def all_subscribers(self) -> list[Subscriber[str] | Subscriber[EventBatch]]:
        """Return all subscribers of the run."""
        return [*self.subscribers, *self.followers]

    def restart(self) -> None:
        """Have every subscriber get the whole state anew."""
        for subscriber in self.all_subscribers():
            subscriber.skip()


class Channels:
    """Channels of all runs with subscribers."""

    def __init__(self) -> None:
        self._by_run: dict[str, Channel] = {}

    def get(self, run_id: str) -> Channel | None:
        """Return the channel of a run; None if nobody has subscribed to it."""
        return self._by_run.get(run_id)

    def all(self) -> list[tuple[str, Channel]]:
        """Return every run that has subscribers, with its channel."""
        return list(self._by_run.items())

    def pop(self, run_id: str) -> Channel | None:
        """Remove the channel of a run that was deleted."""
        return self._by_run.pop(run_id, None)

    def subscribe(self, run_id: str, person: Person, replicate: int = 0) -> Subscriber[str]:
        """Subscribe a page to a run; what happens from now on is queued for it."""
        subscriber: Subscriber[str] = Subscriber(person, replicate)
        self._by_run.setdefault(run_id, Channel()).subscribers.add(subscriber)
        return subscriber

    def subscribe_events(self, run_id: str) -> Subscriber[EventBatch]:
        """Subscribe a reader of events to a run; what happens from now on is queued for it."""
        follower: Subscriber[EventBatch] = Subscriber()
        self._by_run.setdefault(run_id, Channel()).followers.add(follower)
        return follower

    def unsubscribe(self, run_id: str, subscriber: Subscriber[str] | Subscriber[EventBatch]) -> None:
        """End a subscription to a run."""
        channel = self._by_run.get(run_id)
        if channel is None:
            return
        channel.subscribers.discard(subscriber)
        channel.followers.discard(subscriber)
        if not channel.all_subscribers():
            del self._by_run[run_id]


def publish(subscribers: Sequence[Subscriber[str]], text: str) -> None:
    """Queue one text for several subscribers."""
    for subscriber in subscribers:
        subscriber.offer(text)


def encode(frame: Frame) -> str:
    """Return a frame as it is sent: without what no page shows."""
    return frame.model_dump_json(exclude_none=True, exclude={"metrics": {"forward_passes", "seconds"}})
