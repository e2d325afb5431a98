"""What stands around every page: name, navigation, light and dark."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import Dash, dcc, html, page_container
from dash.development.base_component import Component

from dashboard import ids, theme
from dashboard.components import deletion
from dashboard.components.attributes import attributes


def shell(app: Dash) -> Component:
    """Return the layout that all pages share."""
    return dmc.MantineProvider(
        [
            dcc.Location(id=ids.URL, refresh="callback-nav"),
            html.Div(id=ids.ROUTE_SINK, hidden=True),
            html.A("Skip to the content", href="#content", className="skip"),
            _header(app),
            html.Main(page_container, id="content", tabIndex=-1),
            _connection_banner(),
            deletion.dialog(),
        ],
        theme=theme.mantine_theme(),
        defaultColorScheme="auto",
    )


def _header(app: Dash) -> Component:
    return html.Header(
        [
            dcc.Link(
                [html.Span(className="logo"), html.Span("SynRL")], href=app.get_relative_path("/"), className="brand"
            ),
            html.Nav(
                [
                    dcc.Link("Runs", href=app.get_relative_path("/"), className="nav"),
                    dcc.Link("Data", href=app.get_relative_path("/datasets"), className="nav"),
                    html.A("API", href=app.get_relative_path("/docs"), className="nav"),
                ],
                **attributes(aria_label="Pages"),
            ),
            _scheme_switch(),
        ],
        className="top",
    )


def _scheme_switch() -> Component:
    return dmc.ColorSchemeToggle(
        lightIcon=html.Span(className="glyph glyph-sun"),
        darkIcon=html.Span(className="glyph glyph-moon"),
        variant="subtle",
        color="gray",
        size="lg",
        id="color-scheme",
        **attributes(aria_label="Switch between light and dark"),
    )


def _connection_banner() -> Component:
    return html.Div(
        [
            html.Strong("Connection lost."),
            " The run goes on without this page. Trying to reach the server again …",
        ],
        className="connection-banner",
        role="status",
    )
