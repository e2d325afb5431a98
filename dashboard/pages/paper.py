"""The page of the paper: its experiments at the press of a button, their table, and a verdict on each claim."""

from __future__ import annotations

from typing import Any

import dash
from dash import Dash, html
from dash.development.base_component import Component

from dashboard import ids, reproduction
from dashboard.components.mount import call_when_mounted


def register(app: Dash) -> None:
    """Register the page; its script (web/paper/page.js) fills it."""

    def layout(**_: Any) -> Component:
        return paper_page()

    reproduction.register(app)
    dash.register_page("paper", path="/paper", title="The paper – SynRL", layout=layout, nav="Paper", order=6)
    call_when_mounted(app, "mountPaper", ids.PAPER_MOUNTED)


def paper_page() -> Component:
    """Lay out the place that the script fills."""
    return html.Div(
        [
            html.Div(id=ids.PAPER_MOUNTED, hidden=True),
            html.Div([html.H1("The paper")], className="page-head"),
            html.P(
                [
                    "SynRL runs the experiments of ",
                    html.A(
                        "Bhargava, Rezaei and Lankarany",
                        href="https://arxiv.org/abs/2105.14383",
                        target="_blank",
                        rel="noreferrer",
                    ),
                    " again, sets the paper's figures beside its own, and says of each claim whether it holds.",
                ],
                className="caption",
            ),
            html.Div(id=ids.PAPER, className="paper"),
        ],
        className="page",
    )
