"""Engine and sessions. Leaving a writing session commits it; nothing below commits."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from backend.db import guard
from backend.kit.errors import DomainError, ForbiddenError
from backend.kit.identity import LOCAL_USER, Role, current
from backend.kit.limits import Limits

Value = TypeVar("Value")

#: Answers that are kept between two commits.
_MOST_REMEMBERED = 64

#: How long a writer waits for another before it gives up, in milliseconds.
BUSY_TIMEOUT_MS = 10_000

#: Connections to SQLite that are kept open.
SQLITE_CONNECTIONS = 40

#: Key of a session's ``info``: how many runs of one owner may run at once.
RUNS_PER_OWNER = "synrl_runs_per_owner"

#: Key of a session's ``info``: why runs wait, by id, that have nobody behind them while the database takes nothing.
WAITS = "synrl_waits"

#: Key of a reading session's ``info``: what looks things up in the memory of its store.
_MEMORY = "synrl_memory"

_ANNOUNCED = "synrl_announced"


#: Key of PostgreSQL's advisory lock that every writing transaction holds.
_WRITERS_LOCK = 0x53796E524C

#: PostgreSQL's code of an error: this transaction may only read.
_READ_ONLY = "25006"


class MissingDriverError(DomainError):
    """The database's driver is not installed."""

    title = "The database can't be used"


def make_engine(url: str) -> Engine:
    """Make an engine that behaves alike on both databases.

    A session that reads sees one moment; sessions that write take turns, so that what one has read is true when it
    writes. SQLite gets that by BEGIN IMMEDIATE and its write-ahead log, PostgreSQL by an advisory lock and REPEATABLE
    READ. Both wait at most `BUSY_TIMEOUT_MS` for their turn.

    Raises
    ------
    MissingDriverError
        When the URL's driver is not installed.
    """
    parsed = make_url(url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url)
    if parsed.get_backend_name() == "sqlite":
        # As many connections are kept as threads may ask: opening one costs more than most of what is asked.
        engine = create_engine(parsed, pool_size=SQLITE_CONNECTIONS, max_overflow=20)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    try:
        engine = create_engine(parsed, pool_pre_ping=True, pool_size=10, max_overflow=20)
    except ModuleNotFoundError as error:
        raise MissingDriverError(
            f"The driver of {parsed.drivername} is not installed ({error}). For PostgreSQL, install the extra: "
            "pip install 'synrl[postgres]'."
        ) from error
    if parsed.get_backend_name() == "postgresql":
        event.listen(engine, "begin", _begin_postgres)
        event.listen(engine, "handle_error", _translate_postgres_error)
    return engine


