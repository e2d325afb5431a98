"""The page of the policies: a table is edited beside a network that learns under it, saved and trained with."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from synrl_core.policies import files
from tests.backend.policy_library.test_service import drawn
from tests.browser.conftest import Watch
from tests.server import Server
from tests.slowness import patience

#: Accuracy that the trial says, in per cent, once it has come to an iteration.
SAID = "document.querySelector('.policy-trial-now')"


def opened(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.url}/policies{query}")
    expect(page.locator(".policy-view h2")).to_be_visible()


def accuracy(page: Page, iteration: int = 1200) -> int:
    """Wait until the network beside the editor has trained so far, and return its accuracy in per cent."""
    page.wait_for_function(f"Number({SAID}?.dataset.iteration) >= {iteration}")
    found = re.search(r"accuracy (\d+) %", page.locator(".policy-trial-now").inner_text())
    assert found is not None
    return int(found[1])


def test_a_table_is_edited_beside_a_network_undone_saved_and_trained_with(page: Page, shared_server: Server) -> None:
    opened(page, shared_server, "?policy=win_stay_lose_shift")
    expect(page.get_by_text("After two rewards it repeats its last move (100 %)")).to_be_visible()
    page.get_by_role("button", name="Edit a copy").click()
    learns = accuracy(page)
    page.get_by_role("button", name="always down").click()
    page.wait_for_function(f"Number({SAID}.dataset.iteration) < 300")
    fails = accuracy(page)
    assert learns >= 85
    assert fails <= 70
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    page.get_by_role("button", name="Redo").click()
    page.get_by_role("button", name="Undo").click()

    # A cell and, by symmetry, its mirror.
    cell = page.locator('[data-state="0 0"]')
    expect(cell).to_have_attribute("data-action", "up")
    cell.click()
    page.get_by_role("group", name="Likeliest action").get_by_role("button", name="stay").click()
    expect(cell).to_have_attribute("data-action", "stay")
    expect(page.locator('[data-state="8 0"]')).to_have_attribute("data-action", "stay")

    page.get_by_role("button", name="Save as a policy").click()
    page.get_by_label("Name", exact=True).fill("my <b>first</b>")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".policy-view h2")).to_have_text("my <b>first</b>")
    expect(page.get_by_role("link", name="win_stay_lose_shift")).to_have_count(2)  # in the list, and as the parent
    page.get_by_role("button", name="Train with it").click()
    page.wait_for_url(re.compile("/new"))
    expect(page.locator("#field-policy")).to_have_value("my <b>first</b>")


@pytest.mark.timed
def test_within_10_s_of_a_click_a_network_shows_whether_it_learns(page: Page, shared_server: Server) -> None:
    opened(page, shared_server, "?policy=win_stay_lose_shift")
    began = time.monotonic()
    page.get_by_role("button", name="Edit a copy").click()
    learns, first = accuracy(page), time.monotonic() - began
    began = time.monotonic()
    page.get_by_role("button", name="always down").click()
    page.wait_for_function(f"Number({SAID}.dataset.iteration) < 300")
    fails, second = accuracy(page), time.monotonic() - began
    assert (learns >= 85, fails <= 70) == (True, True)
    assert max(first, second) < patience(10)


def test_a_file_is_imported_compared_and_what_is_no_policy_is_refused(
    page: Page, shared_server: Server, tmp_path: Path
) -> None:
    (tmp_path / "drawn.json").write_text(files.to_json(drawn("from a file", 5)))
    (tmp_path / "other.json").write_text(json.dumps({"name": "other"}))
    opened(page, shared_server)
    page.set_input_files("#policy-file", tmp_path / "drawn.json")
    expect(page.locator(".policy-view h2")).to_have_text("from a file")
    page.get_by_label("Compare with").select_option("bred_stochastic")
    expect(page.locator(".policy-difference")).to_contain_text("of 36 states")
    assert page.locator("[data-differs]").count() > 0
    assert "with=bred_stochastic" in page.url

    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download JSON").click()
    assert files.read(Path(downloading.value.path()).read_bytes()).name == "from a file"


def test_a_race_fills_its_matrix_while_its_runs_end(page: Page, shared_server: Server) -> None:
    opened(page, shared_server, "?policy=bred_stochastic")
    page.get_by_role("button", name="Race it").click()
    expect(page.get_by_label("bred_stochastic", exact=True)).to_be_checked()
    page.get_by_label("Seeds").fill("2")
    page.get_by_label("Iterations").fill("60")
    page.get_by_label("Step sizes").fill("0.004")
    page.get_by_role("button", name="Start the race").click()
    expect(page.locator(".policy-view[data-race=complete]")).to_be_visible()
    expect(page.locator(".race-matrix tbody tr")).to_have_count(2)
    expect(page.locator(".race-matrix td[data-complete=true]")).to_have_count(4)
    expect(page.locator(".race-ranking li")).to_have_count(2)
    expect(page.locator(".race-matrix td", has_text="bred on this data")).to_have_count(2)  # bred_stochastic on both
    expect(page.locator(".race-transfer li")).to_have_count(1)
    page.locator(".race-matrix td a").first.click()
    page.wait_for_url(re.compile(r"/compare\?runs=[0-9a-f]+(,|%2C)[0-9a-f]+"))


def test_a_policy_is_bred_with_its_curve_paused_and_put_into_the_library(
    page: Page, shared_server: Server, watch: Watch
) -> None:
    opened(page, shared_server)
    page.get_by_role("link", name="Breed", exact=True).click()
    page.get_by_label("Name", exact=True).fill("bred on the page")
    page.get_by_label("History").select_option("1")
    page.get_by_label("Forward passes, at most").fill("150")
    page.get_by_role("button", name="Start breeding").click()
    expect(page.get_by_role("alert").filter(has_text="too small")).to_be_visible()
    assert "422" in watch.faults.pop()  # the browser says of the refusal what the page says better
    page.get_by_label("Forward passes, at most").fill("200000")
    page.get_by_role("button", name="Start breeding").click()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Resume").click()
    expect(page.locator(".policy-view[data-breeding=succeeded]")).to_be_visible()
    expect(page.locator(".breed-curve").first).to_be_visible()
    entry = page.locator(".policy-list .policy-entry", has_text="bred on the page").first
    expect(entry).to_be_visible()  # the list came again with what was bred
    page.get_by_role("link", name="The winner").click()
    expect(page.locator(".policy-view h2")).to_have_text("bred on the page")


def test_policies_are_crossed_and_a_scene_keeps_the_table_of_one(page: Page, shared_server: Server) -> None:
    opened(page, shared_server, "?policy=bred_stochastic")
    page.get_by_role("button", name="Cross …").click()
    page.locator("#derive-other").select_option("win_stay_lose_shift")
    page.get_by_label("Name", exact=True).fill("crossed here")
    page.get_by_role("button", name="Make it").click()
    expect(page.locator(".policy-view h2")).to_have_text("crossed here")
    expect(page.get_by_text("Made from bred_stochastic and win_stay_lose_shift.")).to_be_visible()
    expect(page.get_by_text("It took part in no race yet.")).to_be_visible()
    page.get_by_role("button", name="Mutate …").click()
    page.get_by_role("button", name="Make it").click()
    expect(page.locator(".policy-view h2")).to_have_text("crossed here mutated")

    # Found by its kind, with others out of the way.
    page.get_by_label("Kind", exact=True).select_option("derived")
    expect(page.locator(".policy-list .policy-entry")).to_have_count(2)

    page.get_by_role("link", name="Play with it").click()
    page.wait_for_url(re.compile(r"/playground\?policy=table_"))
    policies = page.locator("#playground-policy")
    # The address holds the table; its name is found in the library, here and after each reload.
    expect(policies.locator("option:checked")).to_have_text("crossed here mutated")
    policies.select_option(label="crossed here")
    expect(policies.locator("option:checked")).to_have_text("crossed here")
    page.wait_for_function("!location.search.includes('library')")
    assert "policy=table_1_0_" in page.url
