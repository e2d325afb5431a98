from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result

from backend.cli.main import listen, main
from tests.server import Server, has_child_in_python, running, wait_for


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One start for what it prints and where it listens."""
    with running(tmp_path_factory.mktemp("data"), SYNRL_WORKERS="1") as started:
        yield started


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run `synrl serve` in this process with settings under which it must end before anything is started."""

    def start(*_: object, **__: object) -> None:
        raise AssertionError("the server started")

    monkeypatch.setattr("uvicorn.Server.run", start)
    monkeypatch.setattr("backend.kit.logs.configure", lambda *_: None)

    def serve(**environment: str) -> Result:
        result = CliRunner().invoke(main, ["serve"], env=environment)
        assert isinstance(result.exception, SystemExit), result.exception
        assert result.exit_code != 0
        return result

    return serve


def test_a_port_in_use_is_reported_with_the_setting_to_change(tmp_path: Path, refused: Callable[..., Result]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = refused(SYNRL_PORT=str(port), SYNRL_DATA_DIR=str(tmp_path / "data"))
    assert f"Port {port}" in ended.stderr
    assert "SYNRL_PORT" in ended.stderr
    assert not (tmp_path / "data").exists()


def test_an_unusable_setting_is_named(tmp_path: Path, refused: Callable[..., Result]) -> None:
    ended = refused(SYNRL_PORT="eighty", SYNRL_DATA_DIR=str(tmp_path))
    assert "SYNRL_PORT: should be a whole number from 0 to 65,535, for example 8050 (given: 'eighty')" in ended.stderr


def test_a_data_folder_that_can_not_be_made_is_named(tmp_path: Path, refused: Callable[..., Result]) -> None:
    (tmp_path / "file").write_text("not a folder")
    ended = refused(SYNRL_PORT="0", SYNRL_DATA_DIR=str(tmp_path / "file" / "data"))
    assert "SYNRL_DATA_DIR" in ended.stderr


def test_the_address_and_the_data_folder_are_printed(server: Server) -> None:
    printed = "".join(server.output)
    assert str(server.data_dir) in printed
    assert server.url in printed
    assert (server.data_dir / "synrl.db").exists()


def test_a_file_that_is_no_database_is_named(tmp_path: Path, refused: Callable[..., Result]) -> None:
    (tmp_path / "synrl.db").write_text("these are notes, not a database " * 100)
    ended = refused(SYNRL_PORT="0", SYNRL_DATA_DIR=str(tmp_path))
    assert "synrl.db" in ended.stderr


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


def test_ctrl_c_ends_the_server_quietly_while_its_workers_start(tmp_path: Path) -> None:
    with running(tmp_path, SYNRL_WORKERS="1") as started:
        assert started.process is not None
        parent = psutil.Process(started.process.pid)
        wait_for(lambda: has_child_in_python(parent), bool)
        assert started.interrupt() == 0
        wait_for(lambda: started.output[-1], lambda line: line == "SynRL has ended.\n")
        assert "Traceback" not in "".join(started.output)
