"""Regressions of usability problems that visitors met: what a person does, and what they see."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.server import Server, wait_for

SMALL: dict[str, Any] = {"dataset": "digits", "hidden_layers": [8], "evaluate_every": 50, "snapshot_every": 500}


def trained(server: Server, name: str, **config: Any) -> dict[str, Any]:
    run = server.post("/api/v1/runs", {"name": name, "config": SMALL | {"iterations": 500} | config})
    done: dict[str, Any] = wait_for(
        lambda: server.get(f"/api/v1/runs/{run['id']}"), lambda seen: seen["status"] == "succeeded"
    )
    return done


@pytest.fixture(scope="module")
def run(shared_server: Server) -> dict[str, Any]:
    return trained(shared_server, "First")


def open_run(page: Page, server: Server, run: dict[str, Any]) -> None:
    page.goto(f"{server.url}/runs/{run['id']}")
    page.wait_for_function("Number(document.body?.dataset.points) > 0")


def open_runs(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.url}/{query}")
    page.wait_for_function("Number(document.body?.dataset.rows) >= 0")


@pytest.mark.parametrize("query", ["", "?view=active&status=succeeded&dataset=digits"])
def test_a_preset_opens_its_run_whatever_the_list_shows(
    page: Page, shared_server: Server, run: dict[str, Any], query: str
) -> None:
    open_runs(page, shared_server, query)
    if not query:
        page.get_by_label("Status").select_option("succeeded")
    before = shared_server.get("/api/v1/runs")["total"]
    page.get_by_role("button", name=re.compile("New run")).click()
    page.get_by_role("menuitem", name=re.compile("^Iris|^Digits")).first.dblclick()
    page.wait_for_url(re.compile(r"/runs/[^/?]+$"))
    assert shared_server.get("/api/v1/runs")["total"] == before + 1
    shared_server.stop_run(page.url.rsplit("/", 1)[1])


def test_enter_ends_a_rename_and_a_click_elsewhere_keeps_its_focus(
    page: Page, shared_server: Server, run: dict[str, Any]
) -> None:
    open_run(page, shared_server, run)
    page.locator("#run-rename").click()
    page.keyboard.type("Renamed")
    page.keyboard.press("Enter")
    expect(page.locator("#run-name")).to_have_text("Renamed")
    expect(page.locator(".name-field")).to_have_count(0)
    page.locator("#run-rename").click()
    page.get_by_label("Add a tag").click()
    page.keyboard.type("alpha")
    page.keyboard.press("Enter")
    expect(page.locator("#run-tags .tag")).to_have_text(re.compile("alpha"))
    expect(page.locator("#run-name")).to_have_text("Renamed")


def test_archived_runs_are_no_longer_chosen(page: Page, shared_server: Server, run: dict[str, Any]) -> None:
    for name in ("Away", "Stays"):
        trained(shared_server, name, iterations=50)
    open_runs(page, shared_server)
    bar = page.get_by_role("region", name="Chosen runs")
    page.get_by_role("checkbox", name="Choose Away", exact=True).check()
    bar.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("checkbox", name="Choose Away", exact=True)).to_have_count(0)
    page.get_by_role("checkbox", name="Choose Stays", exact=True).check()
    expect(bar.locator("strong")).to_have_text("1 chosen")


def test_chosen_runs_that_the_filters_hide_are_counted(page: Page, shared_server: Server, run: dict[str, Any]) -> None:
    # Two new ones: they are at the top of the list, whatever other tests left in it.
    for name in ("Not hidden by a search", "Seen and hidden"):
        trained(shared_server, name, iterations=50)
    open_runs(page, shared_server)
    bar = page.get_by_role("region", name="Chosen runs")
    for name in ("Not hidden by a search", "Seen and hidden"):
        page.get_by_role("checkbox", name=f"Choose {name}", exact=True).first.check()
    expect(bar.locator(".not-shown")).to_be_empty()
    page.get_by_role("searchbox").fill("Seen and")
    expect(bar.locator("strong")).to_have_text("2 chosen")
    expect(bar.locator(".not-shown")).to_have_text("1 not shown by these filters")
    page.get_by_role("searchbox").fill("")
    expect(bar.locator(".not-shown")).to_be_empty()


def test_back_steps_through_filters_and_then_leaves_the_page(
    page: Page, shared_server: Server, run: dict[str, Any]
) -> None:
    open_run(page, shared_server, run)
    page.locator(".top").get_by_role("link", name="Runs", exact=True).click()
    status = page.get_by_label("Status")
    status.select_option("succeeded")
    expect(page).to_have_url(re.compile(r"/\?status=succeeded$"))
    page.get_by_role("searchbox").press_sequentially("First")
    expect(page).to_have_url(re.compile(r"search=First&status=succeeded$"))
    page.evaluate("document.getElementById('runs-page').dataset.kept = 'yes'")
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(status).to_have_value("succeeded")
    page.go_back()
    expect(status).to_have_value("")
    expect(page).to_have_url(re.compile(r"/$"))
    # The page was not built anew on the way.
    expect(page.locator("#runs-page")).to_have_attribute("data-kept", "yes")
    page.go_forward()
    expect(status).to_have_value("succeeded")
    page.go_back()
    page.go_back()
    expect(page.locator("#run-name")).to_have_text(re.compile("First|Renamed"))


def test_zooming_out_of_a_live_curve_follows_the_run_again(page: Page, shared_server: Server) -> None:
    long = shared_server.post(
        "/api/v1/runs", {"config": SMALL | {"iterations": 50_000_000, "snapshot_every": 5_000_000}}
    )
    open_run(page, shared_server, long)
    range_of_axis = "document.querySelector('#accuracy-graph .js-plotly-plot').layout.xaxis.range"
    page.wait_for_function("Number(document.body?.dataset.iteration) > 400")
    box = page.locator("#accuracy-graph .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 140, steps=4)
    page.mouse.up()
    page.wait_for_function(f"{range_of_axis}[0] > 0")

    def range_after_double_click() -> Any:
        page.mouse.dblclick(box["x"] + 90, box["y"] + 90)
        page.wait_for_function(
            "new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))"
        )
        return page.evaluate(range_of_axis)

    # A busy page may handle the two clicks so late that they are no double click; a person would click again.
    wait_for(range_after_double_click, lambda seen: seen[0] == 0 and seen[1] < 50_000_000 / 4)
    shared_server.stop_run(long["id"])


def test_the_synapse_and_its_cell_of_the_table_are_in_one_view(
    page: Page, shared_server: Server, run: dict[str, Any]
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    open_run(page, shared_server, run)
    page.locator(".inside").evaluate("inside => inside.scrollIntoView()")
    page.wait_for_function(
        "document.querySelector('#weights-graph .js-plotly-plot')?.calcdata?.[0]?.[0]?.z?.length > 2"
    )
    page.locator("#weights-cells").focus()
    page.keyboard.press("ArrowRight")
    for place in (".synapse-name", ".policy-cell[data-mine='true']", "#policy tr:last-child"):
        expect(page.locator(place).first).to_be_in_viewport(ratio=1)
    within = page.evaluate(
        """() => {
          const { coloraxis } = document.querySelector('#weights-graph .js-plotly-plot')._fullLayout;
          const cells = document.querySelector('#weights-graph .js-plotly-plot').calcdata[0][0].z;
          const sizes = Array.from(cells, row => Array.from(row)).flat().filter(Number.isFinite).map(Math.abs);
          return sizes.filter(size => size <= coloraxis.cmax / 2.5).length / sizes.length;
        }"""
    )
    assert within < 0.99, "the scale is set by a few large weights: the picture is pale"


def test_a_figure_fills_its_column_when_a_baseline_is_pinned(page: Page, shared_server: Server) -> None:
    runs = [
        trained(shared_server, f"{units} units, seed {seed}", hidden_layers=[units], seed=seed, iterations=50)["id"]
        for units in (4, 8)
        for seed in (1, 2)
    ]
    page.goto(f"{shared_server.url}/compare?runs={','.join(runs)}")
    graph = page.locator("#compare-distribution-graph")
    page.wait_for_function("document.querySelector('#compare-distribution-graph .main-svg')")
    page.locator("[data-pin]").first.click()
    page.wait_for_function(
        """() => {
          const graph = document.querySelector('#compare-distribution-graph');
          const drawn = graph.querySelector('.main-svg').getBoundingClientRect().width;
          const split = !document.querySelector('.panel-compare-differences').hidden;
          return split && Math.abs(drawn - graph.clientWidth) < 2;
        }"""
    )
    assert graph.evaluate("graph => graph.clientWidth <= graph.parentElement.clientWidth + 1")


def test_a_run_is_archived_from_its_page_and_hidden_in_a_new_tab(
    page: Page, shared_server: Server, run: dict[str, Any]
) -> None:
    shelved = trained(shared_server, "Shelved", iterations=50)
    open_run(page, shared_server, shelved)
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Archive").click()
    expect(page.locator("#run-note")).to_contain_text("Archived")
    open_runs(page, shared_server, "?view=archived")
    expect(page.get_by_role("link", name="Shelved", exact=True)).to_be_visible()
    fresh = page.context.new_page()
    open_runs(fresh, shared_server)
    expect(fresh.get_by_label("Place")).to_have_value("active")
    expect(fresh.get_by_role("link", name="Shelved", exact=True)).to_have_count(0)
