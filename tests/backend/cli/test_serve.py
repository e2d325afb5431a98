from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil

from backend.cli.main import listen
from tests.server import ROOT, Server, wait_for
from tests.slowness import patience


def serve(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", "serve"],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=patience(60),
        check=False,
    )


def test_a_taken_port_is_said_with_the_setting_that_chooses_another(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = serve(SYNRL_PORT=str(port), SYNRL_DATA_DIR=str(tmp_path / "data"))
    assert ended.returncode != 0
    assert f"Port {port}" in ended.stderr
    assert "SYNRL_PORT" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "data").exists()


def test_an_unusable_setting_is_named(tmp_path: Path) -> None:
    ended = serve(SYNRL_PORT="eighty", SYNRL_DATA_DIR=str(tmp_path))
    assert ended.returncode != 0
    assert "SYNRL_PORT: should be a whole number from 0 to 65,535, for example 8050 (given: 'eighty')" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_data_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    ended = serve(SYNRL_PORT="0", SYNRL_DATA_DIR=str(tmp_path / "file" / "data"))
    assert ended.returncode != 0
    assert "SYNRL_DATA_DIR" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_address_and_the_data_folder_are_printed(server: Server) -> None:
    printed = "".join(server.output)
    assert str(server.data_dir) in printed
    assert server.url in printed
    assert (server.data_dir / "synrl.db").exists()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "synrl.db").write_text("these are notes, not a database " * 100)
    ended = serve(SYNRL_PORT="0", SYNRL_DATA_DIR=str(tmp_path))
    assert ended.returncode != 0
    assert "synrl.db" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_all_that_listens_listens_on_loopback_only(server: Server) -> None:
    assert server.process is not None
    processes = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
    listening = {c.laddr.ip for p in processes for c in p.net_connections() if c.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


def test_a_start_prints_nothing_but_the_data_folder_and_the_address(server: Server) -> None:
    run = server.post("/api/v1/runs", {"config": {"iterations": 10}})["id"]
    wait_for(lambda: server.get(f"/api/v1/runs/{run}")["status"], lambda status: status == "succeeded")
    strange = [line for line in server.output if not line.startswith(("Starting SynRL.", "SynRL is ready:"))]
    assert strange == []


def test_small_pieces_of_answers_do_not_wait_for_acknowledgements() -> None:
    async def accepted_socket() -> int:
        with listen("127.0.0.1", 0) as listening:
            accepted: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()
            server = await asyncio.start_server(lambda _, writer: accepted.set_result(writer), sock=listening)
            async with server:
                _, caller = await asyncio.open_connection(*listening.getsockname())
                writer = await accepted
                no_delay: int = writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
                for one in (caller, writer):
                    one.close()
        return no_delay

    assert asyncio.run(accepted_socket())
