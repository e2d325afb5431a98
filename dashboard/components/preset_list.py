"""List of presets: as cards on the empty page, as a menu afterwards."""

from __future__ import annotations

import json

from dash import html
from dash.development.base_component import Component

from backend.runs.presets_schemas import Preset
from dashboard import ids
from dashboard.components.attributes import attributes
from dashboard.words import about, count


def cards(presets: list[Preset]) -> Component:
    """Return one card a preset; a click anywhere on it starts the run."""
    return html.Div([_card(preset) for preset in presets], className="presets")


def menu(presets: list[Preset]) -> Component:
    """Return the menu of new runs; web/runs/page.js opens it."""
    return html.Div(
        [
            html.Button(
                ["New run", html.Span(className="glyph glyph-down")],
                id=ids.NEW_RUN,
                type="button",
                className="button menu-button",
                **attributes(aria_haspopup="menu", aria_expanded="false"),
            ),
            html.Div(
                [_item(preset) for preset in presets],
                id=ids.NEW_RUN_MENU,
                className="menu preset-menu",
                role="menu",
                **attributes(aria_label="New run"),
            ),
        ],
        className="new-run",
    )


def _card(preset: Preset) -> Component:
    return html.Button(
        [
            html.Span(preset.title, className="preset-title"),
            html.Span(preset.description, className="preset-description"),
            html.Span(_cost(preset), className="preset-cost"),
            html.Span("Start", className="preset-start"),
        ],
        id=ids.start_card(preset.id),
        className="preset",
        type="button",
        **attributes(data_run=_request(preset)),
    )


def _item(preset: Preset) -> Component:
    return html.Button(
        [
            html.Span(preset.title, className="preset-title"),
            html.Span(preset.description, className="preset-description"),
            html.Span(_cost(preset), className="preset-cost"),
        ],
        id=ids.start_item(preset.id),
        className="menu-item preset-item",
        type="button",
        role="menuitem",
        tabIndex=-1,
        **attributes(data_run=_request(preset)),
    )


def _request(preset: Preset) -> str:
    """Return the body of `POST /api/v1/runs` for a preset, which web/runs/presets.js sends."""
    return json.dumps({"name": preset.title, "config": preset.config.model_dump(mode="json", exclude_unset=True)})


def _cost(preset: Preset) -> str:
    iterations = f"{count(preset.config.iterations)} iterations"
    return iterations if preset.seconds is None else f"{about(preset.seconds)} · {iterations}"
