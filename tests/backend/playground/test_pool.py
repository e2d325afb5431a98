"""The playground's processes: one that dies while it sends a result is replaced, and the work is done again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from backend.playground.pool import Pool


def die_while_sending(marker: Path) -> str:
    """Begin a message to the server and die, the first time; return a result the second time."""
    if marker.exists():
        return "done"
    marker.touch()
    writer = sys._getframe(1).f_locals["result_queue"]._writer
    os.write(writer.fileno(), (10**6).to_bytes(4, "big") + b"the beginning of a result")
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


def test_a_process_killed_while_it_sends_a_result_is_replaced(tmp_path: Path) -> None:
    async def run() -> str:
        pool = Pool(2, idle=60)
        try:
            return await pool.run(die_while_sending, tmp_path / "marker")
        finally:
            pool.close()

    assert asyncio.run(run()) == "done"
