"""A class session in browsers: the teacher's page, the board, and students' phones."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from backend.lessons import service as lessons
from tests.browser.class_hour import PHONE, VOTE, Lesson, downloaded, last_row_reads, press, sound
from tests.browser.conftest import Watch, address
from tests.proxy import Manner, Proxy, before
from tests.server import Server


@pytest.fixture
def lesson(school: Server, someone: Callable[[], Page]) -> Lesson:
    return Lesson(school, someone())


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
