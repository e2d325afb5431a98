"""Figures on the page of a run: looked into, saved, zoomed, in the dark, on a phone."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from synrl_core.policies.policy import mixed_probabilities
from tests.backend.exchange.test_bundles import arrays_with, unpacked, vouched
from tests.browser.conftest import Watch
from tests.browser.run_page import SMALL, moment, opened, status
from tests.server import Server, wait_for


@pytest.fixture(scope="module")
def server(shared_server: Server) -> Server:
    return shared_server


@pytest.fixture(scope="module")
def finished(server: Server) -> dict[str, Any]:
    """A finished run with snapshots at 0, 100 .. 600 and a table, of highest values, that it learned."""
    config = SMALL | {"policy": "win_stay_lose_shift", "iterations": 600, "adaptive": True}
    run = server.post("/api/v1/runs", {"name": "Done", "config": config})
    return wait_for(lambda: server.get(f"/api/v1/runs/{run['id']}"), lambda seen: seen["status"] == "succeeded")


def test_the_slider_and_the_inspector_show_the_chosen_iteration(
    page: Page, server: Server, finished: dict[str, Any]
) -> None:
    opened(page, server, finished)
    expect(page.locator("#time-words")).to_have_text("iteration 600, the last")
    page.locator("#weights-cells").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".synapse-name")).to_have_text("Pixel in row 1, column 1 to unit 1")
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "PageDown"):
        page.keyboard.press(key)
    expect(page.locator(".synapse-name")).to_have_text("Pixel in row 2, column 3 to unit 2")

    page.get_by_role("button", name="Snapshot before").click()
    page.get_by_role("button", name="Snapshot before").click()
    moment(page, 400)
    expect(page.locator("#synapse-now")).to_have_text("at iteration 400")
    expect(page.locator("#policy-now")).to_have_text("at iteration 400")
    told = server.get(f"/api/v1/runs/{finished['id']}/synapses/0/11/1?iteration=400")
    weight = page.locator(".facts dd").first.inner_text()
    assert float(weight.replace("−", "-")) == pytest.approx(told["weight"], abs=1e-4)
    word = ["down", "stay", "up"][told["next_action"] + 1]
    expect(page.locator(".row-table tr.chosen th")).to_contain_text(word)
    marked = page.locator(".policy-cell[data-mine]")
    assert marked.get_attribute("data-state") == f"{told['state'][0]} {told['state'][1]}"
    expect(marked).to_have_attribute("data-action", word)
    drawn = page.evaluate("document.querySelector('#weights-graph .js-plotly-plot').layout.shapes.length")
    assert drawn == 1

    page.get_by_role("button", name="Last").click()
    moment(page, 600)
    page.get_by_role("button", name="Play the snapshots").click()
    page.wait_for_function("Number(document.body?.dataset.moment) < 300")
    moment(page, 600)
    a_click_on_a_cell_of_the_matrix_chooses_that_synapse(page)


def a_click_on_a_cell_of_the_matrix_chooses_that_synapse(page: Page) -> None:
    page.locator("#weights-view").get_by_text("Matrix").click()
    page.locator("#weights-measure").get_by_text("Change").click()
    expect(page.locator("#weights-alternative")).to_contain_text("Change of the weights since the start")
    page.wait_for_function(
        "() => document.querySelector('#weights-graph .js-plotly-plot')?.calcdata?.[0]?.[0]?.z?.length === 8"
    )
    box = page.locator("#weights-graph .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 20.5 / 64, box["y"] + box["height"] * 2.5 / 8)
    expect(page.locator(".synapse-name")).to_have_text("Pixel in row 3, column 5 to unit 3")


def the_first_requests_are_lost(page: Page, watch: Watch) -> list[str]:
    """Lose the first request for the log and that for the mistakes of the last iteration; return what was lost."""
    watch.server_is_away = True
    lost: list[str] = []

    def lose_once(route: Route) -> None:
        if len(lost) == 2 or route.request.url.split("?")[0] in lost:
            route.continue_()
        else:
            lost.append(route.request.url.split("?")[0])
            route.abort("connectionrefused")

    page.route(re.compile(r"/api/v1/runs/\w+/(log|mistakes)"), lose_once)
    return lost


def test_mistakes_are_shown_and_counted_after_a_lost_request_too(
    page: Page, server: Server, finished: dict[str, Any], watch: Watch
) -> None:
    lost = the_first_requests_are_lost(page, watch)
    opened(page, server, finished)
    expect(page.locator("#mistakes-now")).to_contain_text("of 450 validation samples wrong at iteration 600")
    page.wait_for_function("() => [...document.querySelectorAll('.mistake img')].every(one => one.naturalWidth === 8)")
    first = server.get(f"/api/v1/runs/{finished['id']}/mistakes")["mistakes"][0]
    expect(page.locator(".mistake").first).to_contain_text(
        f"true {first['label_name']}, predicted {first['named_name']}"
    )
    page.get_by_role("tab", name="Confusion").click()
    table = page.locator(".confusion-table")
    expect(table.locator("tbody tr")).to_have_count(10)
    counted = sum(int(text) for text in table.locator("td:not(.none, .recall)").all_inner_texts())
    assert counted == 450
    first_class = table.locator("tbody tr").first
    of_class = sum(int(text) for text in first_class.locator("td:not(.none, .recall)").all_inner_texts())
    right = int(first_class.locator("td[data-kind=right]").inner_text().replace("·", "0"))
    expect(first_class.locator("td.recall")).to_have_text(f"{100 * right / of_class:.1f} %")
    page.get_by_role("button", name="Snapshot before").click()
    expect(page.locator("#confusion-now")).to_contain_text("at iteration 500")
    page.get_by_role("tab", name="Configuration").click()
    told = server.get(f"/api/v1/runs/{finished['id']}")
    provenance = page.locator("#run-provenance")
    expect(provenance).to_contain_text(told["dataset_hash"][:16])
    expect(provenance).to_contain_text(told["provenance"]["numpy"])
    page.get_by_role("tab", name="Log").click()
    expect(page.locator(".log-table")).to_contain_text("Finished at iteration 600.")
    assert len(lost) == 2, "asked for again"


def saved(page: Page, figure: str, form: str) -> bytes:
    """Take a figure along from its menu."""
    button = page.locator(f"[data-save={form}][data-figure={figure}]")
    button.locator("xpath=ancestor::details").locator("summary").click()
    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename.endswith(f"-{figure}.{form}")
    return download.value.path().read_bytes()


def whole(page: Page, panel: str) -> bytes:
    """Take along what a figure shows a part of."""
    menu = page.locator(f".panel-{panel} details.save").first
    menu.locator("summary").click()
    with page.expect_download() as download:
        menu.locator("a.save-as").click()
    expect(menu).not_to_have_attribute("open", "")
    return download.value.path().read_bytes()


def test_every_figure_is_saved_as_pictures_and_numbers(page: Page, server: Server, finished: dict[str, Any]) -> None:
    opened(page, server, finished)
    page.get_by_role("tab", name="Confusion").click()
    expect(page.locator(".confusion-table tbody tr")).to_have_count(10)
    for figure in ("accuracy", "loss", "actions", "layers", "weights", "policy", "confusion"):
        drawing = ElementTree.fromstring(saved(page, figure, "svg"))  # noqa: S314 (our own)
        assert drawing.tag.endswith("svg")
        words = "".join(one.text or "" for one in drawing.iter() if not one.tag.endswith("style"))
        assert "foreignObject" not in {one.tag.split("}")[1] for one in drawing.iter()}
        picture = Image.open(io.BytesIO(saved(page, figure, "png")))
        assert picture.width == pytest.approx(2 * float(drawing.attrib["width"]), abs=2)
        rows = list(csv.DictReader(io.StringIO(saved(page, figure, "csv").decode("utf-8-sig"))))
        if figure == "confusion":
            assert sum(int(row["samples"]) for row in rows) == 450
            assert all(row["samples"] in words for row in rows if row["samples"] != "0")
        if figure == "policy":
            assert len(rows) == page.locator(".policy-cell").count()
            assert words.count("▲") > 3
        if figure == "weights":
            assert len(rows) == 8 * 65
            first = server.get(f"/api/v1/runs/{finished['id']}/synapses/0/0/0")["weight"]
            assert float(rows[0]["weight"]) == pytest.approx(first, abs=0.02)
        if figure == "accuracy":
            last = server.get(f"/api/v1/runs/{finished['id']}")["validation_accuracy"]
            drawn = [float(row["y"]) for row in rows if row["series"] == "validation_accuracy"]
            assert drawn[-1] == pytest.approx(last, abs=1e-5)
    with np.load(io.BytesIO(whole(page, "weights")), allow_pickle=False) as arrays:
        exact = server.get(f"/api/v1/runs/{finished['id']}/synapses/0/0/0")["weight"]
        assert arrays["weights_0"].ravel()[0] == pytest.approx(exact, abs=1e-7)
    everything = list(csv.DictReader(io.StringIO(whole(page, "accuracy").decode("utf-8-sig"))))
    assert len(everything) == len(server.get(f"/api/v1/runs/{finished['id']}/metrics?max_points=100000")["iteration"])


@pytest.fixture(scope="module")
def drawing(browser: Browser, server: Server, finished: dict[str, Any]) -> dict[str, Any]:
    """The finished run once more, as if its policy drew its actions: imported with another table."""
    table = np.random.default_rng(2).normal(scale=1.5, size=(1, 3, 3, 3, 3, 3))
    table[0, :, 0, 0, 0, 0] = (-9, -8, 0)  # all but certain
    edit = arrays_with(lambda arrays: arrays.update(policy=table, temperature=np.array([0.8, 0.8])))
    context = browser.new_context(base_url=server.url)
    files = unpacked(context.request.get(f"/api/v1/bundles?runs={finished['id']}").body())
    bundle = vouched({name: edit(data) if "/snapshots/" in name else data for name, data in files.items()})
    answer = context.request.post(
        "/api/v1/bundles",
        multipart={"files": {"name": "drawing.zip", "mimeType": "application/zip", "buffer": bundle}},
        headers={"Origin": server.url},
    )
    assert answer.ok, answer.text()
    run: dict[str, Any] = server.get(f"/api/v1/runs/{answer.json()['runs'][0]['id']}")
    context.close()
    return run


def whole_per_cent(share: float) -> str:
    """A probability that is not certain, as the page says it."""
    return ">99 %" if share >= 0.995 else f"{100 * share:.0f} %"


def test_a_table_that_is_drawn_from_tells_how_likely_each_action_is(
    page: Page, server: Server, finished: dict[str, Any], drawing: dict[str, Any]
) -> None:
    opened(page, server, drawing)
    told = server.get(f"/api/v1/runs/{drawing['id']}/policy")
    assert told["temperature"] == 0.8
    chances = mixed_probabilities(np.array(told["table"]).reshape(3, 9, 9), 0.8, told["exploration"])
    cells = page.locator(".policy-cell")
    first = whole_per_cent(chances[:, 0, 0].max()).replace(" ", r"\s")
    expect(cells.first).to_have_attribute("aria-label", re.compile(rf": up {first}, stay .*%, down .*%\. Used "))
    for cell in cells.all():
        acted, rewarded = map(int, (cell.get_attribute("data-state") or "").split())
        own = chances[:, acted, rewarded]
        expect(cell.locator(".chance")).to_have_text(whole_per_cent(own.max()))
        expect(cell).to_have_attribute("data-action", ("down", "stay", "up")[own.argmax()])

    rows = list(csv.DictReader(io.StringIO(saved(page, "policy", "csv").decode("utf-8-sig"))))
    for row in rows:
        share = {word: float(row[f"probability of {word}"]) for word in ("down", "stay", "up")}
        assert sum(share.values()) == pytest.approx(1, abs=1e-3)
        assert row["action now"] == max(share, key=lambda word: share[word])
    drawn = ElementTree.fromstring(saved(page, "policy", "svg"))  # noqa: S314 (our own)
    assert "".join(drawn.itertext()).count("%") == cells.count()

    page.locator("#weights-cells").focus()
    page.keyboard.press("ArrowRight")
    seen = server.get(f"/api/v1/runs/{drawing['id']}/synapses/0/1/0")
    likely = whole_per_cent(max(seen["probabilities"])).replace(" ", r"\s")
    words = page.locator("#synapse .caption")
    expect(words).to_have_text(
        re.compile(rf"^If it went on, it would draw its action: most likely it .*\({likely}\)\.$")
    )

    opened(page, server, finished)
    expect(cells.first).to_have_attribute("aria-label", re.compile("Values: "))
    expect(cells.first.locator(".chance")).to_be_empty()
    certain = list(csv.DictReader(io.StringIO(saved(page, "policy", "csv").decode("utf-8-sig"))))
    likeliest = 1 - server.get(f"/api/v1/runs/{finished['id']}/policy")["exploration"] * 2 / 3
    for row in certain:
        assert float(row[f"probability of {row['action now']}"]) == pytest.approx(likeliest, abs=1e-3)


def test_gradient_descent_is_started_and_drawn_over_the_curves(
    page: Page, server: Server, finished: dict[str, Any]
) -> None:
    opened(page, server, finished)
    toggle = page.get_by_role("button", name="Gradient descent")
    toggle.click()
    expect(page.locator("#baseline-note")).to_contain_text("Gradient descent for Done")
    points = """() => {
        const figure = document.querySelector('#accuracy-graph .js-plotly-plot');
        if (!figure?.data) return -1;
        const trace = figure.data.find(one => one.meta.series.of === 'baseline' && one.meta.series.role === 'curve');
        return trace.x.length;
    }"""
    page.wait_for_function(f"({points})() > 100")
    expect(page.locator("#accuracy-alternative")).to_contain_text("Gradient descent on the same data and network: 8")
    # A reload, or a link that is sent, shows it again.
    expect(page).to_have_url(re.compile(r"\?gradient=1$"))
    page.reload()
    page.wait_for_function(f"({points})() > 100")
    toggle.click()
    page.wait_for_function(f"({points})() === 0")
    assert "gradient" not in page.url


def test_a_zoom_fetches_what_the_long_curve_left_out_and_is_kept(page: Page, server: Server) -> None:
    config = {"dataset": "moons", "hidden_layers": [2], "iterations": 5000, "evaluate_every": 1, "snapshot_every": 5000}
    run = server.post("/api/v1/runs", {"config": config})
    wait_for(lambda: server.get(f"/api/v1/runs/{run['id']}"), lambda seen: seen["status"] == "succeeded")
    opened(page, server, run)
    points = """([name, y]) => {
        const figure = document.querySelector(`#${name}-graph .js-plotly-plot`);
        const wanted = ({ meta: { series } }) => series.y === y && (!series.role || series.role === 'mean');
        return Array.from(figure.data.find(wanted).x).filter(x => x >= 3000 && x <= 3500).length;
    }"""
    for name, series in (("accuracy", "validation_accuracy"), ("actions", "up")):
        figure = page.locator(f"#{name}-graph")
        page.wait_for_function(f"asked => ({points})(asked) > 0", arg=[name, series])
        assert page.evaluate(points, [name, series]) < 250
        box = figure.locator(".nsewdrag").first.bounding_box()
        assert box is not None
        from_, to = (box["x"] + box["width"] * iteration / 5000 for iteration in (3000, 3500))
        page.mouse.move(from_, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(to, box["y"] + box["height"] - 20, steps=4)
        page.mouse.up()
        page.wait_for_function(f"asked => ({points})(asked) > 480", arg=[name, series])
        left, right = figure.locator(".js-plotly-plot").evaluate("figure => figure.layout.xaxis.range")
        assert 2900 < left < 3100
        assert 3400 < right < 3600


def test_a_short_run_that_diverged_has_whole_ticks_and_uncut_numbers(page: Page, server: Server) -> None:
    config = {
        "method": "gradient", "optimizer": "sgd", "gradient_learning_rate": 100, "activation": "identity",
        "hidden_layers": [64, 64], "iterations": 3, "evaluate_every": 1,
    }  # fmt: skip
    run = server.post("/api/v1/runs", {"config": config})
    opened(page, server, run)
    status(page, "succeeded")
    loss = page.locator("#loss-graph")
    expect(loss.locator(".xtick text")).to_have_text(["0", "1", "2", "3"])
    expect(page.locator("#accuracy-graph .xtick text")).to_have_text(["0", "1", "2", "3"])
    words = loss.locator(".textpoint text")
    expect(words.first).to_contain_text(re.compile(r"\d\.\de\d\d"))
    room = loss.bounding_box()
    assert room is not None
    for text in [*words.all(), *loss.locator(".ytick text").all()]:
        box = text.bounding_box()
        assert box is not None
        assert room["x"] <= box["x"]
        assert box["x"] + box["width"] <= room["x"] + room["width"]
    page.goto(f"{server.url}/compare?runs={run['id']}")
    expect(page.locator("#compare-curves-graph .xtick text")).to_have_text(["0", "1", "2", "3"])


def test_the_page_is_whole_in_the_dark_and_on_a_phone(page: Page, server: Server, drawing: dict[str, Any]) -> None:
    """The run whose policy draws its actions: each cell of its table holds a number more than those of others."""
    page.emulate_media(color_scheme="dark")
    opened(page, server, drawing, ViewportSize(width=400, height=4000))
    page.locator(".policy-cell .chance:not(:empty)").first.wait_for()
    assert page.evaluate(
        "(frame => frame.scrollWidth <= frame.clientWidth)(document.querySelector('.policy-frame'))"
    ), "nothing to push aside"
    page.wait_for_function("document.documentElement.scrollWidth <= 400")
    expect(page.locator(".policy-cell").first).to_be_visible()
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(20, 24, 27)"
    line = """() => document.querySelector('#accuracy-graph .js-plotly-plot')?.data
        ?.find(one => one.name === 'validation')?.line.color"""
    page.wait_for_function(f"({line})() === '#4cc9a4'")
    words_at_the_ends_stay_readable(page)


def words_at_the_ends_stay_readable(page: Page) -> None:
    """Point close to the end of the accuracy curves: neither numbers nor tools may lie over the words there."""
    box = page.locator("#accuracy-graph .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.95 * box["width"], box["y"] + 30)
    figure = page.locator("#accuracy-graph")
    expect(figure.locator(".hoverlayer > .legend")).to_be_visible()
    expect(figure.locator(".modebar")).to_be_visible()
    ends = [words.bounding_box() for words in figure.locator(".scatterlayer .text text").all()]
    over = [figure.locator(what).bounding_box() for what in (".hoverlayer > .legend", ".modebar")]
    assert len(ends) == 2
    for end in ends:
        for one in over:
            assert end is not None
            assert one is not None
            apart = one["x"] + one["width"] <= end["x"] or one["y"] >= end["y"] + end["height"]
            assert apart, (end, one)
