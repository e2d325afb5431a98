"""Access rules by route: finds the route of a request and the access that it declares (`backend.kit.access`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount, compile_path

from backend.kit.access import Access, access_of, declarations
from backend.kit.identity import Role

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
#: Pages that a seat in an open class session may see.
SEAT_PAGES: Final = ("/playground", "/learn")
#: Method of a WebSocket, where methods are compared.
WEBSOCKET: Final = "WEBSOCKET"
#: Access to an address that no route serves: signed-in people are told that it does not exist.
UNKNOWN: Final = Access()


@dataclass(frozen=True)
class DeclaredRoute:
    """A route of the application and its access."""

    path: str
    methods: frozenset[str]
    """None of them: every method, as of a mounted application."""
    pattern: re.Pattern[str]
    access: Access | None
    """None: it declares none, and is refused."""


class RouteTable:
    """All routes of an application in the order in which they are tried, with the access that each declares."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._count = -1
        self._routes: list[DeclaredRoute] = []

    @property
    def routes(self) -> list[DeclaredRoute]:
        """The routes. They are collected again when routes were added since, as Dash does when it starts."""
        count = len(self._app.router.routes)
        if count != self._count:
            self._routes, self._count = list(_collect(self._app)), count
        return self._routes

    def access(self, method: str, path: str) -> Access | None:
        """Return the access to an address, as the router would choose its route: `UNKNOWN` where there is none.

        Returns
        -------
        None when the route declares no access.
        """
        by_another_method = UNKNOWN, False
        for route in self.routes:
            if route.pattern.match(path) is None:
                continue
            if not route.methods or method in route.methods:
                return route.access
            if not by_another_method[1] and WEBSOCKET not in route.methods:
                by_another_method = route.access or UNKNOWN, True
        return by_another_method[0]


def _collect(app: FastAPI) -> Iterator[DeclaredRoute]:
    by_path = declarations(app.state)
    for route in iter_route_contexts(app.router.routes):
        path = route.path or ""
        if isinstance(route.original_route, Mount):
            methods: frozenset[str] = frozenset()
            pattern, _, _ = compile_path(f"{path.rstrip('/')}/{{path:path}}")
        else:
            # A WebSocket's route has no methods.
            methods = frozenset(route.methods or {WEBSOCKET})
            pattern, _, _ = compile_path(path)
        yield DeclaredRoute(path, methods, pattern, access_of(route.endpoint) or by_path.get(path))


def opens_to_seats(access: Access, path: str) -> bool:
    """Whether a seat in an open class session is enough for a route; of the pages for these alone."""
    is_page = not path.startswith(("/api/", "/_dash"))
    return access.seats and (not is_page or any(path == page or path.startswith(f"{page}/") for page in SEAT_PAGES))


def refusal(role: Role, least: Role) -> str | None:
    """Return why a role is not enough, None if it is."""
    ranks = (Role.VIEWER, Role.STUDENT, Role.TEACHER)
    if ranks.index(role) >= ranks.index(least):
        return None
    if least is Role.TEACHER:
        return "Only the teacher can do this."
    return "You are here as a viewer: you can look at everything and change nothing."
