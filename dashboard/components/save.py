"""Menus that save a figure as SVG or PNG, or its numbers as CSV; web/charts/save.js does it in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dash import html
from dash.development.base_component import Component

from dashboard.components.attributes import attributes

_FORMATS = {"svg": "SVG, for print", "png": "PNG, for slides", "csv": "CSV, the numbers"}


class Whole(NamedTuple):
    """A server file with the full data of a figure."""

    words: str
    address: str
    """Empty: a script writes it, and hides the entry where there is no such file."""
    id: str = ""


def save_menu(name: str, title: str, wholes: Sequence[Whole] = ()) -> Component:
    """Return the menu of a figure's panel.

    Parameters
    ----------
    name
        Of the panel; files are called after it.
    title
        Of the figure, for the screen reader.
    wholes
        What can be had beyond what is drawn.
    """
    buttons = [
        html.Button(words, type="button", className="save-as", **attributes(data_save=format_, data_figure=name))
        for format_, words in _FORMATS.items()
    ]
    links = [
        html.A(
            whole.words,
            href=whole.address or None,
            className="save-as",
            download="",
            hidden=not whole.address,
            id=whole.id or f"{name}-whole",
        )
        for whole in wholes
    ]
    return html.Details(
        [
            html.Summary("Save", **attributes(aria_label=f"Save the figure {title}")),
            html.Div([*buttons, *links], className="save-menu"),
        ],
        className="save",
    )
