"""The comparison: runs overlaid, grouped, measured against a baseline. The address is the whole state.

The script (web/compare/page.js) keeps state and address and draws; a callback here turns the state into figures,
tables and words.
"""

from __future__ import annotations

import json
from typing import Any

import dash
from dash import ClientsideFunction, Dash, Input, Output, dcc, html, no_update
from dash.development.base_component import Component
from pydantic import ValidationError
from sqlalchemy.orm import Session

from backend.comparison import service as comparison
from backend.comparison.schemas import MOST_RUNS, Comparison, ComparisonOptions
from backend.inspection import judging, weights
from backend.kit.errors import DomainError, NotFoundError
from backend.runs import service as runs
from backend.runs.sweeps import service as sweeps
from backend.wire.artifacts import Artifacts
from dashboard import ids
from dashboard.components.attributes import attributes
from dashboard.components.compare_tables import groups_table, settings_table
from dashboard.components.panel import Words, panel
from dashboard.figures import comparison as figures
from dashboard.figures import parallel, side_by_side
from dashboard.services import Services, services_of
from dashboard.words import plural

State = dict[str, Any]

#: Networks shown side by side.
_MOST_NETWORKS = 8

_CURVES = Words(
    "Curves",
    "Look where curves part and whether they meet again: a faster start is not always a better end.",
    "a group",
    "Runs that differ only in their seed form a group, drawn as the mean of all their replicates; the band reaches one "
    "standard deviation to either side. Smoothing is an exponential mean over all evaluations, and what was measured "
    "stays behind it, faint. Over forward passes methods are compared by their work, over seconds by this machine.",
)
_DISTRIBUTION = Words(
    "Results by replicate",
    "Each dot is one replicate of a run: see whether groups overlap before you trust their means.",
    "this number",
    "The final value is the last that was measured. The best is the best of all that were measured, which flatters "
    "noisy curves, as more looks find higher peaks. The upright bar is the mean, the line one standard deviation.",
)
_DIFFERENCES = Words(
    "Difference to the baseline",
    "An interval that does not touch zero tells a difference that chance would seldom make.",
    "an interval",
    "In 95 of 100 such comparisons the interval holds the true difference; of twenty groups, one misses by chance. "
    "Where group and baseline have the same seeds on the same split, seeds are paired and the interval is Student's "
    "for their differences; else it is Welch's, which allows for unequal deviations.",
)
_PARALLEL = Words(
    "Settings and result",
    "Follow the lines that end highest: where they pass together, a setting matters.",
    "this figure",
    "Each line is a run; it crosses every setting's axis at the run's value and ends at its result. Axes that span "
    "more than a decade are logarithmic. A line below an axis: the setting has no meaning for that run.",
)
_WEIGHTS = Words(
    "Weights side by side",
    "Networks that learned the same need not look the same: compare what their units look for.",
    "this figure",
    "One layer of one run of each group, as last stored, on one scale: blue below zero, orange above. Where inputs are "
    "pixels each unit's weights make a picture. Replicate 0 is shown.",
)
_CONFUSION = Words(
    "Confusion matrices",
    "Dark off the diagonal is a mistake made often: see whether all networks make the same.",
    "this figure",
    "A row is the true class of validation samples, a column the predicted class; the darker a cell, the "
    "larger the share of the row. A perfect network is dark on the diagonal alone. One run of each group is judged, as "
    "last stored, replicate 0.",
)


