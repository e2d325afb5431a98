"""Entry point of the command line: `synrl serve`, and the commands of the other modules of this package."""

from __future__ import annotations

import asyncio
import errno
import gc
import ipaddress
import signal
import socket
import sys
from importlib import import_module
from typing import Any

import click
import uvicorn
from fastapi import FastAPI

from backend.api.stages import Stages
from backend.cli.slow_clients import SlowClientProtocol
from backend.cli.startup import load_settings, prepare_data
from backend.db.lock import ServerLock
from backend.db.store import make_engine
from backend.kit import interrupts, logs
from backend.kit.errors import DomainError
from backend.kit.settings import Settings
from backend.people.authentication import start_token

#: Named, not imported: the pages know the backend, not the other way round.
APP = "dashboard.serve:create_app"
#: Seconds that open connections get at the end.
GRACE = 2
#: Seconds between two checks whether the server is to end, and between two updates of the header `Date`.
TICK = 0.5


#: Modules of the other commands, imported when one is called for: the server needs little of what they need.
COMMANDS = {
    "datasets": "datasets",
    "db": "db",
    "export": "export",
    "password": "people",
    "playground": "playground",
    "policy": "policies",
    "reproduce": "reproduce",
    "scheduler": "cluster",
    "token": "people",
    "train": "train",
    "worker": "cluster",
}


class _Commands(click.Group):
    """Commands of this module, and those of `COMMANDS`, which are named as the functions in their modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *COMMANDS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(f"backend.cli.{COMMANDS[cmd_name]}"), cmd_name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="synrl", prog_name="synrl")
def main() -> None:
    """Train neural networks by synaptic-level reinforcement learning."""


@main.command()
def serve() -> None:
    """Serve the dashboard and the API, and train runs. Ctrl-C ends it; runs in training go on at the next start.

    Settings are environment variables: SYNRL_HOST, SYNRL_PORT, SYNRL_DATA_DIR and others, which docs/settings.md
    lists. Where others can reach the server, people sign in: SYNRL_TEACHER_PASSWORD, or a token in the address.
    """
    settings = load_settings()
    logs.configure(settings.log_level, settings.log_format)
    listening = listen(settings.host, settings.port)
    prepare_data(settings)
    refuse_a_second_server(settings)
    config = uvicorn.Config(
        APP,
        factory=True,
        loop="asyncio",
        http=SlowClientProtocol,
        # Its loggers write where ours do.
        log_config=None,
        log_level=settings.log_level,
        access_log=False,
        # Frames are encoded once for all viewers; compressed, each viewer's would be worked on anew.
        ws_per_message_deflate=False,
        # The settings name the proxies whose headers about a request's origin are trusted: none by default.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    server = _Server(config, settings)
    # uvicorn shuts down in order on SIGTERM and then raises it again. By default that would kill this process before
    # its own clean-up at exit: multiprocessing would report leaked semaphores.
    signal.signal(signal.SIGTERM, _interrupt)
    click.echo(f"Starting SynRL. Data folder: {settings.data_dir} (SYNRL_DATA_DIR)")
    # Until all is imported and built: almost nothing of it is garbage. `_settle` turns it on again.
    gc.disable()
    try:
        with interrupts.kept_from_children():
            server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass  # uvicorn has shut down in order and raises it again for those who call it from a shell.
    finally:
        gc.enable()
        listening.close()
    if not server.started:
        sys.exit(3)
    click.echo("SynRL has ended.")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


class _Server(uvicorn.Server):
    """uvicorn's server; prints the address of the page once it accepts connections."""

    def __init__(self, config: uvicorn.Config, settings: Settings) -> None:
        super().__init__(config)
        self._settings = settings

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            click.echo(
                f"SynRL is ready: {sign_in_address(self._settings, host, port)}  (Ctrl-C ends it)"
                " Still starting: workers; runs wait until then."
            )
            if self._settings.requires_sign_in and self._settings.teacher_password is None:
                click.echo("The token in this address lets the teacher in, until the next start.")

    async def main_loop(self) -> None:
        """Check twice a second whether the server is to end; uvicorn checks ten times a second."""
        settling = asyncio.create_task(self._settle(), name="settle")
        while not await self.on_tick(0):
            await asyncio.sleep(TICK)
        settling.cancel()

    async def _settle(self) -> None:
        """Collect the garbage of the start once all parts are up; end the server if one of them failed."""
        stages: Stages = self._application().state.stages
        try:
            await stages.complete()
        except RuntimeError:
            self.started, self.should_exit = False, True
            return
        # What is there now stays. Python would look through all of it again and again for what can go, and hold
        # everything up for 200 ms each time.
        gc.collect()
        gc.freeze()
        gc.enable()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Event streams never end by themselves: without a word they would take the whole grace.
        jobs = getattr(self._application().state, "jobs", None)
        if jobs is not None:
            jobs.hub.close_event_streams()
        await super().shutdown(sockets=sockets)

    def _application(self) -> FastAPI:
        application: Any = self.config.loaded_app
        while not isinstance(application, FastAPI):
            application = application.app
        return application


def sign_in_address(settings: Settings, host: str, port: int) -> str:
    """Return the address to open, with the token of this start if the teacher signs in with it."""
    if ipaddress.ip_address(host).is_unspecified:
        host = _own_address(host)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}{settings.root_path}"
    with_token = settings.requires_sign_in and settings.teacher_password is None
    return f"{address}/?token={start_token()}" if with_token else address


def _own_address(unspecified: str) -> str:
    """Return an address under which other machines reach this one, if it listens on all interfaces."""
    is_new = ":" in unspecified
    with socket.socket(socket.AF_INET6 if is_new else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: the system only chooses the interface. The address is one kept for documentation.
            probe.connect(("2001:db8::1" if is_new else "192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "::1" if is_new else "127.0.0.1"


def refuse_a_second_server(settings: Settings) -> None:
    """Refuse in one line, before anything is started, if another server uses the database.

    Raises
    ------
    click.ClickException
        When one does.
    """
    engine = make_engine(settings.resolved_database_url)
    lock = ServerLock(engine)
    try:
        lock.acquire()
    except DomainError as error:
        raise click.ClickException(error.detail) from error
    finally:
        lock.release()
        engine.dispose()


def listen(host: str, port: int) -> socket.socket:
    """Bind the port before anything else is started.

    Raises
    ------
    click.ClickException
        When the port is taken or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP: only of such sockets asyncio sends small pieces at once. Else the second piece of every answer waits
    # for the first to be acknowledged, 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise click.ClickException(
                f"Port {port} on {host} is taken, perhaps by a SynRL that already runs. "
                f"Open http://{host}:{port} to see, or choose another port: SYNRL_PORT={port + 1} make run"
            ) from error
        raise click.ClickException(
            f"Can't listen on {host}:{port} (SYNRL_HOST, SYNRL_PORT): {error.strerror or error}"
        ) from error
    listening.set_inheritable(True)
    return listening
