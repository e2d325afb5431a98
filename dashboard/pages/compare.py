"""Page of the comparison: runs overlaid, grouped, measured against a baseline. The address is the whole state.

The script (web/compare/page.js) keeps state and address, fetches the view of it from `dashboard.comparison.routes`, and
draws.
"""

from __future__ import annotations

import json

import dash
from dash import Dash, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.comparison import routes
from dashboard.comparison.address import CompareState, read_address
from dashboard.components.attributes import attributes
from dashboard.components.mount import call_when_mounted
from dashboard.components.panel import Words, panel
from dashboard.figures import comparison_style
from dashboard.services import services_of

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
    """Register the page, and the routes that its script fetches from."""

    def layout(**query: str) -> Component:
        with services_of(app).store.read() as session:
            return compare_page(*read_address(session, query))

    dash.register_page("compare", path="/compare", title="Compare – SynRL", layout=layout, nav="Compare", order=3)
    routes.register(app)
    call_when_mounted(app, "mountCompare", ids.COMPARE_MOUNTED)


def compare_page(state: CompareState, problem: str = "") -> Component:
    """Lay out the page; the script shows what belongs to its state."""
    return html.Div(
        [
            html.Div(id=ids.COMPARE_MOUNTED, hidden=True),
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
            data_metrics=json.dumps(comparison_style.METRICS),
            data_axes=json.dumps(comparison_style.AXES),
        ),
    )


def _figure(name: str, words: Words, controls: Component | None = None) -> Component:
    """A panel whose figure the script draws."""
    frame = html.Div(
        [
            html.Div(id=ids.graph(name), className="plot"),
            html.P("Not drawn yet.", id=ids.alternative(name), className="visually-hidden"),
        ],
        className="plot-frame",
    )
    return panel(name, words, [frame], controls=controls, saves=True)
