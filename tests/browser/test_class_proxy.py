"""Class sessions behind proxies that pass no WebSocket: everybody comes back by asking, and reads that it is so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch
from tests.browser.test_class_session import VOTE, Lesson, lesson
from tests.proxy import Manner, Proxy, before
from tests.server import Server

__all__ = ["lesson"]  # the fixture


@pytest.fixture
def proxies(school: Server) -> Iterator[list[Proxy]]:
    """Proxies of the student, the board and the teacher."""
    port = urlsplit(school.url).port
    assert port is not None
    with ExitStack() as stack:
        manners = (Manner.HOLDS, Manner.DROPS, Manner.REFUSES)
        yield [stack.enter_context(before(port, manner)) for manner in manners]


def test_pages_that_get_no_socket_ask_and_find_back_to_one(
    lesson: Lesson, someone: Callable[[], Page], watch: Watch, proxies: list[Proxy]
) -> None:
    watch.server_is_away = True  # words on sockets that fail are no fault here
    held, dropped, refused = proxies
    student, teacher, board = someone(), lesson.teacher, lesson.teacher.context.new_page()
    student.goto(f"{held.url}/join/{lesson.session['code']}")
    student.get_by_label("Your name").fill("Ida")
    student.get_by_role("button", name="Take a seat").click()
    board.goto(f"{dropped.url}/board/{lesson.session['id']}")
    teacher.goto(f"{refused.url}/class")
    lines = {student: ".seat-line", board: ".board-lost", teacher: ".class-lost"}
    for page, line in lines.items():
        expect(page.locator(line)).to_have_text("Slow line: renewed every" + (" 1.5 s." if page == board else " 2 s."))
    lesson.begin(VOTE)
    student.get_by_role("radio", name="B more likely than not").check()
    student.get_by_role("button", name="Commit my answer").click()
    expect(board.get_by_text("1 of 1 have answered")).to_be_visible()
    expect(teacher.get_by_role("region", name="Who is where")).to_contain_text("(slow line)")
    for proxy in proxies:
        proxy.manner = Manner.AWAY
        proxy.cut()
    for page, line in lines.items():
        expect(page.locator(line)).to_contain_text("Connection lost")
    for proxy in proxies:
        proxy.manner = Manner.PASSES
    for page, line in lines.items():  # a server that was away is asked for a socket at once
        expect(page.locator(line)).to_be_hidden()
    lesson.post(f"{lesson.path}/gather")
    expect(teacher.get_by_role("region", name="Who is where")).not_to_contain_text("(slow line)")
    expect(student.get_by_text("Your first choice: B")).to_be_visible()
