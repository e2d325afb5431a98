"""Three groups of five seeds with a baseline, as a person compares them."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.clicks import wait_until_done
from tests.browser.conftest import Watch
from tests.server import Server, wait_for

POLICIES = ("win_stay_lose_shift", "bred", "random")

CURVES = """name => document.getElementById(`${name}-graph`)._fullData
  .filter(one => one.meta.series.role === "mean" || one.meta.series.role === "samples")
  .map(one => ({label: one.meta.series.label, colour: (one.line || {}).color, y: Array.from(one.y || []),
                x: one.x ? Array.from(one.x) : Array.from(one.y, (_, i) => one.x0 + i * one.dx)}))"""


@pytest.fixture(scope="module")
def sweep(shared_server: Server) -> dict[str, Any]:
    """Fifteen short runs, really trained."""
    body = {
        "name": "Race",
        "config": {"dataset": "iris", "iterations": 300, "evaluate_every": 50, "hidden_layers": [8]},
        "grid": {"policy": list(POLICIES), "seed": list(range(5))},
    }
    made: dict[str, Any] = shared_server.post("/api/v1/sweeps", body)
    path = f"/api/v1/sweeps/{made['id']}"
    return wait_for(
        lambda: dict(shared_server.get(path)), lambda seen: seen["by_status"] == {"succeeded": 15}, timeout=170
    )


def opened(page: Page, address: str) -> None:
    page.goto(address)
    compared(page)


def compared(page: Page) -> None:
    """Wait until what is drawn belongs to the address."""
    page.wait_for_function("document.body?.dataset.compared === location.pathname + location.search")


def curves(page: Page, figure: str = "compare-curves") -> dict[str, Any]:
    return {one["label"]: one for one in page.evaluate(CURVES, figure)}


def test_three_groups_of_five_seeds_are_compared_with_a_baseline(
    page: Page, context: BrowserContext, shared_server: Server, sweep: dict[str, Any]
) -> None:
    opened(page, f"{shared_server.url}/compare?sweep={sweep['id']}")
    expect(page.locator("#compare-headline")).to_have_text("15 runs in 3 groups")
    drawn = curves(page)
    assert list(drawn) == ["win stay lose shift", "bred", "random"]
    assert drawn["bred"]["x"] == [0, 50, 100, 150, 200, 250, 300]
    ids = ",".join(sweep["run_ids"])
    numbers = shared_server.get(f"/api/v1/compare?runs={ids}&baseline={sweep['run_ids'][0]}")
    assert drawn["bred"]["y"] == pytest.approx(numbers["groups"][1]["curve"]["mean"], abs=1e-6)

    # Pinned, the first group is black and the others show how far they are from it.
    page.get_by_role("button", name="Pin win stay lose shift as the baseline").click()
    compared(page)
    row = page.locator("#compare-groups tbody tr", has_text="random")
    difference = numbers["groups"][2]["difference"]
    assert difference["method"] == "paired"
    said = f"{100 * difference['mean']:+.2f}".replace("-", "−")
    expect(row).to_contain_text(said)
    expect(row).to_contain_text("paired by seed")
    expect(page.get_by_role("heading", name="Difference to the baseline")).to_be_visible()
    assert curves(page)["win stay lose shift"]["colour"] == "#000000"
    expect(page.locator("#compare-differences-alternative")).to_contain_text(f"random: {said} percentage points")

    # Each run of a group on demand; over passes; smoothed; on a logarithmic axis: all of it in the address.
    page.get_by_role("button", name="Draw each run of bred").click()
    page.get_by_label("Over").select_option("forward_passes")
    page.get_by_label("log x").check()
    page.get_by_label("Smoothing").fill("0.7")
    compared(page)
    roles = page.evaluate("document.getElementById('compare-curves-graph')._fullData.map(one => one.meta.series.role)")
    assert [roles.count(role) for role in ("member", "measured", "mean")] == [5, 3, 3]
    assert parse_qs(urlsplit(page.url).query) == {
        "sweep": [sweep["id"]],
        "x": ["forward_passes"],
        "smoothing": ["0.7"],
        "baseline": [sweep["run_ids"][0]],
        "members": [sweep["run_ids"][5]],
        "log_x": ["yes"],
    }
    other = context.new_page()
    opened(other, page.url)
    assert curves(other) == curves(page)
    expect(other.get_by_label("Over")).to_have_value("forward_passes")
    other.close()

    # Grouped otherwise, and without a run.
    page.get_by_role("group", name="Group by").get_by_label("Seed").check()
    compared(page)
    expect(page.locator("#compare-headline")).to_have_text("15 runs")
    page.get_by_role("button", name=re.compile("^Leave .* out")).first.click()
    compared(page)
    expect(page.locator("#compare-headline")).to_have_text("14 runs")
    assert "runs" in parse_qs(urlsplit(page.url).query)


def test_figures_are_saved_as_svg_png_and_csv(
    page: Page, shared_server: Server, sweep: dict[str, Any], tmp_path: Path
) -> None:
    opened(page, f"{shared_server.url}/compare?sweep={sweep['id']}")
    panel = page.locator(".panel-compare-curves")
    saved = {}
    for format_, words in (("svg", "SVG"), ("png", "PNG"), ("csv", "CSV")):
        panel.locator(".save > summary").click()
        with page.expect_download() as download:
            panel.get_by_role("button", name=re.compile(words)).click()
        assert download.value.suggested_filename == f"synrl-compare-curves.{format_}"
        download.value.save_as(tmp_path / format_)
        saved[format_] = (tmp_path / format_).read_bytes()
    assert b"<svg" in saved["svg"][:200]
    assert saved["svg"].count(b"<path") > 3
    assert b"@font-face{font-family:Inter" in saved["svg"], "the typeface is in the file"
    assert saved["png"].startswith(b"\x89PNG")
    lines = saved["csv"].decode("utf-8-sig").splitlines()
    assert lines[0] == "series,role,x,y"
    bred = [line for line in lines if line.startswith("bred,mean,")]
    assert [float(line.split(",")[2]) for line in bred] == curves(page)["bred"]["x"]


def test_cells_of_a_csv_are_never_formulas(page: Page, shared_server: Server) -> None:
    bodies = [
        {"name": name, "config": {"dataset": "iris", "iterations": 50, "seed": seed}}
        for seed, name in enumerate(('=HYPERLINK("http://x","y")', "+1", "@SUM(A1)", "-2", "plain, with a comma"))
    ]
    ids = [shared_server.post("/api/v1/runs", body)["id"] for body in bodies]
    for run in ids:
        wait_until_done(shared_server, run)
    opened(page, f"{shared_server.url}/compare?group=none&runs={','.join(ids)}")
    text = page.evaluate(
        "import(new URL('charts/csv.js', document.querySelector('script[type=module]').src)).then("
        "({ csv, rowsOfTraces }) => csv(rowsOfTraces(document.getElementById('compare-distribution-graph')._fullData)))"
    )
    rows = text.splitlines()
    assert rows[1].startswith('"\'=HYPERLINK(""http://x"",""y"")"')
    assert [row[:2] for row in rows[2:5]] == ["'+", "'@", "'-"]
    assert rows[5].startswith('"plain, with a comma",samples,')


def test_networks_are_seen_side_by_side(page: Page, shared_server: Server, sweep: dict[str, Any]) -> None:
    opened(page, f"{shared_server.url}/compare?sweep={sweep['id']}")
    page.locator(".panel-compare-weights").scroll_into_view_if_needed()
    page.wait_for_function("document.body?.dataset.comparedWeights === '0'")
    expect(page.locator("#compare-weights-alternative")).to_contain_text("bred at 300: 4 inputs to 8 units")
    page.locator("#compare-weights-controls select").select_option("1")
    page.wait_for_function("document.body?.dataset.comparedWeights === '1'")
    expect(page.locator("#compare-weights-alternative")).to_contain_text("8 inputs to 3 units")
    page.get_by_role("button", name="Judge the networks").click()
    page.wait_for_function("document.body?.dataset.comparedConfusions === 'drawn'")
    expect(page.locator("#compare-confusion-alternative")).to_contain_text(re.compile(r"bred: \d+ of 38 right"))


def test_runs_are_chosen_on_an_empty_page_and_lost_ones_are_reported(
    page: Page, shared_server: Server, sweep: dict[str, Any]
) -> None:
    page.goto(f"{shared_server.url}/compare")
    expect(page.get_by_role("heading", name="Choose runs to compare")).to_be_visible()
    page.get_by_label("Find runs").fill("policy bred, seed 1")
    page.get_by_role("checkbox", name=re.compile("policy bred, seed 1")).check()
    page.get_by_label("Find runs").fill("policy random, seed 1")
    page.get_by_role("checkbox", name=re.compile("policy random, seed 1")).check()
    page.get_by_role("button", name="Compare", exact=True).click()
    compared(page)
    expect(page.locator("#compare-headline")).to_have_text("2 runs")
    opened(page, f"{shared_server.url}/compare?runs={sweep['run_ids'][0]},gone")
    expect(page.locator("#compare-problem")).to_have_text("One run is not there any more and left out.")
    page.goto(f"{shared_server.url}/compare?runs=gone")
    expect(page.locator("#compare-problem")).to_have_text("One run is not there any more and left out.")
    expect(page.get_by_role("heading", name="Choose runs to compare")).to_be_visible()
    expect(page.locator(".compare-body")).to_be_hidden()


def test_dark_is_dark_and_a_phone_is_wide_enough(
    page: Page, shared_server: Server, sweep: dict[str, Any], watch: Watch
) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 400, "height": 800})
    opened(page, f"{shared_server.url}/compare?sweep={sweep['id']}&baseline={sweep['run_ids'][0]}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert curves(page)["win stay lose shift"]["colour"] == "#ffffff"
    page.locator(".panel-compare-weights").scroll_into_view_if_needed()
    page.wait_for_function("document.body?.dataset.comparedWeights === '0'")
    names = [name.bounding_box() for name in page.locator("#compare-weights-graph .annotation-text").all()]
    assert len(names) == 3
    assert all(name and name["x"] + name["width"] <= 400 for name in names)
    assert all(below["y"] > above["y"] + 100 for above, below in pairwise(names) if above and below)
    page.emulate_media(color_scheme="light")
    page.wait_for_function(
        "document.getElementById('compare-curves-graph')?._fullData?.some(one => (one.line || {}).color === '#000000')"
    )


def test_a_list_of_runs_that_could_not_be_fetched_is_reported(page: Page, shared_server: Server, watch: Watch) -> None:
    problem = {"title": "Busy", "status": 503, "detail": "The server is busy. Try again in a moment."}
    page.route("**/api/v1/runs?limit=*", lambda route: route.fulfill(status=503, json=problem))
    page.goto(f"{shared_server.url}/compare")
    expect(page.locator("#compare-picker .refusal")).to_have_text("The server is busy. Try again in a moment.")
    assert [fault for fault in watch.faults if "503" not in fault] == []
    watch.faults.clear()
