"""Page of a run: controls, curves, actions, weights, configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash
from dash import ClientsideFunction, Dash, Input, Output, html
from dash.development.base_component import Component

from backend.kit.errors import NotFoundError
from backend.kit.late import LateModule
from dashboard import ids
from dashboard.components.attributes import attributes
from dashboard.components.run_curves import behaviour, measured
from dashboard.components.run_details import details
from dashboard.components.run_head import head, messages
from dashboard.components.run_inside import inside, learns_pictures
from dashboard.figures import actions, curves, weights
from dashboard.pages.not_found import nothing_here
from dashboard.services import services_of
from synrl_core import policies

if TYPE_CHECKING:
    from backend.runs import service as runs
    from backend.runs.schemas import RunRead
else:
    runs = LateModule("backend.runs.service")


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    # Plotly loads the code of a kind of trace when the first is made: better now than while somebody waits.
    curves.accuracy(iterations=1)
    actions.now_by_layer(layers=[])
    weights.heatmap()

    def layout(run_id: str | None = None, **_: Any) -> Component:
        try:
            with services_of(app).store.read() as session:
                run = runs.get(session, run_id or "")
        except NotFoundError as error:
            return nothing_here(app, "There is no such run", error.detail)
        return run_page(run)

    def title(run_id: str | None = None, **_: Any) -> str:
        try:
            with services_of(app).store.read() as session:
                return f"{runs.get(session, run_id or '').name} – SynRL"
        except NotFoundError:
            return "No such run – SynRL"

    def exists(run_id: str) -> bool:
        try:
            with services_of(app).store.read() as session:
                runs.get(session, run_id)
        except NotFoundError:
            return False
        return True

    dash.register_page("run", path_template="/runs/<run_id>", title=title, layout=layout, exists=exists)
    _bind_script(app)


def _bind_script(app: Dash) -> None:
    """Register the callbacks that pass mounted elements and choices to the page's script."""
    told = [
        ("mountRun", ids.RUN_MOUNTED, [(ids.RUN_MOUNTED, "data-run")]),
        (
            "showWeights",
            ids.WEIGHTS_SINK,
            [(ids.WEIGHTS_LAYER, "value"), (ids.WEIGHTS_VIEW, "value"), (ids.WEIGHTS_MEASURE, "value")],
        ),
        ("showActions", ids.ACTIONS_SINK, [(ids.ACTIONS_LAYER, "value")]),
        ("showDetails", ids.RUN_TABS_SINK, [(ids.RUN_TABS, "value")]),
    ]
    for function, sink, inputs in told:
        app.clientside_callback(
            ClientsideFunction("synrl", function),
            Output(sink, "title"),
            *(Input(name, attribute) for name, attribute in inputs),
            prevent_initial_call=function != "mountRun",
        )


def run_page(run: RunRead) -> Component:
    """Lay out the page; the script fills the figures from the live feed, finished runs too."""
    return html.Div(
        [
            html.Div(id=ids.RUN_MOUNTED, hidden=True, **attributes(data_run=run.id)),
            head(run),
            messages(run),
            html.Div([measured(run), behaviour(run)], className="columns"),
            inside(run),
            details(run),
        ],
        id=ids.RUN_PAGE,
        className="page",
        **attributes(
            data_status=run.status.value,
            data_run=run.id,
            data_method=run.config.method,
            data_pictures="true" if learns_pictures(run) else "false",
            data_brings_policy="false" if run.config.policy in policies.names() else "true",
        ),
    )
