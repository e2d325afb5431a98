"""`synrl reproduce`: run the paper's experiments and print their table; by a server that runs, or by this command."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from backend.cli.common import WholeNumber, listed, read_bytes, refuse_to_overwrite, reporting_errors, write_whole
from backend.cli.startup import load_settings, opened_storage
from backend.kit.settings import Settings

if TYPE_CHECKING:  # the command line of the server doesn't wait for the science
    from backend.db.store import Store
    from backend.reproduction.schemas import Preparation, ReproductionCreate, ReproductionRead
    from backend.wire.artifacts import Artifacts

#: Seconds of training from which the command asks before it begins.
_LONG = 3600.0
#: Seconds between two looks at the results.
_INTERVAL = 1.0
#: Seconds between two lines of progress where nothing else has ended.
_QUIET = 30.0
#: Exit status after Ctrl-C, as shells have it.
_INTERRUPTED = 130
_ENDINGS = (".html", ".csv", ".tex", ".md")


@click.command()
@click.option(
    "--scale", type=click.Choice(["quick", "standard", "paper"]), default="quick", show_default=True,
    help="quick: minutes. standard: half an hour. paper: 500,000 iterations, days.",
)  # fmt: skip
@click.option(
    "--trials", type=WholeNumber(1), help="Runs of each arm, each with a split of its own. Default: 3, 5, 10 by scale."
)
@click.option("--parts", metavar="PART,PART", help="Parts of the table, such as 784-10,tasks. Default: all.")
@click.option("--most-iterations", type=WholeNumber(1), help="Limit on the iterations of every run: a rehearsal.")
@click.option("--data", help="notMNIST: its files (a path), or the id of a data set that is here. Default: found.")
@click.option(
    "--table", help="authors, learned, or the authors' JLD2 file (a path). Default: the authors' if it is here."
)
@click.option("--new", "is_new", is_flag=True, help="Begin another instead of going on with the one begun before.")
@click.option("--estimate", is_flag=True, help="Say what would be used and how long it takes; run nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before what takes more than an hour.")
@click.option(
    "--report", "reports", multiple=True, metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report when all is done: FILE.html, .csv, .tex or .md; repeat it for several.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace a report that is there.")
def reproduce(
    data: str | None, table: str | None, parts: str | None, is_new: bool, estimate: bool, yes: bool,
    reports: tuple[Path, ...], force: bool, **options: Any,
) -> None:  # fmt: skip
    """Run the paper's experiments: its networks, its gradient descent, its claims, with a verdict on each.

    They are ordinary runs in the server's data folder. Where a server works on it, that one trains them, and this
    command shows how far it is; else this command trains. Ctrl-C loses nothing: the same command goes on.
    """
    from backend.reproduction.schemas import ReproductionCreate

    for path in reports:
        if path.suffix not in _ENDINGS:
            raise click.ClickException(f"--report: {path} must end in {', '.join(_ENDINGS)}.")
        refuse_to_overwrite(path, force)
    asked = {name: value for name, value in options.items() if value is not None}
    asked |= {"parts": list(listed(parts))} if parts else {}
    asked |= {"again": "new"} if is_new else {}
    settings = load_settings()
    with opened_storage() as (store, artifacts):
        if data is not None:
            asked["dataset"] = _data(store, artifacts, data)
        if table is not None:
            asked["table"] = _table(store, table)
        with reporting_errors(model=ReproductionCreate):
            body = ReproductionCreate.model_validate(asked)
        _say_what_and_how_long(store, body, settings, ask=not (yes or estimate))
        if estimate:
            return
        begun = _started(store, body, settings)
        found = _followed(store, settings, begun)
        _print(found)
        for path in reports:
            _write(store, path, begun, settings)
    if found.state != "complete":
        sys.exit(1)


# -- what is used ------------------------------------------------------------------------------------------------


def _data(store: Store, artifacts: Artifacts, data: str) -> str:
    """Return the id of the letters; files are brought first, and known again when they are here already."""
    from backend.datasets import service as datasets
    from backend.datasets.uploads import read_paths
    from synrl_core.datasets import Choices

    path = Path(data)
    if not path.exists():
        return data
    raw = read_paths((path,), Choices())
    return datasets.save(store, artifacts, raw, name=path.resolve().name, sources=[path.resolve().name]).dataset.id


def _table(store: Store, table: str) -> str:
    from backend.reproduction import tables

    if table in get_args(tables.Source):
        return table
    path = Path(table)
    data = read_bytes(path)
    with store.write() as session:
        tables.bring(session, data, path.name)
    return "authors"


def _say_what_and_how_long(store: Store, body: ReproductionCreate, settings: Settings, *, ask: bool) -> None:
    from backend.reproduction import preparation

    with store.read() as session:
        found = preparation.prepare(session, settings.workers, body.dataset)
        seconds, runs = preparation.cost(session, body, found.letters.id, settings.workers)
    _say_letters(found, body)
    click.echo(f"{runs} runs, about {duration(seconds)} with {settings.workers} at once.", err=True)
    if ask and seconds > _LONG:
        click.confirm("Begin?", abort=True, err=True)


def _say_letters(found: Preparation, body: ReproductionCreate) -> None:
    from backend.reproduction.arms import LETTERS

    if not set(body.parts) & set(LETTERS):
        return
    letters = found.letters
    click.echo(f"Letters: {letters.name}, {letters.samples:,} pictures ({letters.kind}).", err=True)
    for remark in found.remarks:
        click.echo(f"  {remark}", err=True)


# -- running -----------------------------------------------------------------------------------------------------


def _started(store: Store, body: ReproductionCreate, settings: Settings) -> str:
    from backend.reproduction import preparation, service, tables

    with store.read() as session:
        needs_learning = preparation.needs_learning(session, body)
    learned = tables.learn() if needs_learning else None
    with store.write() as session:
        begun = service.start(session, body, max_runs=settings.max_sweep_runs, learned=learned)
    said = "Begun" if begun.is_new else "Going on with"
    click.echo(f"{said} reproduction {begun.id}: {begun.queued} runs queued.", err=True)
    return begun.id


def _followed(store: Store, settings: Settings, reproduction_id: str) -> ReproductionRead:
    """Wait until nothing of it waits or trains; train it here where no server does."""
    from backend.reproduction import reading

    try:
        if _has_server(store):
            click.echo("The server that runs on this data folder trains them.", err=True)
            asyncio.run(_watch(store, settings, reproduction_id))
        else:
            asyncio.run(_train(store, settings, reproduction_id))
    except KeyboardInterrupt:
        click.echo("\nInterrupted. What is done is kept; the same command goes on.", err=True)
        sys.exit(_INTERRUPTED)
    with store.read() as session:
        return reading.get(session, reproduction_id, settings.workers)


def _has_server(store: Store) -> bool:
    from backend.db.lock import InUseError, ServerLock

    lock = ServerLock(store.engine)
    try:
        lock.acquire(timeout=0)
    except InUseError:
        return True
    lock.release()
    return False


async def _train(store: Store, settings: Settings, reproduction_id: str) -> None:
    """Do as the server does, without its pages: workers train what is queued."""
    from backend.api.main import create_api

    api = create_api(settings)
    async with api.router.lifespan_context(api):
        await _watch(store, settings, reproduction_id)


async def _watch(store: Store, settings: Settings, reproduction_id: str) -> None:
    from backend.reproduction import reading

    def read() -> ReproductionRead:
        with store.read() as session:
            return reading.get(session, reproduction_id, settings.workers)

    done, said_at = -1, 0.0
    while True:
        found = await asyncio.to_thread(read)
        now = time.monotonic()
        if found.state != "running" or found.done != done or now - said_at > _QUIET:
            left = "" if found.seconds_left is None else f", about {duration(found.seconds_left)} left"
            click.echo(f"  {found.done} of {found.runs} runs done{left}", err=True)
            done, said_at = found.done, now
        if found.state != "running":
            return
        await asyncio.sleep(_INTERVAL)


# -- what is printed ---------------------------------------------------------------------------------------------


def _print(found: ReproductionRead) -> None:
    from backend.reproduction import words

    for line in words.text_table(found):
        click.echo(line)
    if found.state != "complete":
        click.echo(f"{found.done} of {found.runs} runs are done ({found.state}). The same command goes on.", err=True)


def _write(store: Store, path: Path, reproduction_id: str, settings: Settings) -> None:
    from backend.reproduction import report

    with store.read() as session:
        written = report.write(session, reproduction_id, path.suffix[1:], settings.workers)
    write_whole(path, written.encode())
    click.echo(f"Written: {path}", err=True)


def duration(seconds: float) -> str:
    """Say how long: 40 s, 3 min, 5 h, 2 days."""
    for unit, name in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 1.5 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"
