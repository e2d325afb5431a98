"""The playground in a browser: plays, steps back to the same numbers, is drawn on, edited, saved and shared."""

from __future__ import annotations

import csv
import os
import re
import signal
from pathlib import Path

import psutil
from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext, Page, Position, Route, expect

from backend.cli.main import main
from synrl_core.policies.files import from_json
from synrl_core.tape import Scene
from tests.browser.axe import faults_light_and_dark
from tests.browser.conftest import WIDE, Watch
from tests.browser.playground import at_rest, choose, moments_of, open_playground, reaches, stands_at
from tests.server import Server


def test_ten_back_and_ten_forward_is_the_same_picture(page: Page, shared_server: Server) -> None:
    iteration = 5000
    open_playground(page, shared_server, "data=moons", iteration)
    before = at_rest(page)
    for key, end in (("ArrowLeft", iteration - 10), ("ArrowRight", iteration)):
        for _ in range(10):
            page.keyboard.press(key)
        stands_at(page, end)
    assert at_rest(page) == before
    page.keyboard.press("Shift+ArrowLeft")
    stands_at(page, iteration - 10)
    page.keyboard.press("Home")
    stands_at(page, 0)


def test_five_beats_light_up_one_after_the_other(page: Page, shared_server: Server) -> None:
    open_playground(page, shared_server, "", 20)
    lit = page.locator("#playground")
    before = page.locator(".playground-beats li").nth(1).inner_text()
    for beat in range(1, 6):
        page.keyboard.press(".")
        expect(lit).to_have_attribute("data-beat", str(beat))
        shown = page.locator(".playground-beats li").nth(beat - 1)
        expect(shown).to_have_css("font-weight", "600")
    assert page.locator(".playground-table td button[data-used]").count() == 1
    expect(page.locator(".playground-lamp[data-part=state]")).to_have_count(2)
    page.keyboard.press(".")
    stands_at(page, 21)
    expect(lit).to_have_attribute("data-beat", "1")
    page.keyboard.press(",")
    stands_at(page, 20)
    expect(lit).to_have_attribute("data-beat", "5")
    assert page.locator(".playground-beats li").nth(1).inner_text() == before
    page.keyboard.press("Escape")
    expect(lit).to_have_attribute("data-beat", "0")
    page.get_by_role("button", name="Slow motion").click()
    expect(lit).to_have_attribute("data-beat", "3")


def test_points_are_drawn_and_taken_away_by_press_and_by_key(page: Page, shared_server: Server) -> None:
    open_playground(page, shared_server, "n=20", 5)
    plane = page.locator(".playground-above").first
    box = plane.bounding_box()
    assert box is not None
    middle = Position(x=box["width"] / 2, y=box["height"] / 2)
    page.get_by_role("button", name="▲ draw").click()
    plane.click(position=middle)
    expect(page).to_have_url(re.compile(r"add=-?0(\.\d+)?_-?0(\.\d+)?_1$"))
    stands_at(page, 0)
    page.get_by_role("button", name="✕ remove").click()
    plane.click(position=middle)
    expect(page).to_have_url(re.compile(r"n=20$"))
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile(r"add="))
    page.locator("#playground-dataset").select_option(label="Drawn by hand")
    status = page.locator(".playground-messages > .refusal")
    expect(status).to_contain_text("2 more ● and 2 more ▲")
    plane.focus()
    for tool, keys in (("● draw", ["ArrowLeft", "Shift+ArrowLeft"]), ("▲ draw", ["ArrowRight", "ArrowUp"])):
        button = page.get_by_role("button", name=tool)
        if button.get_attribute("aria-pressed") == "false":
            button.press("Enter")
        plane.focus()
        for key in keys:
            page.keyboard.press(key)
            page.keyboard.press("Enter")
    expect(status).to_be_empty()
    stands_at(page, 0)
    expect(page).to_have_url(re.compile(r"data=drawn&n=20&add=-0.05_0_0\*-0.3_0_0\*-0.25_0_1\*-0.25_0.05_1$"))


#: Whether a canvas has as many pixels as it is wide.
SHARP = "canvas => canvas.width === Math.trunc(canvas.clientWidth * devicePixelRatio)"

#: How many frames the page asks for while the screen is refreshed thirty times.
FRAMES_ASKED_FOR = """async () => {
  const ask = window.requestAnimationFrame;
  let asked = 0;
  window.requestAnimationFrame = draw => { asked += 1; return ask(draw); };
  for (let frame = 0; frame < 30; frame++) await new Promise(done => ask(done));
  window.requestAnimationFrame = ask;
  return asked;
}"""


