"""Deleting a run: asked for on its page or in the grid, confirmed in one dialog."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from backend.errors import DomainError, NotFoundError
from backend.services import runs
from dashboard import ids


def dialog() -> Component:
    """Return the question, closed."""
    return html.Div(
        [
            dcc.Store(id=ids.DELETE_REQUEST),
            dmc.Modal(
                [
                    html.P(id=ids.DELETE_QUESTION),
                    html.P(id=ids.DELETE_ERROR, className="refusal", role="alert"),
                    dmc.Group(
                        [
                            dmc.Button("Keep it", id=ids.DELETE_CANCEL, variant="default"),
                            dmc.Button("Delete", id=ids.DELETE_CONFIRM, variant="filled", className="danger"),
                        ],
                        justify="flex-end",
                    ),
                ],
                id=ids.DELETE_DIALOG,
                title="Delete this run?",
                centered=True,
                closeButtonProps={"aria-label": "Close"},
            ),
        ]
    )


def register(app: Dash) -> None:
    """Bind the dialog."""
    app.clientside_callback(
        ClientsideFunction("synrl", "askToDelete"),
        Output(ids.DELETE_DIALOG, "opened"),
        Output(ids.DELETE_QUESTION, "children"),
        Output(ids.DELETE_ERROR, "children"),
        Input(ids.DELETE_REQUEST, "data"),
        Input(ids.DELETE_CANCEL, "n_clicks"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.DELETE_DIALOG, "opened", allow_duplicate=True),
        Output(ids.DELETE_ERROR, "children", allow_duplicate=True),
        Output(ids.URL, "pathname", allow_duplicate=True),
        Input(ids.DELETE_CONFIRM, "n_clicks"),
        State(ids.DELETE_REQUEST, "data"),
        State(ids.URL, "pathname"),
        running=[(Output(ids.DELETE_CONFIRM, "loading"), True, False)],
        prevent_initial_call=True,
    )
    def delete(clicks: int | None, request: dict[str, str] | None, pathname: str) -> tuple[Any, Any, Any]:
        if not clicks or not request:
            return no_update, no_update, no_update
        try:
            with app.server.state.store.write() as session:
                runs.delete(session, request["id"])
        except NotFoundError:
            pass  # gone already, which is what was wanted
        except DomainError as error:
            return no_update, error.detail, no_update
        leaves = pathname.rstrip("/").endswith(f"/runs/{request['id']}")
        return False, "", app.get_relative_path("/") if leaves else no_update
