"""The command line: `synrl serve`, and the commands of the files cli_*.py."""

from __future__ import annotations

import errno
import ipaddress
import socket
import sys
from typing import Any

import click
import pydantic
import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from backend import logs
from backend.cli_datasets import datasets
from backend.cli_db import db
from backend.cli_policies import policy
from backend.cli_train import train
from backend.db.migrate import upgrade
from backend.db.store import make_engine
from backend.errors import DomainError
from backend.services import backups
from backend.settings import Settings

#: Named, not imported: the pages know the backend, not the other way round.
APP = "dashboard.serve:create_app"
#: Seconds that open connections get at the end.
GRACE = 3


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="synrl", prog_name="synrl")
def main() -> None:
    """Train neural networks by synaptic-level reinforcement learning."""


main.add_command(datasets)
main.add_command(db)
main.add_command(policy)
main.add_command(train)


@main.command()
def serve() -> None:
    """Serve the dashboard and the API, and train runs. Ctrl-C ends it; runs in training go on at the next start.

    Settings are environment variables: SYNRL_HOST, SYNRL_PORT, SYNRL_DATA_DIR, SYNRL_WORKERS,
    SYNRL_THREADS_PER_WORKER, SYNRL_DATABASE_URL, SYNRL_ARTIFACTS_URL, SYNRL_LOG_LEVEL,
    SYNRL_LOG_FORMAT.
    """
    settings = load_settings()
    logs.configure(settings.log_level, settings.log_format)
    listening = listen(settings.host, settings.port)
    prepare_data(settings)
    config = uvicorn.Config(
        APP,
        factory=True,
        loop="asyncio",
        # Its loggers write where ours do.
        log_config=None,
        log_level=settings.log_level,
        access_log=False,
        # Frames are encoded once for all viewers; compressed, each viewer's would be worked on anew.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE,
    )
    server = _Server(config, settings)
    click.echo(f"Starting SynRL. Data folder: {settings.data_dir} (SYNRL_DATA_DIR)")
    if not ipaddress.ip_address(listening.getsockname()[0]).is_loopback:
        click.echo(
            f"Note: SYNRL_HOST={settings.host} opens SynRL to the network, and there is no login yet: whoever reaches "
            "it can start and delete runs.",
            err=True,
        )
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass  # uvicorn has shut down in order and raises it again for those who call it from a shell.
    finally:
        listening.close()
    if not server.started:
        sys.exit(3)
    click.echo("SynRL has ended.")


class _Server(uvicorn.Server):
    """Says where the page is once it can be opened."""

    def __init__(self, config: uvicorn.Config, settings: Settings) -> None:
        super().__init__(config)
        self._settings = settings

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            click.echo(f"SynRL is ready: http://{shown}:{port}  (Ctrl-C ends it)")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Event streams never end by themselves: without a word they would take the whole grace.
        application: Any = self.config.loaded_app
        while not isinstance(application, FastAPI):
            application = application.app
        application.state.jobs.hub.stop_following()
        await super().shutdown(sockets=sockets)


def load_settings() -> Settings:
    """Read the settings; an unusable one ends the command with a line that names it."""
    try:
        return Settings()
    except pydantic.ValidationError as error:
        problems = (f"SYNRL_{'_'.join(map(str, e['loc'])).upper()}={e['input']!r}: {e['msg']}" for e in error.errors())
        raise click.ClickException("; ".join(problems)) from error


def prepare_data(settings: Settings) -> None:
    """Make the data folder and bring the database up to date, so that what is wrong with them is said in a line.

    Raises
    ------
    click.ClickException
        When the folder can't be made or the database can't be used.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(
            f"The data folder {settings.data_dir} can't be made: {error.strerror}. Choose another: SYNRL_DATA_DIR=..."
        ) from error
    if backups.finish(settings.data_dir):
        click.echo("A restore that had been interrupted was finished.")
    engine = make_engine(settings.resolved_database_url)
    try:
        copy = upgrade(engine)
    except DomainError as error:
        raise click.ClickException(error.detail) from error
    except SQLAlchemyError as error:
        shown = engine.url.render_as_string()
        raise click.ClickException(
            f"The database {shown} can't be used: {getattr(error, 'orig', error)}. It is chosen by SYNRL_DATA_DIR, "
            "or by SYNRL_DATABASE_URL."
        ) from error
    finally:
        engine.dispose()
    if copy is not None:
        click.echo(f"The database was upgraded. As it was before: {copy}")


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is started.

    Raises
    ------
    click.ClickException
        When the port is taken or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
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


if __name__ == "__main__":
    main()
