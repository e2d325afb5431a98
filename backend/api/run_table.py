"""/runs/table, /runs/facets: the table of runs, for thousands of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, Query
from pydantic import Field

from backend.api.dependencies import ReadSession
from backend.api.routing import router_under
from backend.kit.access import requires
from backend.kit.fields import FROM_TEXT
from backend.kit.identity import Role
from backend.kit.status import RunStatus
from backend.runs.listing import Filters
from backend.runs.table import service as run_table
from backend.runs.table.schemas import RunFacets, RunTable
from backend.runs.table.service import By

router = router_under("/runs", tags=["runs"])

Value = Annotated[str | None, Query(max_length=200)]
View = Literal["active", "archived", "trash"]
_VIEWS: dict[View, dict[str, Any]] = {
    "active": {"archived": "false"},
    "archived": {"archived": "true"},
    "trash": {"in_trash": True},
}


def _filters(
    view: Annotated[View, Query(description="Which runs: those at work, those put away, those deleted.")] = "active",
    status: RunStatus | None = None,
    dataset: Value = None,
    owner: Value = None,
    tag: Value = None,
    sweep: Value = None,
    group: Annotated[str | None, Query(max_length=16, description="The group key of a configuration.")] = None,
    search: Annotated[
        str | None, Query(max_length=200, description="Words that occur in name, notes, data set, owner or tags.")
    ] = None,
) -> Filters:
    return Filters(
        status=status, dataset=dataset, owner=owner, tag=tag, sweep=sweep, group=group, search=search, **_VIEWS[view]
    )


FiltersDependency = Annotated[Filters, Depends(_filters)]


@router.get("/table")
@requires(Role.VIEWER)
def get_table(
    session: ReadSession,
    filters: FiltersDependency,
    by: Annotated[By, Query(description="A row a run, or a row a group.")] = "run",
    sort: Annotated[str, Query(max_length=40, description="A column, with - before it from the largest.")] = (
        "-created_at"
    ),
    limit: Annotated[int, Field(ge=1, le=500), FROM_TEXT, Query()] = 60,
    offset: Annotated[int, Field(ge=0, le=2**31), FROM_TEXT, Query()] = 0,
    expanded: Annotated[
        list[str] | None, Query(max_length=200, description="Keys of the groups that are open.")
    ] = None,
) -> RunTable:
    """Return a window of the table of runs, as a page shows it."""
    return run_table.table(session, filters, by=by, sort=sort, limit=limit, offset=offset, expanded=expanded or ())


@router.get("/ids")
@requires(Role.VIEWER)
def get_ids(session: ReadSession, filters: FiltersDependency) -> list[str]:
    """Return the ids of all runs that match the filters, newest first, at most 1,000: for an action on all of them."""
    return run_table.ids(session, filters)


@router.get("/facets")
@requires(Role.VIEWER)
def get_facets(session: ReadSession) -> RunFacets:
    """Return the owners, data sets, tags and sweeps that runs have."""
    return run_table.facets(session)
