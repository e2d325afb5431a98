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
from backend.people import invitations
from backend.people import queries as repository
from backend.people.schemas import JoinLinkRead, PersonRead

#: Maximum length of a name, which is shown in lists.
LONGEST_NAME = 40
#: Reserved names.
_TAKEN = {name_key(one.name) for one in (TEACHER, SYSTEM)}
#: Groups of four letters: of a code for the blackboard, and of one that must not be guessed by anybody in the world.
_LINK_GROUPS, _PERSONAL_GROUPS = 2, 3


class JoinedPerson(NamedTuple):
    """A person and their new personal code, which is shown once."""

    person: Person
    code: str


def open_link(session: Session, role: Role, hours: float) -> JoinLinkRead:
    """Open a join link for a role with a new code; closes the previous link of the role.

    Raises
    ------
    InvalidError
        For the role of the teacher, who signs in instead.
    """
    if role is Role.TEACHER:
        raise InvalidError.of("role", "should be student or viewer; the teacher signs in")
    repository.remove_links(session, role)
    now = datetime.now(UTC)
    link = JoinLink(code=secrets.code(_LINK_GROUPS), role=role, created_at=now, expires_at=now + timedelta(hours=hours))
    repository.add(session, link)
    return JoinLinkRead.model_validate(link)


def close_link(session: Session, role: Role) -> None:
    """Close the join link of a role; people who joined with it stay."""
    repository.remove_links(session, role)


def links(session: Session) -> list[JoinLinkRead]:
    """Return the links that are open."""
    return [JoinLinkRead.model_validate(link) for link in repository.links(session, datetime.now(UTC))]


def find_link(session: Session, code: str) -> JoinLinkRead:
    """Return the open link of a code, ignoring case, spaces and dashes.

    Raises
    ------
    NotFoundError
        If no open link has this code.
    """
    link = repository.link(session, secrets.tidy_code(code)[:16])
    if link is None or link.expires_at <= datetime.now(UTC):
        raise NotFoundError("This class code is unknown or has expired. Ask your teacher for the current one.")
    return JoinLinkRead.model_validate(link)


def join(session: Session, code: str, name: str, most: int) -> JoinedPerson:
    """Create a person who joins with the code of an open link and a name.

    Raises
    ------
    NotFoundError
        If no open link has this code.
    InvalidError
        If the name is empty or too long.
    ConflictError
        If the name is taken, or the class is full.
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
    return JoinedPerson(read_person(row), personal)


def find_by_code(session: Session, code: str) -> Person | None:
    """Return the person of a personal code, ignoring case, spaces and dashes; None if there is none."""
    row = repository.by_code(session, secrets.digest(secrets.tidy_code(code)))
    if row is None or row.removed_at is not None:
        return None
    return read_person(row)


def listing(session: Session) -> list[PersonRead]:
    """Return all people who joined and what their runs come to; removed ones come last."""
    work, best = repository.work(session), repository.best_runs(session)
    none = repository.Work(0, 0, 0)
    return [
        PersonRead(
            id=row.id, name=row.name, role=Role(row.role), created_at=row.created_at, seen_at=row.seen_at,
            removed_at=row.removed_at, **work.get(row.name, none)._asdict(), best=best.get(row.name),
        )
        for row in repository.everybody(session)
    ]  # fmt: skip


def invitation(session: Session, role: Role, address: str) -> bytes:
    """Return the QR code of an address with the open link's code, as SVG, dark on light with its quiet zone.

    Raises
    ------
    NotFoundError
        When no link of this role is open.
    InvalidError
        When the address does not lead to that link.
    """
    link = next((one for one in links(session) if one.role == role), None)
    if link is None:
        raise NotFoundError(f"No link for {role}s is open.")
    return invitations.qr_code(link.code, address)


def remove(session: Session, person_id: str) -> None:
    """Remove a person: their sessions and tokens end at once. Their runs stay, and their name stays reserved."""
    row = _find(session, person_id)
    row.removed_at = row.removed_at or datetime.now(UTC)
    repository.remove_sign_ins_of(session, row.id)
    repository.remove_tokens_of(session, row.id)


def new_code(session: Session, person_id: str) -> JoinedPerson:
    """Give a person a new personal code, which also readmits a removed one. The old code ends."""
    row = _find(session, person_id)
    personal = secrets.code(_PERSONAL_GROUPS)
    row.code_hash = secrets.digest(personal)
    row.removed_at = None
    return JoinedPerson(read_person(row), personal)


def read_person(row: PersonRow) -> Person:
    """Convert a row to a `Person`."""
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
        raise NotFoundError(f"There is no person with the id {person_id[:32]!r}.")
    return row
