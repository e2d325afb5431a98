"""The API: lifespan and routers, without pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

from backend.api import description, problems
from backend.api.access.middleware import AccessMiddleware
from backend.api.access.rules import RouteTable
from backend.api.latency import LatencyMiddleware
from backend.api.routing import LateRoute
from backend.api.stages import Stages
from backend.db.lock import ServerLock
from backend.db.migrate import upgrade
from backend.db.store import Store, make_engine
from backend.kit.access import Access, Entry, declare, requires
from backend.kit.identity import SYSTEM, Role, acting
from backend.kit.limits import Limits
from backend.kit.settings import Settings
from backend.people.authentication import Authentication


def create_api(settings: Settings, *, in_stages: bool = False) -> FastAPI:
    """Build the API. Entering its lifespan opens the database and starts the workers.

    Parameters
    ----------
    in_stages
        Have the lifespan begin once the database is open: the API's routes and services follow after the first answer
        (`backend.api.stages`), and requests to all but the first page wait for them.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # What starts here, and goes on beside the requests, is the server's own work.
        with acting(SYSTEM):
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            engine = make_engine(settings.resolved_database_url)
            app.state.store = store = Store(
                engine, settings.runs_per_owner, guarded=authentication.requires_sign_in, limits=Limits.of(settings)
            )
            lock = ServerLock(engine)
            await asyncio.to_thread(lock.acquire)
            upgrade(store.engine)
            authentication.open(store)
            try:
                async with stages.opened(store):
                    yield
            finally:
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
    app.router.route_class = LateRoute
    authentication, stages = Authentication(settings), Stages(app, settings, in_stages=in_stages)
    app.state.stages = stages
    app.state.settings, app.state.authentication = settings, authentication
    declare(
        app.state,
        {
            **dict.fromkeys(("/docs", "/docs/oauth2-redirect", "/openapi.json"), Access()),
            "/static-offline-docs": Access(Entry.STATIC),
        },
    )
    _install_access_control(app, authentication, stages)
    problems.install(app)
    if not in_stages:
        stages.add_routes()
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
    classroom: Any = getattr(app.state, "classroom", None)
    found = None if classroom is None else classroom.rooms.identify(cookie)
    return None if found is None else found[1].id


def _install_access_control(app: FastAPI, authentication: Authentication, stages: Stages) -> None:
    """Wrap the application in access control, outside the middleware that others add later."""
    build = app.build_middleware_stack

    def wrapped() -> AccessMiddleware:
        middleware = AccessMiddleware(
            build(), authentication, RouteTable(app), lambda cookie: _seat_of(app, cookie), stages
        )
        app.state.access = middleware
        return middleware

    app.build_middleware_stack = wrapped  # type: ignore[method-assign]
