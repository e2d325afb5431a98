"""Hour of a class for its load test: its parts, two kills of the server among them, and what is measured of each."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psutil

from backend.kit import helper_process
from benchmarks.class_figures import miscounted
from benchmarks.class_members import Client, Measured, Member, Phone, Pupil, View, play_rounds
from tests.server import Server

#: Trains all the while.
RUN: dict[str, Any] = {"hidden_layers": [16], "iterations": 1_000_000, "evaluate_every": 100}
VOTE: dict[str, Any] = {
    "kind": "vote", "question": "Will the loss fall?", "options": ["at once", "in the end", "never"], "right": 1,
    "explanations": ["no", "yes", "no"],
}  # fmt: skip


@dataclass
class Hour:
    """A session that a teacher leads: who takes part, and what is measured."""

    server: Server
    pupils: list[Pupil]
    found: Measured = field(default_factory=Measured)
    parts: dict[str, Any] = field(default_factory=dict)
    path: str = ""
    shown: list[Client] = field(default_factory=list)
    """The pages of the board and the teacher."""

    def __post_init__(self) -> None:
        self.teacher = Client("the teacher", self.server, "")
        self.load = _Load(self.server)

    async def open(self) -> str:
        """Start a run, open a session with its board, and return its code."""
        self.run = (await self.request("POST", "/runs", json={"config": RUN}))["id"]
        opened = await self.request("POST", "/class-sessions", json={"title": "Load"})
        self.path = f"/class-sessions/{opened['id']}"
        self.board = Client("the board", self.server, f"/board/{opened['id']}/live", self._noted)
        self.shown = [self.board, Client("the teacher's page", self.server, f"{self.path}/live")]
        for one in self.shown:
            one.follow()
        return str(opened["code"])

    async def request(self, method: str, path: str, **more: Any) -> Any:
        """Ask as the teacher, and return what the server answers."""
        answer = await self.teacher.ask(method, path, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()

    def _noted(self, view: View) -> None:
        if view["activity"] is not None:
            self.found.board.append((time.perf_counter(), view["activity"]))

    @property
    def everybody(self) -> list[Member]:
        """All whose page follows the session."""
        return [*self.pupils, *self.shown]

    async def close(self) -> None:
        """Close all pages but the browser's."""
        for one in [self.teacher, *self.shown, *self.pupils]:
            if isinstance(one, Client):
                await one.close()

    # -- what the teacher does

    async def begin(self, body: dict[str, Any]) -> str:
        """Begin an activity and wait until everybody is there."""
        activity: str = (await self.request("POST", f"{self.path}/activities", json=body))["activity"]["id"]
        await self.all_until(
            f"the {body['kind']} to begin", lambda view: (view["activity"] or {}).get("id") == activity
        )
        say(f"{body['kind']} has begun for everybody")
        return activity

    async def act(self, activity: str, action: str) -> None:
        """Press a button."""
        await self.request("POST", f"{self.path}/activities/{activity}/actions", json={"action": action})

    async def all_until(self, what: str, holds: Callable[[View], bool]) -> None:
        """Wait until everybody's view is as wanted."""
        await together(one.until(what, holds) for one in self.everybody)

    # -- parts of the hour

    async def join(self, code: str) -> None:
        """Everybody takes a seat at once."""
        started = time.perf_counter()
        await together(one.join(code) for one in self.pupils)
        await self.board.until("all to be counted", lambda view: view["count"] == len(self.pupils))
        self.parts["join"] = {"seconds": time.perf_counter() - started} | self.load.since()
        say("everybody has joined")

    async def synapse(self, rounds: int) -> None:
        """Go through the rounds of Be a synapse."""
        await self.begin({"kind": "synapse", "rounds": rounds, "seconds": 20, "rest_seconds": 0.5})
        started = time.perf_counter()
        chances = [random.Random(n) for n in range(len(self.pupils))]  # noqa: S311 (nothing secret)
        await together(play_rounds(one, self.found, chance) for one, chance in zip(self.pupils, chances, strict=True))
        self.parts["synapse"] = {"seconds": time.perf_counter() - started} | self.response_times() | self.load.since()

    async def table(self) -> None:
        """Train the class's table beside two others."""
        activity, started = await self.begin({"kind": "table"}), time.perf_counter()
        await self.act(activity, "train")
        await self.board.until("the table to be trained", lambda view: view["activity"]["phase"] == "trained", 90)
        self.parts["table"] = {"seconds": time.perf_counter() - started} | self.load.since()

    async def pooled(self) -> None:
        """Have half the class start a run, kill the server while they train, and gather the runs of all."""
        activity, half = await self.begin({"kind": "pooled", "each_starts": True}), self.pupils[::2]
        started = time.perf_counter()
        await together(one.answer(self.found, activity, "run", 0) for one in half)
        self.parts["pooled"] = self.response_times() | self.load.since()
        await self.board.until("a first result", lambda view: view["activity"]["done"] >= 1)
        self.parts["kill in an experiment"] = await self.kill(
            "Pooled experiment", half, lambda view: view["own"]["status"] in ("running", "done")
        )
        await together(one.answer(self.found, activity, "run", 0) for one in self.pupils)
        await self.board.until("all runs to be done", lambda view: view["activity"]["phase"] == "done", 90)
        self.parts["pooled"] |= {"seconds": time.perf_counter() - started} | self.load.since()
        self.response_times()

    async def vote(self) -> None:
        """Vote, with a kill in mid-vote, talk, vote again, and reveal."""
        activity, half = await self.begin(VOTE), self.pupils[::2]
        place = {id(one): n for n, one in enumerate(self.pupils)}
        await together(one.answer(self.found, activity, "first", place[id(one)] % 3) for one in half)
        times = self.response_times() | self.load.since()
        await self.board.until("half the votes", lambda view: view["activity"]["answered"] == len(half))
        self.parts["kill in a vote"] = await self.kill("Vote alone", half, lambda view: view["own_first"] is not None)
        # Clients give theirs once more: it must be there once.
        await together(one.answer(self.found, activity, "first", place[id(one)] % 3) for one in self.pupils)
        await self.board.until("all votes", lambda view: view["activity"]["answered"] == len(self.pupils))
        for _ in range(3):
            await self.act(activity, "next")
        await self.all_until("the second vote", lambda view: view["activity"]["phase"] == "second")
        await together(one.answer(self.found, activity, "second", 1) for one in self.pupils)
        await self.board.until("all second votes", lambda view: view["activity"]["answered"] == len(self.pupils))
        for _ in range(3):
            await self.act(activity, "next")
        await self.board.until("the reveal", lambda view: view["activity"]["right"] == 1)
        await together(one.shown("The answer") for one in self.pupils if isinstance(one, Phone))
        self.parts["vote"] = times
        self.response_times()

    async def kill(self, heading: str, answered: list[Pupil], kept: Callable[[View], bool]) -> dict[str, Any]:
        """Kill the server in the middle of an activity, start it, and measure until everybody is back where they were.

        Parameters
        ----------
        heading
            What the pages of students show at this step.
        answered
            Students whose answers were acknowledged before.
        kept
            Whether a student's view of the activity shows that their answer is there.
        """
        here = {id(one): one.view["activity"] for one in self.everybody}
        killed = time.perf_counter()
        await asyncio.to_thread(self.server.kill)
        for one in self.everybody:
            one.view = {}
        await asyncio.to_thread(self.server.start)
        ready = time.perf_counter()

        async def back(one: Member) -> None:
            before = here[id(one)]
            await one.until(
                f"its return to {before['kind']}, {before['phase']}",
                lambda view: all(view["activity"][key] == before[key] for key in ("id", "phase")),
            )
            if isinstance(one, Phone):
                await one.shown(heading)

        await together(back(one) for one in self.everybody)
        now = time.perf_counter()
        self.load = _Load(self.server)
        say(f"everybody is back {now - ready:.1f} s after the server, which took {ready - killed:.1f} s")
        return {
            "acknowledged_before": len(answered), "there_after": sum(kept(one.view["activity"]) for one in answered),
            "back_after_ready_seconds": now - ready, "back_after_kill_seconds": now - killed,
        }  # fmt: skip

    # -- figures

    def response_times(self) -> dict[str, float]:
        """Return the times from an answer to its acknowledgement since the last call, in ms."""
        found: dict[str, float] = {}
        for name in ("client_ms", "browser_ms"):
            times = sorted(getattr(self.found, name))
            setattr(self.found, name, [])
            if times:
                found |= {name: times[len(times) // 2], f"{name}_p95": times[int(0.95 * len(times))]}
        return found

    async def result(self) -> dict[str, Any]:
        """Return what the session's export says of the answers, and whether the run trained all the while."""
        stored = await self.request("GET", f"{self.path}/export?format=json")
        run = await self.request("GET", f"/runs/{self.run}")
        return {
            "refused": self.found.refused,
            "wrong": miscounted(stored, len(self.pupils)),
            "run": run["status"],
            "run_iterations": run["iteration"],
            "errors": [error for one in self.pupils if isinstance(one, Phone) for error in one.errors],
        }


async def together(doing: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all at once; name all that failed."""
    ended = await asyncio.gather(*doing, return_exceptions=True)
    faults = [one for one in ended if isinstance(one, BaseException)]
    if faults:
        raise AssertionError("\n".join(map(str, faults))) from faults[0]


def say(what: str) -> None:
    """Print how far it is."""
    print(f"{time.strftime('%H:%M:%S')} {what}", flush=True)


def processor_seconds(server: Server) -> float:
    """Sum the processor time of the web process and the playground's processes; workers train and are left out."""
    assert server.process is not None
    own = psutil.Process(server.process.pid)
    total = sum(own.cpu_times()[:2])
    for child in own.children(recursive=True):
        with suppress(psutil.Error):
            if child.nice() == own.nice() + helper_process.NICENESS:
                total += sum(child.cpu_times()[:2])
    return total


class _Load:
    """Processor time of the server between two calls, and of all processes of the machine."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._at, self._seconds = time.perf_counter(), processor_seconds(server)
        psutil.cpu_percent()

    def since(self) -> dict[str, float]:
        """Return the shares of all cores since the last call."""
        now, seconds = time.perf_counter(), processor_seconds(self._server)
        share = (seconds - self._seconds) / (now - self._at) / (os.cpu_count() or 1)
        self._at, self._seconds = now, seconds
        return {"share_of_cores": share, "machine": psutil.cpu_percent() / 100}
