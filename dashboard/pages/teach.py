"""Pages for teachers: a sheet for each lesson, to print or to project, and plans of whole sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash
from dash import Dash, dcc, html
from dash.development.base_component import Component

from backend.kit.late import LateModule
from dashboard.pages.learn import exists
from dashboard.pages.not_found import nothing_here

if TYPE_CHECKING:
    from backend.lessons import plans, service
    from backend.lessons.loader import LoadedLesson
    from backend.lessons.plans import Plan, PlanPart
    from backend.lessons.schemas import Question, QuestionAnswer
    from synrl_core import tape
    from synrl_core.tape import address
else:
    plans, service = LateModule("backend.lessons.plans"), LateModule("backend.lessons.service")
    tape, address = LateModule("synrl_core.tape"), LateModule("synrl_core.tape.address")


def register(app: Dash) -> None:
    """Register the pages."""

    def list_layout(**_: Any) -> Component:
        return teach_page(plans.shipped_plans())

    def layout(lesson_id: str | None = None, **_: Any) -> Component:
        if not exists(lesson_id or ""):
            reason, way = "Its sheet for teachers would be here.", ("All sheets", "/learn/teach")
            return nothing_here(app, "There is no such lesson", reason, way)
        return sheet(service.loaded_lesson(lesson_id or ""))

    def title(lesson_id: str | None = None, **_: Any) -> str:
        known = exists(lesson_id or "")
        return f"For teachers: {service.get_lesson(lesson_id or '').title if known else 'no such lesson'} – SynRL"

    # Pages with an order are looked at first: the address of a lesson would take these in.
    dash.register_page("teach", path="/learn/teach", title="For teachers – SynRL", layout=list_layout, order=10)
    dash.register_page(
        "sheet", path_template="/learn/teach/<lesson_id>", title=title, layout=layout, exists=exists, order=10
    )


def teach_page(plans: tuple[Plan, ...]) -> Component:
    """Lay out the list of sheets, and the plans."""
    lessons = service.list_lessons()
    return html.Div(
        [
            html.Div([html.H1("For teachers")], className="page-head"),
            html.P(
                "A sheet for each lesson: aims, timing, what to say, what students get wrong, questions with answers. "
                "Print it, or project it in large type. Answers stand here, so do not project it while a class votes.",
                className="lead",
            ),
            html.P(
                [
                    "With a class: open a session on the page ",
                    dcc.Link("Class", href=dash.get_relative_path("/class")),
                    ". Predictions become votes there, and students can be the synapses.",
                ]
            ),
            html.H2("Sheets"),
            html.Ol([html.Li(_sheet_link(one.id, f"{one.title} ({one.minutes} minutes)")) for one in lessons]),
            *(part for plan in plans for part in _plan(plan)),
        ],
        className="page teach",
    )


def _sheet_link(lesson_id: str, words: str) -> Component:
    return dcc.Link(words, href=dash.get_relative_path(f"/learn/teach/{lesson_id}"))


def _plan(plan: Plan) -> list[Component]:
    begins = [sum(part.minutes for part in plan.parts[:place]) for place in range(len(plan.parts))]
    rows = [_plan_row(part, begin) for part, begin in zip(plan.parts, begins, strict=True)]
    return [
        html.H2(f"A plan for {plan.minutes} minutes"),
        html.P([html.Strong("Goal: "), plan.goal]),
        html.P([html.Strong("You need: "), plan.needs]),
        _table(["Minute", "Part", "What happens"], rows),
    ]


def _plan_row(part: PlanPart, begin: int) -> Component:
    name: Any = part.title if part.lesson is None else _sheet_link(part.lesson, part.title)
    return html.Tr(
        [html.Td(f"{begin}–{begin + part.minutes}", className="teach-time"), html.Td(name), html.Td(part.what)]
    )


def _table(head: list[str], rows: list[Component]) -> Component:
    heads = html.Tr([html.Th(words, scope="col") for words in head])
    return html.Div(html.Table([html.Thead(heads), html.Tbody(rows)]), className="teach-table")


# -- the sheet of a lesson


def sheet(loaded: LoadedLesson) -> Component:
    """Lay out the sheet of a lesson."""
    lesson, notes = loaded.lesson, loaded.teacher
    return html.Div(
        [
            html.P(f"Lesson {lesson.number} · for teachers · {lesson.minutes} minutes", className="now"),
            html.H1(lesson.title),
            html.P(lesson.teaches, className="lead"),
            html.P(
                [dcc.Link("Open the lesson", href=dash.get_relative_path(f"/learn/{lesson.id}")), f" · {lesson.paper}"],
                className="caption",
            ),
            html.H2("Aims"),
            html.Ul([html.Li(aim) for aim in notes.aims]),
            html.H2("Timing"),
            _table(
                ["Minutes", "What happens"],
                [html.Tr([html.Td(f"{one.minutes:g}"), html.Td(one.what)]) for one in notes.timing],
            ),
            html.H2("What to say"),
            html.Ul([html.Li(html.Q(words)) for words in notes.say]),
            html.H2("What students get wrong"),
            _table(
                ["They think", "What helps"],
                [html.Tr([html.Td(one.wrong), html.Td(one.helps)]) for one in notes.misconceptions],
            ),
            html.H2("Questions of the lesson, with answers"),
            *(_question(one, loaded.answers[one.id]) for one in service.list_questions(lesson.id)),
            html.H2("To talk about"),
            *(_talk(one.question, one.answer) for one in notes.discussion),
            html.H2("Links to each step"),
            _links(loaded),
        ],
        className="page teach",
    )


def _question(question: Question, answer: QuestionAnswer) -> Component:
    kind = "Prediction" if question.kind == "prediction" else "Check"
    return html.Div(
        [
            html.P([html.Strong(f"{kind}: "), question.question]),
            html.Ul(
                [
                    html.Li(
                        [
                            html.Strong(f"✓ {option.words}") if option.id == answer.right else option.words,
                            html.Span(f" – {answer.explanations[option.id]}", className="quiet"),
                        ]
                    )
                    for option in question.options
                ]
            ),
        ],
        className="teach-question",
    )


def _talk(question: str, answer: str) -> Component:
    return html.Div([html.P(html.Strong(question)), html.P(answer)], className="teach-question")


def _links(loaded: LoadedLesson) -> Component:
    """Link to each step, and to its scene in free play."""
    rows: list[Component] = []
    for place, step in enumerate(loaded.lesson.steps, start=1):
        own = f"/learn/{loaded.lesson.id}?step={step.id}"
        query = address.write_address(tape.Scene(**step.begins.scene), step.begins.side, step.begins.at)
        scene = f"/playground?{query}" if query else "/playground"
        rows.append(
            html.Tr(
                [
                    html.Td(f"{place}. {step.title}"),
                    html.Td(html.A(own, href=dash.get_relative_path(own))),
                    html.Td(html.A(scene, href=dash.get_relative_path(scene))),
                ]
            )
        )
    return _table(["Step", "In the lesson", "Its scene in free play"], rows)
