"""Frames of one run: built once a tick, encoded once for all subscribers with the same view."""

from __future__ import annotations

import time

from backend.inspection import weights
from backend.live import sse
from backend.live.schemas import Frame, RunProgress
from backend.live.subscribers import Channel, EventBatch, Subscriber, encode, publish
from backend.runs.curves import service as curves
from backend.runs.schemas import RunRead
from backend.runs.service import read_for
from backend.wire import columns
from backend.wire.columns import Columns

#: Seconds between two events that tell how far a run is.
PROGRESS_INTERVAL = 1.0


def send(channel: Channel) -> None:
    """Send to the subscribers of a run what has changed since the last call."""
    points, channel.points = channel.points, []
    snapshot, channel.snapshot = channel.snapshot, None
    run_changed = channel.run_changed
    channel.changed = channel.run_changed = False
    run = channel.run
    if run is None or not channel.all_subscribers():
        return
    frame, joined = Frame(), columns.concatenate(points)
    if points:
        count = columns.points(joined)
        frame.metrics = curves.metrics(joined, max_points=count)
        frame.actions = curves.actions(joined, max_points=count)
        frame.measured_at = channel.measured_at
    _send_to_followers(channel, run, run_changed, joined or None, frame)
    if not run_changed:
        frame.progress = RunProgress.model_validate(run)
    # One text for all who are shown the same.
    alike: dict[tuple[int, tuple[str, ...]], list[Subscriber[str]]] = {}
    for subscriber in channel.subscribers:
        allowed = read_for(subscriber.person, run).allowed_actions if run_changed else ()
        alike.setdefault((subscriber.replicate, tuple(allowed)), []).append(subscriber)
    for (replicate, _), subscribers in alike.items():
        if run_changed:
            frame.run = read_for(subscribers[0].person, run)
        if snapshot is not None:
            frame.weights, frame.policy = weights.read_weights(snapshot, replicate), weights.policy(snapshot, replicate)
        publish(subscribers, encode(frame))


def _send_to_followers(
    channel: Channel, run: RunRead, run_changed: bool, points: Columns | None, measured: Frame
) -> None:
    if not channel.followers:
        return
    tells_progress = not run_changed and time.monotonic() - channel.last_progress_at >= PROGRESS_INTERVAL
    if run_changed or tells_progress:
        channel.last_progress_at = time.monotonic()
    news = EventBatch(
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
