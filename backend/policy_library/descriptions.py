"""Descriptions of policies as the API returns them: those that ship, and those of the library."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from backend.db.guard import person_of
from backend.db.tables import StoredPolicy
from backend.policy_library import queries
from backend.policy_library.naming import name_key
from backend.policy_library.schemas import (
    LibraryPolicy,
    LibraryPolicyDetail,
    Origin,
    PolicyAncestor,
    PolicyParent,
    PolicyRun,
)
from synrl_core import policies
from synrl_core.policies.describe import is_mirror_symmetric, sentences, trained_on
from synrl_core.policies.policy import Policy, mixed_probabilities


def content_hash(policy: Policy) -> str:
    """Hash the parts of a policy that decide its actions: table, temperature and exploration; 64 hexadecimal digits."""
    digest = hashlib.sha256(f"{policy.history} {policy.temperature!r} {policy.exploration!r}\n".encode())
    digest.update(policy.q.astype("<f8").tobytes())
    return digest.hexdigest()


def shipped(policy: Policy) -> LibraryPolicy:
    """Describe a policy that ships."""
    return LibraryPolicy(
        id=policy.name,
        name=policy.name,
        title=policy.title,
        description=policy.description,
        origin=Origin.SHIPPED,
        history=policy.history,
        temperature=policy.temperature,
        exploration=policy.exploration,
        owner=None,
        parent=None,
        run_id=None,
        notes="",
        tags=[],
        archived=False,
        created_at=None,
        content_hash=content_hash(policy),
        runs=0,
        editable=False,
    )


def summary(session: Session, row: StoredPolicy, names: Mapping[str, str], runs: int) -> LibraryPolicy:
    """Describe a stored policy, which so many runs use; `names` are those of its parents by id."""
    parent = None
    if row.parent is not None:
        known = row.parent if row.parent in policies.names() else names.get(row.parent)
        parent = PolicyParent(id=row.parent, name=known)
    return LibraryPolicy(
        id=row.id,
        name=row.name,
        title=row.title,
        description=row.description,
        origin=Origin(row.origin),
        history=row.history,
        temperature=row.temperature,
        exploration=row.exploration,
        owner=row.owner,
        parent=parent,
        run_id=row.run_id,
        notes=row.notes,
        tags=row.tags,
        archived=row.archived,
        created_at=row.created_at,
        content_hash=row.content_hash,
        runs=runs,
        editable=person_of(session).may_change(row.owner),
    )


def ancestors(session: Session, lineage: Mapping[str, Any]) -> list[PolicyAncestor]:
    """Name the parents that a lineage tells of, with the ids of those that are here under the same table."""
    found = []
    parents = lineage.get("parents")
    for parent in parents if isinstance(parents, list | tuple) else ():
        if not isinstance(parent, Mapping) or not isinstance(parent.get("name"), str):
            continue
        policy_id, name = str(parent.get("id", "")), parent["name"]
        row = queries.find(session, policy_id) or queries.find_named(session, name_key(name))
        is_here = row is not None and row.content_hash == parent.get("content_hash")
        if name in policies.names():
            found.append(PolicyAncestor(name=name, id=name))
        else:
            found.append(
                PolicyAncestor(name=row.name if row and is_here else name, id=row.id if row and is_here else None)
            )
    return found


def detail(
    summary: LibraryPolicy, policy: Policy, used_by: list[PolicyRun], parents: list[PolicyAncestor]
) -> LibraryPolicyDetail:
    """Add the table of a policy, its rules in words, and the runs that use it."""
    probabilities = mixed_probabilities(policy.q, policy.temperature, policy.exploration)
    return LibraryPolicyDetail(
        **summary.model_dump(),
        q=policy.q.ravel().tolist(),
        probabilities=probabilities.ravel().tolist(),
        mirror_symmetric=is_mirror_symmetric(policy),
        sentences=sentences(policy),
        lineage=dict(policy.lineage),
        parents=parents,
        trained_on=trained_on(policy.lineage),
        used_by=used_by,
    )
