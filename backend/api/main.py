"""The API: lifespan and routers, without pages."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI, Request
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

from backend.api import (
    board,
    breedings,
    class_sessions,
    comparison,
    datasets,
    description,
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
    problems,
    races,
    reproductions,
    run_table,
    runs,
    seat,
    sweeps,
)
from backend.api import people as people_routes
from backend.api.access.middleware import AccessMiddleware
from backend.api.access.rules import RouteTable
from backend.api.latency import LatencyMiddleware
from backend.breeding.breeder import Breeder
from backend.classroom.service import Classroom
from backend.datasets.uploads import Uploads
from backend.db.lock import ServerLock
from backend.db.migrate import upgrade
from backend.db.store import Store, make_engine
from backend.inspection.judging import Judges
from backend.kit.access import Access, Entry, declare, requires
from backend.kit.identity import SYSTEM, Role, acting
from backend.kit.limits import Limits
from backend.kit.settings import Settings
from backend.people.authentication import Authentication
from backend.playground.service import Playground
from backend.runs.curves import sparklines
from backend.training.runtime import Jobs


def create_api(settings: Settings) -> FastAPI:
    """Build the API. Entering its lifespan opens the database and starts the workers."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # What starts here, and goes on beside the requests, is the server's own work.
        with acting(SYSTEM):
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            engine = make_engine(settings.resolved_database_url)
            store = Store(
                engine, settings.runs_per_owner, guarded=authentication.requires_sign_in, limits=Limits.of(settings)
            )
            lock = ServerLock(engine)
            await asyncio.to_thread(lock.acquire)
            upgrade(store.engine)
            authentication.open(store)
            jobs = Jobs(store, settings)
            app.state.settings, app.state.store, app.state.jobs = settings, store, jobs
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
                await jobs.start(first_answer)
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
                lock.release()
                store.close()

    # FastAPIOffline serves /docs and /redoc from our own host.
    app: FastAPI = FastAPIOffline(
        title="SynRL",
        version=version("synrl"),
        summary="Train neural networks by synaptic-level reinforcement learning.",
        lifespan=lifespan,
        redoc_url=None,
    )
    authentication, first_answer = Authentication(settings), asyncio.Event()
    app.state.settings, app.state.authentication = settings, authentication
    declare(
        app.state,
        {
            **dict.fromkeys(("/docs", "/docs/oauth2-redirect", "/openapi.json"), Access()),
            "/static-offline-docs": Access(Entry.STATIC),
        },
    )
    _install_access_control(app, authentication, first_answer)
    problems.install(app)
    # live and the table before runs: /runs/live and /runs/table are no runs' ids.
    routers = (live, events, run_table, runs, inspection, sweeps, presets, datasets, planning, comparison, exports,
               playground, lessons, policies, races, breedings, reproductions, people_routes, class_sessions,
               board, seat, health)  # fmt: skip
    for module in routers:
        # As they are: `include_router` would build each of them, and a copy.
        app.router.routes.extend(module.router.routes)
    app.add_middleware(LatencyMiddleware)

    description.install(app, signs_in=authentication.requires_sign_in)

    @app.api_route("/api/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    @requires(Role.VIEWER)
    def unknown(request: Request, path: str) -> None:
        """The pages answer every other address with HTML; an API must not."""
        if description.allowed_methods(app, request.url.path):
            raise HTTPException(405)
        raise HTTPException(404, f"There is no /api/{path[:100]}. /docs lists what there is.")

    return app


def _seat_of(app: FastAPI, cookie: str | None) -> str | None:
    """Return the id of the seat in an open class session that a Cookie header names."""
    classroom: Classroom | None = getattr(app.state, "classroom", None)
    found = None if classroom is None else classroom.rooms.identify(cookie)
    return None if found is None else found[1].id


def _install_access_control(app: FastAPI, authentication: Authentication, first_answer: asyncio.Event) -> None:
    """Wrap the application in access control, outside the middleware that others add later."""
    build = app.build_middleware_stack

    def wrapped() -> AccessMiddleware:
        middleware = AccessMiddleware(
            build(), authentication, RouteTable(app), lambda cookie: _seat_of(app, cookie), first_answer
        )
        app.state.access = middleware
        return middleware

    app.build_middleware_stack = wrapped  # type: ignore[method-assign]
