"""Runs that are ready to start: as cards on the empty page, as a menu afterwards."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from backend.schemas import Preset
from dashboard import ids
from dashboard.words import about, count


def cards(presets: list[Preset]) -> Component:
    """Return one card a preset; a click anywhere on it starts the run."""
    return html.Div([_card(preset) for preset in presets], className="presets")


def menu(presets: list[Preset]) -> Component:
    """Return the menu of new runs."""
    return dmc.Menu(
        [
            dmc.MenuTarget(
                dmc.Button(
                    "New run", id=ids.NEW_RUN, variant="filled", rightSection=html.Span(className="glyph glyph-down")
                )
            ),
            dmc.MenuDropdown([_item(preset) for preset in presets]),
        ],
        position="bottom-end",
        shadow="md",
        width=360,
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
    )


def _item(preset: Preset) -> Component:
    return dmc.MenuItem(
        [
            html.Span(preset.title, className="preset-title"),
            html.Span(preset.description, className="preset-description"),
            html.Span(_cost(preset), className="preset-cost"),
        ],
        id=ids.start_item(preset.id),
        className="preset-item",
    )


def _cost(preset: Preset) -> str:
    return f"{about(preset.seconds)} · {count(preset.config.iterations)} iterations"
