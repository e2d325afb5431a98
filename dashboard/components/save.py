"""Taking a figure along: as SVG, as PNG, and the numbers behind it as CSV. assets/save.js does it in the browser."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components.attributes import attributes

_FORMATS = {"svg": "SVG, for print", "png": "PNG, for slides", "csv": "CSV, the numbers"}


def save_menu(name: str, title: str) -> Component:
    """Return the menu of a figure's panel.

    Parameters
    ----------
    name
        Of the panel; files are called after it.
    title
        Of the figure, for the screen reader.
    """
    buttons = [
        html.Button(words, type="button", className="save-as", **attributes(data_save=format_, data_figure=name))
        for format_, words in _FORMATS.items()
    ]
    return html.Details(
        [
            html.Summary("Save", **attributes(aria_label=f"Save the figure {title}")),
            html.Div(buttons, className="save-menu"),
        ],
        className="save",
    )