def register(app: Dash) -> None:
    """Register the page and what can be done on it."""

    def layout(**query: str) -> Component:
        with services_of(app).store.read() as session:
            return compare_page(*state_of(session, query))

    dash.register_page("compare", path="/compare", title="Compare – SynRL", layout=layout, nav="Compare", order=3)
    for function, output, changed in (
        ("mountCompare", Output(ids.COMPARE_MOUNTED, "title"), Input(ids.COMPARE_MOUNTED, "id")),
        ("showComparison", Output(ids.COMPARE_VIEW_SINK, "title"), Input(ids.COMPARE_VIEW, "data")),
        ("showComparedWeights", Output(ids.COMPARE_VIEW_SINK, "lang"), Input(ids.COMPARE_WEIGHTS_VIEW, "data")),
        ("showConfusions", Output(ids.COMPARE_VIEW_SINK, "dir"), Input(ids.COMPARE_CONFUSION_VIEW, "data")),
    ):
        app.clientside_callback(ClientsideFunction("synrl", function), output, changed)

    @app.callback(
        Output(ids.COMPARE_VIEW, "data"),
        Output(ids.COMPARE_GROUPS, "children"),
        Output(ids.COMPARE_SETTINGS, "children"),
        Output(ids.COMPARE_HEADLINE, "children"),
        Input(ids.COMPARE_STATE, "data"),
    )
    def compare(state: State | None) -> tuple[Any, Any, Any, Any]:
        if not state or not state.get("runs"):
            return {"empty": True}, None, None, ""
        try:
            with services_of(app).store.read() as session:
                compared = comparison.compare(session, state["runs"], options_of(state))
        except DomainError as error:
            return {"problem": error.detail, "asked": state.get("asked")}, no_update, no_update, no_update
        return view(compared, state), groups_table(compared), settings_table(compared), headline(compared)

    @app.callback(Output(ids.COMPARE_WEIGHTS_VIEW, "data"), Input(ids.COMPARE_WEIGHTS_STATE, "data"))
    def compare_weights(state: dict[str, Any] | None) -> Any:
        if not state:
            return no_update
        services = services_of(app)
        with services.store.read() as session:
            return weights_view(session, services.artifacts, state)

    @app.callback(Output(ids.COMPARE_CONFUSION_VIEW, "data"), Input(ids.COMPARE_CONFUSION_STATE, "data"))
    def compare_confusions(state: dict[str, Any] | None) -> Any:
        if not state:
            return no_update
        return confusions_view(services_of(app), state)


def state_of(session: Session, query: dict[str, str]) -> tuple[State, str]:
    """Read an address: the state, and in words what of it could not be followed. Values not allowed are left out."""
    state: State = {"runs": _split(query.get("runs"))}
    problem = ""
    if query.get("sweep"):
        try:
            state["runs"] = sweeps.get(session, query["sweep"]).run_ids
            state["sweep"] = query["sweep"]
        except NotFoundError as error:
            problem = error.detail
    if len(state["runs"]) > MOST_RUNS:
        problem = f"{len(state['runs'])} runs are asked for; the first {MOST_RUNS} are shown."
        state["runs"] = state["runs"][:MOST_RUNS]
    state |= {
        "metric": query.get("metric"),
        "x": query.get("x"),
        "statistic": query.get("statistic"),
        "smoothing": query.get("smoothing"),
        "group": query.get("group"),
        "baseline": query.get("baseline"),
        "members": query.get("members"),
        "log_x": query.get("log_x") == "yes",
        "log_y": query.get("log_y") == "yes",
    }
    options = options_of(state)
    state |= {name: getattr(options, name) for name in ("metric", "x", "statistic", "smoothing")}
    return state, problem


def options_of(state: State) -> ComparisonOptions:
    """Turn the page's state into what the service takes; what is not allowed becomes the default."""
    group = state.get("group")
    wanted = {
        "metric": state.get("metric"),
        "x": state.get("x"),
        "statistic": state.get("statistic"),
        "smoothing": state.get("smoothing"),
        "group_by": None if group is None else [] if group == "none" else _split(group),
        "baseline": state.get("baseline"),
        "members": _split(state.get("members")),
        "log_x": bool(state.get("log_x")),
    }
    options: dict[str, Any] = {}
    for name, value in wanted.items():
        if value is None:
            continue
        try:
            options[name] = getattr(ComparisonOptions.model_validate({name: value}), name)
        except ValidationError:
            continue
    return ComparisonOptions(**options)


