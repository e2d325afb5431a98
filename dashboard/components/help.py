"""Help button (?) that explains an idea in three sentences."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components.attributes import attributes


def explain(subject: str, sentences: str) -> Component:
    """Return a small button that opens an explanation; for the keyboard and the screen reader too.

    The browser's own element: it says by itself whether it is open. web/core/explanations.js closes it with Escape,
    and by a click anywhere else.
    """
    return html.Details(
        [
            html.Summary("?", title=f"What is {subject}?", **attributes(aria_label=f"What is {subject}?")),
            html.P(sentences, className="explanation"),
        ],
        className="explain",
    )
