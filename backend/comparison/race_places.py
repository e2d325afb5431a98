"""Places of policies in races: noted when a race begins, kept when it has ended, whatever becomes of its runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.comparison import races
from backend.comparison.races_schemas import PolicyRace, RaceRead
from backend.db.guard import EVERYBODY
from backend.db.tables import RacePlace, Run, Sweep
from backend.kit.errors import NotFoundError
from backend.kit.status import RunStatus
from backend.policy_library import service as policy_library


def of_policy(session: Session, policy_id: str) -> list[PolicyRace]:
    """Return the races that a policy took part in and that the person may see, newest first, with its places so far.

    Raises
    ------
    NotFoundError
        When there is no policy of this id.
    """
    policy_library.get(session, policy_id)
    rows = session.scalars(
        select(RacePlace).where(RacePlace.policy_id == policy_id).order_by(RacePlace.created_at.desc())
    ).all()
    there = set(session.scalars(select(Sweep.id).where(Sweep.id.in_([row.race_id for row in rows]))))
    return [_read(session, row, is_there=row.race_id in there) for row in rows]


def ended(session: Session) -> list[str]:
    """Return the races whose places are not kept yet and of which no run is still to end; also those that are gone."""
    waiting = select(Run.id).where(
        Run.sweep_id == RacePlace.race_id,
        Run.deleted_at.is_(None),
        Run.status.not_in([status for status in RunStatus if status.is_final]),
    )
    chosen = select(RacePlace.race_id).where(RacePlace.finished_at.is_(None), ~waiting.exists()).distinct()
    return list(session.scalars(chosen))


def keep_ended(session: Session) -> int:
    """Keep the places of all races that have ended since the last time; return how many races these are.

    A race whose runs were removed before it ended has none: it is forgotten.
    """
    kept = 0
    for race_id in ended(session):
        try:
            race = races.get(session, race_id)
        except NotFoundError:
            session.execute(delete(RacePlace).where(RacePlace.race_id == race_id), execution_options={EVERYBODY: True})
            continue
        if not race.by_status:  # all in the trash: they may come back
            continue
        for row in session.scalars(select(RacePlace).where(RacePlace.race_id == race_id)).all():
            for column, value in (_result(race, row.policy) | {"finished_at": datetime.now(UTC)}).items():
                setattr(row, column, value)
        kept += 1
    return kept


def _result(race: RaceRead, policy: str) -> dict[str, Any]:
    """Return the columns that a policy's place in a race fills."""
    ranks = {rank.policy: (place, rank) for place, rank in enumerate(race.ranking, start=1)}
    if policy not in ranks:
        return {"state": race.state}
    place, rank = ranks[policy]
    return {
        "state": race.state,
        "place": place,
        "mean": rank.mean,
        "low": rank.mean_low,
        "high": rank.mean_high,
        "behind": rank.behind,
        "distinguishable": rank.distinguishable,
    }


def _read(session: Session, row: RacePlace, *, is_there: bool) -> PolicyRace:
    shown = {name: getattr(row, name) for name in PolicyRace.model_fields if name != "is_there"}
    if row.finished_at is None and is_there:
        shown |= _result(races.get(session, row.race_id), row.policy)
    return PolicyRace(**shown, is_there=is_there)
