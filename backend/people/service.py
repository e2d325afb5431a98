"""People of the class: join links, people who joined, their personal codes."""

from __future__ import annotations

import secrets as random
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from backend.db.tables import JoinLink, PersonRow
from backend.kit import secrets
from backend.kit.errors import ConflictError, InvalidError, NotFoundError
from backend.kit.identity import SYSTEM, TEACHER, Person, Role
from backend.kit.text import name_key, one_line
from backend.people import queries as repository
from backend.people.schemas import JoinLinkRead, PersonRead

#: Letters of a name: it stands in lists beside others.
LONGEST_NAME = 40
#: Names that nobody may take.
_TAKEN = {name_key(one.name) for one in (TEACHER, SYSTEM)}
#: Groups of four letters: of a code for the blackboard, and of one that must not be guessed by anybody in the world.
_LINK_GROUPS, _PERSONAL_GROUPS = 2, 3


class Joined(NamedTuple):
    """Somebody who just came in, with the code that is shown this once."""

    person: Person
    code: str


def open_link(session: Session, role: Role, hours: float) -> JoinLinkRead:
    """Open the door to a role with a new code; the code before it opens no more.

    Raises
    ------
    InvalidError
        For the teacher's own role: that one is not joined.
    """
    if role is Role.TEACHER:
        raise InvalidError.of("role", "should be student or viewer; the teacher signs in")
    repository.remove_links(session, role)
    now = datetime.now(UTC)
    link = JoinLink(code=secrets.code(_LINK_GROUPS), role=role, created_at=now, expires_at=now + timedelta(hours=hours))
    repository.add(session, link)
    return JoinLinkRead.model_validate(link)


def close_link(session: Session, role: Role) -> None:
    """Let nobody in any more with the link of a role; who is in stays."""
    repository.remove_links(session, role)


def links(session: Session) -> list[JoinLinkRead]:
    """Return the links that are open."""
    return [JoinLinkRead.model_validate(link) for link in repository.links(session, datetime.now(UTC))]


def find_link(session: Session, code: str) -> JoinLinkRead:
    """Return the open link of a code, however it was typed.

    Raises
    ------
    NotFoundError
        When no open link has this code.
    """
    link = repository.link(session, secrets.tidy_code(code)[:16])
    if link is None or link.expires_at <= datetime.now(UTC):
        raise NotFoundError("This code lets nobody in, or no longer. Ask your teacher for the one that is open now.")
    return JoinLinkRead.model_validate(link)


def join(session: Session, code: str, name: str, most: int) -> Joined:
    """Come in for the first time, with a link's code and a name of one's own.

    Raises
    ------
    NotFoundError
        When no open link has this code.
    InvalidError
        When the name is empty or too long.
    ConflictError
        When the name is taken, or the class is full.
    """
    link = find_link(session, code)
    shown = _checked_name(session, name)
    if repository.how_many(session) >= most:
        raise ConflictError(
            f"{most} people have joined already, which is all that this server takes (SYNRL_MAX_PEOPLE)."
        )
    now = datetime.now(UTC)
    personal = secrets.code(_PERSONAL_GROUPS)
    row = PersonRow(
        id=random.token_hex(6), name=shown, name_key=name_key(shown), role=link.role,
        code_hash=secrets.digest(personal), created_at=now, seen_at=now,
    )  # fmt: skip
    repository.add(session, row)
    return Joined(read_person(row), personal)


def come_back(session: Session, code: str) -> Person | None:
    """Return whose personal code this is, however it was typed; None if it lets nobody in."""
    row = repository.by_code(session, secrets.digest(secrets.tidy_code(code)))
    if row is None or row.removed_at is not None:
        return None
    return read_person(row)


def listing(session: Session) -> list[PersonRead]:
    """Return all who joined, those who were removed last."""
    return [
        PersonRead(
            id=row.id, name=row.name, role=Role(row.role), runs=runs, created_at=row.created_at,
            seen_at=row.seen_at, removed_at=row.removed_at,
        )
        for row, runs in repository.everybody(session)
    ]  # fmt: skip


def remove(session: Session, person_id: str) -> None:
    """Send somebody out: her sign-ins and tokens end at once. Her runs stay, and her name stays hers."""
    row = _find(session, person_id)
    row.removed_at = row.removed_at or datetime.now(UTC)
    repository.remove_sign_ins_of(session, row.id)
    repository.remove_tokens_of(session, row.id)


def new_code(session: Session, person_id: str) -> Joined:
    """Give somebody a new personal code, for who lost hers, or was removed and may come back. The old one ends."""
    row = _find(session, person_id)
    personal = secrets.code(_PERSONAL_GROUPS)
    row.code_hash = secrets.digest(personal)
    row.removed_at = None
    return Joined(read_person(row), personal)


def read_person(row: PersonRow) -> Person:
    """Return who a row is about."""
    return Person(row.id, row.name, Role(row.role))


def _checked_name(session: Session, typed: str) -> str:
    name = one_line(typed, LONGEST_NAME + 1)
    if not name or len(name) > LONGEST_NAME:
        message = f"should have 1 to {LONGEST_NAME} characters, for example Ada"
        raise InvalidError(f"Your name {message}.", errors=[{"field": "name", "message": message}])
    if name_key(name) in _TAKEN:
        raise ConflictError(f"Nobody can be called {name!r} here. Choose another name.")
    if repository.by_name(session, name_key(name)) is not None or repository.owns_runs(session, name):
        raise ConflictError(
            f"There is a {name!r} here already. If that is you, come back with your personal code; else add an initial."
        )
    return name


def _find(session: Session, person_id: str) -> PersonRow:
    row = repository.find(session, person_id)
    if row is None:
        raise NotFoundError(f"Nobody here has the id {person_id[:32]!r}.")
    return row
