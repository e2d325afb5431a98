"""Run migrations with Alembic: in the caller's transaction, or from the command line on SYNRL_DATABASE_URL."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from backend.db.store import make_engine
from backend.db.tables import Base
from backend.kit.settings import Settings


def run(connection: Connection) -> None:
    """Run the asked-for migrations on one connection."""
    # render_as_batch: SQLite can't alter most things in place, Alembic then copies the table.
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, transactional_ddl=True
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with make_engine(Settings().resolved_database_url).begin() as own:
        run(own)
