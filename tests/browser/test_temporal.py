"""Recurrent and spiking networks in the browser: presets that learn, and recurrent weights to look at."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.run_page import TALL, opened, status
from tests.server import Server, wait_for


@pytest.mark.parametrize(("preset", "accuracy"), [("A memory", 95), ("Spikes", 75)])
def test_a_preset_learns_and_the_page_says_how_well(
    page: Page, shared_server: Server, preset: str, accuracy: int
) -> None:
    shared_server.post("/api/v1/runs", {"config": {"dataset": "iris", "iterations": 1}})  # an empty list has no menu
    page.goto(shared_server.url)
    page.wait_for_function("Number(document.body?.dataset.rows) > 0")
    page.get_by_role("button", name=re.compile("New run")).click()
    page.get_by_role("menuitem", name=re.compile(f"^{preset}")).first.click()
    page.wait_for_url(re.compile(r"/runs/[^/?]+$"))
    run = page.url.rsplit("/", 1)[1]
    seen = wait_for(
        lambda: shared_server.get(f"/api/v1/runs/{run}"), lambda now: (now["validation_accuracy"] or 0) > accuracy / 100
    )
    page.set_viewport_size(TALL)
    page.wait_for_function("Number(document.body?.dataset.points) > 0")
    words = {"A memory": "16 tanh, recurrent", "Spikes": "64 spiking"}[preset]
    expect(page.get_by_text(words).first).to_be_visible()
    page.wait_for_function(
        "least => Number(document.querySelector('#accuracy-now').textContent.match(/[0-9.]+/)?.[0]) > least",
        arg=accuracy,
    )
    shared_server.stop_run(run)
    assert seen["config"]["architecture"] in ("recurrent", "spiking")
    # The states over time: of the sample shown, and of another one, at the moment in view.
    states = page.locator("#states")
    expect(states).to_contain_text("Validation sample 1 of")
    drawn = page.wait_for_function(
        """() => {
          const graph = document.querySelector("#states-graph.js-plotly-plot");
          const spikes = graph?.data.find(({ meta }) => meta.series.role === "spikes");
          return graph && { layers: graph.data[0].z.length, spikes: spikes ? spikes.x.length : null };
        }"""
    ).json_value()
    assert drawn["layers"] == seen["config"]["hidden_layers"][0]
    assert (drawn["spikes"] is None) == (seen["config"]["architecture"] == "recurrent")
    states.get_by_role("button", name="Next sample").click()
    expect(states).to_contain_text("Validation sample 2 of")


def test_recurrent_weights_are_a_matrix_of_their_own_to_click_into(page: Page, shared_server: Server) -> None:
    config = {
        "architecture": "recurrent", "dataset": "digits", "encoding": "rows", "hidden_layers": [6],
        "iterations": 200, "evaluate_every": 50, "snapshot_every": 100,
    }  # fmt: skip
    run = shared_server.post("/api/v1/runs", {"config": config})
    opened(page, shared_server, run)
    status(page, "succeeded")
    expect(page.locator("#weights-view, .weights-view").first).to_be_hidden()  # 8 inputs a step are no picture
    page.locator("#weights-layer").get_by_text("6 → 6").click()
    heatmap = page.locator("#weights-graph .js-plotly-plot")
    page.wait_for_function(
        """() => {
          const graph = document.querySelector("#weights-graph .js-plotly-plot");
          const rows = graph?.data?.[0].z;
          if (rows?.length !== 6 || rows[0].length !== 6) return false;
          return graph.layout.xaxis.title.text.includes("one step before");
        }"""
    )
    expect(heatmap).to_be_visible()
    expect(page.get_by_text("In a matrix such as 6 → 6 a row is a unit")).to_be_visible()
    page.locator("#weights-cells").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#synapse")).to_contain_text("Unit 1 of layer 1, one step before, to unit 1")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#synapse")).to_contain_text("Unit 2 of layer 1, one step before, to unit 1")


def test_the_form_shows_settings_of_an_architecture_where_they_apply(page: Page, shared_server: Server) -> None:
    page.goto(f"{shared_server.url}/new")
    threshold = page.locator('[data-field="threshold"]')
    architecture = page.locator('[data-field="architecture"]').get_by_role("combobox")
    expect(architecture).to_have_value("feedforward")
    expect(threshold).to_be_hidden()
    architecture.select_option("spiking")
    expect(threshold).to_be_visible()
    architecture.select_option("recurrent")
    expect(threshold).to_be_hidden()
    expect(page.locator('[data-field="encoding"]')).to_be_visible()
