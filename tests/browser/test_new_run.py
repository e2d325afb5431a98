"""The form of a new run: errors beside their field, a link that holds it, a sweep, a run that starts from another."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Watch
from tests.server import Server, wait_for


def opened(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.url}/new{query}")
    planned(page)


def planned(page: Page) -> None:
    """Wait until what the page says of time and problems belongs to what is typed."""
    page.wait_for_function("document.body?.dataset.planned === location.pathname + location.search")


def field(page: Page, name: str) -> Locator:
    return page.locator(f'[data-field="{name}"]:visible')


def box(page: Page, name: str) -> Locator:
    return field(page, name).get_by_role("textbox")


def test_a_wrong_value_is_explained_beside_its_field_and_nothing_starts(page: Page, shared_server: Server) -> None:
    before = shared_server.get("/api/v1/runs")["total"]
    opened(page, shared_server)
    box(page, "step_size").fill("7")
    planned(page)
    step = field(page, "step_size")
    expect(step.get_by_role("alert")).to_have_text("Should be a number above 0 and at most 1, for example 0.004.")
    expect(step.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Enter")
    expect(step.get_by_role("textbox")).to_be_focused()
    field(page, "method").get_by_role("combobox").select_option("gradient")
    planned(page)
    # The wrong value belongs to a setting that gradient descent has not: it does no harm there.
    expect(field(page, "step_size")).to_have_count(0)
    expect(page.get_by_role("button", name="Start", exact=True)).to_have_attribute("aria-disabled", "false")
    field(page, "activation").get_by_role("combobox").select_option("step")
    planned(page)
    expect(field(page, "activation").get_by_role("alert")).to_contain_text("derivative of 0")
    assert shared_server.get("/api/v1/runs")["total"] == before


def test_a_link_opens_the_form_as_it_was_left(context: BrowserContext, page: Page, shared_server: Server) -> None:
    opened(page, shared_server)
    field(page, "dataset").get_by_role("combobox").select_option("spirals")
    box(page, "data.noise").fill("0.2")
    box(page, "hidden_layers").fill("16-8")
    box(page, "iterations").fill("2,000")
    page.get_by_label("Name", exact=True).fill("For the class & me")
    planned(page)
    expect(field(page, "iterations")).to_contain_text("Read as 2,000")
    expect(page.get_by_role("img", name="2 → 16 → 8 → 2 units")).to_be_visible()
    query = parse_qs(urlsplit(page.url).query)
    assert query == {
        "dataset": ["spirals"],
        "data.noise": ["0.2"],
        "hidden_layers": ["16-8"],
        "iterations": ["2,000"],
        "name": ["For the class & me"],
    }

    other = context.new_page()
    other.goto(page.url)
    planned(other)
    assert other.url == page.url
    expect(box(other, "hidden_layers")).to_have_value("16-8")
    other.get_by_role("button", name="Start", exact=True).click()
    other.wait_for_url(re.compile(r"/runs/\w+$"))
    run = shared_server.get(f"/api/v1/runs/{other.url.rsplit('/', 1)[1]}")
    assert run["name"] == "For the class & me"
    config = run["config"]
    assert (config["dataset"], config["dataset_parameters"]) == ("spirals", {"noise": 0.2})
    assert (config["hidden_layers"], config["iterations"]) == ([16, 8], 2000)


def test_what_has_two_meanings_is_asked_about(page: Page, shared_server: Server) -> None:
    opened(page, shared_server)
    layers = field(page, "hidden_layers")
    box(page, "hidden_layers").fill("64, 32")
    expect(layers.get_by_role("alert")).to_contain_text("can be one network of 2 hidden layers, or 2 runs")
    start = page.get_by_role("button", name="Start", exact=True)
    expect(start).to_have_attribute("aria-disabled", "true")
    layers.get_by_role("button", name="2 runs: 64; 32").click()
    planned(page)
    expect(page.get_by_role("button", name="Start 2 runs")).to_be_visible()
    expect(page.get_by_role("img", name="64 → 64 → 10 units")).to_be_visible()
    expect(page.get_by_role("img", name="64 → 32 → 10 units")).to_be_visible()
    box(page, "hidden_layers").fill("64, 32")
    layers.get_by_role("button", name="one network: 64-32").click()
    planned(page)
    expect(page.get_by_role("img", name="64 → 64 → 32 → 10 units")).to_be_visible()
    box(page, "step_size").fill("0,001")
    planned(page)
    expect(field(page, "step_size")).to_contain_text("Read as 0.001.")
    box(page, "iterations").fill("20.000")
    expect(field(page, "iterations").get_by_role("alert")).to_contain_text("can be 20 or 20000")
    box(page, "seed").fill("3..1")
    expect(field(page, "seed").get_by_role("alert")).to_contain_text("3..1 counts down: write 1..3.")
    expect(start).to_have_attribute("aria-disabled", "true")


def test_several_values_make_a_sweep(page: Page, shared_server: Server) -> None:
    opened(page, shared_server, "?iterations=200&dataset=iris")
    box(page, "step_size").fill("0.002; 0,004")
    box(page, "seed").fill("0..2")
    planned(page)
    expect(field(page, "seed")).to_contain_text("3 values")
    expect(page.locator("#new-costs")).to_contain_text("6, ")
    page.get_by_role("button", name="Choose several values of Policy", exact=True).click()
    # It chooses nothing by itself.
    expect(page.get_by_role("button", name="Start 6 runs")).to_be_visible()
    field(page, "policy").get_by_label("win stay lose shift").check()
    planned(page)
    page.get_by_role("button", name="Start 12 runs").click()
    page.wait_for_url(re.compile("/compare"))
    (made,) = parse_qs(urlsplit(page.url).query)["sweep"]
    sweep = shared_server.get(f"/api/v1/sweeps/{made}")
    assert sweep["runs"] == 12
    assert sweep["spec"]["grid"]["step_size"] == [0.002, 0.004]
    wait_for(
        lambda: shared_server.get(f"/api/v1/sweeps/{sweep['id']}")["by_status"], lambda by: by == {"succeeded": 12}
    )


def test_a_run_starts_from_another_by_the_keyboard(page: Page, shared_server: Server) -> None:
    first = shared_server.post("/api/v1/runs", {"name": "First", "config": {"dataset": "iris", "iterations": 50}})
    opened(page, shared_server, f"?from={first['id']}")
    expect(page.get_by_text("starts from First")).to_be_visible()
    expect(box(page, "iterations")).to_have_value("50")
    box(page, "iterations").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("60")
    planned(page)
    assert parse_qs(urlsplit(page.url).query) == {"from": [first["id"]], "iterations": ["60"]}
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/runs/\w+$"))
    run = shared_server.get(f"/api/v1/runs/{page.url.rsplit('/', 1)[1]}")
    assert (run["parent_id"], run["config"]["iterations"], run["config"]["dataset"]) == (first["id"], 60, "iris")


def test_the_form_fits_a_phone_with_its_button_in_sight(page: Page, shared_server: Server, watch: Watch) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    opened(page, shared_server, "?dataset=moons&name=" + "long" * 40)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert page.get_by_role("button", name="Start", exact=True).is_visible()
    button = page.get_by_role("button", name="Start", exact=True).bounding_box()
    assert button is not None
    assert button["y"] + button["height"] <= 800


def test_a_preview_that_could_not_be_had_is_asked_for_again(page: Page, shared_server: Server, watch: Watch) -> None:
    """A failed request is told beside the data, is no error of the page, and the next change asks again."""
    opened(page, shared_server)
    picture = page.locator(".new-data .points")
    page.route("**/api/v1/datasets/spirals/preview*", lambda route: route.abort())
    field(page, "dataset").get_by_role("combobox").select_option("spirals")
    expect(page.locator(".new-data .caption")).to_contain_text("can't be reached")
    page.unroute("**/api/v1/datasets/spirals/preview*")
    box(page, "iterations").fill("300")
    expect(picture).to_be_visible()
    # With parameters the server is asked first whether they are allowed.
    page.route("**/api/v1/plans", lambda route: route.abort())
    box(page, "data.noise").fill("0.2")
    expect(page.locator(".new-data .caption")).to_contain_text("can't be reached")
    page.unroute("**/api/v1/plans")
    box(page, "iterations").fill("400")
    planned(page)
    expect(picture).to_be_visible()
    assert [fault for fault in watch.faults if "ERR_FAILED" not in fault] == []
    watch.faults.clear()
