"""Page of all runs: presets, and a live table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash
from dash import Dash, dcc, html
from dash.development.base_component import Component

from backend.kit.identity import current_person
from backend.kit.late import LateModule
from dashboard import ids
from dashboard.components import preset_list, runs_grid
from dashboard.components.attributes import attributes
from dashboard.components.mount import call_when_mounted
from dashboard.services import services_of

if TYPE_CHECKING:
    from backend.runs import presets
    from backend.runs.presets_schemas import Preset
    from backend.runs.table import service as run_table
else:
    presets = LateModule("backend.runs.presets")
    run_table = LateModule("backend.runs.table.service")


def register(app: Dash) -> None:
    """Register the page and its callbacks."""

    def layout(**_: Any) -> Component:
        with services_of(app).store.read() as session:
            stored, offered = run_table.stored(session), presets.timed(session)
        return runs_page(stored, offered, where=_where(app))

    dash.register_page("runs", path="/", title="Runs – SynRL", layout=layout, nav="Runs", order=0)
    call_when_mounted(app, "mountRuns", ids.RUNS_MOUNTED)


def _where(app: Dash) -> str:
    """Describe to the reader where runs train."""
    if not services_of(app).authentication.requires_sign_in:
        return "on this computer"
    return "on this server" if current_person().is_teacher else "on the server of your class, not on your device"


def runs_page(stored: int, offered: list[Preset], where: str = "on this computer") -> Component:
    """Lay out the page for so many stored runs; `where` describes where they train.

    All its faces are there, the empty one, the one where no run matches, and the grid: the script (runs_page.js) turns
    them as runs come and go, fills the grid and builds the toolbar.
    """
    return html.Div(
        [
            html.Div(id=ids.RUNS_MOUNTED, hidden=True),
            html.P(id=ids.START_ERROR, className="refusal", role="alert"),
            html.Div(_welcome(offered, where), className="when-empty"),
            html.Div(
                [
                    html.Div(
                        [html.H1("Runs"), html.Span(id=ids.RUNS_COUNT, className="now"), preset_list.menu(offered)],
                        className="page-head",
                    ),
                    html.Div(
                        id=ids.RUNS_TOOLBAR, className="toolbar", role="search", **attributes(aria_label="Which runs")
                    ),
                    html.Div(runs_grid.grid(), className="when-some"),
                    _none(),
                ],
                className="when-runs",
            ),
            html.Div(id=ids.RUNS_BULK, className="bulk", role="region", **attributes(aria_label="Chosen runs")),
        ],
        id=ids.RUNS_PAGE,
        className="page",
        **attributes(data_empty="false" if stored else "true", data_none="false", data_view="active"),
    )


def _none() -> Component:
    return html.Div(
        [
            html.H2("No run matches"),
            html.P("There are runs, but none that fits these filters.", className="quiet"),
            html.Button("Clear filters", id=ids.RUNS_NONE_CLEAR, className="button", type="button"),
        ],
        className="when-none",
    )


def _welcome(offered: list[Preset], where: str) -> list[Component]:
    return [
        html.H1("Watch a network learn without gradients"),
        html.P(
            f"Choose one to start it. It trains {where}; you see it learn live and can stop it at any time.",
            className="lead",
        ),
        preset_list.cards(offered),
        html.P(
            [
                "Or watch single synapses, one step at a time: ",
                dcc.Link("open the playground", href=dash.get_relative_path("/playground")),
                ". Nothing is stored there. New to this? ",
                dcc.Link("Begin with a lesson", href=dash.get_relative_path("/learn")),
                " of three minutes.",
            ],
            className="caption",
        ),
        html.Div(
            [
                html.H2("What will happen"),
                html.Ol(
                    [
                        _step("act", "Every weight acts", "One small step down, none, or one step up."),
                        _step("lamp", "All hear one reward", "+1 if the network's error fell, −1 if it did not."),
                        _step("table", "All share one table", "It says which action follows which past."),
                    ]
                ),
            ],
            className="method",
        ),
    ]


def _step(icon: str, title: str, text: str) -> Component:
    return html.Li(
        [html.Span(className=f"step-{icon}", **attributes(aria_hidden="true")), html.Strong(title), html.Span(text)]
    )
