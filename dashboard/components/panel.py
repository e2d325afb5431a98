"""A figure with its heading, current numbers, caption, explanation and text alternative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import ids, theme
from dashboard.components.attributes import attributes
from dashboard.components.help import explain
from dashboard.components.save import Whole, save_menu


class Words(NamedTuple):
    """Texts of a figure: title, caption, explanation, text alternative."""

    title: str
    look_for: str
    """One sentence: what to look for."""
    subject: str
    """What the explanation is about, as in 'What is ...?'"""
    explanation: str
    """Three sentences."""


def panel(
    name: str,
    words: Words,
    children: list[Component],
    *,
    controls: Component | None = None,
    saves: bool = False,
    wholes: Sequence[Whole] = (),
) -> Component:
    """Return a section of a page: heading and numbers above, what is shown, and what to look for below.

    Parameters
    ----------
    saves
        Offer the panel's figure as SVG, PNG and CSV.
    wholes
        Offer these files beside.
    """
    return html.Section(
        [
            html.Header(
                [
                    html.H2(words.title, id=ids.title(name)),
                    html.Span(id=ids.now(name), className="now"),
                    # Dash calls a component without children false.
                    *([controls] if controls is not None else []),
                    html.Div(
                        [
                            *([save_menu(name, words.title, wholes)] if saves else []),
                            explain(words.subject, words.explanation),
                        ],
                        className="panel-tools",
                    ),
                ]
            ),
            *children,
            html.P(words.look_for, className="caption"),
        ],
        className=f"panel panel-{name}",
        **attributes(aria_labelledby=ids.title(name)),
    )


def graph(name: str, figure: go.Figure, *, height: int) -> Component:
    """Return a graph that the page's script keeps up to date, and its text alternative beside it."""
    return html.Div(
        [
            html.Div(
                dcc.Graph(
                    id=ids.graph(name), figure=figure, config=theme.FIGURE_TOOLS, responsive=True, className="graph"
                )
            ),
            html.P("No data yet.", id=ids.alternative(name), className="visually-hidden"),
        ],
        className="graph-frame",
        style={"height": f"calc({height}px * var(--figure-scale))"},
    )
