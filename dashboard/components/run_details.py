"""The lower part of a run's page, in tabs: mistakes, confusion, configuration, log."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from backend.runs.schemas import RunRead
from dashboard import ids
from dashboard.components.configuration import configuration
from dashboard.components.help import explain
from dashboard.components.save import save_menu

_MISTAKES = (
    "a mistake",
    "Of the validation samples that the network names wrong, those come first whose true class seemed least likely to "
    "it. Look at them: some are hard for you too, and some show what the network has not understood. They belong to "
    "the moment that is chosen above, or to the stored snapshot nearest to now.",
)
_CONFUSION = (
    "confusion",
    "Each validation sample is counted in the row of its true class and the column of the class that the network "
    "predicts. The diagonal counts correct predictions. A dark cell beside it is a pair of classes that the network "
    "can't tell apart.",
)


def details(run: RunRead) -> Component:
    """Return the tabs; the script fills mistakes, confusion and log when they are seen, and the provenance."""
    panels = {
        "Mistakes": [
            _headed("The worst mistakes", ids.MISTAKES, _MISTAKES),
            html.Div(id=ids.MISTAKES, className="mistakes"),
        ],
        "Confusion": [
            _headed("Confusion matrix", ids.CONFUSION, _CONFUSION, saves=True),
            html.Div(id=ids.CONFUSION, className="confusion"),
        ],
        "Configuration": [
            html.Div([*configuration(run.config), html.Div(id=ids.RUN_PROVENANCE)], className="settings"),
        ],
        "Log": [html.Div(id=ids.RUN_LOG, className="log")],
    }
    return html.Section(
        [
            html.Div(id=ids.RUN_TABS_SINK, hidden=True),
            dmc.Tabs(
                [
                    dmc.TabsList([dmc.TabsTab(title, value=title.lower()) for title in panels]),
                    *(dmc.TabsPanel(parts, value=title.lower()) for title, parts in panels.items()),
                ],
                id=ids.RUN_TABS,
                value="mistakes",
                keepMounted=True,
            ),
        ],
        className="panel details",
    )


def _headed(title: str, name: str, help_words: tuple[str, str], *, saves: bool = False) -> Component:
    return html.Header(
        [
            html.H2(title),
            html.Span(id=ids.now(name), className="now", role="status"),
            html.Div([*([save_menu(name, title)] if saves else []), explain(*help_words)], className="panel-tools"),
        ],
        className="detail-head",
    )
