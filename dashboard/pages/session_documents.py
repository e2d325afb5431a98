"""Documents of a class session without Dash: the student's seat and the board for the projector.

A phone in a class loads some tens of kilobytes instead of Dash, and opens the page without a sign-in: what it may see
and do is decided by the API, from the cookie of the seat.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Dash
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from backend.kit.access import public, requires
from backend.kit.identity import Role
from backend.kit.settings import Settings
from dashboard import ids
from dashboard.components.plain_document import plain_document
from dashboard.modules import BOARD, SEAT, Modules

_BODY = '<main id="{place}"><noscript>This page needs JavaScript, which this browser does not run.</noscript></main>'


class SessionDocuments:
    """The two documents of one server, the same for everybody.

    Parameters
    ----------
    app
        The Dash application, which knows the addresses of the assets.
    settings
        For the path under which a proxy shows the server.
    modules
        The pages' JavaScript.
    """

    def __init__(self, app: Dash, settings: Settings, modules: Modules) -> None:
        self._app = app
        self._root = settings.root_path
        self._modules = modules

    def register(self) -> None:
        """Add the routes of the board, and of the page Class under its earlier address."""
        server: Any = self._app.server
        for path, view in (("/board/{session_id}", self.show_board), ("/people", self.show_class)):
            server.add_api_route(path, view, methods=["GET"], include_in_schema=False, response_model=None)

    @public()
    async def show_board(self, session_id: str) -> Response:
        """Show the board of a session; the API decides whether the browser may see it."""
        del session_id
        return self._document("Board", "board", BOARD, ids.BOARD)

    @requires(Role.VIEWER)
    async def show_class(self) -> Response:
        """Lead to the page Class, whose address was another once."""
        return RedirectResponse(self._app.get_relative_path("/class"), 308)

    def seat(self) -> Response:
        """Return the student's page: asks for a code and a name, then follows the session."""
        return self._document("Class session", "seat", SEAT, ids.SEAT)

    def _document(self, title: str, name: str, module: str, place: str) -> Response:
        address: Callable[[str], str] = self._app.get_relative_path
        needed = sorted(self._modules.closure(module) - {module})
        hints = [f'<link rel="modulepreload" href="{address(f"/{self._modules.path(one)}")}">' for one in needed]
        entry = f'<script type="module" src="{address(f"/{self._modules.path(module)}")}"></script>'
        page = plain_document(
            title,
            _BODY.format(place=place),
            name=name,
            sheet="session.css",
            assets=self._app.get_asset_url(""),
            root=self._root,
            scripts=[*hints, entry],
        )
        return HTMLResponse(page, headers={"Cache-Control": "no-cache"})
