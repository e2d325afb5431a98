"""Route that serves the page of the paper with the curves of a reproduction, as figures in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from dash import Dash
from fastapi import Path, Request, Response

from backend.kit.access import requires
from backend.kit.identity import Role
from backend.kit.late import LateModule
from dashboard.comparison.routes import as_json
from dashboard.comparison.view import plain
from dashboard.figures import paper
from dashboard.services import services_of

if TYPE_CHECKING:
    from backend.reproduction import claims, curves
else:
    claims = LateModule("backend.reproduction.claims")
    curves = LateModule("backend.reproduction.curves")


ReproductionId = Annotated[str, Path(min_length=1, max_length=64)]


def register(app: Dash) -> None:
    """Add the route to the server of an app."""
    server: Any = app.server

    @requires(Role.VIEWER)
    def figures(request: Request, reproduction_id: ReproductionId) -> Response:
        """Return a figure for each network on the letters that has a point. It runs in a thread."""
        with services_of(app).store.read() as session:
            compared = curves.compared(session, reproduction_id)
        drawn = {
            part: plain(
                paper.curves(one, claims.ACCURACY[part]), paper.HEIGHT, paper.describe(one, claims.ACCURACY[part])
            )
            for part, one in compared.items()
        }
        return as_json(request, drawn)

    server.add_api_route(
        "/paper/figures/{reproduction_id}", figures, methods=["GET"], include_in_schema=False, response_model=None
    )
