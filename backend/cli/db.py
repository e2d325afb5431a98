"""`synrl db`: upgrade, check, back up and restore the database and files of a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from backend.cli.startup import load_settings, prepare_data
from backend.db import migrate
from backend.db.store import make_engine
from backend.kit.errors import DomainError
from backend.kit.settings import Settings
from backend.upkeep import backups, integrity
from backend.upkeep import restore as restoring
from backend.wire.artifacts import Artifacts


class _Opened(NamedTuple):
    settings: Settings
    engine: Engine
    artifacts: Artifacts

    @property
    def is_sqlite(self) -> bool:
        return self.engine.url.get_backend_name() == "sqlite"


@click.group()
def db() -> None:
    """The database and the files it names: upgrade, check, back up, restore.

    SYNRL_DATA_DIR, SYNRL_DATABASE_URL and SYNRL_ARTIFACTS_URL name them, as for the server.
    """


@db.command()
def upgrade() -> None:
    """Upgrade the database to the schema of this version. The server does it too when it starts."""
    with _opened() as opened:
        prepare_data(opened.settings)
        click.echo(f"{opened.engine.url.render_as_string()} has schema {migrate.head()}.")


@db.command()
@click.option("--remove-orphans", is_flag=True, help="Remove files that nothing names; no server may run.")
def check(remove_orphans: bool) -> None:
    """Check schema, database and files; the exit code is 1 if something is wrong."""
    with _opened(existing=True) as opened:
        if remove_orphans:
            for path in integrity.remove_orphans(opened.engine, opened.artifacts):
                click.echo(f"Removed: {path}")
        found = integrity.check(opened.engine, opened.artifacts)
        for finding in found:
            click.echo(f"- {finding.problem}.\n  Remedy: {finding.remedy}.")
        if found:
            raise click.ClickException(f"{len(found)} {'thing is' if len(found) == 1 else 'things are'} not in order.")
        click.echo(f"In order: schema {migrate.head()}, the database, and every file that it names.")


@db.command()
@click.argument("folder", type=click.Path(path_type=Path))
def backup(folder: Path) -> None:
    """Copy the database and every file that it names into a new FOLDER; a server may be running."""
    with _opened(existing=True) as opened:
        made = backups.backup(opened.engine, opened.artifacts, folder)
    click.echo(f"Backed up: {made.files:,} files, {made.bytes / 2**20:,.1f} MiB, in {made.folder}")
    for path in made.missing:
        click.echo(f"  Not in it, for it was not there: {path}", err=True)


@db.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--force", is_flag=True, help="Take the place of the database that is there.")
def restore(folder: Path, force: bool) -> None:
    """Replace database and files by the backup in FOLDER. No server may run.

    The backup is compared with its list of hashes first. What was there is kept: SQLite's file and the folder of the
    artifacts beside their places, under another name.
    """
    with _opened() as opened:
        if opened.is_sqlite:
            opened.engine.dispose()
            place = restoring.RestoreTarget(
                opened.settings.data_dir,
                Path(str(opened.engine.url.database)),
                opened.artifacts,
                opened.artifacts.local_folder,
            )
            aside = restoring.restore_sqlite(folder, place, force=force)
        else:
            aside = []
            restoring.restore_postgres(folder, opened.engine, opened.artifacts, force=force)
    click.echo(f"Restored from {folder}.")
    for path in aside:
        click.echo(f"  What was there before: {path}")


@contextmanager
def _opened(*, existing: bool = False) -> Iterator[_Opened]:
    """Open database and artifacts of the server; report errors in one line."""
    settings = load_settings()
    if restoring.finish(settings.data_dir):
        click.echo("A restore that had been interrupted was finished first.")
    engine = make_engine(settings.resolved_database_url)
    if existing and engine.url.get_backend_name() == "sqlite" and not Path(str(engine.url.database)).exists():
        raise click.ClickException(
            f"There is no database at {engine.url.database}. SYNRL_DATA_DIR or SYNRL_DATABASE_URL names another."
        )
    try:
        yield _Opened(settings, engine, Artifacts(settings.resolved_artifacts_url))
    except DomainError as error:
        raise click.ClickException(error.detail) from error
    except (SQLAlchemyError, OSError) as error:
        raise click.ClickException(f"{type(error).__name__}: {getattr(error, 'orig', None) or error}") from error
    finally:
        engine.dispose()
