"""Row-level security in the database session: students read and write their own rows, whatever a service forgets.

A student's session reads and writes their own runs and the rows that belong to them. Tables are closed by default: a
new table is closed to students until its rows have an owner.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, event, false, inspect, not_, select, true
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, with_loader_criteria

from backend.db import class_tables, usage
from backend.db.tables import ApiToken, Base, Breeding, JoinLink, PersonRow, Run, SignIn, StoredDataset
from backend.kit.errors import ConflictError, ForbiddenError, InvalidError
from backend.kit.identity import LOCAL_USER, TEACHER, Person, Role
from backend.kit.limits import Limits

_PERSON: Final = "synrl_person"
_LIMITS: Final = "synrl_limits"
#: Execution option of a statement that looks at everybody's rows and tells nothing of them.
EVERYBODY: Final = "synrl_everybody"
_DEFAULT_LIMITS: Final = Limits()
#: Of class sessions: nobody but the teacher, and the server for a seat, reads any row.
PRIVATE: Final[tuple[type[Base], ...]] = (
    class_tables.ClassSession,
    class_tables.ClassSeat,
    class_tables.ClassActivity,
    class_tables.ClassAnswer,
    class_tables.ClassHand,
)
#: About people: nobody but the teacher reads others' rows.
_OF_PEOPLE: Final[tuple[type[Base], ...]] = (PersonRow, SignIn, ApiToken, JoinLink)


def person_of(session: Session) -> Person:
    """Return the person on whose behalf a session works: the teacher by default."""
    person: Person = session.info.get(_PERSON, LOCAL_USER)
    return person


def limits_of(session: Session) -> Limits:
    """Return the limits of the server that a session belongs to."""
    limits: Limits = session.info.get(_LIMITS, _DEFAULT_LIMITS)
    return limits


def sees_only(session: Session) -> str | None:
    """Return the owner to whose runs a session is restricted; None: no restriction."""
    person = person_of(session)
    is_narrowed = person.is_seat or (person.role is Role.STUDENT and not limits_of(session).students_see_all)
    return person.name if is_narrowed else None


class GuardedSession(Session):
    """A session for a student or a viewer."""


def bind(session: Session, person: Person, limits: Limits) -> None:
    """Bind a session to a person; a `GuardedSession` then restricts them to their own rows."""
    session.info[_PERSON] = person
    session.info[_LIMITS] = limits


@event.listens_for(GuardedSession, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    """Add the condition of ownership to every query."""
    person = person_of(state.session)
    if state.is_select:
        if state.execution_options.get(EVERYBODY):
            return
        if not state.is_column_load and not state.is_relationship_load:
            _check_orm(state)
            sees_all = sees_only(state.session) is None
            state.statement = state.statement.options(*_criteria(person, sees_all=sees_all))
        return
    if not state.execution_options.get(EVERYBODY):
        _check_many(state, person)


def _check_many(state: ORMExecuteState, person: Person) -> None:
    """Refuse a bulk UPDATE or DELETE that would touch rows of others: skipping those would be a partial change."""
    mapper = state.bind_mapper
    owned = None if mapper is None else _owned(mapper.class_, person)
    if state.is_insert or mapper is None or owned is None:
        raise ForbiddenError("Only the teacher can change this.")
    where: Any = state.statement.whereclause  # type: ignore[attr-defined]
    others = select(*mapper.primary_key).where(where if where is not None else true(), not_(owned)).limit(1)
    if state.session.execute(others, execution_options={EVERYBODY: True}).first() is not None:
        raise ForbiddenError("This belongs to somebody else; you can change what is yours.")


def _check_orm(state: ORMExecuteState) -> None:
    if not state.is_orm_statement:
        # A statement on bare tables can't be narrowed: better no answer than somebody else's.
        raise RuntimeError(f"a query that names no mapped class can't be asked for a student: {state.statement}")


def _criteria(person: Person, *, sees_all: bool) -> list[Any]:
    criteria = [with_loader_criteria(one, _of_person(one, person), include_aliases=True) for one in _OF_PEOPLE]
    criteria += [with_loader_criteria(one, false(), include_aliases=True) for one in PRIVATE]
    if sees_all:
        return criteria
    for one in _closed():
        owned = _owned(one, person)
        if owned is not None:
            criteria.append(with_loader_criteria(one, owned, include_aliases=True))
    return criteria


def _closed() -> list[type[Base]]:
    """Return the tables of which people read their own rows alone; others are marked on the class, `__shared__`."""
    tables: list[type[Base]] = [mapper.class_ for mapper in Base.registry.mappers]
    return [one for one in tables if one not in _OF_PEOPLE and not one.__shared__ and not one.__private__]


def _owned(one: type[Base], person: Person) -> ColumnElement[bool] | None:
    """Return the condition that the person owns a row; None for tables without owner."""
    if one in _OF_PEOPLE:
        return _of_person(one, person)
    if one.__private__:
        return false()
    columns = inspect(one).columns
    if "owner" in columns:
        return columns["owner"] == person.name
    if "breeding_id" in columns:
        breedings = Breeding.__table__.c
        return columns["breeding_id"].in_(select(breedings.id).where(breedings.owner == person.name))
    if "run_id" in columns:
        return columns["run_id"].in_(select(Run.__table__.c.id).where(Run.__table__.c.owner == person.name))
    return None


def _of_person(one: type[Base], person: Person) -> ColumnElement[bool]:
    columns = inspect(one).columns
    if "person_id" in columns:
        return columns["person_id"] == person.id
    return inspect(one).primary_key[0] == person.id


@event.listens_for(GuardedSession, "before_flush")
def _check_rows(session: Session, _: UOWTransaction, __: Any) -> None:
    """Refuse changes of others' rows, and new rows with another owner."""
    person = person_of(session)
    for row in session.new:
        _check_new(row, person)
    made = [row for row in session.new if isinstance(row, Run | StoredDataset)]
    _check_number(session, person, made)
    if made or any(_is_extended(row) for row in session.dirty):
        _check_bytes(session, person, made)
    for row in (*session.dirty, *session.deleted):
        if session.is_modified(row) or row in session.deleted:
            _check_old(row, person)
            if isinstance(row, Run | StoredDataset):
                _check_size(session, row)


