"""Page with a message instead of content: missing or not permitted."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component


def nothing(title: str, *words: str | Component) -> Component:
    """Lay out a page that says that something does not exist."""
    return html.Div([html.H1(title), html.P(list(words))], className="page nothing")
