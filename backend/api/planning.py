"""/plans: cost estimate of a configuration or a sweep before it is started."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Path, Query

from backend.api.dependencies import JobsDependency, ReadSession, SettingsDependency
from backend.api.routing import router_under
from backend.datasets import previews
from backend.datasets import service as datasets
from backend.datasets.schemas import DatasetPreview
from backend.kit.access import requires
from backend.kit.errors import InvalidError
from backend.kit.field_errors import refuse_surrogates
from backend.kit.identity import Role
from backend.runs.planning import service as planning
from backend.runs.planning.schemas import Plan, PlanRequest

router = router_under(tags=["planning"])

_LONGEST_PARAMETERS = 4000


@router.post("/plans")
@requires(Role.STUDENT)
def make_plan(body: PlanRequest, session: ReadSession, settings: SettingsDependency) -> Plan:
    """Check settings and estimate time, memory and forward passes. Nothing is started or stored.

    What is wrong stands in `problems`, in the words in which POST /runs would refuse it.
    """
    return planning.plan(session, body, workers=settings.workers, max_runs=settings.max_sweep_runs)


@router.get("/datasets/{dataset_id}/preview")
@requires(Role.VIEWER)
def preview_dataset(
    dataset_id: Annotated[str, Path(min_length=1, max_length=200)],
    session: ReadSession,
    jobs: JobsDependency,
    parameters: Annotated[
        str, Query(max_length=_LONGEST_PARAMETERS, description='JSON, as in {"noise": 0.2}. Empty: the defaults.')
    ] = "",
) -> DatasetPreview:
    """Return some samples of a data set, made with these parameters."""
    found = datasets.get(session, dataset_id)
    return previews.read_preview(jobs.artifacts, found, _read(parameters))


def _read(parameters: str) -> dict[str, Any]:
    try:
        read = json.loads(parameters or "{}")
    except ValueError:
        read = None
    if not isinstance(read, dict):
        message = 'should be a JSON object, as in {"noise": 0.2}'
        raise InvalidError.of("parameters", message)
    refuse_surrogates(read, "parameters")
    return read
