"""Dependencies of routes: read and write sessions of the database, the jobs, the id of a run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, cast

import anyio.to_thread
from fastapi import Depends, Header, Path
from fastapi.requests import HTTPConnection
from sqlalchemy.orm import Session

from backend.db.store import Store
from backend.inspection.judging import Judges
from backend.kit.settings import Settings
from backend.training.runtime import Jobs

#: Of lists of ids in an address: an address has its limit in bytes, and other letters take up to twelve each.
PRINTABLE = r"^[ -~]*$"


def _store(connection: HTTPConnection) -> Store:
    return cast("Store", connection.app.state.store)


def _jobs(connection: HTTPConnection) -> Jobs:
    return cast("Jobs", connection.app.state.jobs)


def _settings(connection: HTTPConnection) -> Settings:
    return cast("Settings", connection.app.state.settings)


def _judges(connection: HTTPConnection) -> Judges:
    return cast("Judges", connection.app.state.judges)


async def _read(store: Annotated[Store, Depends(_store)]) -> AsyncIterator[Session]:
    # Opened right here: the database is not asked before the first query. What ends it may wait for the database.
    reading = store.read()
    session = reading.__enter__()
    try:
        yield session
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(reading.__exit__, None, None, None)


async def _write_lock(connection: HTTPConnection) -> AsyncIterator[None]:
    """Wait on the event loop for the lock of writers, first come first served.

    Requests that waited inside the database would each hold a thread of the pool: enough of them, and the one that
    writes gets no thread to end in, so that all wait until they give up.
    """
    async with cast("asyncio.Lock", connection.app.state.writing):
        yield


def _write(
    store: Annotated[Store, Depends(_store)], _: Annotated[None, Depends(_write_lock, scope="function")]
) -> Iterator[Session]:
    with store.write() as session:
        yield session


RunId = Annotated[str, Path(min_length=1, max_length=64, description="Id of a run, as its creation returned it.")]
StoreDependency = Annotated[Store, Depends(_store)]
SettingsDependency = Annotated[Settings, Depends(_settings)]
#: Of a request that may be sent again because its answer was lost: what it makes is made once.
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        description="Any text of the caller's. A request that is repeated with it returns what the first one made.",
    ),
]
JudgesDependency = Annotated[Judges, Depends(_judges)]
JobsDependency = Annotated[Jobs, Depends(_jobs)]
ReadSession = Annotated[Session, Depends(_read)]
# scope="function": committed before the answer goes out, so that what a 201 says is true.
WriteSession = Annotated[Session, Depends(_write, scope="function")]
