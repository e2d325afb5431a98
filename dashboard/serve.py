"""The composition root: the backend's API and the pages in one ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from itertools import chain

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Scope

from backend.api.access.headers import content_security_policy, inline_scripts
from backend.api.access.middleware import INTERNAL
from backend.api.main import create_api
from backend.kit.identity import SYSTEM
from backend.kit.settings import Settings
from dashboard.app import create_pages


async def _page_of(app: ASGIApp, path: str) -> str:
    """Request a page as the server itself, which need not sign in."""
    answer: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        answer.append(message)

    request: Scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"host", b"localhost")], "server": ("localhost", 80), "client": None, INTERNAL: SYSTEM,
    }  # fmt: skip
    await app(request, receive, send)
    if answer[0]["status"] != HTTPStatus.OK:
        raise RuntimeError(f"the page {path} can't be made: it answers {answer[0]['status']}")
    return b"".join(message.get("body", b"") for message in answer[1:]).decode()


def create_app() -> FastAPI:
    """Build the application that `synrl serve` gives to uvicorn: its first page is there before the rest."""
    return assemble(Settings(), in_stages=True)


def assemble(settings: Settings, *, in_stages: bool = False) -> FastAPI:
    """Combine the API and the pages; see `create_api`."""
    app = create_api(settings, in_stages=in_stages)
    create_pages(app, settings)
    serve_api = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with serve_api(app):
            # Dash collects its inline scripts while it renders the first page: if that were a deep link, they would
            # be missing from it.
            pages = [await _page_of(app, path) for path in ("/", "/docs")]
            app.state.access.policy = content_security_policy(chain.from_iterable(map(inline_scripts, pages)))
            yield

    app.router.lifespan_context = lifespan
    return app
