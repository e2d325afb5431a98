"""Executor on other machines: workers of a separately started Dask scheduler."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Container
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.training import cluster
from backend.training.executor import CLOSE_TIMEOUT, DaskClient, WorkerLostError, key_of
from backend.wire.artifacts import Artifacts
from backend.wire.messages import Job, Message
from backend.worker import compatibility

if TYPE_CHECKING:
    from distributed import Security

log = logging.getLogger(__name__)

#: Seconds that the scheduler gets to answer.
CONNECT_TIMEOUT = 5.0
#: Seconds between two looks at which workers are there.
REFRESH_INTERVAL = 1.0
#: Seconds that a worker gets to say who it is; its process may be busy with imports.
IDENTIFY_TIMEOUT = 30.0


@dataclass
class Placement:
    """A job submitted to a worker."""

    address: str
    future: Any
    is_missed: bool = False
    """Its worker was not there at the last look."""


class RemoteExecutor(DaskClient):
    """Workers of a remote scheduler that are compatible with this server in code, packages and artifacts."""

    def __init__(self, url: str, artifacts: Artifacts, security: Security | None, threads_per_worker: int) -> None:
        super().__init__(threads_per_worker)
        self.slots = 0
        self._url = url
        self._artifacts = artifacts
        self._security = security
        self._reachable = False
        self._workers: dict[str, int] = {}
        """Threads of each worker that was accepted, by its address."""
        self._refused: dict[str, str] = {}
        self._given: dict[str, Placement] = {}
        """Jobs that have a worker, by their keys."""
        self._refreshing: asyncio.Task[None] | None = None

    async def start(self, on_message: Callable[[Message], None]) -> None:
        """Connect to the scheduler and follow its workers as they come and go."""
        await self.close()
        await asyncio.to_thread(cluster.configure, self._threads)
        from distributed import Client

        self._client = await Client(
            self._url, asynchronous=True, security=self._security, timeout=CONNECT_TIMEOUT, set_as_default=False
        )
        await self._check_scheduler()
        self._subscribe(on_message)
        await self._refresh()
        self._refreshing = asyncio.create_task(self._keep_refreshing(), name="workers elsewhere")

    async def _check_scheduler(self) -> None:
        told = await asyncio.wait_for(self._client.scheduler.versions(), CONNECT_TIMEOUT)
        differing = compatibility.scheduler_differences(told)
        if differing:
            raise ConnectionError(
                f"the scheduler {self._url} is refused: {differing}. Install the same version on all machines."
            )

    @property
    def is_healthy(self) -> bool:
        """Whether the scheduler answers."""
        return self._reachable and self._client is not None and self._client.status == "running"

    @property
    def workers(self) -> int:
        """Number of runs that the connected workers can train at once."""
        return self.slots if self.is_healthy else 0

    @property
    def dead(self) -> int:
        """Number of workers that are lost for good: unknown here, so 0."""
        return 0

    @property
    def refused(self) -> dict[str, str]:
        """Workers that are not used, and why."""
        return dict(self._refused)

    async def run(self, job: Job) -> None:
        """Train a run on a worker elsewhere; as `Executor.run`."""
        try:
            await super().run(job)
        except WorkerLostError as error:
            given = self._given.get(key_of(job))
            if error.died and given is not None:
                # Before the next look at who is there: no other run shall be given to it.
                self._workers.pop(given.address, None)
                self._count()
            # A scheduler that ends says of all its workers that they are lost; whether it lives, it must say itself.
            if error.died and not await self._answers():
                raise WorkerLostError(str(error), died=False) from error
            raise
        finally:
            self._given.pop(key_of(job), None)

    async def kill_worker(self, address: str) -> bool:
        """Have the nanny of a worker that has fallen silent kill its process and start another."""
        try:
            done = await self._client.restart_workers([address], timeout=CONNECT_TIMEOUT, raise_for_error=False)
        except (OSError, ValueError, TimeoutError):
            return False
        return bool(done.get(address) == "OK")

    async def close(self) -> None:
        """Disconnect from the scheduler; it and its workers stay."""
        self._reachable = False
        self._workers, self.slots = {}, 0
        self._given.clear()
        refreshing, self._refreshing = self._refreshing, None
        if refreshing is not None:
            refreshing.cancel()
            await asyncio.gather(refreshing, return_exceptions=True)
        client, self._client = self._client, None
        if client is not None:
            with suppress(TimeoutError, OSError, RuntimeError):
                await asyncio.wait_for(client.close(), CLOSE_TIMEOUT)

    def _submit(self, job: Job, **placement: Any) -> Any:
        """Submit a job to one worker with a free slot: behind another run it would wait and seem silent."""
        taken = Counter(given.address for given in self._given.values())
        address = next((one for one, threads in self._workers.items() if taken[one] < threads), None)
        if address is None:
            raise WorkerLostError("no worker has room", died=False)
        future = super()._submit(job, workers=[address], allow_other_workers=False, **placement)
        self._given[key_of(job)] = Placement(address, future)
        return future

    async def _answers(self) -> bool:
        try:
            await asyncio.wait_for(self._client.scheduler.identity(), CONNECT_TIMEOUT)
        except (OSError, AttributeError, TimeoutError):
            self._reachable = False
        return self.is_healthy

    async def _keep_refreshing(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_INTERVAL)
            try:
                await self._refresh()
            except (OSError, TimeoutError) as error:
                log.error("no answer from the scheduler %s: %s", self._url, error)
                self._reachable = False
                return  # The watch over the workers connects anew.
            except Exception:
                log.exception("the workers of %s could not be listed", self._url)

    async def _refresh(self) -> None:
        identity = await asyncio.wait_for(self._client.scheduler.identity(), CONNECT_TIMEOUT)
        there = {address: int(about["nthreads"]) for address, about in identity["workers"].items()}
        self._reachable = True
        self._refused = {address: why for address, why in self._refused.items() if address in there}
        known = self._workers.keys() | self._refused.keys()
        strangers = [address for address in there if address not in known]
        accepted = await self._identify(strangers) if strangers else []
        self._workers = {
            address: there[address] for address in there if address in self._workers or address in accepted
        }
        self._count()
        await self._cancel_lost_jobs(there)

    def _count(self) -> None:
        self.slots = sum(self._workers.values())

    async def _cancel_lost_jobs(self, there: Container[str]) -> None:
        """Cancel jobs of workers that left before they began them: Dask would wait for their return."""
        for given in list(self._given.values()):
            # Seen twice: of a worker that died while it trained, Dask itself says so in the meantime.
            was_missed, given.is_missed = given.is_missed, given.address not in there
            if was_missed and given.is_missed:
                await given.future.cancel()

    async def _identify(self, addresses: list[str]) -> list[str]:
        """Ask workers for their versions, and return the compatible ones. Those that do not answer are asked again."""
        path, word = f"meetings/{secrets.token_hex(8)}", secrets.token_hex(16)
        await asyncio.to_thread(self._artifacts.write, path, word.encode())
        try:
            answer = self._client.run(
                compatibility.identify, self._artifacts.url, path, workers=addresses, on_error="return"
            )
            answers = await asyncio.wait_for(answer, IDENTIFY_TIMEOUT)
        finally:
            await asyncio.to_thread(self._artifacts.delete, path)
        accepted = []
        for address, answer in answers.items():
            if isinstance(answer, OSError):
                continue
            why = self._incompatibility(answer, word)
            if why is None:
                log.info("worker %s connected", address)
                accepted.append(address)
            else:
                log.error("worker %s is refused: %s", address, why)
                self._refused[address] = why
        return accepted

    def _incompatibility(self, answer: Any, word: str) -> str | None:
        if not isinstance(answer, tuple):
            return f"it does not say which version it is ({type(answer).__name__}: {answer})"
        theirs, seen = answer
        differing = compatibility.differences(theirs)
        if differing:
            return f"{differing}. Install the same version on all machines."
        if seen != word:
            return (
                f"it does not see the artifacts of this server at {self._artifacts.url} ({seen[:200]}). "
                "SYNRL_ARTIFACTS_URL must name a place that all machines share."
            )
        return None
