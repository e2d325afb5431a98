"""Storage of a reproduction: the spec of its sweep has the request, and the purpose of each run."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.db.tables import Sweep
from backend.kit.errors import NotFoundError
from backend.kit.status import RunStatus
from backend.reproduction.letters import Letters
from backend.reproduction.plan import Plan
from backend.reproduction.results import Entries
from backend.reproduction.scales import Scale
from backend.reproduction.schemas import LettersRead, ReproductionSummary

#: Key of a sweep's spec under which it says that it is a reproduction.
KEY = "reproduction"


def find(session: Session, reproduction_id: str) -> Sweep:
    """Return the sweep of a reproduction.

    Raises
    ------
    NotFoundError
        When there is none of this id.
    """
    found = session.get(Sweep, reproduction_id)
    if found is None or KEY not in found.spec:
        raise NotFoundError(f"There is no reproduction '{reproduction_id[:64]}'. GET /api/v1/reproductions lists them.")
    return found


def plan_of(sweep: Sweep) -> Plan:
    """Return the plan of a reproduction."""
    about = sweep.spec[KEY]
    return Plan(
        Scale(**about["sizes"]), about["trials"], about["dataset"], about["table"]["name"], tuple(about["parts"]),
        about["most_iterations"],
    )  # fmt: skip


def entries_of(sweep: Sweep) -> Entries:
    """Return the purpose of each run of a reproduction."""
    return {run_id: (arm, trial) for run_id, (arm, trial) in sweep.spec[KEY]["entries"].items()}


def summary(sweep: Sweep, by_status: dict[RunStatus, int]) -> ReproductionSummary:
    """Return a reproduction as lists show it."""
    about = sweep.spec[KEY]
    return ReproductionSummary(
        id=sweep.id,
        name=sweep.name,
        owner=sweep.owner,
        created_at=sweep.created_at,
        scale=about["scale"],
        trials=about["trials"],
        by_status=by_status,
    )


def read_letters(one: Letters) -> LettersRead:
    """Return letters as the API shows them."""
    return LettersRead(
        id=one.dataset.id,
        name=one.dataset.name,
        samples=one.dataset.samples,
        content_hash=one.dataset.content_hash,
        kind=one.kind,
        is_notmnist=one.is_notmnist,
    )
