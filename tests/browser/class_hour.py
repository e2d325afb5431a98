"""A class session in browsers, for tests: teacher, board and students, and what a page of it must be like."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.axe import faults_light_and_dark
from tests.browser.conftest import address, sign_in
from tests.server import Server

PHONE = ViewportSize(width=400, height=800)
PROJECTOR = ViewportSize(width=1280, height=720)
VOTE = {"kind": "vote", "question": "Did its own move help?", "options": ["surely", "more likely than not"], "right": 1,
        "explanations": ["The lamp is for all.", "A lit lamp is evidence for each."]}  # fmt: skip


class Lesson:
    """A session that a teacher leads: their page, the board beside it, and its code."""

    def __init__(self, school: Server, teacher: Page) -> None:
        self._school = school
        self.teacher = teacher
        sign_in(teacher, school)
        self.session = self.post("/api/v1/class-sessions", {"title": "Synapses"})
        self.path = f"/api/v1/class-sessions/{self.session['id']}"

    def post(self, path: str, body: Any = None) -> Any:
        """Ask the API as the teacher."""
        origin = {"Origin": address(self._school, "")}
        answer = self.teacher.context.request.post(address(self._school, path), data=body or {}, headers=origin)
        assert answer.ok, answer.text()
        return answer.json()

    def begin(self, activity: dict[str, Any]) -> Any:
        """Begin an activity, and return it as the teacher sees it."""
        return self.post(f"{self.path}/activities", activity)["activity"]

    def lead(self) -> Page:
        """Open the teacher's page."""
        self.teacher.goto(address(self._school, "/class"))
        expect(self.teacher.locator(".class-code")).to_have_text(re.compile(r"^\w{3} \w{3}$"))
        return self.teacher

    def board(self) -> Page:
        """Open the board, as the teacher's computer does."""
        board = self.teacher.context.new_page()
        board.set_viewport_size(PROJECTOR)
        board.goto(address(self._school, f"/board/{self.session['id']}"))
        return board

    def seat(self, student: Page, name: str, query: str = "") -> Page:
        """Take a seat with the code in the address."""
        student.set_viewport_size(PHONE)
        student.goto(address(self._school, f"/join/{self.session['code']}{query}"))
        student.get_by_label("Your name").fill(name)
        student.get_by_role("button", name="Take a seat").click()
        expect(student.locator(".seat-name")).to_have_text(name)
        return student


def sound(page: Page) -> None:
    """Have axe look at a page, light and dark, and see that it is no wider than its window."""
    assert faults_light_and_dark(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


#: Smallest type of what is seen on a page, in pixels as they are on the screen.
SMALLEST_TYPE = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), sizes = [];
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const element = text.parentElement, place = document.createRange();
    place.selectNodeContents(text);
    const isSeen = text.data.trim() && element.checkVisibility({ visibilityProperty: true });
    if (!isSeen || place.getBoundingClientRect().bottom <= 0 || element.closest(".visually-hidden, script")) continue;
    const scale = element.ownerSVGElement ? Math.hypot(element.getScreenCTM().a, element.getScreenCTM().b) : 1;
    sizes.push(scale * parseFloat(getComputedStyle(element).fontSize));
  }
  return Math.min(...sizes);
}"""


def last_row_reads(board: Page) -> None:
    """See that the board and the scenes on it have no type smaller than 20 px, and that nothing is below the window."""
    for frame in board.frames:
        assert frame.evaluate(SMALLEST_TYPE) > 19.9, frame.url
    assert board.evaluate("document.documentElement.scrollHeight <= innerHeight")


def downloaded(teacher: Page, link: Locator) -> str:
    """Press a link to a file, and read it."""
    with teacher.expect_download() as coming:
        link.click()
    return coming.value.path().read_text()


def press(teacher: Page, name: str) -> None:
    """Press what leads on."""
    teacher.get_by_role("group", name="What comes next").get_by_role("button", name=name, exact=True).click()
