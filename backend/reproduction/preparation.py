"""Preparation of a reproduction: letters, table and cost, before anything is queued."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.datasets import service as datasets
from backend.kit.errors import InvalidError
from backend.reproduction import letters, stored, tables
from backend.reproduction.arms import LETTERS
from backend.reproduction.letters import Letters
from backend.reproduction.plan import Plan
from backend.reproduction.scales import SCALES
from backend.reproduction.schemas import Preparation, ReproductionCreate, ScaleRead, TableRead
from backend.runs.planning import service as planning
from synrl_core.config import TrainingConfig
from synrl_core.policies.policy import Policy

#: Seconds that a run takes beside its training: claimed, loaded, stored.
AROUND = 0.4
#: Modelled seconds of a finished run from which it tells how fast this machine is.
_TELLING = 0.3
#: Data sets that can't be trained on and are told by name.
_TOLD = 3
#: Stands for the table where only the cost is asked for: it is the same for all.
_ANY_TABLE = "win_stay_lose_shift"


def prepare(session: Session, workers: int, dataset_id: str | None = None) -> Preparation:
    """Describe the data and table that a reproduction would use, any substitutes, and the cost of each scale.

    Raises
    ------
    InvalidError
        When the chosen data set is not there, or the paper's networks don't fit it.
    """
    present = datasets.listing(session)
    found, authors = letters.chosen(present, dataset_id), tables.find_authors(session)
    scales = []
    for scale in SCALES.values():
        plan = Plan(scale, scale.trials, found.dataset.id, _ANY_TABLE)
        scales.append(
            ScaleRead(
                name=scale.name,
                title=scale.title,
                trials=scale.trials,
                runs=len(plan.arms) * scale.trials,
                seconds=_total(seconds(session, plan), scale.trials, workers),
            )
        )
    return Preparation(
        letters=stored.read_letters(found),
        choices=[stored.read_letters(one) for one in letters.usable(present)],
        authors_table=authors,
        remarks=_remarks(found, authors, letters.unfit(present)),
        scales=scales,
        workers=workers,
    )


def needs_learning(session: Session, body: ReproductionCreate) -> bool:
    """Whether a table must be learned before this can begin; do that outside of a session, it takes seconds."""
    wants_learned = body.table == "learned" or (body.table is None and tables.find_authors(session) is None)
    return wants_learned and bool(set(body.parts) & set(LETTERS)) and tables.find_learned(session) is None


def choose_table(session: Session, body: ReproductionCreate, learned: Policy | None) -> TableRead:
    """Return the table that a request means, kept in the library.

    Raises
    ------
    InvalidError
        When it wants the authors' and nobody brought it.
    """
    authors = tables.find_authors(session)
    if body.table == "authors" and authors is None:
        message = (
            f"the authors' table is not in the library. Bring their file {tables.AUTHORS_FILE}, or leave this out to "
            "train under a table that is learned on a simulated boundary, as the paper does."
        )
        raise InvalidError.of("table", message, value=body.table)
    if authors is not None and body.table != "learned":
        return TableRead(name=authors, source="authors", content_hash=tables.AUTHORS_HASH)
    known = tables.find_learned(session) if learned is None else tables.keep_learned(session, learned)
    # Where no letters are trained, no run names it.
    found = None if known is None else tables.hash_of(session, known)
    return TableRead(name=known or tables.LEARNED_NAME, source="learned", content_hash=found)


# -- how long ----------------------------------------------------------------------------------------------------


def seconds(session: Session, plan: Plan) -> dict[str, float]:
    """Estimate the seconds of a run of each arm."""
    one_trial = Plan(plan.scale, 1, plan.dataset, _ANY_TABLE, plan.parts, plan.most_iterations)
    entries = list(one_trial.entries())
    configs = [TrainingConfig.model_validate(one) for _, _, one in entries]
    each = planning.seconds(session, configs, least=_TELLING)
    return {arm.key: seconds for (arm, _, _), seconds in zip(entries, each, strict=True)}


def _total(seconds: dict[str, float], trials: int, workers: int) -> float:
    each = [one + AROUND for one in seconds.values()]
    return max(max(each, default=0.0), trials * sum(each) / workers)


def _remarks(found: Letters, authors: str | None, unfit: list[str]) -> list[str]:
    said = []
    if found.dataset.id == letters.GLYPHS:
        said.append(
            "notMNIST is not here, so the letters are glyphs, which ship with SynRL: the paper's figures are of other "
            "data, and no verdict on them will say more than that. Bring notMNIST on the page Data."
        )
    elif not found.is_notmnist:
        said.append(f"'{found.dataset.name}' is not notMNIST: the paper's figures are of other data.")
    elif found.kind is letters.Kind.BY_SHAPE:
        said.append(f"'{found.dataset.name}' has the shape of notMNIST; its contents are not known to SynRL.")
    if unfit and not found.is_notmnist:
        more = f", and {len(unfit) - _TOLD} more" if len(unfit) > _TOLD else ""
        said.append(
            f"Not offered, since the paper's networks read 28 x 28 pixels and tell 10 classes apart: "
            f"{', '.join(unfit[:_TOLD])}{more}."
        )
    if authors is None:
        said.append(
            f"The authors' file {tables.AUTHORS_FILE} is not here, so a table is learned on a simulated boundary, as "
            "the paper does."
        )
    return said


def cost(session: Session, body: ReproductionCreate, dataset_id: str, workers: int) -> tuple[float, int]:
    """Estimate the seconds of a reproduction, and count its runs."""
    trials = body.trials or SCALES[body.scale].trials
    plan = Plan(SCALES[body.scale], trials, dataset_id, _ANY_TABLE, tuple(body.parts), body.most_iterations)
    return _total(seconds(session, plan), trials, workers), len(plan.arms) * trials
