"""Page of the playground: a small network on points of a plane, played, stepped, and explained by synapse."""

from __future__ import annotations

from typing import Any

import dash
from dash import Dash, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.components.mount import call_when_mounted


def register(app: Dash) -> None:
    """Register the page; its script (web/playground/page.js) fills it."""

    def layout(**_: Any) -> Component:
        return playground_page()

    dash.register_page(
        "playground", path="/playground", title="Playground – SynRL", layout=layout, nav="Playground", order=1
    )
    call_when_mounted(app, "mountPlayground", ids.PLAYGROUND_MOUNTED)


def playground_page() -> Component:
    """Lay out the place that the script fills."""
    return html.Div(
        [
            html.Div(id=ids.PLAYGROUND_MOUNTED, hidden=True),
            html.H1("Playground", className="visually-hidden"),
            html.Div(id=ids.PLAYGROUND, className="playground"),
            html.P(
                [
                    "What is all this? ",
                    dcc.Link("The lessons", href=dash.get_relative_path("/learn")),
                    " explain it step by step, on this very page.",
                ],
                className="caption playground-lessons",
            ),
        ],
        className="playground-page",
    )
