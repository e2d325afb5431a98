"""Stages of a start: what waits for the rest of the server, and what does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from backend.api import stages as stages_module
from backend.api.stages import Stages
from tests.slowness import patience


def started(monkeypatch: pytest.MonkeyPatch, *, fails: bool = False) -> Stages:
    """Stages of an application whose second stage opens nothing, or fails."""

    @asynccontextmanager
    async def services(*_: Any) -> AsyncIterator[None]:
        if fails:
            raise OSError("no room")
        yield

    async def answer() -> None: ...

    parts = SimpleNamespace(routes=lambda: [APIRoute("/api/v1/runs", answer)], services=services)
    monkeypatch.setattr(stages_module, "import_module", lambda _: parts)
    app: Any = FastAPI(openapi_url=None)
    stages = Stages(app, SimpleNamespace(), in_stages=True)  # type: ignore[arg-type]
    app.router.routes.append(APIRoute("/{path:path}", answer))
    return stages


def opened(stages: Stages, look: Any) -> None:
    """Call a coroutine while the stages are open."""

    async def run() -> None:
        async with stages.opened(SimpleNamespace()):  # type: ignore[arg-type]
            await asyncio.wait_for(look(), patience(20))

    asyncio.run(run())


def test_the_first_page_waits_for_nothing_and_the_api_for_the_second_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages_module, "FIRST_ANSWER", 3600)
    stages = started(monkeypatch)

    async def look() -> None:
        assert stages.answers("/")
        assert stages.answers("/assets/synrl.css")
        assert not stages.answers("/api/v1/runs")
        assert not stages.answers("/runs/1")
        stages.first_answer.set()
        await stages.complete()
        assert stages.answers("/api/v1/runs")

    opened(stages, look)


def test_routes_come_before_those_that_answer_every_address(monkeypatch: pytest.MonkeyPatch) -> None:
    stages = started(monkeypatch)
    stages.add_routes()
    assert [route.path for route in stages._app.router.routes] == ["/api/v1/runs", "/{path:path}"]  # type: ignore[attr-defined]


def test_without_stages_no_request_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages_module, "import_module", lambda _: SimpleNamespace(routes=list))
    stages = Stages(FastAPI(), SimpleNamespace(), in_stages=False)  # type: ignore[arg-type]
    assert stages.answers("/api/v1/runs")


def test_nobody_has_to_come_for_the_second_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages_module, "FIRST_ANSWER", 0)
    stages = started(monkeypatch)
    opened(stages, stages.complete)
    assert stages.is_complete


def test_a_second_stage_that_fails_is_told_to_all_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages_module, "FIRST_ANSWER", 0)
    stages = started(monkeypatch, fails=True)

    async def look() -> None:
        with pytest.raises(RuntimeError, match="could not start"):
            await stages.complete()

    opened(stages, look)
    assert not stages.answers("/api/v1/runs")
    assert isinstance(stages.failure, OSError)
