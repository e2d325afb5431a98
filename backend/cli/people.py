"""`synrl token` and `synrl password`: manage API tokens in the server's data folder, and hash passwords."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from backend.cli.startup import load_settings, prepare_data
from backend.db.store import Store, make_engine
from backend.kit import secrets
from backend.kit.errors import DomainError
from backend.kit.identity import SYSTEM, TEACHER, Role, acting
from backend.people import tokens
from backend.people.token_schemas import TokenRead


@click.group()
def token() -> None:
    """Tokens with which programs use the API in the teacher's name."""


@token.command()
@click.argument("name")
@click.option("--role", type=click.Choice([Role.TEACHER.value, Role.VIEWER.value]), default=Role.TEACHER.value,
              help="viewer: a read-only token.")  # fmt: skip
def create(name: str, role: str) -> None:
    """Create a token and print it: NAME describes its purpose. It is shown this once."""
    with _opened() as store, store.write() as session:
        made = tokens.create(session, TEACHER, name, Role(role))
    click.echo(made.token)
    click.echo(f"Send it as 'Authorization: Bearer ...'. Revoke it with: synrl token revoke {made.id}", err=True)


@token.command("list")
def list_() -> None:
    """List the tokens of all people, without their secret texts."""
    with _opened() as store, store.read() as session:
        for one in tokens.listing(session, TEACHER):
            click.echo(_line(one))


@token.command()
@click.argument("token_id", metavar="ID")
def revoke(token_id: str) -> None:
    """Revoke a token at once, also on a running server."""
    with _opened() as store, store.write() as session:
        tokens.revoke(session, TEACHER, token_id)
    click.echo(f"Revoked: {token_id}")


@click.command()
def password() -> None:
    """Ask for a password and print its hash, which SYNRL_TEACHER_PASSWORD accepts in its place."""
    typed = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    if len(typed) < secrets.LEAST_PASSWORD:
        raise click.ClickException(f"A password should have at least {secrets.LEAST_PASSWORD} letters.")
    click.echo(secrets.hash_password(typed))


def _line(one: TokenRead) -> str:
    used = f"used {one.used_at:%Y-%m-%d %H:%M}" if one.used_at else "never used"
    return f"{one.id}  {one.role:<8} {one.owner:<20} {one.name}  (made {one.created_at:%Y-%m-%d}, {used})"


@contextmanager
def _opened() -> Iterator[Store]:
    """Open the database of the server; report errors in one line."""
    settings = load_settings()
    prepare_data(settings)
    store = Store(make_engine(settings.resolved_database_url))
    try:
        with acting(SYSTEM):
            yield store
    except DomainError as error:
        raise click.ClickException(error.detail) from error
    finally:
        store.close()
