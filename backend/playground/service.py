"""Playground service: describe scenes and serve their tapes; concurrent requests share one training.

Chunks and states are kept by (hash of the scene up to there, iteration): scenes that share a beginning share it here.
A chunk that was thrown out is trained again, from the nearest state that is kept, to the same bytes.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import OrderedDict
from typing import Any, Literal

from backend.kit.errors import InvalidError, NotFoundError, TooManyError
from backend.kit.rate_limiter import RateLimiter
from backend.playground import worker
from backend.playground.pool import Pool
from backend.playground.round_robin import RoundRobinSlots
from backend.playground.store import TapeStore
from synrl_core.datasets import Split
from synrl_core.tape import CHUNK, ITERATIONS, Scene, tape_id

#: Iterations that one request may ask for.
MOST_ITERATIONS = 16 * CHUNK
#: Maximum number of scenes in the cache, by the name of their tape.
KNOWN_SCENES = 10_000
#: Seconds without work after which the processes end.
IDLE = 180.0

#: Kept in place of a state: the recording ended before.
_ENDED = b"ended"
Key = tuple[Literal["chunk", "state", "details"], str, int]


class Playground:
    """Serves scenes and tapes. Used on the event loop only; nothing is stored in the database.

    Parameters
    ----------
    processes
        How many train at once.
    scenes_per_minute
        New scenes that one person may ask for in a minute.
    capacity
        Bytes of chunks and states kept in memory.
    """

    def __init__(self, processes: int, scenes_per_minute: int, capacity: int, idle: float = IDLE) -> None:
        self.store = TapeStore(capacity)
        self._pool = Pool(processes, idle)
        self._slots = RoundRobinSlots(processes)
        self._scenes_per_minute = scenes_per_minute
        self._limiter = RateLimiter(scenes_per_minute, 60.0)
        self._known: OrderedDict[str, _Tape] = OrderedDict()
        self._under_way: dict[Key, asyncio.Task[tuple[bytes, bytes]]] = {}

    def close(self) -> None:
        """End the processes."""
        self._pool.close()

    async def describe(self, scene: Scene, person: str) -> dict[str, Any]:
        """Describe a scene for its reader and remember it: see `synrl_core.tape.header`.

        Raises
        ------
        InvalidError
            When a class has no point left.
        TooManyError
            When this person asked for too many new scenes.
        """
        known = self._remember(scene, person)
        async with self._slots.slot(person):
            try:
                described = await self._pool.run(worker.describe, known.scene.canonical_json())
            except ValueError as error:
                raise InvalidError(str(error)) from error
        known.split = described.split
        return described.header

    async def tape(self, tape: str, start: int, stop: int, person: str, scene: Scene | None = None) -> bytes:
        """Return the chunks that hold the iterations `start` to `stop`, joined; fewer where the recording ended.

        Parameters
        ----------
        tape
            Name of the tape, as its description gives it.
        scene
            The scene, where it may not be known here any more.

        Raises
        ------
        NotFoundError
            When the tape is not known and no scene, or another one, is given.
        InvalidError
            When too many iterations are asked for.
        TooManyError
            When this person asked for too many new scenes, or has too many requests waiting.
        """
        if not 0 <= start < stop <= ITERATIONS:
            raise InvalidError.of("to", f"must be above from and at most {ITERATIONS}", value=stop, limit=ITERATIONS)
        first = start // CHUNK * CHUNK
        if stop - first > MOST_ITERATIONS:
            message = f"may be {MOST_ITERATIONS} iterations after the key frame at {first} at most"
            raise InvalidError.of("to", message, value=stop, limit=first + MOST_ITERATIONS)
        known = self._find(tape, scene, person)
        chunks = []
        for at in range(first, stop, CHUNK):
            chunk = await self._chunk(known, at, person)
            if chunk is None:
                break
            chunks.append(chunk)
        return b"".join(chunks)

    async def details(self, tape: str, start: int, person: str, scene: Scene | None = None) -> bytes:
        """Return the details of the chunk that holds the iteration `start`: see `synrl_core.tape.details`.

        Raises
        ------
        NotFoundError
            When the tape is not known and no scene, or another one, is given; when the recording ended before.
        InvalidError
            For gradient descent.
        TooManyError
            When this person has too many requests waiting.
        """
        known, at = self._find(tape, scene, person), start // CHUNK * CHUNK
        if known.scene.method != "synaptic":
            raise InvalidError("Under gradient descent synapses draw and decide nothing: there are no details.")
        kept = self.store.get(known.key("details", at))
        if kept is not None:
            return kept
        state = await self._state(known, at, person)
        if state is None:
            raise NotFoundError(f"The recording ended before iteration {at}.")
        async with self._slots.slot(person):
            until = known.until(at + CHUNK).canonical_json()
            made = await self._pool.run(worker.details, until, state or None, known.split)
        self.store.put(known.key("details", at), made)
        return made

    def _find(self, tape: str, scene: Scene | None, person: str) -> _Tape:
        known = self._known.get(tape)
        if known is not None:
            self._known.move_to_end(tape)
            return known
        if scene is None:
            raise NotFoundError(
                f"There is no tape '{tape[:80]}' here, or no longer. POST its scene to /api/v1/playground/scenes first."
            )
        if tape_id(scene) != tape:
            raise NotFoundError(f"The scene's tape is '{tape_id(scene)}' on this server, not '{tape[:80]}'.")
        return self._remember(scene, person)

    def _remember(self, scene: Scene, person: str) -> _Tape:
        name = tape_id(scene)
        known = self._known.get(name)
        if known is None:
            wait = self._limiter.acquire(person)
            if wait > 0:
                raise TooManyError(
                    f"More than {self._scenes_per_minute} new scenes a minute (SYNRL_PLAYGROUND_SCENES_PER_MINUTE).",
                    wait,
                )
            known = self._known[name] = _Tape(scene)
        self._known.move_to_end(name)
        while len(self._known) > KNOWN_SCENES:
            self._known.popitem(last=False)
        return known

    # -- training -------------------------------------------------------------------------------------------

    async def _chunk(self, tape: _Tape, at: int, person: str) -> bytes | None:
        """Return the chunk at a key frame, trained up to there if need be; None where the recording ended before."""
        kept = self.store.get(tape.key("chunk", at))
        if kept is not None:
            return kept
        state = await self._state(tape, at, person)
        return None if state is None else (await self._trained(tape, at, state, person))[0]

    async def _state(self, tape: _Tape, at: int, person: str) -> bytes | None:
        """Return the state at a key frame, trained up to there if need be; None where the recording ended before."""
        iteration, state = self._nearest_state(tape, at)
        while iteration < at and state != _ENDED:
            _, state = await self._trained(tape, iteration, state, person)
            iteration += CHUNK
        return None if state == _ENDED else state

    def _nearest_state(self, tape: _Tape, at: int) -> tuple[int, bytes]:
        """Return the last key frame up to `at` whose state is kept, and the state; (0, nothing) if there is none."""
        for iteration in range(at, 0, -CHUNK):
            state = self.store.get(tape.key("state", iteration))
            if state is not None:
                return iteration, state
        return 0, b""

    async def _trained(self, tape: _Tape, at: int, state: bytes, person: str) -> tuple[bytes, bytes]:
        """Train the chunk at a key frame, or wait for who does so already: the chunk, and the state at its end."""
        key = tape.key("chunk", at)
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._train(tape, at, state, person), name=f"tape {at}")
            task.add_done_callback(lambda done: self._ended(key, done))
        return await asyncio.shield(task)  # one who goes away leaves the work to the others

    def _ended(self, key: Key, task: asyncio.Task[tuple[bytes, bytes]]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # seen, even if everybody who waited has gone

    async def _train(self, tape: _Tape, at: int, state: bytes, person: str) -> tuple[bytes, bytes]:
        async with self._slots.slot(person):
            scene = tape.until(at + CHUNK).canonical_json()
            trained = await self._pool.run(worker.train, scene, state or None, tape.split)
        tape.split = trained.split
        after = trained.state or _ENDED
        self.store.put(tape.key("state", at + CHUNK), after)
        self.store.put(tape.key("chunk", at), trained.chunk)
        return trained.chunk, after


class _Tape:
    """A scene and its prefixes (the scene before each change), whose chunks it shares."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.split: Split | None = None
        """Of its generated points, once a process has found it."""
        self._iterations = [change.iteration for change in scene.changes]
        self._beginnings: dict[int, Scene] = {}

    def until(self, iteration: int) -> Scene:
        """Return the scene without the changes from an iteration on."""
        passed = bisect_left(self._iterations, iteration)
        if passed not in self._beginnings:
            self._beginnings[passed] = self.scene.until(iteration)
        return self._beginnings[passed]

    def key(self, what: Literal["chunk", "state", "details"], at: int) -> Key:
        """Return the key of an item that depends on the scene up to a state, or up to the end of a chunk."""
        return what, self.until(at if what == "state" else at + CHUNK).hash, at
