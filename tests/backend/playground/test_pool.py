"""The playground's processes: one that dies while it sends a result is replaced, and the work is done again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from backend.playground.pool import Pool
from tests.backend.dying import die_while_sending


def die_once(marker: Path) -> str:
    """Die the first time; return a result the second time."""
    die_while_sending(marker)
    return "done"


def test_a_process_killed_while_it_sends_a_result_is_replaced(tmp_path: Path) -> None:
    async def run() -> str:
        pool = Pool(2, idle=60)
        try:
            return await pool.run(die_once, tmp_path / "marker")
        finally:
            pool.close()

    assert asyncio.run(run()) == "done"
