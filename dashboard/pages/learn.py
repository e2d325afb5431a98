"""Pages of the lessons: the list, and a lesson's text beside its scene."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash
from dash import Dash, dcc, html
from dash.development.base_component import Component

from backend.kit.errors import NotFoundError
from backend.kit.late import LateModule
from dashboard import ids
from dashboard.components.attributes import attributes
from dashboard.components.mount import call_when_mounted
from dashboard.pages.not_found import nothing_here

if TYPE_CHECKING:
    from backend.lessons import service
    from backend.lessons.schemas import LessonSummary
else:
    service = LateModule("backend.lessons.service")


def register(app: Dash) -> None:
    """Register the pages; scripts (web/learn) show progress in the list, and fill the page of a lesson."""

    def list_layout(**_: Any) -> Component:
        return learn_page(service.list_lessons())

    def layout(lesson_id: str | None = None, **_: Any) -> Component:
        try:
            service.get_lesson(lesson_id or "")
        except NotFoundError as error:
            return nothing_here(app, "There is no such lesson", error.detail, ("All lessons", "/learn"))
        return lesson_page()

    def title(lesson_id: str | None = None, **_: Any) -> str:
        return f"{service.get_lesson(lesson_id or '').title if exists(lesson_id or '') else 'No such lesson'} – SynRL"

    dash.register_page("learn", path="/learn", title="Learn – SynRL", layout=list_layout, nav="Learn", order=1.5)
    dash.register_page("lesson", path_template="/learn/<lesson_id>", title=title, layout=layout, exists=exists)
    call_when_mounted(app, "mountLearn", ids.LEARN_MOUNTED)
    call_when_mounted(app, "mountLesson", ids.LESSON_MOUNTED)


def exists(lesson_id: str) -> bool:
    """Whether there is such a lesson."""
    try:
        service.get_lesson(lesson_id)
    except NotFoundError:
        return False
    return True


def learn_page(lessons: list[LessonSummary]) -> Component:
    """Lay out the list of lessons."""
    minutes = sum(lesson.minutes for lesson in lessons)
    return html.Div(
        [
            html.Div(id=ids.LEARN_MOUNTED, hidden=True),
            html.Div([html.H1("Learn how it works")], className="page-head"),
            html.P(
                f"{len(lessons)} lessons of three to five minutes, {minutes} minutes in all. Each shows one idea on a "
                "network that learns before your eyes. You predict, then you watch. Progress stays in this browser; "
                "there is nothing to sign up for.",
                className="lead",
            ),
            html.Ol([_item(lesson) for lesson in lessons], className="lesson-list"),
            html.P(
                [
                    "You teach? ",
                    dcc.Link("For teachers", href=dash.get_relative_path("/learn/teach")),
                    ": what to say, what students get wrong, and plans for 45 and 90 minutes.",
                ],
                className="caption",
            ),
            html.P(
                "The method is that of Bhargava, Rezaei and Lankarany, “Gradient-Free Neural Network Training via "
                "Synaptic-Level Reinforcement Learning”, AppliedMath 2022, 2(2), 185–195.",
                className="caption",
            ),
        ],
        id=ids.LEARN,
        className="page learn",
    )


def _item(lesson: LessonSummary) -> Component:
    return html.Li(
        [
            html.Span(str(lesson.number), className="lesson-place", **attributes(aria_hidden="true")),
            html.Div(
                [
                    dcc.Link(lesson.title, href=dash.get_relative_path(f"/learn/{lesson.id}")),
                    html.P(lesson.teaches),
                    html.P(f"{lesson.minutes} minutes", className="now"),
                ]
            ),
            html.Div(className="lesson-progress"),
        ],
        className="lesson-item",
        **attributes(data_lesson=lesson.id, data_steps=str(lesson.steps)),
    )


def lesson_page() -> Component:
    """Lay out the place that the script fills."""
    return html.Div(
        [html.Div(id=ids.LESSON_MOUNTED, hidden=True), html.Div(id=ids.LESSON, className="lesson")],
        className="lesson-page",
    )
