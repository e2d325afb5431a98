"""The executor's own promises; what runs see of it is tested by running them."""

from __future__ import annotations

import asyncio
import multiprocessing

from backend.jobs.executor import WORKER_NAME, DaskExecutor


def worker_processes() -> set[multiprocessing.process.BaseProcess]:
    """Return the worker processes that this one has started and that are there."""
    return {process for process in multiprocessing.active_children() if process.name == WORKER_NAME}


def test_closed_while_its_workers_start_it_leaves_no_process() -> None:
    async def start_and_close() -> None:
        executor = DaskExecutor(workers=2, threads_per_worker=1)
        starting = asyncio.create_task(executor.start(lambda _: None))
        while not worker_processes():
            assert not starting.done(), "the workers were up before they could be disturbed"
            await asyncio.sleep(0.01)
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await executor.close()

    asyncio.run(start_and_close())
    for process in worker_processes():
        process.join(10)
    assert not worker_processes()
