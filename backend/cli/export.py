"""`synrl export`: what was measured of runs, as a file; on the same data folder as the server, running or not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import click

from backend.cli.startup import opened_storage
from backend.db.store import Store
from backend.exchange import bundles, exports

#: What the end of the file's name means.
FORMATS = {
    ".csv": "a row for each evaluation",
    ".json": "the run, its curves and actions",
    ".npz": "the exact arrays",
    ".zip": "a bundle of runs, with weights, that another SynRL takes in",
}
_ONE_RUN = (".csv", ".json", ".npz")


@click.command()
@click.argument("run_ids", metavar="RUN ...", nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write, such as run.csv.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def export(run_ids: tuple[str, ...], output: Path | None, *, force: bool) -> None:
    """Write the measurements of a run to a file, as the page of the run does. RUN is the id in the run's address.

    \b
    The end of the file's name says what is written:
      .csv   a row for each evaluation (the default, RUN.csv)
      .json  the run, its curves and actions
      .npz   the exact arrays
      .zip   a bundle of one run or several, with weights, that another SynRL takes in
    """  # noqa: D301 (click's mark for a paragraph that keeps its lines)
    target = output or Path(f"{run_ids[0]}.csv" if len(run_ids) == 1 else "synrl-runs.zip")
    kind = target.suffix.lower()
    if kind not in FORMATS:
        told = ", ".join(FORMATS)
        raise click.UsageError(f"'{target}' ends in '{target.suffix}'; the name should end in one of {told}: run.csv.")
    if kind in _ONE_RUN and len(run_ids) > 1:
        raise click.UsageError(
            f"{len(run_ids)} runs are named; a {kind} file holds one. Name one, or write a bundle: -o runs.zip."
        )
    if target.exists() and not force:
        raise click.ClickException(f"There is a file '{target}' already. Replace it with --force, or give another -o.")
    with opened_storage() as (store, artifacts):
        if kind == ".zip":
            with closing(bundles.pack(store, artifacts, run_ids)) as packed, _written(target) as file:
                shutil.copyfileobj(packed, file)
        else:
            _write_run(store, run_ids[0], target, kind)
    click.echo(f"Written: {target} ({FORMATS[kind]})")


def _write_run(store: Store, run_id: str, target: Path, kind: str) -> None:
    if kind == ".csv":
        lines = exports.as_csv(store, run_id)
        head = next(lines)  # a run that is not there is refused before there is a file
        with _written(target) as file:
            file.write(head.encode())
            file.writelines(line.encode() for line in lines)
        return
    with store.read() as session:
        if kind == ".json":
            data = json.dumps(exports.as_json(session, run_id)).encode()
        else:
            data = exports.as_npz(session, run_id)
    with _written(target) as file:
        file.write(data)


@contextmanager
def _written(target: Path) -> Iterator[IO[bytes]]:
    """Write beside the target and rename: the file is there whole or not at all."""
    beside = target.with_name(f".{target.name}.part")
    try:
        with beside.open("wb") as file:
            yield file
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
