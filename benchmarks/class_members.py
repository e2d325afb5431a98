"""Members of a class session for its load test: pages as clients of the API, and students' pages in a real browser."""

from __future__ import annotations

import asyncio
import json
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2
from playwright.async_api import Browser, Page, Response, ViewportSize, WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.server import Server

#: Longest that students think before a move, in seconds.
THINKING = 1.0
#: Window of a student's phone.
PHONE = ViewportSize(width=400, height=800)


@dataclass
class Measured:
    """Measurements from outside the server."""

    milliseconds: list[float] = field(default_factory=list)
    """From sending an answer to its acknowledgement."""
    behind: list[float] = field(default_factory=list)
    """Seconds from an acknowledgement until the board counts the answer."""
    refused: list[str] = field(default_factory=list)
    acknowledged: int = 0

    def given(self, started: float, status: int, words: str) -> None:
        """Note an answer and what became of it."""
        self.milliseconds.append(1000 * (time.perf_counter() - started))
        if status == 201:
            self.acknowledged += 1
        else:
            self.refused.append(f"{status} {words[:200]}")


class Member:
    """Somebody whose page shows a session: the newest view that it was sent."""

    def __init__(self) -> None:
        self.view: dict[str, Any] = {}
        self.changed = asyncio.Event()

    def came(self, text: str | bytes) -> None:
        """Take a view."""
        self.view = json.loads(text)
        self.changed.set()

    async def until(self, holds: Any, seconds: float = 120) -> None:
        """Wait until the view is as wanted."""
        async with asyncio.timeout(seconds):
            while not (self.view and holds(self.view)):
                self.changed.clear()
                await self.changed.wait()

    async def close(self) -> None:
        """Close the page."""
        raise NotImplementedError


class Client(Member):
    """Page of a student, the board or the teacher as requests and a WebSocket."""

    def __init__(self, server: Server, feed: str) -> None:
        super().__init__()
        self._server, self._feed_path = server, feed
        self.http = httpx2.AsyncClient(timeout=60)
        self._task: asyncio.Task[None] | None = None

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """Send a request to the server where it is now."""
        return await self.http.request(method, f"{self._server.url}/api/v1{path}", **more)

    def follow(self) -> None:
        """Follow the feed from now on, and come back when it breaks."""
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        while True:
            with suppress(ConnectionClosed, OSError, TimeoutError):
                address = f"{self._server.url.replace('http', 'ws')}/api/v1{self._feed_path}"
                cookies = "; ".join(f"{one.name}={one.value}" for one in self.http.cookies.jar)
                async with connect(address, max_size=None, additional_headers={"Cookie": cookies}) as socket:
                    await self._read(socket)
            await asyncio.sleep(0.2)

    async def _read(self, socket: ClientConnection) -> None:
        async for text in socket:
            self.came(text)

    async def join(self, code: str, name: str) -> None:
        """Take a seat and follow."""
        joined = await self.ask("POST", "/seat", json={"code": code, "name": name})
        assert joined.status_code == 201, joined.text
        self.follow()

    async def answer(self, found: Measured, activity: str, slot: str, value: int) -> None:
        """Give an answer."""
        started = time.perf_counter()
        given = await self.ask(
            "POST", "/seat/answers", json={"activity_id": activity, "slot": slot, "value": value}
        )  # fmt: skip
        found.given(started, given.status_code, given.text)

    async def close(self) -> None:
        """Close the page."""
        if self._task is not None:
            self._task.cancel()
        await self.http.aclose()


class Phone(Member):
    """Page of a student in a real browser, with a profile of its own; what it is sent is read beside it."""

    def __init__(self, page: Page, server: Server) -> None:
        super().__init__()
        self._page, self._server = page, server
        self.errors: list[str] = []
        page.on("websocket", self._listen)
        page.on("response", self._polled)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @classmethod
    async def open(cls, browser: Browser, server: Server) -> Phone:
        """Open an empty page in a new profile."""
        context = await browser.new_context(viewport=PHONE, has_touch=True, color_scheme="light")
        context.set_default_timeout(120_000)
        return cls(await context.new_page(), server)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self.came)

    async def _polled(self, response: Response) -> None:
        """Take a view that the page asked for: it does so where sockets failed several times."""
        if response.url.endswith("/api/v1/seat") and response.request.method == "GET" and response.ok:
            self.came(await response.text())

    async def join(self, code: str, name: str) -> None:
        """Take a seat by the address that the QR code holds."""
        await self._page.goto(f"{self._server.url}/join/{code}")
        await self._page.get_by_label("Your name").fill(name)
        await self._page.get_by_role("button", name="Take a seat").click()
        await self.until(lambda view: view["seat"]["name"] == name)

    async def answer(self, found: Measured, activity: str, slot: str, value: int) -> None:
        """Press what gives an answer, unless it is given."""
        del activity
        now = self.view["activity"]
        if now["kind"] == "vote" and now[f"own_{slot}"] is not None:
            return
        if now["kind"] == "pooled" and now["own"]["status"] != "ready":
            return
        async with self._page.expect_response("**/api/v1/seat/answers") as caught:
            started = time.perf_counter()
            if now["kind"] == "synapse":
                await self._page.locator(f".seat-move[data-value='{value}']").tap()
            elif now["kind"] == "vote":
                await self._page.locator(f"#option-{value}").check()
                started = time.perf_counter()
                await self._page.get_by_role("button", name="Commit my answer").tap()
            else:
                await self._page.get_by_role("button", name="Start my run").tap()
        response: Response = await caught.value
        found.given(started, response.status, "")

    async def close(self) -> None:
        """Close the page and its profile."""
        await self._page.context.close()


Pupil = Client | Phone


async def play_rounds(student: Pupil, found: Measured, chance: random.Random) -> None:
    """Choose a move in every round."""
    done: set[str | None] = {None}
    while True:
        await student.until(
            lambda view: view["activity"]["phase"] == "over" or view["activity"]["slot"] not in done
        )  # fmt: skip
        now = student.view["activity"]
        if now["phase"] == "over":
            return
        await asyncio.sleep(chance.uniform(0.05, THINKING))
        done.add(now["slot"])
        await student.answer(found, now["id"], now["slot"], chance.randrange(3))
