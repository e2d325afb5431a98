"""A run: its controls, curves, actions and weights as it trains, and what it was configured with."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from backend.errors import DomainError, NotFoundError
from backend.schemas import RunRead
from backend.services import runs
from dashboard import ids
from dashboard.components.attributes import attributes
from dashboard.components.configuration import configuration, provenance
from dashboard.components.panel import Words, graph, panel
from dashboard.components.status import badge
from dashboard.figures import actions, curves, weights
from dashboard.pages.not_found import nothing_here
from dashboard.words import layer_names, method, network

_ACCURACY = Words(
    "Accuracy",
    "Look for the gap: where training rises and validation does not, the network memorises instead of learning.",
    "accuracy",
    "Accuracy is the share of samples whose class the network names correctly. The strong line is measured on "
    "validation samples, which it never trains on; the pale line on those it does train on. With several replicates "
    "the line is their mean, and the band reaches one standard deviation to either side.",
)
_LOSS = Words(
    "Loss",
    "It should fall, fast at first and ever more slowly: whether it fell is all that the synapses are told.",
    "the loss",
    "The loss measures how wrong the network is and how sure it was of it. After each iteration it is measured again "
    "on the current batch. If it fell, every synapse gets the reward +1; if not, −1.",
)
_ACTIONS = Words(
    "What the synapses do",
    "Blue and orange in balance: the weights search in both directions. If one takes over, all drift the same way.",
    "an action",
    "In each iteration every weight and bias moves one step down, stays, or moves one step up. What it does follows "
    "from its own last actions and the rewards that all got, looked up in a table that all share. A small share acts "
    "at random instead, to find out what else would work.",
)
_REWARD = Words(
    "Reward",
    "A filled lamp is +1, an empty one −1: so many of ten iterations made the loss fall.",
    "the reward",
    "The reward is one bit, the same for all synapses. It is +1 when the loss fell in this iteration, and −1 when it "
    "did not. The rate is the share of +1 since the measurement before.",
)
_WEIGHTS = Words(
    "Weights",
    "Look for patterns growing out of the noise: stripes or shapes are inputs that a unit has learned to use.",
    "a weight",
    "Each cell is one weight, blue below zero and orange above, on one scale for all layers. In the matrix a column "
    "is an input of the layer and a row the unit it feeds, with the units' biases apart on the right. Where the inputs "
    "are pixels, each unit's weights also make a picture: what it looks for, and what speaks against it.",
)


def register(app: Dash) -> None:
    """Register the page and what can be done on it."""
    # Plotly loads the code of a kind of trace when the first is made: better now than while somebody waits.
    curves.accuracy(None, iterations=1)
    actions.now_by_layer(None, layers=[])
    weights.heatmap(None)

    def layout(run_id: str | None = None, **_: Any) -> Component:
        try:
            with app.server.state.store.read() as session:
                run = runs.get(session, run_id or "")
        except NotFoundError as error:
            return nothing_here(app, "There is no such run", error.detail)
        return run_page(run)

    def title(run_id: str | None = None, **_: Any) -> str:
        try:
            with app.server.state.store.read() as session:
                return f"{runs.get(session, run_id or '').name} – SynRL"
        except NotFoundError:
            return "No such run – SynRL"

    dash.register_page("run", path_template="/runs/<run_id>", title=title, layout=layout)
    app.clientside_callback(
        ClientsideFunction("synrl", "mountRun"),
        Output(ids.RUN_MOUNTED, "title"),
        Input(ids.RUN_MOUNTED, "data-run"),
    )
    app.clientside_callback(
        ClientsideFunction("synrl", "showWeights"),
        Output(ids.WEIGHTS_SINK, "title"),
        Input(ids.WEIGHTS_LAYER, "value"),
        Input(ids.WEIGHTS_VIEW, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("synrl", "requestDelete"),
        Output(ids.DELETE_REQUEST, "data"),
        Input(ids.RUN_DELETE, "n_clicks"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.RUN_PROVENANCE, "children"),
        Input(ids.RUN_NEWS, "data"),
        State(ids.RUN_MOUNTED, "data-run"),
        prevent_initial_call=True,
    )
    def renew_provenance(_news: str, run_id: str) -> Any:
        try:
            with app.server.state.store.read() as session:
                return provenance(runs.get(session, run_id))
        except NotFoundError:
            return no_update

    @app.callback(
        Output(ids.RUN_MESSAGE, "children"),
        Input(ids.RUN_STOP, "n_clicks"),
        State(ids.RUN_MOUNTED, "data-run"),
        running=[(Output(ids.RUN_STOP, "loading"), True, False)],
        prevent_initial_call=True,
    )
    def stop(clicks: int | None, run_id: str) -> str:
        if not clicks:
            return ""
        try:
            with app.server.state.store.write() as session:
                runs.stop(session, run_id)
        except DomainError as error:
            return error.detail
        return ""


def run_page(run: RunRead) -> Component:
    """Lay out the page; the script fills the figures from the live feed, finished runs too."""
    return html.Div(
        [
            html.Div(id=ids.RUN_MOUNTED, hidden=True, **attributes(data_run=run.id)),
            _head(run),
            html.Div(
                [
                    html.Div(
                        [html.Strong("This run failed: "), html.Span(run.error or "", id="run-error")],
                        className="failure",
                        role="alert",
                    ),
                    html.P(id=ids.RUN_MESSAGE, className="refusal", role="alert"),
                    html.P("Waiting for a free worker. It starts by itself.", className="waiting"),
                ]
            ),
            html.Div([_curves(run), _behaviour(run)], className="columns"),
            _weights(run),
            html.Section(
                [
                    html.H2("Configuration"),
                    html.Div(
                        [*configuration(run.config), html.Div(provenance(run), id=ids.RUN_PROVENANCE)],
                        className="settings",
                    ),
                    dcc.Store(id=ids.RUN_NEWS),
                ],
                className="panel",
            ),
        ],
        id=ids.RUN_PAGE,
        className="page",
        **attributes(
            data_status=run.status.value,
            data_run=run.id,
            data_method=run.config.method,
            data_pictures="true" if _learns_pictures(run) else "false",
        ),
    )


def _head(run: RunRead) -> Component:
    return html.Div(
        [
            html.Div(
                [
                    html.Nav(dcc.Link("Runs", href=dash.get_relative_path("/")), className="crumbs"),
                    html.H1(run.name, id="run-name"),
                    html.P(f"{run.dataset_name} · {network(run.config)} · {method(run.config)}", className="caption"),
                ],
                className="run-title",
            ),
            html.Div(
                [
                    dmc.Button("Stop", id=ids.RUN_STOP, variant="default", className="when-active"),
                    dmc.Button("Delete", id=ids.RUN_DELETE, variant="default", className="when-final"),
                ],
                className="run-actions",
            ),
            html.Div(
                [
                    badge(run.status),
                    html.Span(id="run-progress-words", className="now"),
                    html.Div(
                        html.Div(id="run-bar", className="bar"),
                        id="run-progress",
                        className="progress",
                        role="progressbar",
                        **attributes(aria_label="Iterations done", aria_valuemin="0", aria_valuemax="100"),
                    ),
                ],
                className="run-progress",
            ),
        ],
        className="run-head",
    )


def _curves(run: RunRead) -> Component:
    accuracy = curves.accuracy(None, iterations=run.iterations, replicates=run.config.replicates)
    loss = curves.loss(None, iterations=run.iterations, replicates=run.config.replicates)
    return html.Div(
        [
            panel(ids.ACCURACY, _ACCURACY, [graph(ids.ACCURACY, accuracy, height=340)]),
            panel(ids.LOSS, _LOSS, [graph(ids.LOSS, loss, height=220)]),
        ],
        className="main-column",
    )


def _behaviour(run: RunRead) -> Component | None:
    """What the synapses do and hear; gradient descent has nothing of the kind."""
    if run.config.method != "synaptic":
        return None
    layers = layer_names(run.config)
    return html.Div(
        [
            panel(
                ids.ACTIONS,
                _ACTIONS,
                [
                    _action_legend(),
                    graph(ids.ACTIONS, actions.shares_over_time(None, iterations=run.iterations), height=220),
                    html.H3("Now, by layer"),
                    graph(ids.LAYERS, actions.now_by_layer(None, layers=layers), height=16 + 34 * len(layers)),
                ],
            ),
            panel(ids.REWARD, _REWARD, [_lamps()]),
        ],
        className="side-column",
    )


def _action_legend() -> Component:
    return html.Ul(
        [html.Li(word, className=f"key key-{word}") for word in actions.ACTIONS],
        className="legend",
        **attributes(aria_label="Colours of the actions"),
    )


def _lamps() -> Component:
    return html.Div(
        [html.Span(className="lamp") for _ in range(10)],
        id="reward-lamps",
        className="lamps",
        **attributes(aria_hidden="true"),
    )


def _learns_pictures(run: RunRead) -> bool:
    return len(run.sample_shape) == 2


def _weights(run: RunRead) -> Component:
    names = layer_names(run.config)
    pictures = _learns_pictures(run)
    choices = html.Div(
        [
            html.Div(
                dmc.SegmentedControl(
                    id=ids.WEIGHTS_VIEW,
                    value="pictures" if pictures else "matrix",
                    data=[{"value": "pictures", "label": "Pictures"}, {"value": "matrix", "label": "Matrix"}],
                    size="xs",
                    **attributes(aria_label="How the weights are shown"),
                ),
                hidden=not pictures,
                className="weights-view",
            ),
            dmc.SegmentedControl(
                id=ids.WEIGHTS_LAYER,
                value="0",
                data=[{"value": str(index), "label": name} for index, name in enumerate(names)],
                size="xs",
                **attributes(aria_label="Layer"),
            ),
        ],
        className="choices",
    )
    return html.Div(
        [
            html.Div(id=ids.WEIGHTS_SINK, hidden=True),
            panel(ids.WEIGHTS, _WEIGHTS, [graph(ids.WEIGHTS, weights.heatmap(None), height=360)], controls=choices),
        ]
    )