def _is_extended(row: Any) -> bool:
    return isinstance(row, Run) and inspect(row).attrs.iterations.history.has_changes()


def _check_number(session: Session, person: Person, made: list[Run | StoredDataset]) -> None:
    new = sum(isinstance(row, Run) for row in made)
    for row in made:
        _check_size(session, row)
    if not new:
        return
    limit = limits_of(session).runs
    with session.no_autoflush:
        runs = usage.count_runs(session, person.name) + new
    if runs > limit:
        raise ConflictError(
            f"You would have {runs:,} runs, those in the trash counted, and may have {limit:,}. Delete some that "
            "you need no more."
        )


def _check_bytes(session: Session, person: Person, made: list[Run | StoredDataset]) -> None:
    limit = limits_of(session).bytes
    with session.no_autoflush:
        size = usage.stored_bytes(session, person.name) + sum(
            row.bytes for row in made if isinstance(row, StoredDataset)
        )
    if size > limit:
        raise ConflictError(
            f"Your runs and data would take {size / 2**20:,.1f} MiB and may take {limit / 2**20:,.1f}: curves, "
            "weights, checkpoints and files, those in the trash counted. Delete some for good that you need no more."
        )


def _check_size(session: Session, row: Run | StoredDataset) -> None:
    """Check limits again that services should have checked: iterations can be added later, names changed."""
    limits = limits_of(session)
    if isinstance(row, Run) and row.iterations > limits.iterations:
        raise InvalidError(f"iterations: a student's run has at most {limits.iterations:,}, not {row.iterations:,}.")
    if len(row.name) > limits.name_length:
        raise InvalidError(f"name: should have at most {limits.name_length} letters, not {len(row.name)}.")


def _check_new(row: Any, person: Person) -> None:
    if row.__private__:
        raise ForbiddenError("Only the teacher can make this.")
    if isinstance(row, ApiToken | SignIn):
        if row.person_id != person.id:
            raise ForbiddenError("This can be made for oneself alone.")
    elif hasattr(row, "owner"):
        if row.owner not in (None, "", TEACHER.name, person.name):
            raise ForbiddenError(
                f"owner: {person.name} owns what they make; {row.owner[:40]!r} can't be named its owner."
            )
        row.owner = person.name
    elif not hasattr(row, "run_id"):
        # What hangs on a run is guarded by its foreign key's row, which must be seen to be named.
        raise ForbiddenError("Only the teacher can make this.")


def _check_old(row: Any, person: Person) -> None:
    if row.__private__:
        raise ForbiddenError("Only the teacher can change this.")
    if hasattr(row, "owner"):
        before = inspect(row).attrs.owner.history.deleted
        if (before and before[0] != person.name) or row.owner != person.name:
            raise ForbiddenError(f"This belongs to {row.owner}; you can change what is yours.")
    elif isinstance(row, ApiToken | SignIn):
        if row.person_id != person.id:
            raise ForbiddenError("This belongs to somebody else.")
    elif not hasattr(row, "run_id"):
        raise ForbiddenError("Only the teacher can change this.")
