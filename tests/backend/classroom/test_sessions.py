"""Class sessions through the API: joining, answering, leading, coming back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from backend.classroom import codes
from tests.backend.classroom.hours import QUESTION, Hour, hour
from tests.server import wait_for


@pytest.fixture
def lesson(client: TestClient) -> Iterator[Hour]:
    with hour(client, title="7b") as opened:
        yield opened


def test_a_student_joins_with_a_code_as_people_type_it(lesson: Hour) -> None:
    browser = lesson.browser()
    typed = f" {lesson.code[:3].lower()}-{lesson.code[3:].replace('2', 'z').replace('5', 's')} "
    preview = browser.get(f"/api/v1/seat/preview/{typed}").json()
    assert (preview["code"], preview["title"], preview["seated"]) == (lesson.code, "7b", False)
    view = browser.post("/api/v1/seat", json={"code": typed, "name": "\u202e  Ada\n Lovelace "}).json()
    assert view["seat"]["name"] == "Ada Lovelace"
    assert browser.get("/api/v1/seat").json()["seat"] == view["seat"]


def test_names_are_distinct_and_any_will_do(lesson: Hour) -> None:
    names = [lesson.join(name).seat["name"] for name in ("Ada", "ADA", "ada", "", "x" * 300)]
    assert names == ["Ada", "ADA 2", "ada 3", "Orange 4", "x" * 40]


def test_a_browser_has_one_seat_and_comes_back_to_it(lesson: Hour) -> None:
    student = lesson.join("Ada")
    again = student.browser.post("/api/v1/seat", json={"code": lesson.code, "name": "Eve"})
    assert again.json()["seat"] == student.seat
    assert lesson.view()["session"]["seats"] == 1


def test_the_cookie_of_a_seat_is_kept_from_scripts(lesson: Hour) -> None:
    cookies = lesson.join("Ada").joined.headers.get_list("set-cookie")
    assert cookies
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


def test_a_vote_goes_through_its_phases_in_order(lesson: Hour) -> None:
    ada, bob = lesson.join("Ada"), lesson.join("Bob")
    lesson.begin(QUESTION)
    assert ada.answer(0).status_code == 201
    assert bob.answer(2).status_code == 201
    assert lesson.board()["activity"]["answered"] == 2
    assert [lesson.act()["activity"]["phase"] for _ in range(3)] == ["first_closed", "talk", "second"]
    assert ada.answer(1).status_code == 201
    assert [lesson.act()["activity"]["phase"] for _ in range(2)] == ["second_closed", "distribution"]
    shown = ada.view()["activity"]
    assert (shown["first"], shown["second"], shown["right"]) == ([1, 0, 1], [0, 1, 0], None)
    told = lesson.act()["activity"]
    assert (told["phase"], told["right"], told["changed"][0][1]) == ("revealed", 1, 1)
    assert lesson.board()["activity"]["right"] == 1
    assert lesson.try_to("next").status_code == 409


def test_a_second_press_skips_no_phase(lesson: Hour) -> None:
    lesson.begin(QUESTION)
    assert lesson.act(phase="first")["activity"]["phase"] == "first_closed"
    assert lesson.act(phase="first")["activity"]["phase"] == "first_closed"


def test_an_answer_is_there_once_whatever_is_sent(lesson: Hour) -> None:
    ada = lesson.join("Ada")
    activity = lesson.begin(QUESTION)["activity"]["id"]
    first = ada.answer(1)
    again = ada.answer(1, "first", activity)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    other = ada.answer(2, "first", activity)
    assert other.status_code == 409
    assert "in the end" in other.json()["detail"]
    assert lesson.view()["activity"]["first"] == [0, 1, 0]


def test_an_answer_that_is_sent_twice_at_once_is_stored_once(lesson: Hour) -> None:
    ada = lesson.join("Ada")
    activity = lesson.begin(QUESTION)["activity"]["id"]
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda _: ada.answer(1, "first", activity), range(4)))
    assert {answer.status_code for answer in sent} == {201}
    assert len({answer.json()["at"] for answer in sent}) == 1
    assert lesson.view()["activities"][0]["answers"] == 1


def test_what_is_closed_paused_or_over_takes_no_answer(lesson: Hour) -> None:
    ada = lesson.join("Ada")
    activity = lesson.begin(QUESTION)["activity"]["id"]
    assert lesson.teacher.patch(lesson.path, json={"paused": True}).json()["paused"]
    assert "paused" in ada.answer(1, "first", activity).json()["detail"]
    lesson.teacher.patch(lesson.path, json={"paused": False})
    assert ada.answer(3, "first", activity).status_code == 422
    assert ada.answer(1, "second", activity).status_code == 409
    lesson.act()
    assert ada.answer(1, "first", activity).status_code == 409
    lesson.act("end")
    assert ada.answer(1, "first", activity).status_code == 409
    assert lesson.view()["activities"][0]["answers"] == 0


def test_nobody_answers_without_a_seat_or_for_another(lesson: Hour) -> None:
    ada, bob = lesson.join("Ada"), lesson.join("Bob")
    activity = lesson.begin(QUESTION)["activity"]["id"]
    body = {"activity_id": activity, "slot": "first", "value": 1}
    assert lesson.browser().post("/api/v1/seat/answers", json=body).status_code == 401
    for_another = ada.browser.post("/api/v1/seat/answers", json={**body, "seat_id": bob.seat["id"]})
    assert for_another.status_code == 422
    forged = lesson.browser()
    for name, value in ada.browser.cookies.items():
        forged.cookies.set(name, f"{value[:-2]}xx")
    assert forged.post("/api/v1/seat/answers", json=body).status_code == 401
    assert lesson.view()["answered"] == 0


def test_closing_ends_code_and_seats(lesson: Hour) -> None:
    ada = lesson.join("Ada")
    closed = lesson.teacher.post(f"{lesson.path}/close").json()
    assert closed["code"] is None
    assert closed["names_kept_until"] > closed["closed_at"]
    assert ada.browser.get("/api/v1/seat").status_code == 401
    refused = lesson.browser().post("/api/v1/seat", json={"code": lesson.code, "name": "Late"})
    assert refused.status_code == 404
    assert "Ask your teacher" in refused.json()["detail"]
    assert lesson.teacher.get(lesson.path).status_code == 404


def test_a_seat_is_sent_out_renamed_and_left(lesson: Hour) -> None:
    ada, bob = lesson.join("Ada"), lesson.join("Bob")
    seats = f"{lesson.path}/seats"
    renamed = lesson.teacher.patch(f"{seats}/{ada.seat['id']}", json={"name": "bob"}).json()
    assert {seat["name"] for seat in renamed["seats"]} == {"bob 2", "Bob"}
    assert lesson.teacher.delete(f"{seats}/{ada.seat['id']}").status_code == 200
    assert ada.browser.get("/api/v1/seat").status_code == 401
    assert bob.browser.delete("/api/v1/seat").status_code == 204
    assert lesson.view()["seats"] == []


def test_a_class_closed_to_new_students_keeps_who_is_in(lesson: Hour) -> None:
    ada = lesson.join("Ada")
    lesson.teacher.patch(lesson.path, json={"joining_open": False})
    assert lesson.browser().post("/api/v1/seat", json={"code": lesson.code}).status_code == 409
    assert ada.view()["seat"]["name"] == "Ada"


def test_the_teacher_sees_hands_first_with_their_rule(lesson: Hour) -> None:
    lesson.join("Ada")
    bob = lesson.join("Bob")
    assert bob.browser.put("/api/v1/seat/hand", json={"text": "what is the row?"}).json()["seat"]["hand"]
    first = lesson.view()["seats"][0]
    assert first["name"] == "Bob"
    assert first["flags"] == [{"rule": "hand", "words": "hand up: “what is the row?”"}]
    lowered = lesson.teacher.delete(f"{lesson.path}/hands/{first['hand_id']}").json()
    assert all(seat["flags"] == [] for seat in lowered["seats"])
    assert bob.view()["seat"]["hand"] is None


def test_a_step_of_another_lesson_is_none_of_this_one(lesson: Hour) -> None:
    ada = lesson.join("Ada")

    def told(**position: object) -> None:
        assert ada.browser.put("/api/v1/seat/position", json=position).status_code == 204

    def seen() -> tuple[int | None, list[str], int]:
        seat = lesson.view()["seats"][0]
        return seat["step"], [flag["rule"] for flag in seat["flags"]], sum(lesson.board()["activity"]["at_step"])

    lesson.begin({"kind": "lesson", "lesson_id": "one-synapse"})
    told(address="/learn/one-synapse?step=check", step=3, wrong=3)
    assert seen() == (3, ["wrong"], 1)
    lesson.begin({"kind": "lesson", "lesson_id": "one-bit"})
    assert seen() == (None, [], 0)
    assert ada.view()["activity"]["own_step"] is None
    told(address="/learn/one-bit", step=0)
    assert seen() == (0, [], 1)
    told(address="/learn/one-bit")
    assert seen() == (None, [], 0), "a report without a step keeps none of before"


def test_be_a_synapse_closes_a_round_when_all_have_chosen(lesson: Hour) -> None:
    ada, bob = lesson.join("Ada"), lesson.join("Bob")
    lesson.begin({"kind": "synapse", "seconds": None, "automatic": False, "rounds": 2})
    places = [student.view()["activity"]["place"] for student in (ada, bob)]
    assert places == [{"layer": 0, "source": None, "unit": 0}, {"layer": 0, "source": 0, "unit": 0}]
    assert (ada.answer(2).status_code, bob.answer(1).status_code) == (201, 201)
    lesson.reaches("closed")
    seen, board = ada.view()["activity"], lesson.board()["activity"]
    assert seen["last_moves"] == [2]
    assert seen["last_lamps"] == board["lamps"] == [board["losses"][1] < board["losses"][0]]
    assert lesson.act("open_round")["activity"]["round"] == 2
    assert ada.answer(0).status_code == 201
    lesson.act("close_round")
    seen = bob.view()["activity"]
    assert (seen["phase"], seen["played_for"], ada.view()["activity"]["last_moves"]) == ("over", True, [2, 0])


def test_simulated_students_let_a_teacher_rehearse_alone(lesson: Hour) -> None:
    filled = lesson.teacher.put(f"{lesson.path}/simulated", json={"students": 3}).json()
    assert [seat["simulated"] for seat in filled["seats"]] == [True] * 3
    lesson.begin(QUESTION)
    wait_for(lambda: lesson.view()["answered"], lambda answered: answered == 3, 15)
    emptied = lesson.teacher.put(f"{lesson.path}/simulated", json={"students": 0}).json()
    assert emptied["session"]["simulated"] == 0


def test_a_late_student_takes_over_a_weight_of_the_table(lesson: Hour) -> None:
    lesson.join("Ada")
    lesson.begin({"kind": "synapse", "seconds": None})
    late = lesson.join("Late")
    wait_for(lambda: late.view()["activity"]["synapse"], lambda weight: weight == 1, 10)
    assert late.answer(1).status_code == 201


def test_board_and_students_get_the_same_by_feed_and_by_asking(lesson: Hour) -> None:
    ada = lesson.join("Ada")
    lesson.begin(QUESTION)
    cookie = "; ".join(f"{name}={value}" for name, value in ada.browser.cookies.items())
    changing = {"version", "now"}
    with (
        lesson.teacher.websocket_connect(f"/api/v1/board/{lesson.id}/live") as board,
        ada.browser.websocket_connect("/api/v1/seat/live", headers={"cookie": cookie}) as seat,
    ):
        for feed, asked in ((board, lesson.board()), (seat, ada.view())):
            sent = feed.receive_json()
            assert {key: sent[key] for key in asked if key not in changing} == {
                key: asked[key] for key in asked if key not in changing
            }


def test_codes_have_six_signs_that_look_like_no_other() -> None:
    assert len(codes.ALPHABET) == len(set(codes.ALPHABET)) == 24
    assert not set("0O1ILQDZSBGU") & set(codes.ALPHABET)
    made = codes.new_code()
    assert len(made) == 6
    assert codes.tidy(f"{made[:3].lower()} {made[3:]}") == made
