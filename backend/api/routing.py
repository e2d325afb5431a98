"""Routers of the API, whose routes are built when they are first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import compile_path

#: Prefix of the addresses of this version of the API.
PREFIX = "/api/v1"


class LateRoute(APIRoute):
    """Route that FastAPI builds at its first request, or for the description of the API.

    To build a route is to compile validators for what it takes and returns. The server has 130 routes, and most starts
    see few of them used: building all took a sixth of the start. Address, methods and endpoint are known at once, for
    routing and access control. A fault in an endpoint's signature therefore shows when the route is built;
    `tests/backend/api/test_description.py` builds all.
    """

    _building = threading.RLock()

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self._unbuilt = (path, endpoint, options)
        self.path, self.endpoint = path, endpoint
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.methods = {method.upper() for method in options.get("methods") or ["GET"]}
        self.name = options.get("name") or endpoint.__name__
        self.include_in_schema = options.get("include_in_schema", True)

    def __getattr__(self, name: str) -> Any:
        """Build the route, as an attribute is asked for that only a built one has."""
        with self._building:
            # Removed first: an attribute that is missing while the route is built must not build it again.
            unbuilt = self.__dict__.pop("_unbuilt", None)
            if unbuilt is not None:
                path, endpoint, options = unbuilt
                super().__init__(path, endpoint, **options)
        return object.__getattribute__(self, name)


def router_under(prefix: str = "", *, tags: list[str] | None = None) -> APIRouter:
    """Make a router for addresses under the API's prefix and, if given, another behind it."""
    return APIRouter(prefix=PREFIX + prefix, tags=list(tags or ()), route_class=LateRoute)
