"""The playground in a browser: plays, steps back to the same numbers, and says what the engine computed."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import numpy as np
import psutil
import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from synrl_core.policies.files import from_json
from synrl_core.tape import Moment, Recorder, Scene, play
from tests.browser.axe import faults_light_and_dark
from tests.browser.conftest import PATIENCE_MS
from tests.server import Server

NUMBER = r"-?\d+\.\d+"


def open_playground(page: Page, server: Server, query: str = "", at: int = 0) -> None:
    page.goto(f"{server.url}/playground?{query}{f'&at={at}' if at else ''}")
    stands_at(page, at)


def stands_at(page: Page, iteration: int) -> None:
    expect(page.locator("#playground")).to_have_attribute("data-iteration", str(iteration), timeout=PATIENCE_MS)


def reaches(page: Page, iteration: int) -> None:
    script = "most => Number(document.getElementById('playground').dataset.iteration) >= most"
    page.wait_for_function(script, arg=iteration, timeout=PATIENCE_MS)


def seen(page: Page) -> dict[str, str]:
    """Everything that depends on the moment, pictures included."""
    pictures = page.evaluate("[...document.querySelectorAll('#playground canvas')].map(one => one.toDataURL()).join()")
    words = {name: page.locator(f".playground-{name}").first.inner_text() for name in ("beats", "sentence", "now")}
    lamps = page.locator(".playground-lamps").inner_html()
    cells = """[...document.querySelectorAll(".playground-table td button")].map(cell => [
      cell.textContent, cell.title, cell.hasAttribute("data-now"), cell.hasAttribute("data-mine")]).join()"""
    return {**words, "lamps": lamps, "table": page.evaluate(cells), "pictures": pictures}


def at_rest(page: Page) -> dict[str, str]:
    """What is seen once the surface is drawn finely."""
    page.wait_for_function(
        "(({rests, iteration}) => rests === iteration)(document.getElementById('playground').dataset)"
    )
    return seen(page)


def moments_of(scene: Scene, until: int) -> list[Moment]:
    return list(play(scene, [Recorder(scene).record(until)]))


def test_ten_back_and_ten_forward_is_the_same_picture(page: Page, shared_server: Server) -> None:
    open_playground(page, shared_server, "data=moons")
    page.get_by_role("button", name="Play", exact=True).click()
    reaches(page, 120)
    page.get_by_role("button", name="Pause").click()
    iteration = int(page.locator("#playground").get_attribute("data-iteration") or 0)
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


@pytest.mark.parametrize(
    ("query", "scene"),
    [
        ("", Scene()),
        ("act=relu&adaptive=1&policy=win_stay_lose_shift&explore=0.3&lr=0.1",
         Scene(activation="relu", adaptive=True, policy="win_stay_lose_shift", exploration=0.3, learning_rate=0.1)),
        ("act=step&lie=inverted&changes=40_step_0.1",
         Scene(activation="step", corruption="inverted",
               changes=[{"iteration": 40, "setting": "step_size", "value": 0.1}])),
    ],
)  # fmt: skip
def test_the_inspector_agrees_with_the_engine(page: Page, shared_server: Server, query: str, scene: Scene) -> None:
    at, synapse = 60, 4
    before, after = moments_of(scene, at)[-2:]
    open_playground(page, shared_server, query, at)
    page.get_by_label("Synapse", exact=True).select_option(str(synapse))
    state, row, action, weight, loss = page.locator(".playground-beats li").all_inner_texts()
    words = ["down", "stay", "up"]
    packed = int(before.states[synapse])
    assert f"moves were {words[packed >> 2]}, {words[packed & 3]}" in state
    lamps = [["off", "none yet", "on"][code] for code in divmod(before.reward_state, 3)]
    assert f"lamps were {lamps[0]}, {lamps[1]}" in state
    place = 3 * (packed >> 2) + (packed & 3)
    values = before.table.reshape(3, 9, 9)[:, place, before.reward_state]
    assert [float(value) for value in re.findall(rf"({NUMBER}) \(", row)] == pytest.approx(values, abs=6e-4)
    move = np.sign(after.weights[synapse] - before.weights[synapse])
    assert words[int(move) + 1] in action
    told = [float(number) for number in re.findall(NUMBER, weight.replace("−", "-"))]
    assert told[0] == pytest.approx(before.weights[synapse], abs=6e-5)
    assert told[-1] == pytest.approx(after.weights[synapse], abs=6e-5)
    assert [float(number) for number in re.findall(NUMBER, loss)] == pytest.approx([before.loss, after.loss], abs=6e-6)
    assert f"lamp {'on' if after.measured > 0 else 'off'}" in loss
    assert ("told" in loss) == (after.told != after.measured)


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


def test_a_link_to_a_moment_shows_it_elsewhere(page: Page, context: BrowserContext, shared_server: Server) -> None:
    open_playground(page, shared_server, "hidden=8_8", 30)
    page.get_by_label("Step size").select_option("0.1")
    expect(page).to_have_url(re.compile(r"changes=30_step_0.1.*at=30"))
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    stands_at(page, 35)
    first = at_rest(page)
    other = context.new_page()
    other.goto(page.url)
    stands_at(other, 35)
    there = at_rest(other)
    for name in ("beats", "sentence", "now", "lamps", "table"):
        assert there[name] == first[name]


def test_a_weight_and_a_cell_set_by_hand_branch_the_tape_until_undone(page: Page, shared_server: Server) -> None:
    open_playground(page, shared_server, "policy=win_stay_lose_shift&explore=0.3", 10)
    page.get_by_label("Synapse", exact=True).select_option("2")
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
    expect(page.locator(".playground > .refusal")).to_be_empty()
    page.get_by_role("button", name="Undo").click()
    expect(cell).to_have_attribute("data-action", "up")
    page.keyboard.press("Control+z")
    expect(page).to_have_url(re.compile(r"explore=0\.3&at=10$"))
    expect(weight).to_have_value(before)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_settings_that_shape_the_network_begin_anew(page: Page, shared_server: Server) -> None:
    open_playground(page, shared_server, "", 20)
    page.get_by_label("Hidden layers").select_option("[8,8]")
    stands_at(page, 0)
    expect(page.locator(".playground-edge")).to_have_count(3 * 8 + 9 * 8 + 9 * 2)
    expect(page).to_have_url(re.compile(r"hidden=8_8$"))


def test_excessive_values_of_a_link_are_named(page: Page, shared_server: Server) -> None:
    open_playground(page, shared_server, "n=5000&nonsense=1")
    notes = page.locator(".playground-notes li")
    expect(notes).to_have_text([re.compile("n=5000: 1000"), re.compile("nonsense=1: left out")])


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
    expect(page.locator(".playground > .refusal")).to_be_empty()


def test_nothing_shuts_anybody_out(page: Page, shared_server: Server) -> None:
    open_playground(page, shared_server, "lie=coin", 40)
    page.locator(".playground-more summary").click()
    assert faults_light_and_dark(page) == []
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert faults_light_and_dark(page) == []
