"""Parts of the server behind its first page: all routers of the API, and the services that they call.

They are imported after the first answer, as they take most of the time of a start.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.routing import BaseRoute

from backend.api import (
    board,
    breedings,
    class_sessions,
    comparison,
    datasets,
    events,
    exports,
    health,
    inspection,
    lessons,
    live,
    planning,
    playground,
    policies,
    presets,
    races,
    reproductions,
    run_table,
    runs,
    seat,
    sweeps,
)
from backend.api import people as people_routes
from backend.breeding.breeder import Breeder
from backend.classroom.service import Classroom
from backend.datasets.uploads import Uploads
from backend.db.store import Store
from backend.inspection.judging import Judges
from backend.kit.settings import Settings
from backend.playground.service import Playground
from backend.runs.curves import sparklines
from backend.training.runtime import Jobs


def routes() -> list[BaseRoute]:
    """Return the routes of all routers, in the order in which they are tried."""
    # live and the table before runs: /runs/live and /runs/table are no runs' ids.
    modules = (live, events, run_table, runs, inspection, sweeps, presets, datasets, planning, comparison, exports,
               playground, lessons, policies, races, breedings, reproductions, people_routes, class_sessions,
               board, seat, health)  # fmt: skip
    # As they are: FastAPI's `include_router` would build each of them, and a copy.
    return [route for module in modules for route in module.router.routes]


@asynccontextmanager
async def services(app: FastAPI, settings: Settings, store: Store) -> AsyncIterator[None]:
    """Open the services for the length of a block, under their names in the state of the application."""
    jobs = Jobs(store, settings)
    app.state.jobs = jobs
    app.state.artifacts = jobs.artifacts
    app.state.writing = asyncio.Lock()
    app.state.uploads = Uploads(settings.data_dir / "uploads", settings.max_upload_bytes)
    app.state.uploads.remove_expired()
    app.state.judges = Judges(settings.resolved_artifacts_url)
    app.state.playground = Playground(
        settings.playground_processes, settings.playground_scenes_per_minute, settings.playground_bytes
    )
    app.state.breeder = Breeder(store)
    app.state.classroom = Classroom(store, settings, app.state.playground, app.state.writing)
    closing = threading.Event()
    filling = asyncio.create_task(asyncio.to_thread(sparklines.fill, store, closing), name="sparklines")
    try:
        await jobs.start()
        await asyncio.to_thread(app.state.breeder.start)
        await app.state.classroom.start()
        yield
    finally:
        closing.set()
        await app.state.classroom.close()
        await asyncio.gather(filling, return_exceptions=True)
        await asyncio.to_thread(app.state.breeder.close)
        app.state.judges.close()
        app.state.playground.close()
        await jobs.close()
