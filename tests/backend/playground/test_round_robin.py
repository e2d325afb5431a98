"""Round-robin slots of the playground: in rotation over people, with a bounded queue for each."""

from __future__ import annotations

import asyncio

import pytest

from backend.kit.errors import TooManyError
from backend.playground.round_robin import MAX_WAITING, RoundRobinSlots
from tests.slowness import patience


def test_turns_go_round_over_people_whoever_asked_more_often() -> None:
    async def play() -> list[str]:
        turns, served, gate = RoundRobinSlots(1), [], asyncio.Event()

        async def ask(person: str) -> None:
            async with turns.slot(person):
                served.append(person)
                await gate.wait()

        tasks = []
        for person in ["greedy"] * 5 + ["two"] * 2 + ["one"]:
            tasks.append(asyncio.create_task(ask(person)))
            await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*tasks)
        return served

    assert asyncio.run(play()) == ["greedy", "greedy", "two", "one", "greedy", "two", "greedy", "greedy"]


def test_as_many_work_at_once_as_there_are_places() -> None:
    async def play() -> int:
        turns, at_once, most = RoundRobinSlots(3), 0, 0

        async def ask(person: str) -> None:
            nonlocal at_once, most
            async with turns.slot(person):
                at_once += 1
                most = max(most, at_once)
                await asyncio.sleep(0)
                at_once -= 1

        await asyncio.gather(*(ask(str(i % 4)) for i in range(20)))
        return most

    assert asyncio.run(play()) == 3


def test_who_goes_away_while_waiting_leaves_no_place_taken() -> None:
    async def play() -> None:
        turns = RoundRobinSlots(1)
        async with turns.slot("a"):
            leaving = [asyncio.create_task(turns.slot("b").__aenter__()) for _ in range(3)]
            await asyncio.sleep(0)
            for task in leaving:
                task.cancel()
            await asyncio.gather(*leaving, return_exceptions=True)
        for _ in range(2):
            async with asyncio.timeout(patience(5)), turns.slot("c"):
                pass

    asyncio.run(play())


def test_a_place_given_in_the_moment_of_leaving_goes_on_to_the_next() -> None:
    async def play() -> None:
        turns = RoundRobinSlots(1)
        first = turns.slot("a")
        await first.__aenter__()
        leaving = asyncio.create_task(turns.slot("b").__aenter__())
        await asyncio.sleep(0)
        await first.__aexit__(None, None, None)  # gives the place to b, who is not told yet
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        async with asyncio.timeout(patience(5)), turns.slot("c"):
            pass

    asyncio.run(play())


def test_one_person_cannot_queue_without_bound() -> None:
    async def play() -> None:
        turns = RoundRobinSlots(1)
        async with turns.slot("a"):
            waiting = [asyncio.create_task(turns.slot("a").__aenter__()) for _ in range(MAX_WAITING)]
            await asyncio.sleep(0)
            with pytest.raises(TooManyError, match=f"{MAX_WAITING} of your requests"):
                async with turns.slot("a"):
                    pass
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    asyncio.run(play())
