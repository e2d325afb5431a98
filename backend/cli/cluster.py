"""`synrl scheduler` and `synrl worker`: the processes on other machines."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import signal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from backend.cli.common import WholeNumber
from backend.cli.startup import load_settings
from backend.kit import interrupts, logs
from backend.kit.settings import Settings, scheduler_address
from backend.worker.stored_data import CACHE_VARIABLE

if TYPE_CHECKING:
    from distributed import Nanny

log = logging.getLogger(__name__)

PORT = 8786
#: Seconds between two attempts to reach the scheduler.
RETRY_SECONDS = 1.0
#: Seconds that a worker gets to end before it is killed.
GRACE = 5.0


class SchedulerAddress(click.ParamType):  # type: ignore[type-arg]  # generic in the newest versions of click only
    """Option or argument that is the address of a scheduler."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read the address, or fail with what is allowed and what was given."""
        try:
            return scheduler_address(value)
        except ValueError as error:
            self.fail(f"{error} (given: {value!r}).", param, ctx)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=PORT, show_default=True, type=WholeNumber(0, 65535), help="Port to listen on.")
def scheduler(host: str, port: int) -> None:
    """Run the scheduler, which the server and the workers of several machines connect to.

    Who reaches it can run code on the workers: keep it to a network of its own, and give it certificates with
    SYNRL_TLS_CA_FILE, SYNRL_TLS_CERT_FILE and SYNRL_TLS_KEY_FILE.
    """
    settings = _settings()
    if settings.tls_ca_file is None and not _is_loopback(host):
        click.echo(
            f"Warning: without TLS, anybody who reaches {host}:{port} can run code on the workers. See docs/deploy.md.",
            err=True,
        )
    asyncio.run(_schedule(settings, host, port))


# Dask is imported by those who need it: other commands shall not wait for it.


async def _schedule(settings: Settings, host: str, port: int) -> None:
    from distributed import Scheduler

    from backend.training import cluster

    cluster.configure(settings.threads_per_worker)
    running = Scheduler(
        host=host,
        port=port,
        protocol="tls" if settings.tls_ca_file else "tcp",
        security=cluster.security(settings),
        dashboard=False,
        dashboard_address="127.0.0.1:0",
    )
    async with running:
        click.echo(f"The scheduler is ready: {running.address}  (Ctrl-C ends it)")
        await _stop_event().wait()
    click.echo("The scheduler has ended.")


@click.command()
@click.argument("url", metavar="[URL]", required=False, type=SchedulerAddress())
@click.option("--host", help="Address under which the scheduler, and the server, reach this machine.")
@click.option("--check", is_flag=True, help="Train nothing: end with 0 if the scheduler has workers of this machine.")
def worker(url: str | None, host: str | None, check: bool) -> None:
    """Train runs for the scheduler at URL (or SYNRL_SCHEDULER): SYNRL_WORKERS processes, one run each.

    A scheduler that is away is waited for. Data that people brought are kept in the folder SYNRL_DATA_DIR.
    """
    settings = _settings()
    url = url or settings.scheduler
    if url is None:
        raise click.UsageError("name the scheduler: synrl worker tcp://HOST:8786, or SYNRL_SCHEDULER")
    if not settings.fits_certificates(url):
        raise click.UsageError("the scheduler is tls://... where certificates are set (SYNRL_TLS_...), else tcp://...")
    if check:
        asyncio.run(_check(settings, url, host))
        return
    os.environ[CACHE_VARIABLE] = str(settings.data_dir / "cache")
    asyncio.run(_work(settings, url, host))


async def _check(settings: Settings, url: str, host: str | None) -> None:
    """Refuse unless the workers of this machine are connected to the scheduler."""
    from distributed.utils import get_ip

    from backend.worker import compatibility

    about, told = await _ask(settings, url)
    differing = compatibility.scheduler_differences(told)
    if differing:
        raise click.ClickException(
            f"The scheduler {url} has other versions: {differing}. Install the same version on all machines."
        )
    own = {get_ip(), "127.0.0.1", host}
    here = sum(worker["host"] in own for worker in about["workers"].values())
    if not here:
        raise click.ClickException(
            f"The scheduler {url} has no workers of this machine, and {len(about['workers'])} of others. "
            "What `synrl worker` prints says why they do not get there; if it has --host, give the same here."
        )
    click.echo(f"{here} worker{'s' if here > 1 else ''} of this machine {'are' if here > 1 else 'is'} at {url}.")


async def _ask(settings: Settings, url: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ask a scheduler for its identity and versions."""
    from distributed import rpc

    from backend.training import cluster

    secured = cluster.security(settings)
    options = secured.get_connection_args("client") if secured else {}
    try:
        async with rpc(url, connection_args=options, timeout=GRACE) as asked, asyncio.timeout(2 * GRACE):
            return await asked.identity(), await asked.versions()
    except (OSError, TimeoutError, ValueError) as error:
        why = str(error) or "it takes too long"
        raise click.ClickException(f"The scheduler {url} does not answer: {why}") from error


async def _work(settings: Settings, url: str, host: str | None) -> None:
    told = _stop_event()
    with interrupts.kept_from_children():
        from backend.training import cluster

        cluster.configure(settings.threads_per_worker)
        working = [asyncio.create_task(_run_until_stopped(settings, url, host)) for _ in range(settings.workers)]
        click.echo(f"{settings.workers} worker{'s' if settings.workers > 1 else ''} for {url}  (Ctrl-C ends them)")
        await told.wait()
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
    click.echo("The workers have ended.")


async def _run_until_stopped(settings: Settings, url: str, host: str | None) -> None:
    """Keep one worker process running; when its scheduler goes away, wait for the next."""
    from distributed import Nanny
    from distributed.core import Status

    from backend.training import cluster

    was_there = True
    while True:
        nanny = Nanny(
            url,
            nthreads=1,
            host=host,
            security=cluster.security(settings),
            preload=cluster.PRELOAD,
            dashboard=False,
            memory_limit=0,
            death_timeout=30,
        )
        try:
            await nanny
            was_there = True
            await nanny.finished()
        except (OSError, TimeoutError, RuntimeError) as error:
            if was_there:
                click.echo(f"The scheduler {url} can't be reached ({error}); it is tried again.", err=True)
            was_there = False
        finally:
            await _kill_starting(nanny)
            if nanny.status not in (Status.closed, Status.failed):
                await asyncio.wait_for(nanny.close(timeout=GRACE), 2 * GRACE)
        await asyncio.sleep(RETRY_SECONDS)


async def _kill_starting(nanny: Nanny) -> None:
    """Kill the process of a worker that is still starting: a nanny whose own start was cancelled can't close it."""
    from distributed.core import Status

    of_worker = nanny.process
    if of_worker is None or of_worker.status != Status.starting or of_worker.process is None:
        return
    process = of_worker.process
    await process.kill()
    await process.join(GRACE)


def _stop_event() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    return told


def _settings() -> Settings:
    settings = load_settings()
    logs.configure(settings.log_level, settings.log_format)
    return settings


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(urlsplit(f"//{host}").hostname or "").is_loopback
    except ValueError:
        return host == "localhost"
