"""API tokens: created, shown once, stored as hashes, revoked."""

from __future__ import annotations

import secrets as random
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from backend.db.tables import ApiToken
from backend.kit import secrets
from backend.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from backend.kit.identity import TEACHER, Person, Role
from backend.kit.text import one_line
from backend.people import queries as repository
from backend.people.service import read_person
from backend.people.token_schemas import TokenCreated, TokenRead

#: Maximum number of tokens of one person.
MOST_TOKENS = 50
#: Resolution of `used_at`: not every request writes.
USED_EVERY = timedelta(minutes=5)
_RANK = {Role.VIEWER: 0, Role.STUDENT: 1, Role.TEACHER: 2}


class TokenLookup(NamedTuple):
    """The person whom a token acts for, and whether `used_at` must be updated."""

    person: Person
    token_id: str
    write_used: bool


def create(session: Session, person: Person, name: str, role: Role | None = None) -> TokenCreated:
    """Create a token; its text is returned here and never again.

    Raises
    ------
    InvalidError
        If the name is empty.
    ForbiddenError
        If the role may do more than the person's own.
    ConflictError
        If the person has `MOST_TOKENS` already.
    """
    shown = one_line(name, 100)
    if not shown:
        raise InvalidError.of("name", "should say in 1 to 100 letters what the token is for")
    role = role or person.role
    if _RANK[role] > _RANK[person.role] or (role is Role.STUDENT and person.is_teacher):
        raise ForbiddenError(f"role: a token of a {person.role} can be a {person.role}'s or a viewer's, not {role!r}.")
    if len(repository.tokens(session, _id(person))) >= MOST_TOKENS:
        raise ConflictError(f"There are {MOST_TOKENS} tokens already. Revoke one first.")
    token = secrets.token()
    row = ApiToken(
        id=random.token_hex(4), name=shown, token_hash=secrets.digest(token), person_id=_id(person),
        role=role, created_at=datetime.now(UTC),
    )  # fmt: skip
    repository.add(session, row)
    return TokenCreated(**_read(row, None).model_dump(), token=token)


def listing(session: Session, person: Person) -> list[TokenRead]:
    """Return the tokens of a person; the teacher sees those of everybody."""
    if person.is_teacher:
        return [_read(row, name) for row, name in repository.all_tokens(session)]
    return [_read(row, person.name) for row in repository.tokens(session, person.id)]


def revoke(session: Session, person: Person, token_id: str) -> None:
    """Revoke a token at once.

    Raises
    ------
    NotFoundError
        If the person may revoke no token of this id.
    """
    row = repository.token(session, token_id)
    if row is None or not (person.is_teacher or row.person_id == person.id):
        raise NotFoundError(f"There is no token {token_id[:32]!r}. It may have been revoked.")
    repository.remove_token(session, token_id)


def find(session: Session, token: str) -> TokenLookup | None:
    """Look up a token; None if it is invalid or its owner was removed."""
    row = repository.token_by_hash(session, secrets.digest(token))
    if row is None:
        return None
    person = TEACHER
    if row.person_id is not None:
        joined = repository.find(session, row.person_id)
        if joined is None or joined.removed_at is not None:
            return None
        person = read_person(joined)
    now = datetime.now(UTC)
    acting = Person(person.id, person.name, min(person.role, Role(row.role), key=_RANK.__getitem__))

    return TokenLookup(acting, row.id, row.used_at is None or now - row.used_at > USED_EVERY)


def use(session: Session, token_id: str) -> None:
    """Update when a token was last used."""
    row = repository.token(session, token_id)
    if row is not None:
        row.used_at = datetime.now(UTC)


def _id(person: Person) -> str | None:
    return None if person.id == TEACHER.id else person.id


def _read(row: ApiToken, owner: str | None) -> TokenRead:
    return TokenRead(
        id=row.id, name=row.name, role=Role(row.role), owner=owner or TEACHER.name,
        created_at=row.created_at, used_at=row.used_at,
    )  # fmt: skip
