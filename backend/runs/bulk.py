"""Bulk actions: one action on several runs."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from backend.kit.errors import ConflictError, DomainError
from backend.kit.fields import MAX_TAGS
from backend.runs import service as runs
from backend.runs import trash
from backend.runs.bulk_schemas import Problem, RunActionResult, RunsAction, RunsActionResults
from backend.runs.schemas import RunRead, RunUpdate


def act_on_all(session: Session, body: RunsAction) -> RunsActionResults:
    """Apply one action to several runs: to each that allows it; for the others the reason is returned."""
    do = _tagging(body) if body.action in ("tag", "untag") else _BULK[body.action]
    return RunsActionResults(results=[_result(session, do, run_id) for run_id in dict.fromkeys(body.ids)])


def _result(session: Session, do: Callable[[Session, str], RunRead | None], run_id: str) -> RunActionResult:
    try:
        with session.begin_nested():
            return RunActionResult(id=run_id, run=do(session, run_id))
    except DomainError as error:
        problem = Problem(title=error.title, status=error.status, detail=error.detail)
        return RunActionResult(id=run_id, problem=problem)


def _tagging(body: RunsAction) -> Callable[[Session, str], RunRead]:
    def do(session: Session, run_id: str) -> RunRead:
        rest = [tag for tag in runs.find(session, run_id).tags if tag not in body.tags]
        tags = [*rest, *body.tags] if body.action == "tag" else rest
        if len(tags) > MAX_TAGS:
            name = runs.find(session, run_id).name
            raise ConflictError(f"Run '{name}' would have {len(tags)} tags; a run may have at most {MAX_TAGS}.")
        return runs.update(session, run_id, RunUpdate(tags=tags))

    return do


def _archive(archived: bool) -> Callable[[Session, str], RunRead]:
    return lambda session, run_id: runs.update(session, run_id, RunUpdate(archived=archived))


_BULK: dict[str, Callable[[Session, str], RunRead | None]] = {
    "pause": runs.pause,
    "resume": runs.resume,
    "stop": runs.stop,
    "archive": _archive(True),
    "unarchive": _archive(False),
    "delete": trash.delete,
    "restore": trash.restore,
}
