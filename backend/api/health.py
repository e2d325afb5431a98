"""/healthz, /readyz and /metrics: health checks and metrics for monitoring."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from pydantic import BaseModel, Field

from backend.api.dependencies import JobsDependency, StoreDependency
from backend.api.routing import LateRoute
from backend.db.store import Store
from backend.kit.access import public, requires
from backend.kit.identity import Role
from backend.training.runtime import Jobs
from backend.upkeep import telemetry as observation

router = APIRouter(tags=["health"], route_class=LateRoute)

#: Seconds that a part gets to show that it works.
TIMEOUT = 3.0
#: Bytes that are written to see whether artifacts can be.
PROBE_BYTES = 64


class NoWorkersError(Exception):
    """No worker process is connected."""


class Health(BaseModel):
    """Answer of the liveness check."""

    status: str = "ok"


class Readiness(BaseModel):
    """Answer of the readiness check, by component."""

    ready: bool
    checks: dict[str, str] = Field(description="Of database, workers and artifacts: 'ok', or what is wrong.")


@router.get("/healthz")
@public(as_system=True)
async def healthz() -> Health:
    """Return that the process answers. Database and workers are not checked: a restart would not repair those."""
    return Health()


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Something is missing; it says what."}})
@public(as_system=True)
async def readyz(response: Response, store: StoreDependency, jobs: JobsDependency) -> Readiness:
    """Return whether runs can be accepted and trained: database writable, workers connected, artifacts writable."""
    checks = await check_parts(store, jobs)
    ready = all(found == "ok" for found in checks.values())
    response.status_code = 200 if ready else 503
    response.headers["Cache-Control"] = "no-store"
    return Readiness(ready=ready, checks=checks)


@router.get("/metrics", response_class=PlainTextResponse)
@requires(Role.VIEWER)
def metrics(store: StoreDependency, jobs: JobsDependency) -> Response:
    """Return the figures that Prometheus reads: queue, runs, speed, lag of events, errors, latencies."""
    own = observation.registry(store, jobs)
    return Response(generate_latest(own) + generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


async def check_parts(store: Store, jobs: Jobs) -> dict[str, str]:
    """Check database, workers and artifacts; return 'ok' or the fault of each."""

    def workers() -> None:
        if jobs.connected_workers == 0:
            raise NoWorkersError("no worker process is there yet; they start by themselves")

    parts: dict[str, Callable[[], None]] = {
        "database": lambda: observation.probe_database(store),
        "workers": workers,
        "artifacts": lambda: jobs.artifacts.probe(PROBE_BYTES),
    }
    found = await asyncio.gather(*(_probe(part) for part in parts.values()))
    return dict(zip(parts, found, strict=True))


async def _probe(part: Callable[[], None]) -> str:
    try:
        await asyncio.wait_for(asyncio.to_thread(part), TIMEOUT)
    except TimeoutError:
        return f"no answer within {TIMEOUT:g} s"
    except NoWorkersError as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'}"[:300]
    return "ok"
