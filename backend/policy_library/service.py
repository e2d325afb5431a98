"""Policies: those that ship and those of the library; list, find, import, export, rename, delete."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from pydantic import ValidationError
from sqlalchemy.orm import Session

from backend.db.guard import person_of
from backend.db.tables import StoredPolicy
from backend.kit.errors import ConflictError, InvalidError, NotFoundError
from backend.kit.field_errors import describe_all, in_words
from backend.kit.fields import NAME_LENGTH
from backend.kit.identity import Role
from backend.kit.text import one_line
from backend.policy_library import descriptions, queries
from backend.policy_library.naming import file_stem, name_key, name_of_file
from backend.policy_library.schemas import (
    LibraryPolicy,
    LibraryPolicyDetail,
    Origin,
    PolicyRun,
    PolicyUpdate,
)
from synrl_core import policies
from synrl_core.policies import files
from synrl_core.policies.policy import Policy

#: Bytes of a file that is read as a policy: a table of the longest history takes 50 kB as JSON.
MAX_FILE_BYTES = 4 * 2**20
#: Policies that a student may have.
MOST_PER_STUDENT = 500
#: Runs that a page shows and a refusal names.
_RUNS_SHOWN, _RUNS_NAMED = 20, 5
#: Names of the library that an unknown one is answered with.
_NAMES_TOLD = 20
_FORMATS = ("json", "npz")


class Stored(NamedTuple):
    """A policy that is in the library, and whether it is new."""

    policy: LibraryPolicy
    is_new: bool


# -- reading -----------------------------------------------------------------------------------------------------


def listing(session: Session) -> list[LibraryPolicy]:
    """Return the policies that ship, then those of the library, newest first; archived ones included."""
    stored, uses = queries.newest(session), queries.uses(session)
    names = {one.id: one.name for one in stored}
    return [
        *(descriptions.shipped(policies.get(name)) for name in policies.names()),
        *(descriptions.summary(session, one, names, uses.get(one.id, 0)) for one in stored),
    ]


def get(session: Session, policy_id: str, history: int | None = None) -> LibraryPolicyDetail:
    """Return a policy with its table.

    Parameters
    ----------
    history
        Of a rule that ships, which is written for any history from 1 to 3. None: 2, or what a table was made for.

    Raises
    ------
    NotFoundError
        When there is none of this id.
    """
    if policy_id in policies.names():
        policy = policies.get(policy_id, history)
        return descriptions.detail(descriptions.shipped(policy), policy, [], [])
    row = _find(session, policy_id)
    parent = None if row.parent is None else queries.find(session, row.parent)
    names = {} if parent is None else {parent.id: parent.name}
    runs, total = queries.runs_with(session, row.id, _RUNS_SHOWN)
    summary = descriptions.summary(session, row, names, total)
    policy = _policy(row)
    used_by = [PolicyRun(id=run.id, name=run.name) for run in runs]
    return descriptions.detail(summary, policy, used_by, descriptions.ancestors(session, policy.lineage))


def policy_of(session: Session, policy_id: str) -> Policy:
    """Return the policy of an id of the library, or of a name that ships.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    return policies.get(policy_id) if policy_id in policies.names() else _policy(_find(session, policy_id))


def remarks_of(session: Session, policy_id: str) -> files.Remarks:
    """Return the notes and tags of a policy; one that ships has none."""
    if policy_id in policies.names():
        return files.Remarks()
    row = _find(session, policy_id)
    return files.Remarks(row.notes, tuple(row.tags))


def find(session: Session, name: str, history: int | None = None) -> Policy:
    """Look up a policy by its name, as configurations do: one that ships, or one of the library.

    Raises
    ------
    synrl_core.policies.UnknownPolicyError
        When there is none of this name.
    """
    if name in policies.names():
        return policies.get(name, history)
    row = queries.find_named(session, name_key(name))
    if row is None:
        offered = [one.name for one in queries.newest(session) if not one.archived]
        raise policies.UnknownPolicyError(name, offered[:_NAMES_TOLD])
    return _policy(row)


