"""Making of policies for the library: by hand, from a class's decisions, by crossing, mutating and freezing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sqlalchemy.orm import Session

from backend.kit.errors import InvalidError, NotFoundError
from backend.policy_library import descriptions, service
from backend.policy_library.schemas import DerivedPolicy, Origin, PolicyCreate
from backend.policy_library.service import Stored
from synrl_core.policies import derive
from synrl_core.policies.describe import trained_on
from synrl_core.policies.policy import CODES, Policy


def add_class_policy(
    session: Session,
    name: str,
    counts: ArrayLike,
    session_id: str,
    owner: str | None = None,
    *,
    draws: bool = True,
    about: Mapping[str, Any] | None = None,
    notes: str = "",
    tags: Sequence[str] = (),
) -> Stored:
    """Store the table that a class made with its own decisions; see `backend.policy_library.service.add`.

    Parameters
    ----------
    counts
        Shape (3,) * (2h + 1) or (3, 3^h, 3^h): how often the students took each action in each state, actions along
        the first axis, codes 0, 1, 2 for -1, 0, +1; see `synrl_core.policies.derive.from_counts`.
    session_id
        Class session that the decisions were made in.
    owner
        Whose policy it is; None: the person's for whom the session works.
    draws
        Whether actions are drawn as often as the class took them, or the most frequent one is taken always.
    about
        What else the lineage tells, as JSON values: number of students, rounds, task.

    Raises
    ------
    InvalidError
        When the counts make no table, naming the fault.
    """
    counted = np.asarray(counts, dtype=np.float64)
    lineage = {
        **(about or {}),
        "made": "by a class",
        "session": session_id,
        "decisions": int(np.nansum(counted)),
        "draws": draws,
        "visits": counted.ravel().tolist(),
    }
    title = "What the class did" if draws else "What the class did most often"
    description = f"Counted from {lineage['decisions']:,} decisions of a class."
    try:
        policy = derive.from_counts(name, counted, draws=draws, title=title, description=description, lineage=lineage)
    except ValueError as error:
        raise InvalidError.of("counts", str(error)) from error
    return service.add(session, policy, Origin.CLASS, owner=owner, notes=notes, tags=list(tags))


def create(session: Session, body: PolicyCreate) -> Stored:
    """Store a policy that was written or edited; see `backend.policy_library.service.add`.

    Raises
    ------
    InvalidError
        When the table has another shape, or its parent is not there.
    """
    history = {CODES ** (2 * h + 1): h for h in (1, 2, 3)}.get(len(body.q))
    if history is None:
        message = f"should have 27, 243 or 2,187 values, for a history of 1, 2 or 3; {len(body.q):,} were given"
        raise InvalidError.of("q", message)
    lineage: dict[str, Any] = {"made": "by hand"}
    if body.parent is not None:
        lineage = {"made": "edited", "parents": [_lineage_entry(session, body.parent, field="parent")]}
    policy = Policy(
        name=body.name,
        q=np.array(body.q).reshape((CODES,) * (2 * history + 1)),
        exploration=body.exploration,
        title=body.title,
        description=body.description,
        lineage=lineage,
        temperature=body.temperature,
    )
    return service.add(session, policy, Origin.EDITED, parent=body.parent, notes=body.notes, tags=body.tags)


def derive_policy(session: Session, body: DerivedPolicy) -> Stored:
    """Cross, mutate or freeze policies, and store the child; see `backend.policy_library.service.add`.

    Raises
    ------
    InvalidError
        When there is no such parent, or fewer states than are to change.
    """
    parents = [_parent(session, one, field="parents") for one in body.parents]
    drawn: dict[str, Any] = {}
    try:
        match body.how:
            case "cross":
                child = derive.crossed(parents[0], parents[1], body.seed, body.share)
                drawn, words = {"seed": body.seed, "share": body.share}, "crossed"
            case "mutate":
                child = derive.mutated(parents[0], body.changes, body.seed)
                drawn, words = {"seed": body.seed, "changes": body.changes}, "mutated"
            case "freeze":
                child = derive.frozen(parents[0], symmetric=body.symmetric)
                drawn, words = {"symmetric": body.symmetric}, "frozen"
    except ValueError as error:
        raise InvalidError.of("changes", str(error), value=body.changes) from error
    names = " and ".join(f"'{one.name}'" for one in parents)
    entries = [_lineage_entry(session, one, field="parents") for one in body.parents]
    child = replace(
        child,
        name=body.name or child.name,
        title=f"{words.capitalize()} {'of' if body.how == 'cross' else 'from'} {names}",
        description=_described(body, names),
        lineage={"made": words, "parents": entries, **drawn},
    )
    return service.add(session, child, Origin.DERIVED, parent=body.parents[0], notes=body.notes, tags=body.tags)


def _lineage_entry(session: Session, policy_id: str, *, field: str) -> dict[str, Any]:
    """Tell of a parent in the lineage of its child: who it is, and how it was made itself."""
    parent = _parent(session, policy_id, field=field)
    return {
        "id": policy_id,
        "name": parent.name,
        "content_hash": descriptions.content_hash(parent),
        "trained_on": trained_on(parent.lineage),
        "lineage": derive.ancestry(parent.lineage),
    }


def _parent(session: Session, policy_id: str, *, field: str) -> Policy:
    try:
        return service.policy_of(session, policy_id)
    except NotFoundError as error:
        message = "should be the id of a policy of the library, or the name of one that ships"
        raise InvalidError.of(field, message, value=policy_id[:100]) from error


def _described(body: DerivedPolicy, names: str) -> str:
    if body.how == "cross":
        return f"In each state it acts as one of {names} does, {100 * body.share:.0f} % as the second."
    if body.how == "mutate":
        return f"As {names}, but with another likeliest action in {body.changes} states and their mirror images."
    return f"The best action of {names} in every state, always."
