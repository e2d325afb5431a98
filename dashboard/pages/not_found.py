"""Page for unknown URLs."""

from __future__ import annotations

from typing import Any

import dash
from dash import Dash, dcc, html
from dash.development.base_component import Component


def register(app: Dash) -> None:
    """Register the page that Dash shows for an unknown address."""

    def layout(**_: Any) -> Component:
        return nothing_here(app, "There is no page here", "The address leads nowhere in SynRL.")

    dash.register_page("not_found_404", path="/404", title="Not found – SynRL", layout=layout)


def nothing_here(app: Dash, title: str, reason: str, way: tuple[str, str] = ("Go to the runs", "/")) -> Component:
    """Say what is missing and offer a way back: words and a path."""
    return html.Div(
        [
            html.H1(title),
            html.P(reason),
            html.P(dcc.Link(way[0], href=app.get_relative_path(way[1]), className="button")),
        ],
        className="page nothing",
    )
