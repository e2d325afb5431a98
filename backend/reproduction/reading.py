"""Reading of a reproduction: its table so far, and the verdicts on it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.db.tables import Sweep
from backend.kit.status import RunStatus
from backend.reproduction import claims, queries, stored
from backend.reproduction.arms import ARMS, LETTERS
from backend.reproduction.claims import CLAIMS, Circumstances
from backend.reproduction.plan import Plan
from backend.reproduction.preparation import AROUND
from backend.reproduction.results import Results
from backend.reproduction.scales import PAPER_ITERATIONS, SCALES
from backend.reproduction.schemas import LettersRead, ReproductionRead, ReproductionSummary, TableRead, VerdictRead
from backend.runs.sweeps import service as sweeps

#: Seconds of training that must be done before they correct the estimate of the rest.
_TELLING = 5.0


def get(session: Session, reproduction_id: str, workers: int) -> ReproductionRead:
    """Return a reproduction with its table so far and the verdicts on it.

    Raises
    ------
    NotFoundError
        When there is none of this id.
    """
    sweep = stored.find(session, reproduction_id)
    about, read = sweep.spec[stored.KEY], sweeps.get(session, reproduction_id)
    results = results_of(session, sweep)
    plan, done = results.plan, results.done()
    now = _circumstances(plan, about)
    return ReproductionRead(
        **stored.summary(sweep, read.by_status).model_dump(),
        parts=list(plan.parts),
        most_iterations=plan.most_iterations,
        state=_state(results, done),
        runs=len(plan.arms) * plan.trials,
        done=done,
        seconds_left=_left(results, about["seconds"], workers),
        letters=LettersRead.model_validate(about["letters"]),
        table=TableRead.model_validate(about["table"]),
        circumstances=_words(plan, about, now),
        arms=results.arms(),
        verdicts=_verdicts(results, now),
    )


def listing(session: Session) -> list[ReproductionSummary]:
    """Return all reproductions, newest first; those whose runs are all in the trash are left out."""
    found = [one for one in queries.sweeps(session) if stored.KEY in one.spec]
    read = [(one, sweeps.get(session, one.id)) for one in found]
    return [stored.summary(one, sweep.by_status) for one, sweep in read if sweep.runs]


def results_of(session: Session, sweep: Sweep) -> Results:
    """Return the results of a reproduction, given as its sweep."""
    return Results(stored.plan_of(sweep), queries.rows(session, sweep.id), stored.entries_of(sweep))


def _verdicts(results: Results, now: Circumstances) -> list[VerdictRead]:
    judged = claims.judged(results.trials(), now)
    return [
        VerdictRead(
            key=claim.key,
            title=claim.title,
            figure=claim.figure,
            rule=claim.rule,
            parts=list(claim.parts),
            **judged[claim.key]._asdict(),
        )
        for claim in CLAIMS
        if set(claim.parts) <= set(results.plan.parts)
    ]


def _circumstances(plan: Plan, about: dict[str, Any]) -> Circumstances:
    iterations = max((plan.iterations(arm) for arm in plan.arms if arm.as_in_paper and not arm.is_gradient), default=0)
    shortened = iterations < PAPER_ITERATIONS
    return Circumstances(
        other_data="" if about["letters"]["is_notmnist"] else f"'{about['letters']['name']}'",
        shortened=f"after {iterations:,} of the paper's {PAPER_ITERATIONS:,} iterations" if shortened else "",
        learned_table=about["table"]["source"] == "learned",
        short_tasks=_short_tasks(plan),
    )


def _short_tasks(plan: Plan) -> str:
    longest = SCALES["paper"].iterations["claims"]
    iterations = max((plan.iterations(arm) for arm in plan.arms if arm.length in ("claims", "sequences")), default=0)
    return "" if iterations >= longest else f"after {iterations:,} iterations, and longer runs go further"


def _words(plan: Plan, about: dict[str, Any], now: Circumstances) -> list[str]:
    known, said = about["letters"], []
    if now.other_data:
        said.append(f"The letters are {now.other_data}, not notMNIST: the paper's figures are of other data.")
    elif known["samples"] < 18_700:
        said.append(f"{known['samples']:,} of the 18,724 pictures of notMNIST are here.")
    if now.learned_table and set(plan.parts) & set(LETTERS):
        said.append("The table was learned here on a simulated boundary, as the paper learns its own.")
    if now.shortened and set(plan.parts) & set(LETTERS):
        said.append(f"The synaptic runs that repeat the paper's end {now.shortened}, and take longer steps.")
    if plan.most_iterations is not None:
        said.append(f"A rehearsal: no run has more than {plan.most_iterations:,} iterations.")
    return said


def _state(results: Results, done: int) -> Any:
    if done == len(results.plan.arms) * results.plan.trials:
        return "complete"
    statuses = {row.status for row in results.counted}
    if statuses & {RunStatus.QUEUED, RunStatus.RUNNING}:
        return "running"
    return "paused" if RunStatus.PAUSED in statuses else "incomplete"


def _left(results: Results, seconds: dict[str, float], workers: int) -> float | None:
    """Estimate the seconds until the waiting and training runs are done, from the finished ones."""
    took = expected = left = longest = 0.0
    for key, found in results.by_arm.items():
        for row in found.values():
            if results.is_done(ARMS[key], row):
                took, expected = took + row.seconds, expected + seconds[key]
            elif row.status in (RunStatus.QUEUED, RunStatus.RUNNING):
                one = seconds[key] * (1 - row.iteration / row.iterations) + AROUND
                left, longest = left + one, max(longest, one)
    if left == 0:
        return None
    # A few short runs say more of their start than of the machine.
    factor = took / expected if expected > _TELLING else 1.0
    return factor * max(longest, left / workers)
