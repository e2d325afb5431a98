"""Request latency for Prometheus: from the request to the first byte of its answer."""

from __future__ import annotations

import time

from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.routing import PREFIX

LATENCY = Histogram(
    "synrl_request_seconds",
    "From a request to the first byte of its answer.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class LatencyMiddleware:
    """Measures the latency of each request, labelled by route; paths would give unbounded labels."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()

        async def measured(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = str(getattr(scope.get("route"), "path", None) or "other").removeprefix(PREFIX)
                method = scope["method"] if scope["method"] in _METHODS else "other"
                LATENCY.labels(method, route, message["status"]).observe(time.perf_counter() - begun)
            await send(message)

        await self._app(scope, receive, measured)
