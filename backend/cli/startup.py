"""Start of a command: read the settings, make the data folder, upgrade and open the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import pydantic
from sqlalchemy.exc import SQLAlchemyError

from backend.db.migrate import upgrade
from backend.db.store import Store, make_engine
from backend.kit.errors import DomainError
from backend.kit.field_errors import describe_all, in_words
from backend.kit.settings import Settings
from backend.upkeep import restore
from backend.wire.artifacts import Artifacts


def load_settings() -> Settings:
    """Read the settings; an unusable one ends the command with a line that names it."""
    try:
        return Settings()
    except pydantic.ValidationError as error:
        raise click.ClickException("; ".join(map(_in_words, describe_all(error.errors(), Settings)))) from None


def _in_words(described: dict[str, Any]) -> str:
    """Describe which setting can't be used; secrets are never printed."""
    name = described["field"]
    if not name:
        return str(described["message"])
    variable = f"SYNRL_{name.upper()}"
    is_secret = "SecretStr" in str(Settings.model_fields[name].annotation)
    return in_words(
        {"field": variable, "message": described["message"]} if is_secret else {**described, "field": variable}
    )


def prepare_data(settings: Settings) -> None:
    """Make the data folder and bring the database up to date, and report a fault of them in one line.

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
    if restore.finish(settings.data_dir):
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


@contextmanager
def opened_storage() -> Iterator[tuple[Store, Artifacts]]:
    """Open the database and the artifacts of the server, and close them at the end.

    Raises
    ------
    click.ClickException
        When the settings, the folder or the database can't be used, or the block raised a domain error.
    """
    settings: Settings = load_settings()
    prepare_data(settings)
    store = Store(make_engine(settings.resolved_database_url))
    try:
        yield store, Artifacts(settings.resolved_artifacts_url)
    except DomainError as error:
        raise click.ClickException(error.detail) from error
    finally:
        store.close()
