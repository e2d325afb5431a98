"""The lessons and the sheets for teachers have pages; others have none."""

from __future__ import annotations

from backend.lessons import service
from tests.dashboard.conftest import Pages


def test_every_lesson_has_a_page_and_a_sheet(pages: Pages) -> None:
    listed, sheets = pages.open("/learn"), pages.open("/learn/teach")
    for one in service.list_lessons():
        for path in (f"/learn/{one.id}", f"/learn/teach/{one.id}"):
            assert pages.client.get(path).status_code == 200
        assert one.teaches in listed
        assert f"/learn/teach/{one.id}" in sheets
        sheet = pages.open(f"/learn/teach/{one.id}")
        for answer in service.get_answers(one.id).answers:
            assert answer.explanations[answer.right] in sheet
        for step in service.get_lesson(one.id).steps:
            assert f"/learn/{one.id}?step={step.id}" in sheet
    assert "A plan for 45 minutes" in sheets
    assert "A plan for 90 minutes" in sheets


def test_the_page_of_a_lesson_gives_no_answer_away(pages: Pages) -> None:
    page = pages.open("/learn/one-bit")
    for answer in service.get_answers("one-bit").answers:
        assert answer.explanations[answer.right] not in page


def test_unknown_lessons_are_said_to_be_so(pages: Pages) -> None:
    for path in ("/learn/nothing", "/learn/teach/nothing", "/learn/one-bit/nothing"):
        assert pages.client.get(path).status_code == 404
        assert "no such lesson" in pages.open(path)


def test_the_playground_and_the_empty_page_of_runs_lead_to_the_lessons(pages: Pages) -> None:
    for path in ("/", "/playground"):
        assert "'href': '/learn'" in pages.open(path)
