"""Hooks that tell the scripts when the layout of a page is there."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output


def call_when_mounted(app: Dash, function: str, element: str) -> None:
    """Call a function of web/main.js in the browser whenever an element appears; the element stays as it is."""
    app.clientside_callback(ClientsideFunction("synrl", function), Output(element, "title"), Input(element, "id"))
