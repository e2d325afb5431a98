"""The lower part of a run's page, in tabs: mistakes, confusion, configuration, log."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from backend.runs.schemas import RunRead
from dashboard import ids
from dashboard.components.attributes import attributes
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
_STATES = {
    "recurrent": (
        "a hidden state",
        "The network reads a sample step by step. Each line is a hidden unit, each column a step: orange where its "
        "state is positive, blue where it is negative. What stays coloured after an input has passed is what the "
        "network remembers. It belongs to the moment that is chosen above.",
    ),
    "spiking": (
        "a spike",
        "The network reads a sample step by step. Each line is a hidden unit; its colour is the membrane, orange as it "
        "nears the threshold or is above it, and a mark is a spike, after which the membrane falls by the threshold. "
        "The outputs read the spikes per step of the last hidden layer, drawn on the right. A unit without any spike "
        "tells the outputs nothing. It belongs to the moment that is chosen above.",
    ),
}


def details(run: RunRead) -> Component:
    """Return the tabs; the script fills mistakes, confusion and log when they are seen, and the provenance."""
    panels = {
        **({"Over time": _states(run)} if run.config.architecture in _STATES else {}),
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
    values = {title: title.lower().replace(" ", "-") for title in panels}
    return html.Section(
        [
            html.Div(id=ids.RUN_TABS_SINK, hidden=True),
            dmc.Tabs(
                [
                    dmc.TabsList([dmc.TabsTab(title, value=values[title]) for title in panels]),
                    *(dmc.TabsPanel(parts, value=values[title]) for title, parts in panels.items()),
                ],
                id=ids.RUN_TABS,
                value=next(iter(values.values())),
                keepMounted=True,
            ),
        ],
        className="panel details",
    )


def _states(run: RunRead) -> list[Component]:
    """Return what hidden units do over the steps of one sample; web/run/states.js fills it."""
    names = [("Earlier sample", "‹", -1), ("Next sample", "›", 1)]
    steps = [
        html.Button(
            sign, type="button", title=name, className="button-plain", **attributes(data_by=str(by), aria_label=name)
        )
        for name, sign, by in names
    ]
    chooser = html.Label(["Sample ", html.Select(**attributes(aria_label="Sample to show"))])
    return [
        _headed("Hidden units over time", ids.STATES, _STATES[run.config.architecture], saves=True),
        html.Div(
            [
                html.Div(
                    [html.Div([chooser, *steps], className="states-tools"), html.P(className="caption")],
                    id=ids.STATES_CONTROLS,
                ),
                html.Div(html.Div(id=ids.graph(ids.STATES)), className="states-frame"),
                html.P(id=ids.alternative(ids.STATES), className="visually-hidden"),
            ],
            id=ids.STATES,
        ),
    ]


def _headed(title: str, name: str, help_words: tuple[str, str], *, saves: bool = False) -> Component:
    return html.Header(
        [
            html.H2(title),
            html.Span(id=ids.now(name), className="now", role="status"),
            html.Div([*([save_menu(name, title)] if saves else []), explain(*help_words)], className="panel-tools"),
        ],
        className="detail-head",
    )
