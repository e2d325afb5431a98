"""The page of the paper: what it says where something is missing, and how its table fills."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from synrl_core import policies
from synrl_core.policies import files
from tests.browser import axe
from tests.browser.conftest import Watch
from tests.server import Server, wait_for


def opened(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/paper")
    expect(page.get_by_role("button", name="Run the paper's experiments")).to_be_enabled()


def press(page: Page) -> None:
    """Ask for the smallest rehearsal: one trial of 784-10, two iterations."""
    page.get_by_text("Trials and parts").click()
    page.get_by_label("Trials, each with a split of its own").fill("1")
    page.get_by_label("Most iterations of a run, for a rehearsal").fill("2")
    for part in ("784-32-10", "Activations", "Shapes", "Tasks", "Recurrent"):
        page.get_by_label(re.compile(part)).uncheck()
    page.get_by_role("button", name="Run the paper's experiments").click()


def test_it_says_what_it_does_instead_of_what_is_missing(
    page: Page, shared_server: Server, watch: Watch, tmp_path: Path
) -> None:
    opened(page, shared_server)
    expect(page.get_by_text("notMNIST is not here, so the letters are glyphs")).to_be_visible()
    expect(page.get_by_text("The authors' file golden_pol2cy.jld2 is not here")).to_be_visible()
    expect(page.locator("#paper-letters")).to_have_value("glyphs")
    expect(page.locator("#paper-table")).to_have_value("learned")
    expect(page.get_by_text(re.compile(r"Paper: 10 trials, 470 runs, about \d"))).to_be_visible()
    assert axe.faults(page, within=".paper") == []
    other = tmp_path / "other.jld2"
    other.write_text(files.to_json(policies.get("bred")))
    page.set_input_files("#paper-file", other)
    expect(page.get_by_role("alert").filter(has_text="but not the one of the authors' file")).to_be_visible()
    assert [fault for fault in watch.faults if "422" not in fault] == []
    watch.faults.clear()


def test_pictures_that_are_not_notmnist_can_be_chosen_and_are_told(page: Page, shared_server: Server) -> None:
    file = io.BytesIO()
    np.savez(file, X=np.random.default_rng(0).integers(0, 256, (60, 28, 28), np.uint8), y=np.arange(60) % 10)
    brought = page.request.post(
        f"{shared_server.url}/api/v1/datasets",
        multipart={
            "files": {"name": "scribbles.npz", "mimeType": "application/octet-stream", "buffer": file.getvalue()}
        },
    )
    made = brought.json()["id"]
    try:
        opened(page, shared_server)
        expect(page.locator("#paper-letters")).to_have_value("glyphs")
        page.locator("#paper-letters").select_option(made)
        expect(page.get_by_text("'scribbles' is not notMNIST: the paper's figures are of other data.")).to_be_visible()
    finally:
        page.request.delete(f"{shared_server.url}/api/v1/datasets/{made}")


def test_a_press_fills_the_table_and_a_second_one_repeats_nothing(page: Page, shared_server: Server) -> None:
    opened(page, shared_server)
    press(page)
    result = page.locator(".paper-result")
    expect(result.get_by_role("button", name="Stop").or_(page.locator("[data-state=complete]"))).to_be_visible()
    page.locator(".paper-result[data-state=complete]").wait_for()
    expect(result.get_by_text("5 of 5 runs done")).to_be_visible()
    graph = result.get_by_role("group", name=re.compile("^Validation accuracy over forward passes, 784-10"))
    expect(graph.locator(".main-svg").first).to_be_visible()

    def told_at_the_end() -> str:
        graph.press("End")
        return result.locator(".plot-frame [role=status]").text_content() or ""

    # Until the last figure is drawn, the one before it may lack the last arms.
    last = re.compile(r"^3 forward passes: paper's, static \d+\.\d\d %.*; gradient")
    wait_for(told_at_the_end, lambda told: last.search(told) is not None)
    row = result.get_by_role("row", name=re.compile("synaptic, this project's best"))
    expect(row.get_by_role("link", name=re.compile(r"\d %"))).to_be_visible()
    expect(result.get_by_text("not enough trials yet").first).to_be_visible()
    assert axe.faults(page, within=".paper") == []
    made = page.url
    opened(page, shared_server)
    press(page)
    page.wait_for_url(made)
    assert [one["by_status"] for one in shared_server.get("/api/v1/reproductions")] == [{"succeeded": 5}]
