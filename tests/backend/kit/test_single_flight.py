"""Single flight: concurrent calls with one key share one execution."""

from __future__ import annotations

import asyncio

import pytest

from backend.kit.single_flight import SingleFlight


def test_concurrent_calls_share_one_execution_and_later_ones_run_anew() -> None:
    async def ask() -> tuple[list[int], list[int]]:
        shared: SingleFlight[int] = SingleFlight()
        begun, go_on = asyncio.Event(), asyncio.Event()
        done = 0

        async def work() -> int:
            nonlocal done
            done += 1
            begun.set()
            mine = done
            await go_on.wait()
            return mine

        first = [asyncio.create_task(shared.get("run", work)) for _ in range(3)]
        await begun.wait()
        later = [asyncio.create_task(shared.get("run", work)) for _ in range(3)]
        await asyncio.sleep(0)
        assert done == 1, "two were under way at once"
        go_on.set()
        return await asyncio.gather(*first), await asyncio.gather(*later)

    assert asyncio.run(ask()) == ([1, 1, 1], [2, 2, 2])


def test_a_cancelled_caller_does_not_cancel_the_others() -> None:
    async def ask() -> int:
        shared: SingleFlight[int] = SingleFlight()
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def work() -> int:
            begun.set()
            await go_on.wait()
            return 7

        impatient, patient = (asyncio.create_task(shared.get("run", work)) for _ in range(2))
        await begun.wait()
        impatient.cancel()
        await asyncio.wait([impatient])
        go_on.set()
        return await patient

    assert asyncio.run(ask()) == 7


def test_work_that_fails_is_tried_again_by_the_next_who_asks() -> None:
    async def ask() -> int:
        shared: SingleFlight[int] = SingleFlight()

        async def fail() -> int:
            raise LookupError("no such run")

        async def work() -> int:
            return 7

        with pytest.raises(LookupError):
            await shared.get("run", fail)
        return await shared.get("run", work)

    assert asyncio.run(ask()) == 7
