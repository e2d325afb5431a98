"""Load test of a class session: `python -m benchmarks.classroom [--students 30] [--rounds 30] [--browsers 6]`.

Starts a server with a worker for each core, a run in training, a teacher, a board, and students: some in a real
browser with a profile of their own, the others as clients with a cookie and a WebSocket each. They go through joining,
Be a synapse (30 rounds), the class's table, a pooled experiment and a vote; in the experiment and in the vote the
server is killed with kill -9 and started anew. Measures: how long an answer takes to be acknowledged; how far the board
is behind an answer; how much of the processors the web process and its helpers take, the run in training aside; how
long everybody takes to be back; whether an acknowledged answer is lost or doubled, by the session's export.

Browsers and clients take processor time of the server's machine, which the devices of a class do not. Browsers run at a
low priority for that reason, and their times are listed apart.

Results of a whole run: benchmarks/results/classroom.json, and the table in docs/operations.md. Exit code 1: a limit was
broken.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import sys
import tempfile
from contextlib import AsyncExitStack, suppress
from itertools import zip_longest
from pathlib import Path

import psutil
from playwright.async_api import async_playwright

from benchmarks import class_figures, operations
from benchmarks.class_hour import Hour
from benchmarks.class_members import Client, Phone
from tests.browser import chromium
from tests.server import Server, running

STUDENTS, ROUNDS, BROWSERS = 30, 30, 6
#: Seconds after which it gives up.
LIMIT = 270
#: How far browsers stand back behind the server: as far as training does.
BROWSER_NICENESS = 10


async def lead(hour: Hour, rounds: int) -> None:
    """Go through a session."""
    await hour.join(await hour.open())
    await hour.synapse(rounds)
    await hour.table()
    await hour.pooled()
    await hour.vote()
    hour.parts["result"] = await hour.result()


async def measured(server: Server, students: int, rounds: int, browsers: int) -> Hour:
    """Go through a session with clients and browsers."""
    clients = [Client(f"client {n}", server, "/seat/live") for n in range(students - browsers)]
    async with AsyncExitStack() as stack, asyncio.timeout(LIMIT):
        phones = await _phones(stack, server, browsers)
        # Browsers are among the others, so that some have answered before a kill and some have not.
        hour = Hour(server, [one for pair in zip_longest(phones, clients) for one in pair if one is not None])
        try:
            await lead(hour, rounds)
        finally:
            await hour.close()
        return hour


async def _phones(stack: AsyncExitStack, server: Server, browsers: int) -> list[Phone]:
    """Open students' pages in one Chromium, with a profile each; it ends with the stack."""
    if browsers == 0:
        return []
    executable = chromium.find()
    assert executable is not None, "no Chromium: run `make browser`"
    playwright = await stack.enter_async_context(async_playwright())
    browser = await playwright.chromium.launch(executable_path=executable, args=list(chromium.FLAGS))
    stack.push_async_callback(browser.close)
    stand_back(server)
    return [await Phone.open(f"browser {n}", browser, server) for n in range(browsers)]


def stand_back(server: Server) -> None:
    """Give the browsers, which students have on machines of their own, what the server leaves of this machine."""
    assert server.process is not None
    own = psutil.Process()
    for child in own.children():
        if child.pid != server.process.pid:
            for one in (child, *child.children(recursive=True)):
                one.nice(min(19, own.nice() + BROWSER_NICENESS))


def free_port() -> int:
    """Return a port that is free, for a server that is started anew keeps the address that pages know.

    It is below those that systems give to outgoing connections, one of which could take it between two starts.
    """
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("none of 100 ports between 20000 and 32000 is free")


def main() -> int:
    """Measure and publish the figures; return the exit code: 1 when a limit is broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.classroom")
    parser.add_argument("--students", type=int, default=STUDENTS, help="members of the class, browsers among them")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds of Be a synapse, 3 or more")
    parser.add_argument("--browsers", type=int, default=BROWSERS, help="students whose page is in a real browser")
    chosen = parser.parse_args()
    environment = {"SYNRL_WORKERS": str(os.cpu_count()), "SYNRL_PORT": str(free_port())}
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), **environment) as server:
        try:
            hour = asyncio.run(measured(server, chosen.students, chosen.rounds, chosen.browsers))
        except Exception:
            print("The last lines of the server:\n", *server.output[-30:], sep="", file=sys.stderr)
            raise
    print(json.dumps(hour.parts, indent=1))
    figures = class_figures.rows(hour.parts, hour.found, chosen.students, chosen.browsers)
    is_whole = (chosen.students, chosen.rounds, chosen.browsers) == (STUDENTS, ROUNDS, BROWSERS)
    operations.publish("classroom", figures) if is_whole else operations.show(figures)
    return int(any(one["holds"] is False for one in figures))


if __name__ == "__main__":
    sys.exit(main())