def compare_page(state: State, problem: str = "") -> Component:
    """Lay out the page; the script shows what belongs to its state."""
    return html.Div(
        [
            html.Div(id=ids.COMPARE_MOUNTED, hidden=True),
            html.Div(id=ids.COMPARE_VIEW_SINK, hidden=True),
            dcc.Store(id=ids.COMPARE_STATE),
            dcc.Store(id=ids.COMPARE_VIEW),
            dcc.Store(id=ids.COMPARE_WEIGHTS_STATE),
            dcc.Store(id=ids.COMPARE_WEIGHTS_VIEW),
            dcc.Store(id=ids.COMPARE_CONFUSION_STATE),
            dcc.Store(id=ids.COMPARE_CONFUSION_VIEW),
            html.Div(
                [html.H1("Compare"), html.Span(id=ids.COMPARE_HEADLINE, className="now")],
                className="page-head",
            ),
            html.P(problem, className="refusal", role="alert", id=ids.COMPARE_PROBLEM),
            # Filled by the script alone.
            html.Div(id=ids.COMPARE_PICKER, className="picker"),
            html.Div(
                [
                    html.Div(id=ids.COMPARE_CONTROLS, className="compare-controls"),
                    html.Div(
                        [
                            _figure(ids.COMPARE_CURVES, _CURVES),
                            html.Section(
                                [
                                    html.H2("Groups"),
                                    html.Div(id=ids.COMPARE_GROUPS, className="table-frame", tabIndex=0),
                                    html.P(
                                        "Colours and dashes are those of the figures. Pin a group as baseline to "
                                        "see how far the others are from it.",
                                        className="caption",
                                    ),
                                ],
                                className="panel compare-side",
                                **attributes(aria_label="Groups"),
                            ),
                        ],
                        className="compare-top",
                    ),
                    html.Div(
                        [
                            _figure(ids.COMPARE_DIFFERENCES, _DIFFERENCES),
                            _figure(ids.COMPARE_DISTRIBUTION, _DISTRIBUTION),
                        ],
                        className="compare-pair",
                    ),
                    html.Section(
                        [
                            html.H2("What differs"),
                            html.Div(id=ids.COMPARE_SETTINGS, className="table-frame", tabIndex=0),
                            html.P("Settings that all runs share are left out.", className="caption"),
                        ],
                        className="panel",
                        **attributes(aria_label="What differs"),
                    ),
                    _figure(ids.COMPARE_PARALLEL, _PARALLEL),
                    _figure(
                        ids.COMPARE_WEIGHTS, _WEIGHTS, html.Div(id=ids.COMPARE_WEIGHTS_CONTROLS, className="choices")
                    ),
                    _figure(
                        ids.COMPARE_CONFUSION,
                        _CONFUSION,
                        html.Button(
                            "Judge the networks",
                            id=ids.COMPARE_CONFUSION_ASK,
                            type="button",
                            className="button-plain",
                        ),
                    ),
                ],
                className="compare-body",
            ),
        ],
        id=ids.COMPARE_PAGE,
        className="page",
        **attributes(
            data_empty="false" if state["runs"] else "true",
            data_state=json.dumps(state),
            data_metrics=json.dumps(figures.METRICS),
            data_axes=json.dumps(figures.AXES),
            data_most=str(MOST_RUNS),
        ),
    )


def _figure(name: str, said: Words, controls: Component | None = None) -> Component:
    """A panel whose figure the script draws."""
    frame = html.Div(
        [
            html.Div(id=ids.graph(name), className="plot"),
            html.P("Not drawn yet.", id=ids.alternative(name), className="visually-hidden"),
        ],
        className="plot-frame",
    )
    return panel(name, said, [frame], controls=controls, saves=True)


