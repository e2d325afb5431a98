"""What routes ask for: a session that reads, one that writes, the jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, cast

from fastapi import Depends
from fastapi.requests import HTTPConnection
from sqlalchemy.orm import Session

from backend.db.store import Store
from backend.jobs.service import Jobs


def _store(connection: HTTPConnection) -> Store:
    return cast("Store", connection.app.state.store)


def _jobs(connection: HTTPConnection) -> Jobs:
    return cast("Jobs", connection.app.state.jobs)


def _read(store: Annotated[Store, Depends(_store)]) -> Iterator[Session]:
    with store.read() as session:
        yield session


def _write(store: Annotated[Store, Depends(_store)]) -> Iterator[Session]:
    with store.write() as session:
        yield session


StoreDependency = Annotated[Store, Depends(_store)]
JobsDependency = Annotated[Jobs, Depends(_jobs)]
ReadSession = Annotated[Session, Depends(_read)]
# scope="function": committed before the answer goes out, so that what a 201 says is true.
WriteSession = Annotated[Session, Depends(_write, scope="function")]
