"""The page of a run, as people use it: controlled, edited, in two tabs, healed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import Watch
from tests.browser.run_page import LONG, SMALL, WINDOW, opened, shown, status
from tests.server import Server, wait_for


@pytest.fixture(scope="module")
def server(shared_server: Server) -> Server:
    return shared_server


def test_a_run_is_paused_resumed_extended_and_stopped_and_says_so(page: Page, server: Server, watch: Watch) -> None:
    run = server.post("/api/v1/runs", {"config": LONG})
    opened(page, server, run, WINDOW)
    expect(page.locator("#run-pause")).to_be_visible()
    assert shown(page) == ["Pause", "Stop", "Extend", "Clone", "More"]
    a_refusal_takes_back_what_was_shown_and_says_why(page, watch)

    def answer_late(route: Route) -> None:
        answer = route.fetch()  # in it the run trains yet and is to pause
        status(page, "paused")
        route.fulfill(response=answer)

    page.route("**/pause", answer_late)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator(".run-progress .word")).to_have_text(re.compile("pausing|paused"))
    status(page, "paused")
    said = page.locator("#run-note")
    expect(said).to_have_text(re.compile(r"Paused at iteration [\d,]+\. Resume goes on from there\."))
    expect(page.locator("#run-resume")).to_be_visible()
    assert shown(page) == ["Resume", "Stop", "Extend", "Clone", "More"]
    at = server.get(f"/api/v1/runs/{run['id']}")["iteration"]

    page.get_by_role("button", name="Extend").click()
    page.get_by_label("How many more iterations").fill("500")
    page.get_by_role("dialog").get_by_role("button", name="Extend").click()
    expect(page.locator("#run-progress-words")).to_contain_text("of 50,000,500 iterations")
    expect(said).to_have_text("Extended by 500 iterations.")

    page.get_by_role("button", name="Resume").click()
    status(page, "running")
    page.wait_for_function("from => Number(document.body?.dataset.iteration) > from", arg=at)
    page.get_by_role("button", name="Stop").click()
    status(page, "stopped")
    expect(said).to_have_text(re.compile(r"Stopped at iteration [\d,]+"))
    page.get_by_role("tab", name="Log").click()
    # A stopped run goes on to the goal it had, unless somebody says otherwise.
    now = server.get(f"/api/v1/runs/{run['id']}")
    page.get_by_role("button", name="Extend").click()
    box = page.get_by_label("How many more iterations")
    left = str(now["iterations"] - now["iteration"])
    expect(box).to_have_value(left)
    box.fill("500")
    expect(page.locator("#run-extend-end")).to_contain_text(f"{now['iteration'] + 500:,}. Its goal was 50,000,500")
    page.get_by_role("button", name="To its goal").click()
    expect(box).to_have_value(left)
    # The goal is still known after another number was taken, and the run has come to its end.
    box.fill("500")
    page.get_by_role("dialog").get_by_role("button", name="Extend").click()
    status(page, "succeeded")
    page.get_by_role("button", name="Extend").click()
    expect(page.locator("#run-extend-end")).to_contain_text("Its goal was 50,000,000.")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Log").scroll_into_view_if_needed()  # what nobody sees is not fetched
    log = page.locator(".log-table")
    for words in (
        "Pause was asked for.",
        "Extended from 50,000,000 to 50,000,500",
        "Stop was asked for.",
        "Stopped at",
    ):
        expect(log).to_contain_text(words)


def a_refusal_takes_back_what_was_shown_and_says_why(page: Page, watch: Watch) -> None:
    refused = {"title": "Not possible", "status": 409, "detail": "Somebody else was quicker."}
    page.route("**/pause", lambda route: route.fulfill(status=409, json=refused))
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator("#run-message")).to_have_text("Somebody else was quicker.")
    expect(page.locator(".run-progress .word")).to_have_text("running")
    expect(page.locator("#run-pause")).to_be_visible()
    assert "409" in watch.faults.pop()
    page.unroute("**/pause")


def rewind_asks_first_and_begins_anew(page: Page, server: Server, run: dict[str, Any]) -> None:
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Rewind").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The curves, the snapshots and the mistakes of this run are cleared.")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert server.get(f"/api/v1/runs/{run['id']}")["iteration"] == 200
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Rewind").click()
    page.get_by_role("dialog").get_by_role("button", name="Rewind").click()
    again = wait_for(
        lambda: server.get(f"/api/v1/runs/{run['id']}/log"),
        lambda log: log[-1]["words"] == "Finished at iteration 200." and len(log) > 4,
    )
    assert "Rewound" in " ".join(entry["words"] for entry in again)
    status(page, "succeeded")
    page.wait_for_function("document.body?.dataset.points === '11'")


def name_tags_and_notes_change_in_place_and_in_the_other_tab(page: Page, other: Page) -> None:
    page.get_by_role("button", name="Rename this run").click()
    field = page.get_by_label("Name of this run")
    field.fill("<b>Renamed</b>")
    field.press("Enter")
    page.get_by_label("Add a tag").fill("class 7b, week 3")
    page.get_by_label("Add a tag").press("Enter")
    expect(page.locator(".tag")).to_have_text([re.compile("class 7b"), re.compile("week 3")])
    page.get_by_role("button", name="Add notes").click()
    page.get_by_role("textbox", name="Notes").fill("Look at unit 5.")
    page.get_by_role("button", name="Save notes").click()
    expect(other.get_by_role("heading", name="<b>Renamed</b>")).to_be_visible()
    expect(other.locator(".tag")).to_have_count(2)
    expect(other.locator(".notes")).to_have_text("Look at unit 5.")
    other.get_by_role("button", name="Remove tag class 7b").click()
    expect(page.locator(".tag")).to_have_count(1)


def test_edits_reach_the_other_tab_and_a_deleted_run_is_restored_by_undo(
    page: Page, context: BrowserContext, server: Server
) -> None:
    """And a rewind asks first and begins anew."""
    run = server.post("/api/v1/runs", {"name": "To and fro", "config": SMALL | {"iterations": 200}})
    wait_for(lambda: server.get(f"/api/v1/runs/{run['id']}"), lambda seen: seen["status"] == "succeeded")
    opened(page, server, run, WINDOW)
    rewind_asks_first_and_begins_anew(page, server, run)
    other = context.new_page()
    opened(other, server, run, WINDOW)
    name_tags_and_notes_change_in_place_and_in_the_other_tab(page, other)
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Delete").click()
    for tab in (page, other):
        expect(tab.locator("#run-note")).to_contain_text("This run is in the trash.")
    page.get_by_role("button", name="Undo").click()
    status(page, "succeeded")
    expect(page.locator("#run-more")).to_be_visible()
    assert server.get(f"/api/v1/runs/{run['id']}")["name"] == "<b>Renamed</b>"


def test_an_open_page_heals_when_its_server_ends_and_is_started_again(page: Page, server: Server, watch: Watch) -> None:
    run = server.post("/api/v1/runs", {"config": LONG})
    opened(page, server, run, WINDOW)
    page.wait_for_function("Number(document.body?.dataset.points) > 5")
    server.environment["SYNRL_PORT"] = server.url.rsplit(":", 1)[1]
    watch.server_is_away = True
    server.interrupt()
    try:
        expect(page.get_by_text("Connection lost.")).to_be_visible()
    finally:
        server.start()
    before = server.get(f"/api/v1/runs/{run['id']}")["iteration"]
    page.wait_for_function("from => Number(document.body?.dataset.iteration) > from", arg=before)
    expect(page.get_by_text("Connection lost.")).to_be_hidden()
    watch.server_is_away = False
    page.get_by_role("button", name="Stop").click()
    status(page, "stopped")
    drawn = page.evaluate(
        """() => Array.from(document.querySelector('#accuracy-graph .js-plotly-plot').data
             .find(one => one.name === 'validation').x)"""
    )
    # Fewer points than those that a page gets at its start, 480, however quick the machine is.
    assert drawn == list(range(0, drawn[-1] + 1, 5000)), "no point is missing, none is there twice"
    page.get_by_role("tab", name="Log").click()
    expect(page.locator(".log-table")).to_contain_text(re.compile("Went on at iteration"))
