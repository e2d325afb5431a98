"""Every lesson, clicked through: its tasks can be done, its predictions lock the scene, its checks explain."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.lessons import controls, service
from backend.lessons.loader import shipped
from backend.lessons.schemas import Done, Prediction
from tests.backend.lessons import evidence
from tests.browser.axe import faults, faults_light_and_dark
from tests.browser.conftest import PATIENCE_MS, Profile, Watch
from tests.server import Server

LESSONS = {loaded.lesson.id: loaded for loaded in shipped()}
PHONE: dict[str, Any] = {"viewport": {"width": 400, "height": 800}, "has_touch": True}
#: Nothing is wider than a phone, and its figures are as wide as it is.
FITS = """() => document.documentElement.scrollWidth <= 400
  && [...document.querySelectorAll(".playground-figure")].every(one => one.offsetWidth > 350)"""
#: How the lessons are done that no test of their own has.
BY = {
    "memory": "mouse",
    "all-at-once": "keys",
    "step-size": "fingers",
    "learning-the-table": "mouse",
    "gradient": "keys",
}
#: A learner sees a number of a measure in percent, or with three digits.
ROUGH = {"loss": 6e-4, "cells": 0.1}


class Learner:
    """Does what the steps ask for, with the mouse, with fingers or with the keyboard alone."""

    def __init__(self, page: Page, server: Server, by: str = "mouse") -> None:
        self.page, self.server, self.by = page, server, by
        self.scene = page.locator("#playground")

    def press(self, name: str, exact: bool = True) -> None:
        button = self.page.get_by_role("button", name=name, exact=exact)
        if self.by == "keys":
            button.press("Enter")
        elif self.by == "fingers":
            button.tap()
        else:
            button.click()

    def tick(self, name: str, value: str) -> None:
        box = self.page.locator(f"input[name='{name}'][value='{value}']")
        if self.by == "keys":
            box.press(" ")
        elif self.by == "fingers":
            box.tap()
        else:
            box.check()

    def stands_at(self, iteration: int) -> None:
        expect(self.scene).to_have_attribute("data-iteration", str(iteration), timeout=PATIENCE_MS)

    def hurry(self) -> None:
        """Play as fast as it goes: pictures of every iteration would cost seconds of the processor."""
        for _ in range(3):
            self.page.keyboard.press("]")

    def do(self, done: Done) -> None:
        """Complete a task."""
        if done.act == "step":
            for _ in range(done.times):
                if self.by == "keys":
                    self.page.keyboard.press("ArrowRight")
                else:
                    self.press("Step")
        elif done.act == "reach":
            self.hurry()
            self.press("Play")
        elif done.act == "slow":
            self.press("Slow motion")
            for _ in range(4):
                self.page.keyboard.press(".")
            self.page.keyboard.press("Escape")
        elif done.act == "choose":
            self.page.get_by_label("Synapse", exact=True).select_option(str(done.value))
        elif done.act == "judge":
            self.page.get_by_label(controls.PARTS["judge"]).check()
        elif done.act == "cell":
            self.page.locator(".playground-table td button[data-now]").first.click()
        elif done.act == "side":
            self.page.locator("#playground-side").select_option(label=controls.title(f"setting.{done.setting}"))
        else:
            assert done.setting
            field = self.page.locator(f"#playground-{done.setting}")
            field.select_option(label=controls.words(done.setting, done.value))

    def predict(self, prediction: Prediction, at: int, option: str) -> None:
        """Find the scene locked, commit, play, and be told what the engine measures too."""
        self.stands_at(at)
        for name in ("Step", "Play"):
            expect(self.page.get_by_role("button", name=name, exact=True)).to_be_disabled()
        expect(self.page.locator(".playground-scrub")).to_be_disabled()
        for key in ("ArrowRight", "End", " ", "Shift+ArrowRight", ".", "Home"):
            self.page.locator("#content").press(key)
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.stands_at(at)
        expect(self.page.get_by_role("button", name="Next step")).to_be_disabled()
        self.tick(prediction.id, option)
        self.press("Commit my prediction")
        self.hurry()
        mark = self.page.locator(".lesson-mark")
        words = {one.id: one.words for one in prediction.options}
        expect(mark).to_contain_text(f"You predicted: {words[option]}")
        self.press("Play it, to iteration", exact=False)
        answer = service.get_answer(prediction.id)
        expect(mark).to_contain_text(f"What happened: {words[answer.right]}", timeout=PATIENCE_MS)
        told = self.page.locator(".lesson-told")
        if self.by == "keys":
            expect(told).to_be_focused()  # the button that had the focus is gone
        if self.by == "fingers":
            self.press("Read why")
            expect(told).to_be_in_viewport()
        expect(told).to_contain_text(answer.explanations[option])
        expect(told).to_contain_text(answer.explanations[answer.right])
        expect(told).to_contain_text(answer.told)
        self.shows_what_was_measured(prediction)

    def shows_what_was_measured(self, prediction: Prediction) -> None:
        lesson, step = prediction.id.split("/")
        loaded = LESSONS[lesson]
        (measure,) = [one.prediction.measure for one in loaded.file.steps if one.id == step and one.prediction]
        if measure.what == "action":
            return
        value = evidence.measured(measure, *evidence.scenes_of(loaded, step))
        shown = float(re.findall(r"\d+(?:\.\d+)?", self.page.locator(".lesson-mark").inner_text())[-1])
        rough = ROUGH.get(measure.what, 0.006)
        assert shown / (1 if measure.what in ROUGH else 100) == pytest.approx(abs(value), abs=rough)

    def go_through(self, lesson_id: str, wrong: bool = False) -> None:
        """Take every step of a lesson, and its check."""
        lesson = service.get_lesson(lesson_id)
        for place, step in enumerate(lesson.steps):
            expect(self.page.locator(".lesson")).to_have_attribute("data-step", step.id)
            expect(self.page.get_by_role("heading", name=step.title)).to_be_visible()
            if step.begins.fresh:
                self.stands_at(step.begins.at)
            for control in step.light:
                expect(self.page.locator("[data-lit]").nth(step.light.index(control))).to_be_visible()
            if step.prediction:
                answer = service.get_answer(step.prediction.id)
                options = [option.id for option in step.prediction.options if option.id != answer.right]
                self.predict(step.prediction, step.begins.at, options[0] if wrong else answer.right)
            if step.done:
                self.do(step.done)
                expect(self.page.locator(".lesson-task")).to_have_attribute("data-done", "", timeout=PATIENCE_MS)
            assert self.page.url.endswith(f"/learn/{lesson_id}?step={step.id}"), place
            if self.by == "fingers":
                assert self.page.evaluate(FITS)
            self.press("Next step" if self.by == "mouse" else "✓ Done, go on")
            if self.by == "keys":
                expect(self.page.locator(".lesson-panel h2")).to_be_focused()
        self.check(lesson_id)

    def check(self, lesson_id: str) -> None:
        for question in service.get_lesson(lesson_id).checks:
            answer = service.get_answer(question.id)
            form = self.page.locator(".lesson-question").filter(has_text=question.question)
            for option in (*(one.id for one in question.options if one.id != answer.right), answer.right):
                self.tick(question.id, option)
                if self.by == "keys":
                    self.page.keyboard.press("Enter")
                else:
                    form.get_by_role("button", name="Check my answer").click()
                expect(form.locator(".lesson-told")).to_contain_text(answer.explanations[option])
        expect(self.page.locator(".lesson-ending")).to_contain_text("That was all")
        kept = json.loads(self.page.evaluate("localStorage.getItem('synrl-lessons')"))
        assert kept[lesson_id]["finished"]


def begin(page: Page, server: Server, lesson: str, by: str = "mouse") -> Learner:
    page.goto(f"{server.url}/learn/{lesson}")
    return Learner(page, server, by)


@pytest.fixture(scope="module")
def phone_profile(browser: Browser) -> Iterator[Profile]:
    """A phone."""
    profile = Profile(browser, bypass_csp=True, **PHONE)
    yield profile
    profile.context.close()


@pytest.fixture
def phone(phone_profile: Profile, watch: Watch) -> Iterator[Page]:
    """A tab on a phone."""
    watch.observe(phone_profile.context)
    yield phone_profile.tab()
    phone_profile.clean()
    watch.leave(phone_profile.context)


@pytest.mark.parametrize("lesson", [one for one in LESSONS if one not in ("one-synapse", "one-bit")])
def test_a_lesson_can_be_done(request: pytest.FixtureRequest, shared_server: Server, watch: Watch, lesson: str) -> None:
    by = BY.get(lesson, "mouse")
    page: Page = request.getfixturevalue("phone" if by == "fingers" else "page")
    if lesson == "memory":
        page.emulate_media(color_scheme="dark")
    learner = begin(page, shared_server, lesson, by)
    learner.go_through(lesson, wrong=lesson != "all-at-once")
    if lesson == "memory":
        assert faults(page) == []
    # Gradient descent through switches is refused, which the last lesson shows.
    if lesson == "gradient":
        watch.faults[:] = [fault for fault in watch.faults if "422" not in fault]


def test_a_lesson_goes_by_the_keyboard_alone(page: Page, shared_server: Server) -> None:
    learner = begin(page, shared_server, "one-synapse", by="keys")
    learner.go_through("one-synapse")
    page.goto(f"{shared_server.url}/learn/one-synapse?step=nowhere")
    expect(page.get_by_role("alert").filter(has_text="no step “nowhere”")).to_be_visible()
    page.get_by_role("link", name="Step 3").press("Enter")
    expect(page.locator(".lesson-mark")).to_contain_text("What happened")
    page.goto(f"{shared_server.url}/learn")
    item = page.locator(".lesson-item").first
    expect(item).to_contain_text("Finished")
    assert faults_light_and_dark(page) == []
    item.get_by_role("button", name="Begin anew").press("Enter")
    expect(item).not_to_contain_text("Finished")


def test_free_play_leads_back_to_where_one_was(page: Page, shared_server: Server) -> None:
    learner = begin(page, shared_server, "one-synapse?step=again")
    learner.stands_at(2)
    learner.press("Step")
    learner.stands_at(3)
    page.get_by_role("link", name="Free play from here").click()
    learner.stands_at(3)
    expect(page).to_have_url(re.compile(r"/playground\?data=gaussians.*lesson=one-synapse\.again&at=3$"))
    expect(page.get_by_label("Step size")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"lesson=one-synapse\.again&at=4$"))
    page.get_by_role("link", name="Back to the lesson").click()
    expect(page).to_have_url(re.compile(r"/learn/one-synapse\?step=again$"))
    learner.stands_at(3)
    expect(page.get_by_label("Step size")).to_be_hidden()


def test_a_lesson_goes_by_touch_on_a_phone(phone: Page, shared_server: Server) -> None:
    begin(phone, shared_server, "one-bit", by="fingers").go_through("one-bit")


def test_names_of_controls_in_lessons_are_those_on_the_page(page: Page, shared_server: Server) -> None:
    page.goto(f"{shared_server.url}/playground")
    expect(page.locator("#playground")).to_have_attribute("data-iteration", "0", timeout=PATIENCE_MS)
    for name, words in controls.BUTTONS.items():
        expect(page.locator(f"[data-part='button.{name}']")).to_have_text(words)
    for name, words in controls.PARTS.items():
        part = page.locator(f"[data-control={name}], [data-part={name}], details.playground-{name}").first
        expect(part).to_contain_text(words) if words else expect(part).to_be_attached()
