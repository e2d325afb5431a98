"""Lessons hold what they promise, and their questions come without the answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.kit.errors import NotFoundError
from backend.lessons import plans, service
from backend.lessons.loader import FOLDER, LessonFileError, LoadedLesson, load, load_folder, shipped
from tests.backend.lessons import evidence

LESSONS = {loaded.lesson.id: loaded for loaded in shipped()}
PROMISES = [(lesson, place) for lesson, loaded in LESSONS.items() for place in range(len(loaded.file.promises))]


@pytest.mark.training
@pytest.mark.parametrize(("lesson", "place"), PROMISES)
def test_a_promised_effect_shows_in_18_of_20_seeds(lesson: str, place: int) -> None:
    loaded = LESSONS[lesson]
    assert evidence.kept(loaded, loaded.file.promises[place]) >= evidence.LEAST


@pytest.mark.parametrize("loaded", LESSONS.values(), ids=LESSONS)
def test_the_right_option_is_what_the_scene_of_the_page_shows(loaded: LoadedLesson) -> None:
    for step in loaded.file.steps:
        if step.prediction:
            value = evidence.measured(step.prediction.measure, *evidence.scenes_of(loaded, step.id))
            holding = [option.id for option in step.prediction.options if option.range.holds(value)]
            assert holding == [step.prediction.right], f"{step.id}: {value}"


@pytest.mark.parametrize("loaded", LESSONS.values(), ids=LESSONS)
def test_a_lesson_without_answers_gives_none_away(loaded: LoadedLesson) -> None:
    given = service.get_lesson(loaded.lesson.id).model_dump_json()
    assert '"right"' not in given
    assert '"measure"' not in given
    for answer in service.get_answers(loaded.lesson.id).answers:
        assert service.get_answer(answer.id) == answer
        question = service.get_question(answer.id).model_dump_json()
        for secret in (answer.told, *answer.explanations.values()):
            if secret:
                assert json.dumps(secret, ensure_ascii=False) not in given + question
        assert set(answer.explanations) == {option.id for option in service.get_question(answer.id).options}
    assert len(service.list_questions(loaded.lesson.id)) == len(loaded.answers)


@pytest.mark.parametrize("loaded", LESSONS.values(), ids=LESSONS)
def test_minutes_of_the_teachers_page_add_up(loaded: LoadedLesson) -> None:
    assert sum(moment.minutes for moment in loaded.file.teacher.timing) == loaded.file.minutes
    assert 3 <= loaded.file.minutes <= 5


def test_an_unknown_lesson_or_question_names_those_that_are() -> None:
    with pytest.raises(NotFoundError, match="one-synapse"):
        service.get_lesson("nothing")
    with pytest.raises(NotFoundError, match="one-synapse/turn"):
        service.get_answer("one-synapse/nothing")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("minutes = 3", "minutes = 99", "minutes"),
        ("minutes = 3", "minutes = 3\nlength = 3", "length"),
        ('right = "up"', 'right = "sideways"', "sideways"),
        ("{button.step}", "{button.stop}", "button.stop"),
        ("{button.step}", "{part.table}", "describe it"),
        ("{value.step_size}", "{value.stride}", "stride"),
        ('light = ["button.step", "part.lamps"]', 'light = ["part.table"]', "steps.first.light: 'part.table'"),
        ("exploration = 0.1", "exploration = 7", "exploration"),
        ("right = true\n", "", "question 'hears' has 0 right options"),
        ("until = 2 }", "until = 1 }", "it needs a scene that begins before"),
        ('id = "first"', 'id = "look"', "ids of their own"),
        ('step = "turn"', 'step = "return"', "return"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_the_field(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (FOLDER / "1-one-synapse.toml").read_text(encoding="utf-8")
    assert old in text
    wrong = tmp_path / "1-one-synapse.toml"
    wrong.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LessonFileError, match=r"1-one-synapse\.toml") as refused:
        load(wrong)
    assert told in str(refused.value)


@pytest.mark.parametrize(("name", "content", "told"), [
    ("one.toml", b"", "named by number and id"),
    ("1-one.toml", b"title = ", "no TOML file"),
    ("1-one.toml", b"\xff", "no TOML file"),
    ("1-one.toml", b"", "title"),
])  # fmt: skip
def test_what_is_no_lesson_is_refused(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LessonFileError, match=told):
        load_folder(tmp_path)


def test_lessons_are_numbered_without_gaps(tmp_path: Path) -> None:
    (tmp_path / "2-one-synapse.toml").write_bytes((FOLDER / "1-one-synapse.toml").read_bytes())
    with pytest.raises(LessonFileError, match="without gaps"):
        load_folder(tmp_path)


def test_plans_add_up_and_name_lessons_that_there_are() -> None:
    assert [plan.minutes for plan in plans.shipped_plans()] == [45, 90]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("minutes = 45", "minutes = 50", "the parts take 45 minutes"),
        ('lesson = "memory"', 'lesson = "forgetting"', "no lesson 'forgetting'"),
        ("goal =", "aim =", "aim"),
        ("goal = ", "goal = [", "no TOML file"),
    ],
)
def test_a_wrong_plan_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = plans.FILE.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "plans.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LessonFileError, match=r"plans\.toml") as refused:
        plans.load_plans(tmp_path / "plans.toml")
    assert told in str(refused.value)
