"""Frame of every page: name, navigation, colour scheme, type size."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, dcc, html, page_container
from dash.development.base_component import Component

from dashboard import ids, theme
from dashboard.components.attributes import attributes


def shell(app: Dash) -> Component:
    """Return the layout that all pages share."""
    return dmc.MantineProvider(
        [
            dcc.Location(id=ids.URL, refresh="callback-nav"),
            html.Div(id=ids.ROUTE_SINK, hidden=True),
            html.A("Skip to the content", href=f"#{ids.CONTENT}", className="skip"),
            _header(app),
            _viewer_note(),
            html.Main(page_container, id=ids.CONTENT, tabIndex=-1),
            _connection_banner(),
            html.Div(id=ids.NEWS, className="news", role="status"),
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
                    *_links(app),
                    dcc.Link("Class", href=app.get_relative_path("/class"), className="nav for-teacher"),
                    html.A("API", href=app.get_relative_path("/docs"), className="nav"),
                ],
                **attributes(aria_label="Pages"),
            ),
            html.Div([_person(app), _projector_switch(), _scheme_switch()], className="switches"),
        ],
        className="top",
    )


def _links(app: Dash) -> list[Component]:
    """Return links to the pages that have a name in the header: ``dash.register_page(..., nav="Data", order=2)``.

    The one to the comparison appears when runs are chosen (web/runs/chosen.js).
    """
    named = [page for page in dash.page_registry.values() if page.get("nav")]
    links: list[Component] = []
    for page in sorted(named, key=lambda page: page["order"]):
        compares = page["path"] == "/compare"
        own: dict[str, Any] = (
            {"id": ids.NAV_COMPARE, "className": "nav chosen-only"} if compares else {"className": "nav"}
        )
        links.append(dcc.Link(page["nav"], href=app.get_relative_path(page["path"]), **own))
    return links


def _person(app: Dash) -> Component:
    """Return the link to the settings: named after the person, whom the script reads off the body."""
    return dcc.Link(
        [
            html.Span(id=ids.PERSON_NAME, className="person-name"),
            html.Span("Settings", className="person-settings"),
        ],
        href=app.get_relative_path("/settings"),
        className="nav person",
    )


def _viewer_note() -> Component:
    return html.P("You are here as a viewer: you can look at everything and change nothing.", className="viewer-note")


def _projector_switch() -> Component:
    return html.Button(
        html.Span(className="glyph glyph-projector"),
        id=ids.PROJECTOR,
        type="button",
        className="icon-button",
        title="Large type, for a projector",
        **attributes(aria_label="Large type, for a projector", aria_pressed="false"),
    )


def register(app: Dash) -> None:
    """Register the callbacks of the shell."""
    app.clientside_callback(
        ClientsideFunction("synrl", "route"),
        Output(ids.ROUTE_SINK, "title"),
        Input(ids.URL, "pathname"),
    )
    app.clientside_callback(
        ClientsideFunction("synrl", "projectorMode"),
        Output(ids.PROJECTOR, "title"),
        Input(ids.PROJECTOR, "n_clicks"),
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
            " What is shown may be out of date. Trying to reach the server again …",
        ],
        className="connection-banner",
        role="status",
    )
