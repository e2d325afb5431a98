"""Executor of jobs: its protocol, and the Dask client that both implementations share."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol, cast

from backend.wire.messages import TOPIC, Job, Message
from backend.worker import control
from backend.worker import task as worker

log = logging.getLogger(__name__)

#: Seconds that a client or a cluster gets to end.
CLOSE_TIMEOUT = 2.0
#: Seconds that a worker gets to confirm a request.
CONTROL_TIMEOUT = 5.0


class WorkerLostError(RuntimeError):
    """The worker process of a job is lost."""

    def __init__(self, message: str, *, died: bool) -> None:
        super().__init__(message)
        self.died = died
        """The process ended while it trained, which may be the run's fault; False: the cluster around it was lost."""


class Executor(Protocol):
    """Trains runs in worker processes, one run each at a time. Used on the event loop."""

    slots: int
    """How many workers there should be."""

    @property
    def is_healthy(self) -> bool:
        """Whether jobs can be submitted."""

    @property
    def workers(self) -> int:
        """Number of connected workers, ready or busy. One whose process still starts does not count."""

    @property
    def dead(self) -> int:
        """Number of workers without a process, not even one that starts."""

    async def start(self, on_message: Callable[[Message], None]) -> None:
        """Start or connect the workers, again if they were; every message of a job is handed to ``on_message``."""

    async def close(self) -> None:
        """End the workers, or the connection to them."""

    async def run(self, job: Job) -> None:
        """Train a run in a worker process; return once its last message has been handed over.

        Raises
        ------
        WorkerLostError
            When the process did not live to send one.
        """

    async def send_control(self, address: str, run_id: str, attempt: int, *, interrupt: bool, iterations: int) -> bool:
        """Tell the worker that trains a run its requested state; return whether it confirmed."""

    async def worker_of(self, job: Job) -> str | None:
        """Return the address of the worker that a job was given to; None: of none, or nobody knows."""

    async def kill_worker(self, address: str) -> bool:
        """Kill a worker's process that has fallen silent; another takes its place. False: there is no such worker."""


class DaskClient:
    """Client of a Dask scheduler: submits jobs, receives their messages, tells workers requests."""

    def __init__(self, threads_per_worker: int) -> None:
        self._threads = threads_per_worker
        self._client: Any = None

    @property
    def is_healthy(self) -> bool:
        """Whether jobs can be submitted."""
        raise NotImplementedError

    def _subscribe(self, on_message: Callable[[Message], None]) -> None:
        def receive(event: tuple[float, dict[str, Any]]) -> None:
            on_message(cast("Message", event[1]))

        self._client.subscribe_topic(TOPIC, receive)

    def _submit(self, job: Job, **placement: Any) -> Any:
        """Hand a job to Dask and return its future."""
        return self._client.submit(worker.train_run, job, key=key_of(job), pure=False, retries=0, **placement)

    async def run(self, job: Job) -> None:
        """Train a run in a worker process; return once its last message has been handed over.

        Raises
        ------
        WorkerLostError
            When the process did not live to send one.
        """
        if not self.is_healthy:
            raise WorkerLostError("there are no workers", died=False)
        from distributed.client import FutureCancelledError

        future = self._submit(job)
        try:
            await future.result()
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            # Not we are cancelled but the job: its scheduler is gone.
            raise WorkerLostError(str(error), died=False) from error
        except FutureCancelledError as error:
            raise WorkerLostError(str(error), died=False) from error
        except Exception as error:
            # A scheduler that is about to end says of all its workers that they are lost.
            raise WorkerLostError(f"{type(error).__name__}: {error}", died=self.is_healthy) from error

    async def send_control(self, address: str, run_id: str, attempt: int, *, interrupt: bool, iterations: int) -> bool:
        """Tell the worker that trains a run its requested state; return whether it confirmed.

        Its process answers while its run computes: it takes a few milliseconds.
        """
        if not self.is_healthy:
            return False
        telling = self._client.run(
            control.update, run_id, attempt, interrupt, iterations, workers=[address], on_error="ignore"
        )
        try:
            answers = await asyncio.wait_for(telling, CONTROL_TIMEOUT)
        except (TimeoutError, OSError, ValueError) as error:
            log.warning("the request could not be sent to run %s: %s", run_id, error)
            return False
        return any(answer is True for answer in answers.values())

    async def worker_of(self, job: Job) -> str | None:
        """Return the address of the worker that a job was given to; None: of none, or nobody knows."""
        try:
            processing = await asyncio.wait_for(self._client.processing(), CONTROL_TIMEOUT)
        except (OSError, TimeoutError, AttributeError):
            return None
        return next((address for address, keys in processing.items() if key_of(job) in keys), None)


def key_of(job: Job) -> str:
    """Return the Dask key of a job."""
    return f"{job['run_id']}-{job['attempt']}"
