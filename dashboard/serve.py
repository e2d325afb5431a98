"""The composition root: the backend's API and the pages in one ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import chain

import httpx2
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.api.access.headers import content_security_policy, inline_scripts
from backend.api.access.middleware import INTERNAL
from backend.api.main import create_api
from backend.kit.identity import SYSTEM
from backend.kit.settings import Settings
from dashboard.app import create_pages


def _as_the_server(app: ASGIApp) -> ASGIApp:
    """Request pages as the server itself, which need not sign in."""

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, INTERNAL: SYSTEM}, receive, send)

    return asked


def create_app() -> FastAPI:
    """Build the application that `synrl serve` gives to uvicorn."""
    return assemble(Settings())


def assemble(settings: Settings) -> FastAPI:
    """Combine the API and the pages."""
    app = create_api(settings)
    create_pages(app, settings)
    serve_api = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with serve_api(app):
            # Dash collects its inline scripts while it renders the first page: if that were a deep link, they would
            # be missing from it.
            transport = httpx2.ASGITransport(_as_the_server(app))
            async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
                pages = [(await client.get(path)).raise_for_status().text for path in ("/", "/docs")]
            app.state.access.policy = content_security_policy(chain.from_iterable(map(inline_scripts, pages)))
            yield

    app.router.lifespan_context = lifespan
    return app
