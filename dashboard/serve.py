"""The composition root: the backend's API and the pages in one ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
from fastapi import FastAPI

from backend.main import create_api
from backend.settings import Settings
from dashboard.app import create_pages


def create_app() -> FastAPI:
    """Build the application that `synrl serve` gives to uvicorn."""
    app = create_api(Settings())
    create_pages(app)
    serve_api = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with serve_api(app):
            # Dash collects its inline scripts while it renders the first page: if that were a deep link, they would
            # be missing from it.
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost") as client:
                (await client.get("/")).raise_for_status()
            yield

    app.router.lifespan_context = lifespan
    return app
