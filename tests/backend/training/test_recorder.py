from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from backend.db.store import Store
from backend.db.tables import Run
from backend.kit.status import RunStatus
from backend.live.mirror import Report
from backend.runs import queries as repository
from backend.runs.curves import service as curves
from backend.runs.schemas import RunRead
from backend.training.recorder import Recorder
from backend.wire import columns
from backend.wire.messages import Message, Progress
from tests.slowness import patience


@pytest.fixture
def run_id(store: Store) -> str:
    run = Run(
        id="r1",
        name="a",
        status=RunStatus.RUNNING,
        config={},
        dataset_name="digits",
        sample_shape=[8, 8],
        iterations=9,
        attempt=1,
        created_at=datetime.now(UTC),
    )
    with store.write() as session:
        repository.add(session, run)
    return "r1"


def progress(run_id: str, *iterations: int, attempt: int = 1) -> Progress:
    count = len(iterations)
    points: columns.Columns = {
        "iteration": np.array(iterations),
        "forward_passes": np.array(iterations),
        "seconds": np.zeros(count, np.float32),
        "actions": np.zeros((count, 1, 3), np.int64),
    }
    points |= {name: np.zeros((count, 1), np.float32) for name in columns.METRICS}
    return Progress(
        kind="progress", run_id=run_id, attempt=attempt, iteration=iterations[-1], iterations_per_second=None,
        training_seconds=0.0, points=columns.encode(points), measured_at=None,
    )  # fmt: skip


def report(message: Message) -> Report:
    """A message as the recorder receives it: with its points decoded and the state after it."""
    points = columns.decode(message["points"]) if message["kind"] == "progress" and message["points"] else None
    state = {"iteration": message["iteration"]} if message["kind"] == "progress" else {}
    return Report(message, points, state)


def stored(store: Store, run_id: str) -> list[int]:
    with store.read() as session:
        return [int(iteration) for iteration in curves.points(session, run_id).get("iteration", ())]


class HeldRecorder(Recorder):
    """A recorder whose writes are committed but not reported until they are released."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, on_ended=lambda *_: None)
        self.written, self.released = threading.Event(), threading.Event()

    def _write(self, batch: Sequence[Report]) -> tuple[list[tuple[RunRead, int]], list[str]]:
        ended = super()._write(batch)
        self.written.set()
        self.released.wait(patience(10))
        return ended


def test_a_write_whose_caller_leaves_is_neither_lost_nor_repeated(store: Store, run_id: str) -> None:
    async def scenario() -> None:
        recorder = HeldRecorder(store)
        recorder.receive(report(progress(run_id, 0, 1, 2)))
        caller = asyncio.create_task(recorder.flush())
        await asyncio.to_thread(recorder.written.wait, 10)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        recorder.receive(report(progress(run_id, 3)))
        recorder.released.set()
        await recorder.flush()
        await recorder.close()

    asyncio.run(scenario())
    assert stored(store, run_id) == [0, 1, 2, 3]


class FailingRecorder(Recorder):
    """A recorder that gets an error although its first write was committed."""

    failures = 1

    def _write(self, batch: Sequence[Report]) -> tuple[list[tuple[RunRead, int]], list[str]]:
        ended = super()._write(batch)
        if self.failures:
            self.failures -= 1
            raise OSError("the disk says no")
        return ended


@pytest.mark.guarantee("Jobs: whole-curve")
def test_a_batch_that_is_tried_again_stores_each_point_once_and_in_order(store: Store, run_id: str) -> None:
    async def scenario() -> None:
        recorder = FailingRecorder(store, on_ended=lambda *_: None)
        recorder.receive(report(progress(run_id, 0, 1)))
        with pytest.raises(OSError, match="the disk says no"):
            await recorder.flush()
        recorder.receive(report(progress(run_id, 2)))
        await recorder.flush()

    asyncio.run(scenario())
    assert stored(store, run_id) == [0, 1, 2]


@pytest.mark.guarantee("Jobs: current-attempt")
def test_news_of_an_attempt_that_was_given_up_is_passed_over(store: Store, run_id: str) -> None:
    async def scenario() -> None:
        recorder = Recorder(store, on_ended=lambda *_: None)
        recorder.receive(report(progress(run_id, 0, attempt=0)))
        await recorder.flush()

    asyncio.run(scenario())
    assert stored(store, run_id) == []
