"""`synrl datasets`: add, list and remove data sets in the server's data folder, whether or not it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from backend.cli.reading import reading_options
from backend.cli.startup import opened_storage
from backend.datasets import service
from backend.datasets.schemas import DatasetRead
from backend.datasets.uploads import MOST_FILES, read_paths

if TYPE_CHECKING:
    from synrl_core.datasets import Choices


@click.group()
def datasets() -> None:
    """Data sets: those that ship, and your own."""


@datasets.command()
@click.argument("paths", metavar="PATH [PATH2]", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--name", help="How to call it. Default: the file's name.")
@click.option("--class-names", help="Names of the classes in their order: ABCDEFGHIJ, or a,b,c.")
@reading_options
def add(paths: tuple[Path, ...], name: str | None, class_names: str | None, choices: Choices) -> None:
    """Add a data set: an NPZ, a CSV, a zip of folders of pictures, or an IDX pair (its folder or both files).

    The layout of the file is detected, and reported where it is unusual; options override it.
    """
    if len(paths) > MOST_FILES:
        raise click.UsageError(f"{len(paths)} paths; give one, or the two of an IDX pair.")
    with opened_storage() as (store, artifacts):
        raw = read_paths(paths, choices)
        sources = [path.resolve().name for path in paths]
        names = service.split_names(class_names) if class_names else None
        kept, is_new = service.save(
            store, artifacts, raw, name=name or service.name_from_files(sources), sources=sources, class_names=names
        )
    click.echo(f"{'Kept' if is_new else 'Here already'}: {_line(kept)}")
    for remark in kept.remarks:
        click.echo(f"  {remark}")
    click.echo(f'  Train on it: "dataset": "{kept.id}" in a run\'s configuration, or the page Data.')


@datasets.command("list")
def list_() -> None:
    """List the data sets that ship and those that were added."""
    with opened_storage() as (store, _), store.read() as session:
        for one in service.listing(session):
            click.echo(_line(one))


@datasets.command()
@click.argument("dataset_id", metavar="ID")
def remove(dataset_id: str) -> None:
    """Remove a data set that no run uses."""
    with opened_storage() as (store, artifacts):
        with store.write() as session:
            service.delete(session, artifacts, dataset_id)
        click.echo(f"Removed: {dataset_id}")


def _line(dataset: DatasetRead) -> str:
    shape = " x ".join(map(str, dataset.sample_shape))
    about = f"{dataset.samples:,} samples of {shape}, {len(dataset.classes)} classes"
    return f"{dataset.id:<14} {dataset.name}  ({about})"
