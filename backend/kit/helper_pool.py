"""Process pool of helper processes, which reports every process that dies."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from typing import TypeVar

#: Seconds between two checks of whether the processes live, while a result is waited for.
CHECK_SECONDS = 1.0

Result = TypeVar("Result")


class HelperPool(ProcessPoolExecutor):
    """Process pool that also notices a process which was killed while it sent a result.

    The executor of the standard library waits for ever for the rest of a message whose sender was killed, since it
    holds the sending end of the pipe open itself. Wait for results with `result_of`, or call `break_if_stuck` every
    `CHECK_SECONDS` while waiting.

    Parameters
    ----------
    processes
        Largest number of processes.
    prepare
        Function that each process calls first, such as `helper_process.prepare`.
    """

    def __init__(self, processes: int, prepare: Callable[[], None]) -> None:
        super().__init__(processes, mp_context=multiprocessing.get_context("spawn"), initializer=prepare)
        self._check = threading.Lock()
        self._dead_since: float | None = None

    def result_of(self, future: Future[Result], timeout: float) -> Result:
        """Wait for a result of this pool; blocks the thread.

        Raises
        ------
        BrokenProcessPool
            When a process died.
        TimeoutError
            When there is no result after so many seconds.
        """
        end = time.monotonic() + timeout
        while not future.done() and (left := end - time.monotonic()) > 0:
            wait([future], timeout=min(CHECK_SECONDS, left))
            self.break_if_stuck()
        return future.result(0)

    def break_if_stuck(self) -> None:
        """Break the pool if a process is dead and the executor has not noticed it since the check before.

        With all processes ended and the sending end of the pipe closed, the executor reads the end of the pipe, and
        all results that are waited for raise `BrokenProcessPool`.
        """
        with self._check:
            processes = list((self._processes or {}).values())
            now = time.monotonic()
            if all(process.exitcode is None for process in processes):
                self._dead_since = None
            elif self._dead_since is None:  # the executor itself may still notice it
                self._dead_since = now
            elif now - self._dead_since >= CHECK_SECONDS / 2:
                for process in processes:
                    process.kill()
                self._result_queue._writer.close()  # type: ignore[attr-defined]
