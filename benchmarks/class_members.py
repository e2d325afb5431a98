"""Members of a class session for its load test: pages as clients of the API, and students' pages in a real browser."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2
from playwright.async_api import Browser, Page, Response, ViewportSize, WebSocket
from playwright.async_api import Error as BrowserError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.server import Server

#: Longest that students think before a move, in seconds.
THINKING = 1.0
#: Longest wait for a view or for what a page does, in seconds.
TIMEOUT = 40.0
#: Window of a student's phone.
PHONE = ViewportSize(width=400, height=800)
#: Notes when something was pressed. The buffer holds what a page asks for in an hour.
_NOTES_PRESSES = """
performance.setResourceTimingBufferSize(5000);
addEventListener("click", (event) => { window.pressedAt = event.timeStamp; }, { capture: true });
"""
#: Milliseconds from the last press to the end of the answer's response, by the clock of the page, which notes responses
#: soon after they came.
_ANSWER_TOOK = """async () => {
  for (let times = 0; times < 400; times++) {
    const asked = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/api/v1/seat/answers"));
    const last = asked.at(-1);
    if (last && last.startTime >= window.pressedAt) return last.responseEnd - window.pressedAt;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("the page notes no answer after the press");
}"""

View = dict[str, Any]


@dataclass
class Measured:
    """Measurements from outside the server."""

    client_ms: list[float] = field(default_factory=list)
    """From sending an answer to its acknowledgement."""
    browser_ms: list[float] = field(default_factory=list)
    """From the press of a button to the acknowledgement, in a browser."""
    acknowledged: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    """By activity and slot: when each answer was acknowledged."""
    board: list[tuple[float, View]] = field(default_factory=list)
    """When the board got a view, and its activity."""
    refused: list[str] = field(default_factory=list)

    def given(self, activity: str, slot: str, status: int, words: str) -> None:
        """Note an answer and what became of it."""
        if status == 201:
            self.acknowledged.setdefault((activity, slot), []).append(time.perf_counter())
        else:
            self.refused.append(f"{status} {words[:200]}")


class Member:
    """Somebody whose page shows a session: the newest view that it was sent.

    Parameters
    ----------
    who
        What messages call them.
    """

    def __init__(self, who: str) -> None:
        self.who = who
        self.view: View = {}
        self.changed = asyncio.Event()

    def came(self, text: str | bytes) -> None:
        """Take a view."""
        self.view = json.loads(text)
        self.changed.set()

    async def until(self, what: str, holds: Callable[[View], bool], seconds: float = TIMEOUT) -> None:
        """Wait until the view is as wanted.

        Raises
        ------
        AssertionError
            When that takes longer: who waits for what, and what they see.
        """
        try:
            async with asyncio.timeout(seconds):
                while not (self.view and holds(self.view)):
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            seen = await self.seen()
            raise AssertionError(f"{self.who} waited {seconds:g} s for {what}; sees {seen}") from None

    async def seen(self) -> str:
        """Describe what they see."""
        return str(self.view)[:600]

    async def close(self) -> None:
        """Close the page."""
        raise NotImplementedError


class Client(Member):
    """Page of a student, the board or the teacher as requests and a WebSocket."""

    def __init__(self, who: str, server: Server, feed: str, on_view: Callable[[View], None] | None = None) -> None:
        super().__init__(who)
        self._server, self._feed_path, self._on_view = server, feed, on_view
        self.http = httpx2.AsyncClient(timeout=TIMEOUT)
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
            if self._on_view is not None:
                self._on_view(self.view)

    async def join(self, code: str) -> None:
        """Take a seat and follow."""
        joined = await self.ask("POST", "/seat", json={"code": code, "name": self.who})
        assert joined.status_code == 201, joined.text
        self.follow()

    async def answer(self, found: Measured, activity: str, slot: str, value: int) -> None:
        """Give an answer."""
        started = time.perf_counter()
        given = await self.ask(
            "POST", "/seat/answers", json={"activity_id": activity, "slot": slot, "value": value}
        )  # fmt: skip
        found.client_ms.append(1000 * (time.perf_counter() - started))
        found.given(activity, slot, given.status_code, given.text)

    async def close(self) -> None:
        """Close the page."""
        if self._task is not None:
            self._task.cancel()
        await self.http.aclose()


class Phone(Member):
    """Page of a student in a real browser, with a profile of its own; what it is sent is read beside it."""

    def __init__(self, who: str, page: Page, server: Server) -> None:
        super().__init__(who)
        self._page, self._server = page, server
        self.errors: list[str] = []
        page.on("websocket", lambda socket: self._listen(socket))
        page.on("response", self._polled)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @classmethod
    async def open(cls, who: str, browser: Browser, server: Server) -> Phone:
        """Open an empty page in a new profile."""
        context = await browser.new_context(viewport=PHONE, has_touch=True, color_scheme="light")
        context.set_default_timeout(1000 * TIMEOUT)
        await context.add_init_script(_NOTES_PRESSES)
        return cls(who, await context.new_page(), server)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self.came)

    async def _polled(self, response: Response) -> None:
        """Take a view that the page asked for: it does so where sockets failed several times."""
        if response.url.endswith("/api/v1/seat") and response.request.method == "GET" and response.ok:
            with suppress(BrowserError):  # the server was killed while it answered
                self.came(await response.text())

    async def join(self, code: str) -> None:
        """Take a seat by the address that the QR code holds."""
        await self._page.goto(f"{self._server.url}/join/{code}")
        await self._page.get_by_label("Your name").fill(self.who)
        await self._page.get_by_role("button", name="Take a seat").click()
        await self.until("a seat", lambda view: view["seat"]["name"] == self.who)

    async def answer(self, found: Measured, activity: str, slot: str, value: int) -> None:
        """Press what gives an answer, unless it is given."""
        now = self.view["activity"]
        if now["kind"] == "vote" and now[f"own_{slot}"] is not None:
            return
        if now["kind"] == "pooled" and now["own"]["status"] != "ready":
            return
        try:
            async with self._page.expect_response("**/api/v1/seat/answers") as caught:
                await self._press(now["kind"], value)
            response: Response = await caught.value
            found.browser_ms.append(await self._page.evaluate(_ANSWER_TOOK))
        except BrowserError as error:
            words = f"{self.who} could not answer {slot} of {now['kind']}: {error}; sees {await self.seen()}"
            raise AssertionError(words) from error
        found.given(activity, slot, response.status, "")

    async def _press(self, kind: str, value: int) -> None:
        if kind == "synapse":
            await self._page.locator(f".seat-move[data-value='{value}']").tap()
        elif kind == "vote":
            await self._page.locator(f"#option-{value}").check()
            await self._page.get_by_role("button", name="Commit my answer").tap()
        else:
            await self._page.get_by_role("button", name="Start my run").tap()

    async def shown(self, heading: str) -> None:
        """Wait until the page itself shows a heading, not only what it was sent, and no loss of the connection."""
        try:
            await self._page.locator(".seat-line:not([data-lost])").wait_for(state="attached")
            await self._page.get_by_role("heading", name=heading).wait_for()
        except BrowserError as error:
            raise AssertionError(f"{self.who} does not show {heading!r}; sees {await self.seen()}") from error

    async def seen(self) -> str:
        """Describe the newest view and the page."""
        return f"{await super().seen()}; the page: {await self._page.locator('#seat').inner_text()!r}"

    async def close(self) -> None:
        """Close the page and its profile."""
        await self._page.context.close()


Pupil = Client | Phone


async def play_rounds(student: Pupil, found: Measured, chance: random.Random) -> None:
    """Choose a move in every round."""
    done: set[str | None] = {None}
    while True:
        await student.until(
            f"the round after {len(done) - 1}",
            lambda view: view["activity"]["phase"] == "over" or view["activity"]["slot"] not in done,
        )
        now = student.view["activity"]
        if now["phase"] == "over":
            return
        await asyncio.sleep(chance.uniform(0.05, THINKING))
        done.add(now["slot"])
        await student.answer(found, now["id"], now["slot"], chance.randrange(3))
