"""Learned policies: store the table of a run in the policy library."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from backend.db.tables import Run
from backend.inspection import weights
from backend.kit.errors import ConflictError, NotFoundError
from backend.policy_library import service as policy_library
from backend.policy_library.schemas import LearnedPolicy, Origin
from backend.policy_library.service import Stored
from backend.runs import service as runs
from backend.wire import policies as policy_tables
from backend.wire.artifacts import Artifacts
from synrl_core import policies
from synrl_core.config import TrainingConfig
from synrl_core.learning.explain import history_of, table_of
from synrl_core.measuring.events import Behaviour
from synrl_core.policies import derive
from synrl_core.policies.policy import CODES, Policy

_FROZEN = "The best action of the symmetric table that Q-learning ended with, always."


def store(session: Session, artifacts: Artifacts, run_id: str, body: LearnedPolicy) -> Stored:
    """Store the table of a run: what an adaptive run learned, or what another run brought along.

    Raises
    ------
    ConflictError
        When the run has no policy, or uses one that ships and doesn't learn.
    NotFoundError
        When there is no run, no snapshot or no replicate as asked for.
    """
    run = runs.find(session, run_id)
    config = TrainingConfig.model_validate(run.config)
    if config.method != "synaptic":
        raise ConflictError(f"Run '{run.name}' is trained by gradient descent; it has no policy.")
    if not config.adaptive:
        return _store_brought(session, run, config, body)
    found = weights.load(artifacts, weights.find(session, run.id, body.iteration))
    behaviour = found.behaviour
    if behaviour is None or body.replicate >= len(behaviour.visits):
        raise NotFoundError(
            f"There is no table of replicate {body.replicate} at iteration {found.iteration:,}: the run has "
            f"{config.replicates}, counted from 0."
        )
    policy = _learned(run, config, behaviour, found.iteration, body.replicate)
    if body.frozen:
        policy = replace(
            derive.frozen(policy),
            title=f"{policy.title}, frozen",
            description=_FROZEN,
            lineage={**policy.lineage, "frozen": True},
        )
    policy = _named(policy, body.name or f"{'frozen' if body.frozen else 'learned'} in {run.name}")
    parent = policy_library.ids_of(session, {k: v for k, v in run.policies.items() if k == config.policy})
    return policy_library.add(
        session, policy, Origin.LEARNED, run_id=run.id, notes=body.notes, tags=body.tags,
        parent=config.policy if config.policy in policies.names() else next(iter(parent), None),
    )  # fmt: skip


def _store_brought(session: Session, run: Run, config: TrainingConfig, body: LearnedPolicy) -> Stored:
    """Store the table that a run which does not learn one brought along, as runs of bundles do."""
    if config.policy in policies.names():
        raise ConflictError(
            f"Run '{run.name}' keeps to '{config.policy}', which ships with SynRL. Runs with an adaptive policy learn "
            "a table of their own."
        )
    policy = policy_tables.lookup(run.policies)(config.policy, config.history)
    return policy_library.add(
        session, _named(policy, body.name or policy.name), Origin.IMPORTED, run_id=run.id, notes=body.notes,
        tags=body.tags,
    )  # fmt: skip


def _learned(run: Run, config: TrainingConfig, behaviour: Behaviour, iteration: int, replicate: int) -> Policy:
    visits = behaviour.visits[replicate]
    lineage: dict[str, Any] = {
        "made": "learned in a run",
        "run": run.id,
        "run_name": run.name,
        "iteration": iteration,
        "replicate": replicate,
        "config": run.config,
        "dataset": run.dataset_name,
        "dataset_hash": run.dataset_hash,
        "program": (run.provenance or {}).get("synrl"),
        "visits": visits.ravel().tolist(),
    }
    return Policy(
        name="learned",
        q=table_of(behaviour, replicate).reshape((CODES,) * (2 * history_of(behaviour) + 1)),
        # The least exploration of the policy that it began as is not the table's: a learned table acts by its values.
        exploration=0.0,
        title=f"Learned on {run.dataset_name}",
        description=f"Learned by Q-learning in {iteration:,} iterations, beginning from '{config.policy}'.",
        lineage=lineage,
        temperature=behaviour.temperature[0],
    )


def _named(policy: Policy, name: str) -> Policy:
    return replace(policy, name=name)