def test_a_chunk_that_comes_while_paused_repaints_nothing(page: Page, shared_server: Server) -> None:
    held: list[Route] = []
    page.route("**/tapes/*?from=256*", lambda route: held.append(route))
    with page.expect_request("**/tapes/*?from=256*"):
        open_playground(page, shared_server, "data=moons", 200)
    before = at_rest(page)
    surface = page.locator(".playground-surface")
    surface.evaluate("""canvas => { window.painted = 0;
      const context = canvas.getContext("2d"), put = context.putImageData.bind(context);
      context.putImageData = (...all) => { window.painted += 1; put(...all); } }""")
    page.wait_for_function("() => true")
    held[0].continue_()
    expect(page.locator(".playground-scrub")).to_have_attribute("max", "512")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate("window.painted") == 0
    assert at_rest(page) == before
    assert page.evaluate(FRAMES_ASKED_FOR) == 0, "a page at rest lets the processor rest"


def test_a_link_to_a_moment_shows_the_same_numbers_on_another_server(
    page: Page, context: BrowserContext, shared_server: Server, elsewhere: Server
) -> None:
    """With changes on the way, on a server that has stored nothing and of which the browser has stored nothing."""
    open_playground(page, shared_server, "hidden=8_8", 30)
    page.get_by_label("Step size").select_option("0.1")
    expect(page).to_have_url(re.compile(r"changes=30_step_0.1.*at=30"))
    weight = page.get_by_label("Weight;")
    weight.fill("1.5")
    weight.press("Enter")
    expect(page).to_have_url(re.compile(r"weight_1_1.5"))
    page.get_by_role("button", name="Step", exact=True).click()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    stands_at(page, 35)
    first = at_rest(page)
    other = context.new_page()
    other.goto(page.url.replace(shared_server.url, elsewhere.url))
    stands_at(other, 35)
    there = at_rest(other)
    for name in ("beats", "sentence", "now", "lamps", "table"):
        assert there[name] == first[name]


def test_a_weight_and_a_cell_set_by_hand_branch_the_tape_until_undone(page: Page, shared_server: Server) -> None:
    open_playground(page, shared_server, "policy=win_stay_lose_shift&explore=0.3", 10)
    choose(page, 2)
    weight = page.get_by_label("Weight;")
    before = weight.input_value()
    weight.fill("1.5")
    weight.press("Enter")
    expect(page).to_have_url(re.compile(r"changes=10_weight_2_1\.5&"))
    cell = page.get_by_role("button", name="after up, up with lamps on, on:")
    expect(cell).to_have_attribute("data-action", "up")
    cell.click()
    expect(cell).to_have_attribute("data-action", "down")
    changes = [{"iteration": 10, "setting": "weight", "value": (2, 1.5)},
               {"iteration": 10, "setting": "cell", "value": (80, 1.0)},
               {"iteration": 10, "setting": "cell", "value": (242, 0.0)}]  # fmt: skip
    scene = Scene(policy="win_stay_lose_shift", exploration=0.3, changes=changes)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save it as a policy").click()
    policy = from_json(Path(saved.value.path()).read_bytes())
    assert policy.q.ravel().tolist() == scene.table_at(11).tolist()
    for _ in range(10):
        page.keyboard.press("Shift+ArrowRight")
    stands_at(page, 110)
    expect(weight).to_have_value(f"{moments_of(scene, 110)[-1].weights[2]:.4f}")
    expect(page.locator(".playground-messages > .refusal")).to_be_empty()
    page.get_by_role("button", name="Undo").click()
    expect(cell).to_have_attribute("data-action", "up")
    page.keyboard.press("Control+z")
    expect(page).to_have_url(re.compile(r"explore=0\.3&at=10$"))
    expect(weight).to_have_value(before)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_playing_goes_on_when_the_process_is_killed(page: Page, shared_server: Server) -> None:
    assert shared_server.process is not None
    open_playground(page, shared_server, "seed=99")
    page.get_by_label("Speed").select_option("as fast as it goes")
    page.get_by_role("button", name="Play", exact=True).click()
    reaches(page, 300)
    for child in psutil.Process(shared_server.process.pid).children():
        if "concurrent.futures" in " ".join(child.cmdline()) or child.nice() == 5:
            os.kill(child.pid, signal.SIGKILL)
    reaches(page, 3000)
    expect(page.locator(".playground-messages > .refusal")).to_be_empty()


