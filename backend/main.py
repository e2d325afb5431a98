"""The API: lifespan and routers, without pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

from backend.api import datasets, events, health, inspection, live, planning, presets, problems, runs, sweeps
from backend.api.latency import LatencyMiddleware
from backend.db.migrate import upgrade
from backend.db.store import Store, make_engine
from backend.jobs.service import Jobs
from backend.services.judging import Judges
from backend.services.uploads import Uploads
from backend.settings import Settings


def create_api(settings: Settings) -> FastAPI:
    """Build the API. Entering its lifespan opens the database and starts the workers."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        store = Store(make_engine(settings.resolved_database_url), settings.runs_per_owner)
        upgrade(store.engine)
        jobs = Jobs(store, settings)
        app.state.settings, app.state.store, app.state.jobs = settings, store, jobs
        app.state.uploads = Uploads(settings.data_dir / "uploads", settings.max_upload_bytes)
        app.state.uploads.sweep()
        app.state.judges = Judges(settings.resolved_artifacts_url)
        try:
            await jobs.start()
            yield
        finally:
            app.state.judges.close()
            await jobs.close()
            store.close()

    # FastAPIOffline serves /docs and /redoc from our own host.
    app: FastAPI = FastAPIOffline(
        title="SynRL",
        version=version("synrl"),
        summary="Train neural networks by synaptic-level reinforcement learning.",
        lifespan=lifespan,
        redoc_url=None,
    )
    problems.install(app)
    api = APIRouter(prefix="/api/v1")
    # live before runs: /runs/live is no run's id.
    routers = (live, events, runs, inspection, sweeps, presets, datasets, planning)
    for router in (module.router for module in routers):
        api.include_router(router)
    app.include_router(api)
    app.include_router(health.router)
    app.add_middleware(LatencyMiddleware)

    @app.api_route("/api/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    def unknown(path: str) -> None:
        """The pages answer every other address with HTML; an API must not."""
        raise HTTPException(404, f"There is no /api/{path[:100]}. /docs lists what there is.")

    return app
