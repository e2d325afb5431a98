"""Tables of a reproduction: the authors', if their file was imported, or one learned on a simulated boundary."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any, Literal

import numpy as np
from sqlalchemy.orm import Session

from backend.kit.errors import InvalidError
from backend.policy_library import descriptions, queries
from backend.policy_library import service as library
from backend.policy_library.schemas import LibraryPolicy, Origin
from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.policies import UnknownPolicyError, files
from synrl_core.policies.policy import Policy

Source = Literal["authors", "learned"]

#: Hash of the table in the authors' file golden_pol2cy.jld2 (`descriptions.content_hash`).
AUTHORS_HASH = "8ece82bb10c55a951d47d4f6ffc703e43f10962315703dc6dd01f7bad1969ba2"
AUTHORS_FILE = "golden_pol2cy.jld2"
#: How a table is learned as the paper learns its own (section 3.1): adaptive, on a boundary that a small network draws
#: in the plane, with much exploration. Several networks, since what they learn differs.
RECIPE: dict[str, Any] = {
    "dataset": "teacher", "hidden_layers": [16], "policy": "blank", "history": 2, "adaptive": True,
    "learning_rate": 1e-3, "discount": 0.5, "exploration": 0.5, "step_size": 3e-3, "step_size_schedule": "constant",
    "iterations": 8000, "evaluate_every": 8000, "snapshot_every": 8000, "batch_size": 10_000_000, "replicates": 4,
    "seed": 0,
}  # fmt: skip
LEARNED_NAME = "learned on a simulated boundary"


def find_authors(session: Session) -> str | None:
    """Return the name of the authors' table in the library, if it was imported."""
    named = (one.name for one in queries.newest(session) if one.content_hash == AUTHORS_HASH and not one.archived)
    return next(named, None)


def find_learned(session: Session) -> str | None:
    """Return the name of the table that was learned here before by the same recipe, if it is in the library."""
    for one in queries.newest(session):
        if one.origin == Origin.LEARNED and files.from_json(one.document).lineage.get("recipe") == RECIPE:
            return one.name
    return None


def hash_of(session: Session, name: str) -> str | None:
    """Return the content hash of the table that a name stands for now; None where there is none."""
    try:
        return descriptions.content_hash(library.find(session, name))
    except UnknownPolicyError:
        return None


@cache
def learn() -> Policy:
    """Learn a table on a simulated boundary and freeze it: about two seconds.

    Of several networks it is the table of the one with the least validation loss on that boundary; no other data are
    looked at.
    """
    from synrl_core.learning.factory import make_trainer
    from synrl_core.measuring.events import Evaluation

    config = TrainingConfig.model_validate(RECIPE)
    trainer = make_trainer(config, datasets.load(config.dataset))
    last = [event for event in trainer.events() if isinstance(event, Evaluation)][-1]
    tables = trainer.q_table()
    if tables is None:
        raise TypeError("an adaptive run has a table of each replicate")
    best = int(np.argmin(last.validation_loss))
    return Policy(
        LEARNED_NAME,
        tables[best],
        title="Learned on a simulated boundary",
        description="Learned by the adaptive mode on a boundary in the plane, as in the paper, then frozen.",
        lineage={"made": "learned", "recipe": RECIPE, "replicate": best},
    )


def keep_learned(session: Session, policy: Policy) -> str:
    """Store a learned table in the library, once, and return its name."""
    return find_learned(session) or library.add(session, policy, Origin.LEARNED).policy.name


def bring(session: Session, data: bytes, file_name: str) -> LibraryPolicy:
    """Store the authors' table from its file.

    Raises
    ------
    InvalidError
        When the file holds no table, or another one.
    """
    library.check_size(len(data), file_name)
    try:
        policy = files.read(data, "authors")
    except files.PolicyFileError as error:
        raise InvalidError.of("file", f"{file_name[:100]} is not the authors' file {AUTHORS_FILE}: {error}") from error
    if descriptions.content_hash(policy) != AUTHORS_HASH:
        raise InvalidError.of(
            "file",
            f"{file_name[:100]} holds a table of history {policy.history}, but not the one of the authors' file "
            f"{AUTHORS_FILE}. The page Policies stores other tables.",
        )
    for one in queries.newest(session):
        if one.content_hash == AUTHORS_HASH and not one.archived:
            return library.get(session, one.id)
    return library.add(session, replace(policy, name="authors"), Origin.IMPORTED).policy
