"""The playground service: tapes are trained once, identical after evictions and crashes, bounded in memory."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from backend.kit.errors import BusyError, InvalidError, NotFoundError, TooManyError
from backend.playground import worker
from backend.playground.pool import ATTEMPTS, Pool
from backend.playground.service import MOST_ITERATIONS, Playground
from synrl_core.tape import CHUNK, Chunk, Recorder, Scene, play, split_chunks, tape_id
from tests.slowness import patience

pytestmark = pytest.mark.processes
Result = TypeVar("Result")
SMALL = {"samples": 20, "hidden_layers": (2,)}


def with_playground(
    story: Callable[[Playground], Awaitable[Result]], *, capacity: int = 2**24, scenes: int = 1000, **settings: Any
) -> Result:
    """Run a story on a playground of one process."""

    async def run() -> Result:
        playground = Playground(1, scenes, capacity, **settings)
        try:
            return await story(playground)
        finally:
            playground.close()

    return asyncio.run(run())


async def served(playground: Playground, scene: Scene, start: int, stop: int, person: str = "a") -> list[Chunk]:
    return list(split_chunks(await playground.tape(tape_id(scene), start, stop, person, scene)))


def alone(scene: Scene, chunks: int) -> list[bytes]:
    """What the recorder gives without any playground."""
    recorder = Recorder(scene)
    return [recorder.record().to_bytes() for _ in range(chunks)]


def processes() -> set[int | None]:
    return {child.pid for child in multiprocessing.active_children() if child.name.startswith("SpawnProcess")}


def test_a_tape_is_what_the_recorder_gives_alone() -> None:
    scene = Scene(**SMALL, changes=[{"iteration": 300, "setting": "step_size", "value": 0.1}])

    async def story(playground: Playground) -> None:
        header = await playground.describe(scene, "a")
        assert header["tape"] == tape_id(scene)
        assert b"".join(alone(scene, 3)) == await playground.tape(header["tape"], 0, 3 * CHUNK, "a")
        middle = await served(playground, scene, 300, 310)
        assert [(chunk.start, chunk.stop) for chunk in middle] == [(256, 512)]

    with_playground(story)


def test_scenes_that_share_a_beginning_share_its_tape() -> None:
    scene = Scene(**SMALL)
    branch = Scene(**SMALL, changes=[{"iteration": 600, "setting": "step_size", "value": 0.1}])

    async def story(playground: Playground) -> tuple[int, int]:
        await served(playground, scene, 0, 3 * CHUNK)
        before = len(playground.store)
        chunks = await served(playground, branch, 0, 3 * CHUNK)
        assert b"".join(chunk.to_bytes() for chunk in chunks) == b"".join(alone(branch, 3))
        list(play(branch, chunks))
        return before, len(playground.store)

    before, after = with_playground(story)
    assert (before, after) == (6, 8), "two chunks of three and their states are shared"


def test_thirty_who_ask_for_one_scene_have_it_trained_once() -> None:
    scene = Scene(**SMALL)

    async def story(playground: Playground) -> int:
        trained = 0
        run = playground._pool.run

        async def counted(work: Any, *args: Any) -> Any:
            nonlocal trained
            trained += work is worker.train
            return await run(work, *args)

        playground._pool.run = counted  # type: ignore[method-assign, assignment]
        asked = [playground.tape(tape_id(scene), 0, 1024, str(i), scene) for i in range(30)]
        assert len(set(await asyncio.gather(*asked))) == 1
        return trained

    assert with_playground(story) == 4


@pytest.mark.parametrize("capacity", [0, 20_000])
def test_what_was_thrown_out_is_trained_again_to_the_same_bytes(capacity: int) -> None:
    scene = Scene(**SMALL)

    async def story(playground: Playground) -> None:
        first = await served(playground, scene, 0, 2 * CHUNK)
        for seed in range(4):
            await served(playground, Scene(**SMALL, seed=seed), 0, 2 * CHUNK)
        again = await served(playground, scene, CHUNK, 2 * CHUNK)
        assert again[0].to_bytes() == first[1].to_bytes()
        assert playground.store.size <= capacity

    with_playground(story, capacity=capacity)


def test_a_killed_process_is_replaced_and_the_numbers_are_the_same() -> None:
    scene = Scene(**SMALL)

    async def story(playground: Playground) -> None:
        before = processes()
        first = await served(playground, scene, 0, CHUNK)
        (pid,) = processes() - before
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)  # so that it dies with work in its hands
        asked = asyncio.create_task(served(playground, scene, 0, 8 * CHUNK))
        while not playground._pool._busy:
            await asyncio.sleep(0)
        os.kill(pid, signal.SIGKILL)
        chunks = await asked
        assert chunks[0].to_bytes() == first[0].to_bytes()
        assert [chunk.to_bytes() for chunk in chunks] == alone(scene, 8)

    with_playground(story)


def test_work_under_which_every_process_dies_is_refused() -> None:
    async def story() -> int:
        pool = Pool(1, 60)
        try:
            with pytest.raises(BusyError, match=f"{ATTEMPTS} playground processes have died"):
                await pool.run(os._exit, 1)
            return await pool.run(int, "7")
        finally:
            pool.close()

    assert asyncio.run(story()) == 7


def test_processes_end_when_nobody_plays_and_start_again() -> None:
    scene = Scene(**SMALL)

    async def story(playground: Playground) -> None:
        before = processes()
        await served(playground, scene, 0, CHUNK)
        assert len(processes() - before) == 1
        async with asyncio.timeout(patience(30)):
            while processes() - before:
                await asyncio.sleep(0.02)
        assert (await served(playground, scene, 0, 2 * CHUNK))[1].to_bytes() == alone(scene, 2)[1]

    with_playground(story, idle=0.3)


def test_too_many_new_scenes_are_refused_with_the_seconds_to_wait() -> None:
    async def story(playground: Playground) -> None:
        scenes = [Scene(**SMALL, seed=seed) for seed in range(1000)]
        asked = [playground.tape(tape_id(scene), 0, 1, "script", scene) for scene in scenes]
        beside = asyncio.create_task(served(playground, Scene(**SMALL, seed=5000), 0, 1, "pupil"))
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert len(await beside) == 1, "nobody else notices"
        refused = [one for one in found if isinstance(one, TooManyError)]
        answered = [one for one in found if isinstance(one, bytes)]
        assert len(refused) + len(answered) == 1000
        assert len(answered) <= 20
        assert all("Try again in" in one.detail and one.seconds > 0 for one in refused)

    with_playground(story, scenes=20)


def test_a_tape_that_ended_is_served_to_its_end() -> None:
    grown = [{"iteration": 3, "setting": "weight", "value": (i, 1e6)} for i in range(72)]
    scene = Scene(loss="squared_error", activation="identity", hidden_layers=(4, 4, 4, 4), policy="random",
                  changes=grown)  # fmt: skip

    async def story(playground: Playground) -> None:
        for start in (0, 2 * CHUNK, 0):
            chunks = await served(playground, scene, start, start + 2 * CHUNK)
            assert len(chunks) == (1 if start == 0 else 0)
        assert chunks[0].ended is not None

    with_playground(story)


def test_what_cannot_be_served_is_refused_in_words() -> None:
    scene = Scene(**SMALL)

    async def story(playground: Playground) -> None:
        with pytest.raises(NotFoundError, match="POST its scene"):
            await playground.tape(tape_id(scene), 0, 10, "a")
        with pytest.raises(NotFoundError, match="not '00"):
            await playground.tape("0" * 40, 0, 10, "a", scene)
        with pytest.raises(InvalidError, match=str(MOST_ITERATIONS)):
            await playground.tape(tape_id(scene), 100, 100 + MOST_ITERATIONS, "a", scene)
        with pytest.raises(InvalidError, match="above from"):
            await playground.tape(tape_id(scene), 10, 10, "a", scene)
        labels = (await playground.describe(scene, "a"))["points"]
        all_b = tuple(number for number, point in enumerate(labels) if point[2] == 1)
        with pytest.raises(InvalidError, match="class B has no point left"):
            await playground.describe(Scene(**SMALL, removed=all_b), "a")

    with_playground(story)
