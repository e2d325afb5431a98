"""Process pool of the playground: started on demand, replaced after a crash, ended when idle."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from typing import ParamSpec, TypeVar

from backend.kit.errors import BusyError
from backend.kit.helper_pool import CHECK_SECONDS, HelperPool
from backend.playground import worker

log = logging.getLogger(__name__)

#: Processes that may die under one piece of work before it is refused.
ATTEMPTS = 3

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


async def _result(pool: HelperPool, future: asyncio.Future[Result]) -> Result:
    while not (await asyncio.wait([future], timeout=CHECK_SECONDS))[0]:
        pool.break_if_stuck()
    return future.result()


class Pool:
    """Pool of playground processes. Used on the event loop only.

    Parameters
    ----------
    processes
        How many there are at most.
    idle
        Seconds without work after which all of them end.
    """

    def __init__(self, processes: int, idle: float) -> None:
        self._processes, self._idle = processes, idle
        self._executor: HelperPool | None = None
        self._busy = 0
        self._rest: asyncio.TimerHandle | None = None

    async def run(self, work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        """Do a piece of work in a process; if the process is killed, do it again in another.

        Raises
        ------
        BusyError
            When process after process dies under this work.
        """
        for _ in range(ATTEMPTS):
            executor = self._started()
            self._busy += 1
            try:
                return await _result(executor, asyncio.wrap_future(executor.submit(work, *args, **kwargs)))
            except BrokenProcessPool:
                log.warning("a playground process died; a new one is started")
                self._drop(executor)
            finally:
                self._busy -= 1
                self._schedule_idle_shutdown()
        raise BusyError(
            f"{ATTEMPTS} playground processes have died under this scene, for lack of memory perhaps. Take fewer units "
            "or points."
        )

    def close(self) -> None:
        """End the processes."""
        if self._rest is not None:
            self._rest.cancel()
        if self._executor is not None:
            self._drop(self._executor)

    def _started(self) -> HelperPool:
        if self._executor is None:
            self._executor = HelperPool(self._processes, worker.prepare)
        return self._executor

    def _drop(self, executor: HelperPool) -> None:
        if self._executor is executor:
            self._executor = None
        executor.shutdown(wait=False, cancel_futures=True)

    def _schedule_idle_shutdown(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
        self._rest = asyncio.get_running_loop().call_later(self._idle, self._end_if_idle)

    def _end_if_idle(self) -> None:
        if not self._busy:
            self.close()
