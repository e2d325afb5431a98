"""The page of the policies: the library, each table as a picture, edited beside a network that learns under it."""

from __future__ import annotations

from typing import Any

import dash
from dash import Dash, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.components.mount import call_when_mounted


def register(app: Dash) -> None:
    """Register the page; its script (web/policies/page.js) fills it."""

    def layout(**_: Any) -> Component:
        return policies_page()

    dash.register_page("policies", path="/policies", title="Policies – SynRL", layout=layout, nav="Policies", order=5)
    call_when_mounted(app, "mountPolicies", ids.POLICIES_MOUNTED)


def policies_page() -> Component:
    """Lay out the place that the script fills."""
    return html.Div(
        [
            html.Div(id=ids.POLICIES_MOUNTED, hidden=True),
            html.Div([html.H1("Policies")], className="page-head"),
            html.P(
                "A policy is the one small table by which all synapses of a network act: what to do after their last "
                "actions and the last rewards.",
                className="caption",
            ),
            html.Div(id=ids.POLICIES, className="policies"),
        ],
        className="page",
    )
