"""Badge of a run's status: a word with a mark, never a mark alone."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from backend.kit.status import RunStatus
from dashboard.components.attributes import attributes
from dashboard.words import STATUS_WORDS


def badge(status: RunStatus) -> Component:
    """Return the word with its mark; the script changes both when the run's status changes."""
    return html.Span(
        [html.Span(className="mark"), html.Span(STATUS_WORDS[status], className="word")],
        className="status",
        **attributes(data_status=status.value),
    )
