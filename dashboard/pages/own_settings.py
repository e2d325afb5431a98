"""Page of settings: the signed-in person, their limits and API tokens."""

from __future__ import annotations

from typing import Any

import dash
from dash import Dash, html
from dash.development.base_component import Component

from backend.kit.identity import Person, Role, current_person
from backend.kit.limits import OF_STUDENTS, Limits
from dashboard import ids
from dashboard.components.attributes import attributes
from dashboard.components.mount import call_when_mounted
from dashboard.services import services_of
from dashboard.words import count

_MAY = {
    Role.TEACHER: "You are the teacher: you see and change everything.",
    Role.STUDENT: "You are a student: you start runs and change what is yours, within the limits below.",
    Role.VIEWER: "You are a viewer: you can look at everything and change nothing.",
}
_LIMITS = {
    "parameters": "Weights and biases of a network",
    "iterations": "Iterations of a run",
    "replicates": "Replicates of a run",
    "runs": "Runs that you keep",
    "bytes": "Storage for runs and data, MiB",
    "name_length": "Letters of a name",
}


def register(app: Dash) -> None:
    """Register the page; its script (web/people/tokens.js) fills it and handles its actions."""

    def layout(**_: Any) -> Component:
        services = services_of(app)
        limits = Limits.of(services.settings)
        return settings_page(
            current_person(),
            limits,
            app.get_relative_path("/"),
            requires_sign_in=services.authentication.requires_sign_in,
        )

    dash.register_page("settings", path="/settings", title="Settings – SynRL", layout=layout)
    call_when_mounted(app, "mountSettings", ids.SETTINGS_MOUNTED)


def settings_page(person: Person, limits: Limits, root: str, *, requires_sign_in: bool) -> Component:
    """Lay out the page for a person."""
    return html.Div(
        [
            html.Div(id=ids.SETTINGS_MOUNTED, hidden=True),
            html.Div([html.H1("Settings")], className="page-head"),
            html.P(id=ids.PEOPLE_REFUSAL, className="refusal", role="alert"),
            _who(person, limits, root) if requires_sign_in else _open(),
            *([_tokens(person)] if requires_sign_in else []),
        ],
        className="page",
    )


def _open() -> Component:
    return html.Section(
        [
            html.H2("Nobody signs in"),
            html.P("Only this computer can reach this server, so everybody who uses it is the teacher."),
            html.P(
                [
                    "To let a class in, end it and start it with ",
                    html.Code("SYNRL_HOST=0.0.0.0 make run"),
                    ": people then sign in, and programs use tokens that are made here.",
                ],
                className="caption",
            ),
        ],
        className="people-section",
    )


def _who(person: Person, limits: Limits, root: str) -> Component:
    return html.Section(
        [
            html.H2(person.name),
            html.P(_MAY[person.role]),
            _limits(limits) if person.role is Role.STUDENT else None,
            html.Form(
                html.Button("Sign out", type="submit", className="button-plain"),
                action=f"{root}sign-out",
                method="POST",
            ),
        ],
        className="people-section",
    )


def _limits(limits: Limits) -> Component:
    shown = {name: getattr(limits, name) for name in OF_STUDENTS} | {"bytes": limits.bytes // 2**20}
    return html.Dl(
        [html.Div([html.Dt(words), html.Dd(f"at most {count(shown[name])}")]) for name, words in _LIMITS.items()],
        className="limits",
    )


def _tokens(person: Person) -> Component:
    words = (
        "A program that uses the API sends a token and acts for you. Revoke a token that is needed no more, or that "
        "others may have seen."
    )
    if person.role is Role.VIEWER:
        return html.Section(
            [html.H2("Tokens"), html.P("Viewers make no tokens: ask your teacher for one.", className="caption")],
            className="people-section",
        )
    return html.Section(
        [
            html.H2("Tokens"),
            html.P(words, className="caption"),
            html.Div(id=ids.TOKENS, className="tokens", **attributes(aria_live="polite")),
        ],
        className="people-section",
    )