def id_of(session: Session, name_or_id: str) -> str:
    """Return the id of the policy of the library that has this id or name.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    row = queries.find(session, name_or_id) or queries.find_named(session, name_key(name_or_id))
    if row is None:
        raise NotFoundError(f"There is no policy '{name_or_id[:64]}' in the library.")
    return row.id


def ids_of(session: Session, tables: Mapping[str, str]) -> list[str]:
    """Return the ids of those policies of the library that have these names and tables, given as JSON by name."""
    found = {name: queries.find_named(session, name_key(name)) for name in sorted(tables)}
    same = (
        row.id
        for name, row in found.items()
        if row is not None and descriptions.content_hash(files.from_json(tables[name])) == row.content_hash
    )
    return list(dict.fromkeys(same))


def export(session: Session, policy_id: str, format_: str) -> tuple[str, bytes]:
    """Return a policy as a file: its name and its bytes.

    Parameters
    ----------
    format_
        ``json`` or ``npz``.

    Raises
    ------
    NotFoundError
        When there is no policy of this id.
    InvalidError
        When there is no such format.
    """
    if format_ not in _FORMATS:
        raise InvalidError.of("format", f"should be one of {', '.join(_FORMATS)}", value=format_[:100])
    policy, remarks = policy_of(session, policy_id), remarks_of(session, policy_id)
    data = files.to_npz(policy, remarks) if format_ == "npz" else files.to_json(policy, remarks).encode() + b"\n"
    return f"{file_stem(policy.name)}.{format_}", data


# -- changing ----------------------------------------------------------------------------------------------------


def import_file(
    session: Session, data: bytes, file_name: str, name: str | None = None, *, origin: Origin = Origin.IMPORTED
) -> Stored:
    """Store the policy of a file with its notes and tags: JSON, npz, or the authors' JLD2; see `add`.

    Raises
    ------
    InvalidError
        When the file holds no policy, naming the fault and what was expected.
    """
    check_size(len(data), file_name)
    try:
        policy, remarks = files.read(data, name_of_file(file_name)), files.read_remarks(data)
        told = PolicyUpdate(notes=remarks.notes, tags=list(remarks.tags))
    except files.PolicyFileError as error:
        raise InvalidError.of("file", f"{file_name[:100]}: {error}") from error
    except ValidationError as error:
        refused = "; ".join(map(in_words, describe_all(error.errors(), PolicyUpdate)))
        raise InvalidError.of("file", f"{file_name[:100]}: {refused}") from error
    return add(session, replace(policy, name=name or policy.name), origin, notes=told.notes or "", tags=told.tags)


def check_size(size: int, file_name: str) -> None:
    """Refuse a file of more bytes than a policy has, before it is read into memory.

    Raises
    ------
    InvalidError
        Naming the size and the limit.
    """
    if size > MAX_FILE_BYTES:
        message = f"{file_name[:100]} has {size:,} bytes; a policy has at most {MAX_FILE_BYTES:,}"
        raise InvalidError.of("file", message)


def add(
    session: Session,
    policy: Policy,
    origin: Origin,
    *,
    parent: str | None = None,
    run_id: str | None = None,
    notes: str = "",
    tags: list[str] | None = None,
    owner: str | None = None,
) -> Stored:
    """Store a policy. A name that is taken gets a number; the same policy under the same name is stored once.

    Parameters
    ----------
    owner
        Whose it is; None: the person's for whom the session works.

    Raises
    ------
    ConflictError
        When a student has as many policies as students may have.
    """
    wanted = one_line(policy.name, NAME_LENGTH) or "policy"
    document = files.to_json(replace(policy, name=wanted))
    present = queries.find_named(session, name_key(wanted))
    if present is not None and present.document == document:
        return Stored(descriptions.summary(session, present, {}, 0), is_new=False)
    _check_number(session)
    name = _free_name(session, wanted)
    row = StoredPolicy(
        id=secrets.token_hex(6),
        name=name,
        name_key=name_key(name),
        owner=owner or person_of(session).name,
        origin=origin,
        document=document if name == wanted else files.to_json(replace(policy, name=name)),
        title=policy.title,
        description=policy.description,
        history=policy.history,
        temperature=policy.temperature,
        exploration=policy.exploration,
        content_hash=descriptions.content_hash(policy),
        parent=parent,
        run_id=run_id,
        notes=notes,
        tags=list(tags or []),
        archived=False,
        created_at=datetime.now(UTC),
    )
    queries.add(session, row)
    return Stored(descriptions.summary(session, row, {}, 0), is_new=True)


def update(session: Session, policy_id: str, body: PolicyUpdate) -> LibraryPolicy:
    """Change name, notes, tags, or whether a policy is archived. Its runs keep the name and the table they had.

    Raises
    ------
    ConflictError
        When it ships with SynRL, or another policy has the name.
    """
    row = _find_own(session, policy_id)
    if body.name is not None and body.name != row.name:
        _rename(session, row, body.name)
    for field, value in body.model_dump(exclude_none=True, exclude={"name"}).items():
        setattr(row, field, value)
    session.flush()
    return descriptions.summary(session, row, {}, queries.uses(session).get(row.id, 0))


def delete(session: Session, policy_id: str) -> None:
    """Delete a policy that no run uses.

    Raises
    ------
    ConflictError
        When runs use it, with their list; or when it ships with SynRL.
    """
    row = _find_own(session, policy_id)
    runs, total = queries.runs_with(session, row.id, _RUNS_NAMED)
    if total:
        named = ", ".join(f"'{run.name}' ({run.id})" for run in runs) + (" ..." if total > len(runs) else "")
        raise ConflictError(
            f"'{row.name}' is used by {total} run{'s' if total > 1 else ''}: {named}. Archive it to have it offered "
            "no more, or delete the runs for good first.",
            errors=[{"field": "runs", "message": run.name, "value": run.id} for run in runs],
        )
    queries.remove(session, row.id)


# -- helpers -----------------------------------------------------------------------------------------------------


def _find(session: Session, policy_id: str) -> StoredPolicy:
    row = queries.find(session, policy_id)
    if row is None:
        raise NotFoundError(f"There is no policy '{policy_id[:64]}'. GET /api/v1/policies lists them.")
    return row


def _find_own(session: Session, policy_id: str) -> StoredPolicy:
    if policy_id in policies.names():
        raise ConflictError(f"'{policy_id}' ships with SynRL and stays as it is. Save a copy under another name.")
    return _find(session, policy_id)


def _policy(row: StoredPolicy) -> Policy:
    return replace(files.from_json(row.document), name=row.name)


def _rename(session: Session, row: StoredPolicy, name: str) -> None:
    tidied = one_line(name, NAME_LENGTH)
    taken = queries.find_named(session, name_key(tidied))
    if not tidied or _is_shipped(tidied) or (taken is not None and taken.id != row.id):
        raise ConflictError(
            f"name: a policy is called '{tidied}' already. '{_free_name(session, tidied or 'policy')}' is free.",
            errors=[{"field": "name", "message": "is taken", "value": tidied}],
        )
    row.name, row.name_key = tidied, name_key(tidied)


def _free_name(session: Session, wanted: str) -> str:
    name, number = wanted, 1
    while _is_shipped(name) or queries.find_named(session, name_key(name)) is not None:
        number += 1
        ending = f" {number}"
        name = wanted[: NAME_LENGTH - len(ending)] + ending
    return name


def _is_shipped(name: str) -> bool:
    return name_key(name) in {name_key(one) for one in policies.names()}


def _check_number(session: Session) -> None:
    person = person_of(session)
    if person.role is Role.STUDENT and queries.number_of(session, person.name) >= MOST_PER_STUDENT:
        raise ConflictError(
            f"You have {MOST_PER_STUDENT} policies, as many as you may have. Delete some that you need no more."
        )
