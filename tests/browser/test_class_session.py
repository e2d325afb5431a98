"""A class session in browsers: the teacher's page, the board, and students' phones."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from backend.lessons import service as lessons
from tests.browser.axe import faults_light_and_dark
from tests.browser.conftest import Watch, address
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
        teacher.goto(school.url)
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


@pytest.fixture
def lesson(school: Server, someone: Callable[[], Page]) -> Lesson:
    return Lesson(school, someone())


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


def test_a_class_joins_by_a_typed_code_and_votes_to_the_reveal(
    school: Server, lesson: Lesson, someone: Callable[[], Page], watch: Watch
) -> None:
    teacher, board, student = lesson.lead(), lesson.board(), someone()
    code = lesson.session["code"]
    expect(board.locator(".board-code")).to_have_text(f"{code[:3]} {code[3:]}")
    expect(board.get_by_role("note")).to_contain_text("Phones cannot use this address")
    board.locator(".board-code").evaluate("code => { code.textContent = 'WWW WWW'; }")  # none is wider
    sound(board)
    student.set_viewport_size(PHONE)
    student.goto(address(school, "/join"))
    student.get_by_label("Code on the board").fill("222222")
    student.get_by_role("button", name="Go on").click()
    expect(student.get_by_role("alert").filter(has_text="eacher")).to_be_visible()
    watch.faults[:] = [fault for fault in watch.faults if "404" not in fault]  # which Chromium says of it
    student.get_by_label("Code on the board").fill(f"{code[:3]}-{code[3:]}".lower())
    student.keyboard.press("Enter")
    student.get_by_label("Your name").fill("Ada <b>")
    sound(student)
    student.keyboard.press("Enter")
    expect(student.locator(".seat-name")).to_have_text("Ada <b>")
    expect(board.locator(".board-count")).to_have_text("1 in")
    expect(teacher.get_by_role("region", name="Who is where")).to_contain_text("Ada <b>")
    lesson.begin(VOTE)
    expect(student.get_by_role("heading", name="Vote alone")).to_be_visible()
    sound(student)
    student.get_by_role("radio", name="B more likely than not").check()
    student.get_by_role("button", name="Commit my answer").click()
    expect(student.get_by_text("Your first choice: B")).to_be_visible()
    expect(board.get_by_text("1 of 1 have answered")).to_be_visible()
    expect(board.locator(".vote-bar")).to_have_count(0)
    student.reload()
    expect(student.get_by_text("Your first choice: B")).to_be_visible()
    sound(teacher)
    for name in ("Close the vote", "Let them talk", "Open the second vote"):
        press(teacher, name)
    student.get_by_role("radio", name="A surely").check()
    student.get_by_role("button", name="Commit my answer").click()
    for name in ("Close the vote", "Show how they voted"):
        press(teacher, name)
    expect(board.locator(".vote-bar")).to_have_count(4)
    expect(student.locator(".vote-right")).to_have_count(0)
    press(teacher, "Reveal the answer")
    for page in (board, student):
        expect(page.locator("[data-right]")).to_contain_text("more likely than not")
        expect(page.get_by_text("A lit lamp is evidence for each.")).to_be_visible()
    expect(student.locator("[data-right]")).to_contain_text("your first choice")
    assert board.get_by_text("Ada").count() == 0
    sound(board)


def test_a_student_is_a_synapse_by_key_and_touch_in_two_tabs(
    school: Server, lesson: Lesson, someone: Callable[[], Page]
) -> None:
    student, board = lesson.seat(someone(), "Grace"), lesson.board()
    lesson.begin({"kind": "synapse", "rounds": 2, "seconds": None, "rest_seconds": 0})
    moves = student.get_by_role("group", name="Your move")
    expect(student.get_by_role("heading", name="Round 1 of 2")).to_be_visible()
    expect(student.locator(".edge.mine")).to_have_count(1)
    sound(student)
    student.keyboard.press("ArrowUp")
    expect(student.get_by_role("heading", name="Round 2 of 2")).to_be_visible()
    expect(student.locator(".seat-history .session-lamp")).to_have_count(1)
    expect(student.locator(".seat-history .session-move")).to_have_attribute("data-move", "up")
    expect(board.locator(".board-lamps .session-lamp")).to_have_count(1)
    other = student.context.new_page()
    other.goto(address(school, f"/join/{lesson.session['code']}"))
    expect(other.get_by_role("heading", name="Round 2 of 2")).to_be_visible()
    moves.get_by_role("button", name="down").click()
    last_row_reads(board)
    for tab in (student, other):
        expect(tab.get_by_role("heading", name="The rounds are over")).to_be_visible()
        expect(tab.locator(".seat-history .session-move").last).to_have_attribute("data-move", "down")
    sound(board)


def test_pause_hand_and_close_reach_a_student_without_a_socket(
    lesson: Lesson, someone: Callable[[], Page], watch: Watch
) -> None:
    student, teacher = lesson.seat(someone(), "Lise", "?poll=1"), lesson.lead()
    student.get_by_role("button", name="Raise a hand").click()
    student.get_by_label("What is it about?").fill("what is the row?")
    student.get_by_role("button", name="Raise it").click()
    expect(teacher.locator(".flag-hand")).to_contain_text("what is the row?")
    teacher.get_by_role("button", name="Lower hand: Lise").click()
    expect(student.get_by_role("button", name="Raise a hand")).to_be_visible()
    teacher.get_by_role("button", name="Pause all").click()
    expect(student.get_by_role("heading", name="Paused")).to_be_visible()
    watch.server_is_away = True
    student.context.set_offline(True)
    expect(student.get_by_text("Connection lost")).to_be_visible()
    student.context.set_offline(False)
    expect(student.get_by_text("Connection lost")).to_be_hidden()
    teacher.once("dialog", lambda dialog: dialog.accept())
    teacher.get_by_role("button", name="Close the session").click()
    expect(student.get_by_role("heading", name="The class is over")).to_be_visible()
    expect(teacher.get_by_role("heading", name="Earlier sessions")).to_be_visible()
    # A seat that asks after the end is refused, which Chromium writes into its console.
    watch.faults[:] = [fault for fault in watch.faults if not re.search(r"40[14].*/api/v1/seat\)", fault)]


def test_a_seat_alone_follows_the_class_and_tells_of_wrong_checks(lesson: Lesson, someone: Callable[[], Page]) -> None:
    student, teacher = lesson.seat(someone(), "Emmy"), lesson.lead()
    shown = student.frame_locator(".seat-frame")
    lesson.begin({"kind": "free", "address": "/playground?data=xor", "note": "Try XOR"})
    expect(student.get_by_text("Try XOR")).to_be_visible()
    expect(shown.locator("#playground[data-iteration='0'] .playground-surface")).to_be_visible()
    expect(shown.locator(".top")).to_be_hidden()
    expect(teacher.get_by_role("region", name="Who is where")).to_contain_text("/playground")
    board = lesson.board()
    teacher.get_by_role("checkbox", name="scene").check()
    teacher.get_by_role("button", name="Put 1 scene on the board").click()
    put_up = board.frame_locator(".board-scene")
    expect(put_up.locator("#playground[data-iteration='0'] .playground-surface")).to_be_visible()
    expect(put_up.get_by_role("button", name="Play")).to_be_visible()
    last_row_reads(board)
    teacher.get_by_role("button", name="Take the scenes off the board").click()
    expect(board.locator(".board-scene")).to_have_count(0)
    activity = lesson.begin({"kind": "lesson", "lesson_id": "one-synapse"})
    expect(shown.locator("[data-place='0']")).to_be_visible()
    press(teacher, "Next step")
    expect(shown.locator("[data-place='1']")).to_be_visible()
    expect(teacher.get_by_role("region", name="Who is where")).to_contain_text("step 2")
    check = {"action": "go", "value": activity["steps"] - 1}
    lesson.post(f"{lesson.path}/activities/{activity['id']}/actions", check)
    question = lessons.get_lesson("one-synapse").checks[0]
    right = lessons.get_answer(question.id).right
    wrong = next(option.id for option in question.options if option.id != right)
    form = shown.locator(".lesson-question").filter(has_text=question.question)
    told = form.locator(".lesson-told")
    for option, times in ((wrong, 3), (right, 1)):
        form.locator(f"input[value='{option}']").check()
        for _ in range(times):
            form.get_by_role("button", name="Check my answer").click()
            expect(told).to_have_attribute("data-right", str(option == right).lower())
        flag = teacher.locator(".flag-wrong")
        if option == wrong:
            expect(flag).to_have_text("3 wrong checks in a row")
        else:
            expect(flag).to_have_count(0)


def test_the_teacher_leads_two_students_by_the_buttons(lesson: Lesson, someone: Callable[[], Page]) -> None:
    students = [lesson.seat(someone(), name) for name in ("Maria", "Irene")]
    teacher = lesson.lead()
    lesson.begin({"kind": "lesson", "lesson_id": "one-synapse"})
    shown = [student.frame_locator(".seat-frame") for student in students]

    def stand_at(*places: int) -> None:
        for frame, place in zip(shown, places, strict=True):
            expect(frame.locator(f"[data-place='{place}']")).to_be_visible()

    stand_at(0, 0)
    teacher.get_by_role("button", name="Free pace").click()
    expect(teacher.get_by_text("Everybody goes at their own pace.")).to_be_visible()
    shown[0].get_by_role("button", name="Next step").click()
    press(teacher, "Next step")
    press(teacher, "Next step")
    stand_at(1, 0)
    teacher.get_by_role("button", name="Bring all here").click()
    stand_at(2, 2)
    expect(teacher.get_by_text("The class goes at your pace.")).to_be_visible()
    press(teacher, "Step back")
    stand_at(1, 1)
    for name, paused in (("Pause all", True), ("Go on", False)):
        teacher.get_by_role("button", name=name, exact=True).click()
        for student in students:
            heading = student.get_by_role("heading", name="Paused")
            expect(heading).to_be_visible() if paused else expect(heading).to_be_hidden()
    teacher.once("dialog", lambda dialog: dialog.accept())
    teacher.get_by_role("button", name="Close the session").click()
    for student in students:
        expect(student.get_by_role("heading", name="The class is over")).to_be_visible()


def test_moves_become_a_table_and_runs_dots_on_the_board(
    school: Server, lesson: Lesson, someone: Callable[[], Page]
) -> None:
    student, teacher, board = lesson.seat(someone(), "Ruth"), lesson.lead(), lesson.board()
    lesson.begin({"kind": "synapse", "rounds": 4, "seconds": None, "rest_seconds": 0})
    for place, key in enumerate(("ArrowUp", "ArrowUp", "ArrowDown", "ArrowRight"), 1):
        expect(student.get_by_role("heading", name=f"Round {place} of 4")).to_be_visible()
        student.keyboard.press(key)
    expect(student.get_by_role("heading", name="The rounds are over")).to_be_visible()
    lesson.begin({"kind": "table", "iterations": 256, "seeds": 2})
    for page in (student, board):  # of the third and fourth round, whose two moves and lamps are known
        expect(page.get_by_text(re.compile("^2 decisions"))).to_be_visible()
        expect(page.locator(".class-table td[data-move]")).to_have_count(2)
    expect(board.locator(".session-plot")).to_have_count(0)
    sound(student)
    press(teacher, "Train the table")
    expect(board.locator(".session-plot .curve")).to_have_count(3)
    expect(teacher.get_by_text("6 of 6 runs are trained.")).to_be_visible()
    sound(board)
    last_row_reads(board)
    teacher.get_by_label("Name in the library").fill("Table of 7b")
    teacher.get_by_role("button", name="Keep as a policy").click()
    expect(teacher.get_by_text("Kept in the library as Table of 7b.")).to_be_visible()
    kept = teacher.context.request.get(address(school, "/api/v1/policies")).text()
    assert "Table of 7b" in kept

    lesson.begin({"kind": "pooled", "iterations": 256, "values": [0.01, 0.1], "each_starts": True})
    expect(board.get_by_text("0 of 1 results")).to_be_visible()
    expect(board.locator(".session-plot .dot")).to_have_count(0)
    student.get_by_role("button", name="Start my run").click()
    expect(student.get_by_text("Your result:")).to_be_visible()
    expect(student.locator(".session-plot .dot.own")).to_have_count(1)
    expect(board.get_by_text("1 of 1 results")).to_be_visible()
    expect(board.locator(".session-plot .dot")).to_have_count(1)
    sound(student)
    last_row_reads(board)
    teacher.get_by_role("button", name="Queue as runs").click()
    expect(teacher.get_by_role("link", name="1 run in the queue")).to_have_attribute("href", re.compile("sweep="))


def test_the_teacher_keeps_the_room_in_order_by_the_buttons(
    school: Server, lesson: Lesson, someone: Callable[[], Page], watch: Watch
) -> None:
    maria, stranger = lesson.seat(someone(), "Maria"), someone()
    teacher, board, code = lesson.lead(), lesson.board(), lesson.session["code"]
    button, roster = teacher.get_by_role, teacher.get_by_role("region", name="Who is where")

    # A browser with too many wrong codes is let in again.
    preview = address(school, "/api/v1/seat/preview/")
    wrong = [stranger.context.request.get(f"{preview}222222").status for _ in range(12)]
    assert wrong[-1] == stranger.context.request.get(f"{preview}{code}").status == 429
    button("button", name=re.compile("^Lift: a browser")).click()
    expect(button("button", name=re.compile("^Lift"))).to_have_count(0)
    assert stranger.context.request.get(f"{preview}{code}").ok

    # Joining is stopped and allowed again, the count hidden and shown.
    button("button", name="Stop new students from joining").click()
    expect(button("button", name="Let new students join")).to_be_visible()
    stranger.goto(address(school, f"/join/{code}"))
    stranger.get_by_role("button", name="Take a seat").click()
    expect(stranger.get_by_role("alert")).to_contain_text("takes no new students now")
    button("button", name="Let new students join").click()
    expect(button("button", name="Stop new students from joining")).to_be_visible()
    stranger.get_by_role("button", name="Take a seat").click()
    expect(board.locator(".board-count")).to_have_text("2 in")
    button("button", name="Hide the count").click()
    expect(board.locator(".board-count")).to_have_count(0)
    button("button", name="Show the count").click()
    expect(board.locator(".board-count")).to_have_text("2 in")

    # A seat gets another name; one is sent out; a rehearsal's students come and go.
    teacher.once("dialog", lambda dialog: dialog.accept("Marie"))
    button("button", name="Rename: Maria").click()
    expect(maria.locator(".seat-name")).to_have_text("Marie")
    lesson.begin(VOTE)
    maria.get_by_role("radio", name="A surely").check()
    maria.get_by_role("button", name="Commit my answer").click()
    expect(roster.get_by_role("row").filter(has_text="Marie")).to_contain_text("✓ yes")
    teacher.once("dialog", lambda dialog: dialog.accept())
    button("button", name="Send out: Marie").click()
    expect(maria.get_by_role("link", name="Join again")).to_be_visible()
    expect(roster).not_to_contain_text("Marie")
    teacher.get_by_label("Simulated students").select_option("6")
    expect(board.locator(".board-count")).to_have_text("7 in")
    teacher.get_by_label("Simulated students").select_option("none")
    expect(board.locator(".board-count")).to_have_text("1 in")

    # What was answered is there as files, while the session goes on and afterwards; then it is deleted.
    press(teacher, "End the activity")
    done = teacher.get_by_role("list").filter(has_text="1. Vote")
    rows = downloaded(teacher, done.get_by_role("link", name="Answers and results as CSV"))
    assert re.search(r"^1,vote,Vote,first,1,false,0,first: surely,", rows, re.MULTILINE)
    teacher.once("dialog", lambda dialog: dialog.accept())
    button("button", name="Close the session").click()
    earlier = teacher.get_by_role("region", name="Earlier sessions").get_by_role("row").filter(has_text="Synapses")
    files = earlier.get_by_role("link", name="Answers and results as JSON")
    told = json.loads(downloaded(teacher, files.first))
    assert told["activities"][0]["results"][0] | {"first": 1} == told["activities"][0]["results"][0]
    assert "Mari" not in rows + json.dumps(told)
    sessions = earlier.count()
    teacher.once("dialog", lambda dialog: dialog.accept())
    earlier.first.get_by_role("button", name="Delete").click()
    expect(earlier).to_have_count(sessions - 1)
    refused = re.compile(r"4(01|09|29).*/api/v1/(seat|class-)")
    watch.faults[:] = [fault for fault in watch.faults if not refused.search(fault)]
