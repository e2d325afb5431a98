"""The class, for its teacher: sessions, the way in, who is here, and how their runs do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash
from dash import Dash, html
from dash.development.base_component import Component

from backend.kit.identity import current_person
from backend.kit.late import LateModule
from dashboard import ids
from dashboard.components.attributes import attributes
from dashboard.components.mount import call_when_mounted
from dashboard.components.nothing import nothing
from dashboard.services import services_of

if TYPE_CHECKING:
    from backend.classroom.activities import registry
else:
    registry = LateModule("backend.classroom.activities.registry")


def register(app: Dash) -> None:
    """Register the page; its script (web/classroom/page.js) fills it and handles its actions."""

    def layout(**_: Any) -> Component:
        person = current_person()
        services = services_of(app)
        return people_page(
            is_teacher=person.is_teacher,
            requires_sign_in=services.authentication.requires_sign_in,
            seats=services.settings.max_people,
        )

    dash.register_page("people", path="/class", title="Class – SynRL", layout=layout)
    call_when_mounted(app, "mountClass", ids.PEOPLE_MOUNTED)


def people_page(*, is_teacher: bool, requires_sign_in: bool, seats: int) -> Component:
    """Lay out the page, or why it is empty. `seats` is how many people may join."""
    if not is_teacher:
        return nothing("This page is the teacher's", "You can see and change what is yours on the other pages.")
    accounts = _accounts(seats) if requires_sign_in else _no_accounts()
    return html.Div(
        [
            html.Div(id=ids.PEOPLE_MOUNTED, hidden=True),
            html.H1("Class"),
            html.Div(
                id=ids.CLASS_SESSION, className="class-session", **attributes(data_kinds=" ".join(registry.ACTIVITIES))
            ),
            *accounts,
        ],
        className="page class-page",
    )


def _no_accounts() -> list[Component]:
    """Say how to let a class in, where nobody signs in."""
    return [
        html.Section(
            [
                html.H2("Nobody signs in on this server"),
                html.P(
                    [
                        "It was started for this computer alone, which is enough to try a session with simulated "
                        "students. To let a class in, end it and start it with ",
                        html.Code("SYNRL_HOST=0.0.0.0 make run"),
                        ": it then prints an address with which you come in, and phones reach it.",
                    ],
                    className="caption",
                ),
            ],
            className="people-section",
        )
    ]


def _accounts(seats: int) -> list[Component]:
    """Lay out who has an account here: people who keep runs beyond a session."""
    return [
        html.Div(
            [html.H2("Accounts"), html.Span(id=ids.CLASS_NOW, className="now", **attributes(data_seats=str(seats)))],
            className="page-head",
        ),
        html.P(id=ids.PEOPLE_REFUSAL, className="refusal", role="alert"),
        html.Div(id=ids.FAILED_SIGN_INS, **attributes(aria_live="polite")),
        html.Section(
            [
                html.H3("The way in"),
                html.P(
                    "For people who train runs of their own and keep them: they open the link, or type the code on "
                    "the sign-in page, and choose a name. Each gets a personal code for coming back. Close the link "
                    "when all are in. A session needs no account.",
                    className="caption",
                ),
                html.Div(id=ids.JOIN_LINKS, className="join-links"),
            ],
            className="people-section",
        ),
        html.Section(
            [
                html.H3("Who is here"),
                html.P(
                    "A name leads to the runs of that person, an accuracy to the run that reached it. A person "
                    "who is sent out is signed out at once, tokens included; their runs stay. A new code lets "
                    "them in again, and helps a person who has lost the old one.",
                    className="caption",
                ),
                html.Div(id=ids.CLASS_NEWS),
                html.Div(id=ids.PEOPLE_TABLE),
            ],
            className="people-section",
        ),
    ]
