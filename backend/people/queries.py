"""Queries on people, the links they join with, their sign-ins and their tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from backend.db.tables import ApiToken, JoinLink, PersonRow, Run, SignIn
from backend.kit.status import RunStatus


def add(session: Session, row: PersonRow | JoinLink | SignIn | ApiToken) -> None:
    """Store a new row."""
    session.add(row)
    session.flush()


def find(session: Session, person_id: str) -> PersonRow | None:
    """Return a person, removed or not."""
    return session.get(PersonRow, person_id)


def by_name(session: Session, name_key: str) -> PersonRow | None:
    """Return the person of a name, removed or not."""
    return session.scalar(select(PersonRow).where(PersonRow.name_key == name_key))


def by_code(session: Session, code_hash: str) -> PersonRow | None:
    """Return the person of a personal code."""
    return session.scalar(select(PersonRow).where(PersonRow.code_hash == code_hash))


class Work(NamedTuple):
    """Number and sums of somebody's runs; those in the trash do not count."""

    runs: int
    training: int
    waiting: int


class BestRun(NamedTuple):
    """The run with somebody's best validation accuracy."""

    id: str
    name: str
    validation_accuracy: float


def everybody(session: Session) -> Sequence[PersonRow]:
    """Return all people who joined, removed ones last, then by name."""
    return session.scalars(select(PersonRow).order_by(PersonRow.removed_at.is_not(None), PersonRow.name_key)).all()


def work(session: Session) -> dict[str, Work]:
    """Count the runs of each owner, by the owner's name."""
    found = session.execute(
        select(
            Run.owner,
            func.count(),
            func.count().filter(Run.status == RunStatus.RUNNING),
            func.count().filter(Run.status == RunStatus.QUEUED),
        )
        .where(Run.deleted_at.is_(None))
        .group_by(Run.owner)
    )
    return {owner: Work(*counts) for owner, *counts in found}


def best_runs(session: Session) -> dict[str, BestRun]:
    """Return the run of each owner with the best validation accuracy, the oldest of several, by the owner's name."""
    order = (Run.best_validation_accuracy.desc(), Run.created_at, Run.id)
    ranked = (
        select(
            Run.owner,
            Run.id,
            Run.name,
            Run.best_validation_accuracy,
            func.row_number().over(partition_by=Run.owner, order_by=order).label("place"),
        )
        .where(Run.deleted_at.is_(None), Run.best_validation_accuracy.is_not(None))
        .subquery()
    )
    found = session.execute(select(ranked).where(ranked.c.place == 1))
    return {owner: BestRun(run_id, name, accuracy) for owner, run_id, name, accuracy, _ in found}


def how_many(session: Session) -> int:
    """Count the people who joined and were not removed."""
    chosen = select(func.count()).select_from(PersonRow).where(PersonRow.removed_at.is_(None))
    return session.scalar(chosen) or 0


def owns_runs(session: Session, name: str) -> bool:
    """Whether there are runs of this owner."""
    return session.scalar(select(Run.id).where(Run.owner == name).limit(1)) is not None


def links(session: Session, now: datetime) -> Sequence[JoinLink]:
    """Return the links that are open, newest first."""
    return session.scalars(
        select(JoinLink).where(JoinLink.expires_at > now).order_by(JoinLink.created_at.desc(), JoinLink.code)
    ).all()


def link(session: Session, code: str) -> JoinLink | None:
    """Return a link, open or not."""
    return session.get(JoinLink, code)


def remove_links(session: Session, role: str) -> None:
    """Close all links of a role."""
    session.execute(delete(JoinLink).where(JoinLink.role == role))


def sign_in(session: Session, id_hash: str) -> SignIn | None:
    """Return a sign-in session."""
    return session.get(SignIn, id_hash)


def remove_sign_in(session: Session, id_hash: str) -> None:
    """Delete a sign-in session."""
    session.execute(delete(SignIn).where(SignIn.id_hash == id_hash))


def remove_sign_ins_of(session: Session, person_id: str | None) -> None:
    """Delete all sign-in sessions of a person; None: of the teacher."""
    session.execute(delete(SignIn).where(SignIn.person_id == person_id))


def remove_expired_sign_ins(session: Session, now: datetime) -> None:
    """Delete sign-in sessions that have expired."""
    session.execute(delete(SignIn).where(SignIn.expires_at <= now))


def expire_sign_in(session: Session, id_hash: str, at: datetime) -> None:
    """Let a sign-in session expire no later than at a time."""
    session.execute(update(SignIn).where(SignIn.id_hash == id_hash, SignIn.expires_at > at).values(expires_at=at))


def token(session: Session, token_id: str) -> ApiToken | None:
    """Return a token by its id."""
    return session.get(ApiToken, token_id)


def token_by_hash(session: Session, token_hash: str) -> ApiToken | None:
    """Return a token by the hash of its text."""
    return session.scalar(select(ApiToken).where(ApiToken.token_hash == token_hash))


def tokens(session: Session, person_id: str | None) -> Sequence[ApiToken]:
    """Return somebody's tokens, newest first; None: the teacher's."""
    return session.scalars(
        select(ApiToken).where(ApiToken.person_id == person_id).order_by(ApiToken.created_at.desc(), ApiToken.id)
    ).all()


def all_tokens(session: Session) -> Sequence[tuple[ApiToken, str | None]]:
    """Return all tokens with the names of whose they are, newest first."""
    found = session.execute(
        select(ApiToken, PersonRow.name).outerjoin(PersonRow).order_by(ApiToken.created_at.desc(), ApiToken.id)
    )
    return [(one, name) for one, name in found]


def remove_tokens_of(session: Session, person_id: str) -> None:
    """Revoke all tokens of somebody."""
    session.execute(delete(ApiToken).where(ApiToken.person_id == person_id))


def remove_token(session: Session, token_id: str) -> None:
    """Revoke a token."""
    session.execute(delete(ApiToken).where(ApiToken.id == token_id))
