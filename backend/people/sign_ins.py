"""Sign-in sessions of browsers: open, look up, renew, end."""

from __future__ import annotations

import secrets as random
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from backend.db.tables import SignIn
from backend.kit import secrets
from backend.kit.identity import TEACHER, Person
from backend.people import queries as repository
from backend.people.service import read_person

#: Age at which a session gets a new id: a stolen one is valid for no longer.
RENEW_AFTER = timedelta(hours=12)
#: Time for which the old id stays valid, for requests in flight.
GRACE = timedelta(minutes=1)
#: Resolution of `seen_at`: not every request writes.
SEEN_EVERY = timedelta(minutes=1)


class SessionLookup(NamedTuple):
    """The person of a session, and whether its row must be renewed or updated."""

    person: Person
    needs_renewal: bool
    """Whether it is time for a new id."""
    write_seen: bool
    """Whether it is time to update `seen_at`."""


def begin(session: Session, person: Person, *, credential: str, lifetime: timedelta) -> str:
    """Start a session and return the id for its cookie; 256 random bits."""
    now = datetime.now(UTC)
    repository.remove_expired_sign_ins(session, now)
    sign_in_id = random.token_urlsafe(32)
    repository.add(
        session,
        SignIn(
            id_hash=secrets.digest(sign_in_id),
            person_id=None if person.is_teacher else person.id,
            credential=credential if person.is_teacher else "",
            created_at=now,
            seen_at=now,
            expires_at=now + lifetime,
        ),
    )
    return sign_in_id


def find(session: Session, sign_in_id: str, *, credential: str) -> SessionLookup | None:
    """Look up a session by its id; None if it has ended or the teacher's password has changed since."""
    row = repository.sign_in(session, secrets.digest(sign_in_id))
    now = datetime.now(UTC)
    if row is None or row.expires_at <= now:
        return None
    if row.person_id is None:
        if not secrets.same(row.credential, credential):
            return None
        person = TEACHER
    else:
        joined = repository.find(session, row.person_id)
        if joined is None or joined.removed_at is not None:
            return None
        person = read_person(joined)
    ending = row.expires_at - now <= GRACE
    is_old, is_silent = now - row.created_at > RENEW_AFTER, now - row.seen_at > SEEN_EVERY

    return SessionLookup(person, needs_renewal=is_old and not ending, write_seen=is_silent and not ending)


def renew(session: Session, sign_in_id: str, person: Person, *, credential: str, lifetime: timedelta) -> str:
    """Replace the id of a session; the old one expires after `GRACE`."""
    repository.expire_sign_in(session, secrets.digest(sign_in_id), datetime.now(UTC) + GRACE)
    return begin(session, person, credential=credential, lifetime=lifetime)


def touch(session: Session, sign_in_id: str, lifetime: timedelta) -> None:
    """Update when a session was last used and extend its expiry."""
    row = repository.sign_in(session, secrets.digest(sign_in_id))
    if row is None:
        return
    row.seen_at = datetime.now(UTC)
    row.expires_at = row.seen_at + lifetime
    if row.person_id is not None and (person := repository.find(session, row.person_id)) is not None:
        person.seen_at = row.seen_at


def end(session: Session, sign_in_id: str) -> None:
    """End a session: sign out."""
    repository.remove_sign_in(session, secrets.digest(sign_in_id))


def end_all_of(session: Session, person: Person) -> None:
    """End all sessions of a person."""
    repository.remove_sign_ins_of(session, None if person.is_teacher else person.id)