def view(compared: Comparison, state: State) -> dict[str, Any]:
    """Return what the script shows: figures without their template, their heights and words, and what there is."""
    log = {"log_x": bool(state.get("log_x")), "log_y": bool(state.get("log_y"))}
    rows = figures.rows_height(compared)
    return {
        "asked": state.get("asked"),
        "figures": {
            ids.COMPARE_CURVES: _plain(figures.overlay(compared, **log), 420, figures.say_overlay(compared)),
            ids.COMPARE_DISTRIBUTION: _plain(figures.distribution(compared), rows, figures.say_distribution(compared)),
            ids.COMPARE_DIFFERENCES: _plain(figures.differences(compared), rows, figures.say_differences(compared)),
            ids.COMPARE_PARALLEL: _plain(
                parallel.lines(compared),
                340,
                parallel.say_parallel(compared),
                least=parallel.least_width(compared),
            ),
        },
        "settings": [{"name": one.name, "title": one.title} for one in compared.settings],
        "grouped_by": compared.grouped_by,
        "groups": [{"label": group.label, "run": group.runs[0], "runs": group.runs} for group in compared.groups],
        "runs": [run.id for run in compared.runs],
        "live": [run.id for run in compared.runs if not run.status.is_final],
        "missing": compared.missing,
        "pinned": next((group.label for group in compared.groups if group.is_baseline), None),
    }


def headline(compared: Comparison) -> str:
    """Say how many there are."""
    groups = len(compared.groups)
    if groups == len(compared.runs):
        return plural(groups, "run")
    return f"{plural(len(compared.runs), 'run')} in {plural(groups, 'group')}"


def weights_view(session: Session, artifacts: Artifacts, state: dict[str, Any]) -> dict[str, Any]:
    """Return one layer of the networks of some runs, each as last stored."""
    layer = int(state.get("layer") or 0)
    networks, layers = [], 0
    for run_id, label in list(zip(state["runs"], state["labels"], strict=True))[:_MOST_NETWORKS]:
        try:
            run = runs.get(session, run_id)
            stored = weights.read_weights(weights.load(artifacts, weights.find(session, run_id)), replicate=0)
        except NotFoundError:
            continue
        if stored is None:
            continue
        layers = max(layers, len(stored.layers))
        chosen = stored.layers[layer] if layer < len(stored.layers) else None
        pixels = layer == 0 and len(run.sample_shape) == 2
        shape = (run.sample_shape[0], run.sample_shape[1]) if pixels else None
        networks.append(side_by_side.Network(f"{label} at {stored.iteration:,}", chosen, shape))
    if not networks:
        return {"empty": True}
    columns = _columns(state)
    drawn = side_by_side.side_by_side(networks, columns)
    height = side_by_side.height(len(networks), columns)
    return {"figure": _plain(drawn, height, side_by_side.say_side_by_side(networks)), "layers": layers, "layer": layer}


def confusions_view(services: Services, state: dict[str, Any]) -> dict[str, Any]:
    """Judge the networks of some runs, each as last stored; what can't be judged is told."""
    judged, problems = [], []
    for run_id, label in list(zip(state["runs"], state["labels"], strict=True))[:_MOST_NETWORKS]:
        try:
            judged.append((label, judging.judged(services.store, services.judges, run_id, None, 0)))
        except DomainError as error:
            problems.append(error.detail)
    if not judged:
        return {"problem": " ".join(dict.fromkeys(problems)) or "There is nothing to judge."}
    columns = _columns(state)
    said = side_by_side.say_confusions(judged)
    height = side_by_side.height(len(judged), columns)
    return {"figure": _plain(side_by_side.confusions(judged, columns), height, said)}


def _columns(state: dict[str, Any]) -> int:
    """Return how many networks a row of the browser's window has room for."""
    return int(state.get("columns") or side_by_side.COLUMNS)


def _plain(figure: Any, height: int, said: str, *, least: int = 0) -> dict[str, Any] | None:
    """Return a figure for the script; in a window of fewer than `least` pixels it is scrolled."""
    if figure is None:
        return None
    made = figure.to_dict()
    made["layout"].pop("template", None)  # the script knows which one: light or dark, large or not
    return {"data": made["data"], "layout": made["layout"], "height": height, "least": least, "said": said}


def _split(text: Any) -> list[str]:
    return [part.strip() for part in str(text or "").split(",") if part.strip()]