def _begin_postgres(connection: Connection) -> None:
    if connection.get_execution_options().get("synrl_writes", False):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {BUSY_TIMEOUT_MS}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _translate_postgres_error(context: ExceptionContext) -> None:
    # To the driver a database that is read-only, as a standby is, is an internal error. It passes, as on SQLite.
    if getattr(context.original_exception, "sqlstate", None) == _READ_ONLY:
        raise OperationalError(context.statement, None, context.original_exception) from context.original_exception


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    # The driver would begin transactions by itself, late, and not before DDL: we say BEGIN, in _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        # FULL, not NORMAL: with NORMAL a power cut can take back the last commits, which were acknowledged.
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later can be refused with "database is locked" at once, busy timeout
    # or not. So writers say so at the start.
    writes = connection.get_execution_options().get("synrl_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class ChangeKind(StrEnum):
    """Kind of a change that a person requested."""

    QUEUED = "queued"
    """New, or again: a free worker may take it."""
    UPDATED = "updated"
    REQUESTED = "requested"
    """A request to a run in training."""
    TRASHED = "trashed"
    PURGED = "purged"


class Change(NamedTuple):
    """A committed change of a run, passed to the listeners of the store."""

    kind: ChangeKind
    run_id: str
    paths: tuple[str, ...] = ()
    """Files among the artifacts that nothing names any more."""


def announce(session: Session, change: Change) -> None:
    """Tell the store's listeners of a change once the session is committed; never if it is rolled back."""
    session.info.setdefault(_ANNOUNCED, []).append(change)


class _ReadCache:
    """Cache of reads since the last commit of this process, the only writer while it serves."""

    def __init__(self) -> None:
        # One of its own for each moment, so that two that commit at once can't make the same.
        self._moment = object()
        self._known: dict[str, tuple[object, Any]] = {}

    def forget(self) -> None:
        """Clear the cache: a commit may have changed any row."""
        self._moment = object()
        self._known = {}

    def reader(self) -> Callable[[str, Callable[[], Any]], Any]:
        """Return the cached lookup for a session that begins now."""
        # Taken before the session's view: what it reads is at least as new.
        moment = self._moment

        def look_up(key: str, read: Callable[[], Any]) -> Any:
            known = self._known.get(key)
            if known is None or known[0] is not moment:
                if len(self._known) >= _MOST_REMEMBERED:
                    self._known = {}
                known = self._known[key] = moment, read()
            return known[1]

        return look_up


def cached(session: Session, key: str, read: Callable[[], Value]) -> Value:
    """Return the result of ``read``, cached for all sessions that see the same database.

    ``key`` says all that the answer depends on, who asks included. Nobody may change what is returned. A session that
    writes always reads.
    """
    look_up = session.info.get(_MEMORY)
    return read() if look_up is None else cast("Value", look_up(key, read))


class Store:
    """Access to the database: read sessions, write sessions, and notification of committed changes.

    Guarantees
    ----------
    durable
        What `write` has committed survives the end of the process and a power cut.
    one-moment
        A session that reads sees one moment; a session that writes sees all that was committed before it began.
    all-or-nothing
        A session that is left by an exception changes nothing and announces nothing.
    announced-after-commit
        Listeners hear of a change after it is committed.
    authorized
        A session works for the person who acts (`backend.kit.identity`): it reads and writes no more than they may.

    Parameters
    ----------
    runs_per_owner
        How many runs of one owner may run at once.
    guarded
        Whether people sign in: then a session for nobody is refused. Else nobody named is the teacher.
    limits
        What runs and data may take.
    """

    def __init__(
        self,
        engine: Engine,
        runs_per_owner: int = sys.maxsize,
        *,
        guarded: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self.engine = engine
        self._waits: dict[str, str] = {}
        self._info = {RUNS_PER_OWNER: runs_per_owner, WAITS: self._waits}
        self._guarded = guarded
        self._limits = limits or Limits()
        self._writing_engine = engine.execution_options(synrl_writes=True)
        self._listeners: list[Callable[[Change], None]] = []
        self._memory = _ReadCache()

    def set_waiting_reason(self, run_id: str, reason: str) -> None:
        """Set why a run waits, until `clear_waiting_reason`: nobody trains it and the database can't be written."""
        self._waits[run_id] = reason
        self._memory.forget()

    def clear_waiting_reason(self, run_id: str) -> None:
        """Show the stored state of a run again."""
        if self._waits.pop(run_id, None) is not None:
            self._memory.forget()

    def listen(self, listener: Callable[[Change], None]) -> None:
        """Call ``listener`` after each commit with the announced changes, in the thread of the writer."""
        self._listeners.append(listener)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session for reading: one consistent view; changes are discarded."""
        session = self._session(self.engine)
        session.info[_MEMORY] = self._memory.reader()
        try:
            yield session
        finally:
            try:
                session.close()
            except OperationalError:
                # The database went away meanwhile; there is nothing to roll back, and what was read is answered.
                session.invalidate()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session for writing: committed when left, rolled back when an exception leaves it."""
        with self._session(self._writing_engine, expire_on_commit=False) as session:
            if guard.person_of(session).is_seat:
                raise ForbiddenError("A seat in a class session changes nothing here. Join the class to keep work.")
            if guard.person_of(session).role is Role.VIEWER:
                raise ForbiddenError("You are here as a viewer: you can look at everything and change nothing.")
            try:
                with session.begin():
                    yield session
            finally:
                self._memory.forget()
            for change in session.info.pop(_ANNOUNCED, []):
                for listener in self._listeners:
                    listener(change)

    def _session(self, engine: Engine, **options: Any) -> Session:
        person = current()
        if person is None:
            if self._guarded:
                raise RuntimeError("the database was opened for nobody; see backend.kit.identity.acting")
            person = LOCAL_USER
        kind = Session if person.is_teacher else guard.GuardedSession
        session = kind(engine, info=dict(self._info), **options)
        guard.bind(session, person, self._limits)
        return session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