def test_nothing_shuts_anybody_out_and_a_scene_becomes_a_run(page: Page, shared_server: Server) -> None:
    open_playground(page, shared_server, "hidden=2&lie=coin&step=0.05", 40)
    page.get_by_text("More", exact=True).click()
    assert faults_light_and_dark(page) == []
    page.evaluate("document.documentElement.dataset.projector = 'true'")
    assert faults_light_and_dark(page) == []
    page.evaluate("document.documentElement.dataset.projector = 'false'")
    page.set_viewport_size({"width": 400, "height": 800})
    curves = page.locator(".playground-curves")
    page.wait_for_function(SHARP, arg=curves.element_handle())  # drawn anew where the width changes, not stretched
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert faults_light_and_dark(page) == []
    page.set_viewport_size(WIDE)
    a_scene_is_saved_as_an_ordinary_run(page, shared_server)


def a_scene_is_saved_as_an_ordinary_run(page: Page, shared_server: Server) -> None:
    page.get_by_text("Save", exact=True).click()
    page.get_by_role("button", name="As an ordinary run").click()
    expect(page.locator(".playground-note")).to_contain_text("without the corrupted reward")
    run = page.get_by_role("link", name="Open it").get_attribute("href")
    assert run is not None
    stored = shared_server.get(f"/api/v1{run}")
    assert stored["config"] == Scene(hidden_layers=(2,), step_size=0.05).config().model_dump(mode="json")
    shared_server.stop_run(run.rsplit("/", 1)[1])


def test_a_link_hides_and_locks_and_its_excessive_values_are_named(page: Page, shared_server: Server) -> None:
    open_playground(page, shared_server, "n=5000&nonsense=1&hide=table_policy&lock=data_weight_draw_nonsense", 10)
    expect(page.locator(".playground-notes li")).to_have_text(
        [
            re.compile("n=5000: 1000"),
            re.compile("nonsense=1: left out"),
            "lock=nonsense: left out; there is no such control here.",
        ]
    )
    expect(page.locator(".playground-table")).to_be_hidden()
    expect(page.locator("#playground-policy")).to_be_hidden()
    for name in ("#playground-dataset", "#playground-weight", ".playground-tools button >> nth=0"):
        expect(page.locator(name)).to_be_disabled()
    page.get_by_text("For a class: hide or lock").click()
    page.get_by_label("lock Speed").check()
    expect(page.locator("#playground-speed")).to_be_disabled()
    page.get_by_label("hide Table").uncheck()
    expect(page.locator(".playground-table")).to_be_visible()
    expect(page).to_have_url(re.compile(r"hide=policy&lock=data_weight_draw_speed&at=10$"))


def test_a_saved_scene_plays_without_a_server(new_tab: Page, shared_server: Server, tmp_path: Path) -> None:
    page = new_tab
    open_playground(page, shared_server, "hidden=2&vs=step_0.1", 270)
    second = page.locator(".playground-second figcaption")
    expect(second).to_contain_text("Step size 0.1")
    at_rest(page)
    beats, beside = page.locator(".playground-beats").inner_text(), second.inner_text()
    page.get_by_text("Save", exact=True).click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="As one HTML file").click()
    file = tmp_path / "scene.html"
    saved.value.save_as(file)
    expect(page.locator(".playground-note")).to_contain_text("iterations 0 to 512")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Curves (CSV)").click()
    rows = list(csv.DictReader(Path(saved.value.path()).read_text("utf-8-sig").splitlines()))
    assert [float(row["loss"]) for row in rows] == [
        moment.loss for moment in moments_of(Scene(hidden_layers=(2,)), 270)
    ]
    for figure in ("Network", "Surface", "Curves"):
        for kind, begins in (("SVG", b"<svg "), ("PNG", b"\x89PNG")):
            with page.expect_download() as saved:
                page.get_by_role("button", name=f"{figure} ({kind})").click()
            assert Path(saved.value.path()).read_bytes().startswith(begins)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    stands_at(page, 270)
    at_rest(page)
    assert page.locator(".playground-beats").inner_text() == beats
    expect(second).to_have_text(beside)
    page.keyboard.press("ArrowLeft")
    stands_at(page, 269)
    page.keyboard.press("Home")
    page.get_by_role("button", name="Play", exact=True).click()
    reaches(page, 20)
    exported = tmp_path / "exported.html"
    address = "data=moons&hidden=2&vs=method_gradient&at=270"
    assert CliRunner().invoke(main, ["playground", "export", address, "-o", str(exported)]).exit_code == 0
    page.goto(exported.as_uri())
    stands_at(page, 270)
    expect(page.locator(".playground-beats")).to_contain_text("drew")
    expect(second).to_contain_text("Gradient descent · loss")
    page.keyboard.press("Shift+ArrowRight")
    stands_at(page, 280)
    expect(page.locator(".playground-messages > .refusal")).to_be_empty()
    assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)


