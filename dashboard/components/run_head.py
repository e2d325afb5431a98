"""Head of a run's page: name, status, progress, actions."""

from __future__ import annotations

import dash
from dash import dcc, html
from dash.development.base_component import Component

from backend.kit.fields import DEFAULT_OWNER
from backend.runs.schemas import RunRead
from dashboard import ids
from dashboard.components.attributes import attributes
from dashboard.components.status import badge
from dashboard.words import method, network


def head(run: RunRead) -> Component:
    """Return the head; the script keeps it up to date, and fills the buttons, the tags and the notes."""
    return html.Div(
        [_title(run), html.Div(id=ids.RUN_ACTIONS, className="run-actions"), _progress(run)], className="run-head"
    )


def messages(run: RunRead) -> Component:
    """Return the messages under the head: refusals, what a click did, why a run failed or waits."""
    return html.Div(
        [
            html.Div(
                [html.Strong("This run failed: "), html.Span(run.error or "", id=ids.RUN_ERROR)],
                className="failure",
                role="alert",
            ),
            html.P(id=ids.RUN_MESSAGE, className="refusal", role="alert"),
            html.P(id=ids.RUN_NOTE, className="run-note", role="status"),
        ]
    )


def _title(run: RunRead) -> Component:
    return html.Div(
        [
            html.Nav(
                dcc.Link("Runs", href=dash.get_relative_path("/")), className="crumbs", **attributes(aria_label="Up")
            ),
            html.Div(
                [
                    html.H1(run.name, id=ids.RUN_NAME),
                    html.Button(
                        html.Span(className="glyph glyph-pen"),
                        id=ids.RUN_RENAME,
                        className="icon-button",
                        type="button",
                        **attributes(aria_label="Rename this run"),
                    ),
                ],
                className="run-name-line",
            ),
            html.P(
                f"{run.dataset_name} · {network(run.config)} · {method(run.config)}"
                + (f" · {run.config.replicates} replicates" if run.config.replicates > 1 else "")
                + (f" · by {run.owner}" if run.owner != DEFAULT_OWNER else ""),
                className="caption",
            ),
            html.Div(
                [html.Div(id=ids.RUN_TAGS, className="run-tags"), html.Div(id=ids.RUN_NOTES, className="run-notes")],
                className="run-words",
            ),
        ],
        className="run-title",
    )


def _progress(run: RunRead) -> Component:
    return html.Div(
        [
            badge(run.status),
            html.Span(id=ids.RUN_PROGRESS_WORDS, className="now"),
            html.Div(
                html.Div(id=ids.RUN_BAR, className="bar"),
                id=ids.RUN_PROGRESS,
                className="progress",
                role="progressbar",
                **attributes(aria_label="Iterations done", aria_valuemin="0", aria_valuemax="100"),
            ),
        ],
        className="run-progress",
    )