def press_tab_until(page: Page, selector: str) -> None:
    """Press Tab until the focus is on an element, as somebody without a mouse does."""
    reached = "selector => document.activeElement?.matches(selector) ?? false"
    for _ in range(200):
        if page.evaluate(reached, selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def test_keys_alone_do_everything(page: Page, shared_server: Server) -> None:
    keys = page.keyboard
    open_playground(page, shared_server, "hidden=2&n=40", 3)
    for key in (" ", "]", " "):
        keys.press(key)
    expect(page.locator("#playground-speed")).to_have_value("Infinity")
    keys.press("Home")
    keys.press("Shift+ArrowRight")
    stands_at(page, 10)
    keys.press("ArrowDown")
    expect(page.locator("#playground-synapse")).to_have_value("2")
    keys.press("Enter")
    expect(page.locator("#playground")).to_have_attribute("data-beat", "1")
    keys.press("Escape")
    press_tab_until(page, "#playground-dataset")
    keys.type("Moons")
    expect(page).to_have_url(re.compile("data=moons"))
    stands_at(page, 0)
    press_tab_until(page, ".playground-tools [data-tool=B]")
    keys.press("Enter")
    for _ in range(2):  # back over the other tool to the plane
        keys.press("Shift+Tab")
    assert page.evaluate("document.activeElement.matches('.playground-above')")
    for key in ("ArrowUp", "Enter", "ArrowRight", "Enter", "Delete"):
        keys.press(key)
    expect(page).to_have_url(re.compile(r"add=0_0\.05_1&"))
    press_tab_until(page, "#playground-weight")
    keys.press("Control+a")
    keys.type("1.5")
    keys.press("Enter")
    expect(page).to_have_url(re.compile(r"changes=0_weight_2_1\.5"))
    press_tab_until(page, ".playground-table td button")
    favoured = "document.activeElement.dataset.action"
    actions: list[str] = []
    for _ in range(3):  # the focus stays on the cell, though its network is another each time
        page.wait_for_function(f"seen => ![undefined, ...seen].includes({favoured})", arg=actions)
        actions.append(page.evaluate(favoured))
        keys.press("Enter")
    expect(page).to_have_url(re.compile(r"changes=0_weight_2_1\.5\*0_cell_\d+_[\d.-]+\*0_cell_\d+"))
    press_tab_until(page, ".playground-save summary")
    keys.press("Enter")
    press_tab_until(page, ".playground-save-list button:nth-of-type(8)")
    with page.expect_download() as saved:
        keys.press("Enter")
    assert saved.value.suggested_filename.endswith(".html")
    keys.press("Control+z")
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    press_tab_until(page, ".playground-settings details:has(#playground-adaptive) summary")
    keys.press("Enter")
    press_tab_until(page, "#playground-adaptive")
    keys.type("On")
    expect(page).to_have_url(re.compile("adaptive=1"))


def test_touch_alone_plays_inspects_draws_and_edits(browser: Browser, shared_server: Server, watch: Watch) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 800}, has_touch=True, bypass_csp=True)
    watch.observe(context)
    page = context.new_page()
    open_playground(page, shared_server, "hidden=2", 10)
    for name in ("Step", "Back", "Step"):
        button = page.get_by_role("button", name=name, exact=True)
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        button.tap()
    stands_at(page, 11)
    page.get_by_role("button", name="after up, up with lamps on, on:").tap()
    expect(page).to_have_url(re.compile(r"changes=11_cell_"))
    page.get_by_role("button", name="Next beat").tap()
    expect(page.locator("#playground")).to_have_attribute("data-beat", "1")
    page.get_by_label("Weight;").tap()
    page.locator(".playground-hit").nth(4).tap()
    expect(page.locator("#playground-synapse")).to_have_value("4")
    page.get_by_role("button", name="● draw").tap()
    page.locator(".playground-above").tap(position=Position(x=60, y=60))
    expect(page).to_have_url(re.compile(r"add=-0\.\d+_0\.\d+_0"))
    page.get_by_role("button", name="Play", exact=True).tap()
    reaches(page, 15)
    page.get_by_role("button", name="Pause").tap()
    watch.leave(context)
    context.close()
