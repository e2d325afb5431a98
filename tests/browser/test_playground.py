"""The playground in a browser: plays, steps back to the same numbers, and says what the engine computed."""

from __future__ import annotations

import csv
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext, Page, Position, Route, expect

from backend.cli.main import main
from synrl_core.policies.files import from_json
from synrl_core.tape import Moment, Recorder, Scene, details, play
from tests.browser.axe import faults_light_and_dark
from tests.browser.conftest import PATIENCE_MS, Watch
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
    """What is seen once the surface is drawn finely and the draws of chance are here."""
    page.wait_for_function(
        "(({rests, iteration}) => rests === iteration)(document.getElementById('playground').dataset)"
    )
    return seen(page)


def choose(page: Page, synapse: int) -> None:
    """Choose a synapse and wait until it is shown."""
    page.get_by_label("Synapse", exact=True).select_option(str(synapse))
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def moments_of(scene: Scene, until: int) -> list[Moment]:
    return list(play(scene, [Recorder(scene).record(until)]))


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


@pytest.mark.parametrize(
    ("query", "scene"),
    [
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
    choose(page, synapse)
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
    assert action.endswith(words[int(move) + 1])
    told = [float(number) for number in re.findall(NUMBER, weight.replace("−", "-"))]
    assert told[0] == pytest.approx(before.weights[synapse], abs=6e-5)
    assert told[-1] == pytest.approx(after.weights[synapse], abs=6e-5)
    assert [float(number) for number in re.findall(NUMBER, loss)[:2]] == pytest.approx(
        [before.loss, after.loss], abs=6e-6
    )
    assert f"lamp {'on' if after.measured > 0 else 'off'}" in loss
    assert ("told" in loss) == (after.told != after.measured)


class Network:
    """The forward pass and the mean loss once more, from the numbers that the page shows."""

    def __init__(self, server: Server, activation: str) -> None:
        scene = {"hidden_layers": [2], "activation": activation}
        header = server.post("/api/v1/playground/scenes", scene)
        x, y, labels = np.array(header["points"])[header["train"]].T
        self.inputs, self.labels = np.stack([np.ones_like(x), x, y]), labels.astype(int)
        functions: dict[str, Callable[[Any], Any]] = {
            "relu": lambda sums: np.maximum(sums, 0), "tanh": np.tanh, "sigmoid": lambda sums: 1 / (1 + np.exp(-sums)),
            "identity": lambda sums: sums, "step": lambda sums: sums > 0, "sign": np.sign,
        }  # fmt: skip
        self.activate = functions[activation]

    def loss(self, weights: list[float]) -> float:
        hidden, output = np.reshape(weights[:6], (2, 3)), np.reshape(weights[6:], (2, 3))
        units = np.concatenate([np.ones((1, len(self.labels))), self.activate(hidden @ self.inputs)])
        logits = output @ units
        right = logits[self.labels, np.arange(len(self.labels))]
        return float(np.mean(np.log(np.exp(logits).sum(axis=0)) - right))


def weights_of(page: Page) -> list[float]:
    cells = page.locator(".playground-list td:nth-child(2)")
    expect(cells.last).to_have_text(re.compile(r"\d"))  # a new network's come with its first moment
    return [float(cell) for cell in cells.all_inner_texts()]


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text.replace("−", "-"))]


def test_every_number_of_the_inspector_can_be_calculated_by_hand(page: Page, shared_server: Server) -> None:
    """State, action, weight, loss and update of the table from what the page shows, whatever the activation."""
    open_playground(page, shared_server, "hidden=2&policy=win_stay_lose_shift&explore=0.3&lr=0.1&step=0.05", 0)
    page.get_by_text("More", exact=True).click()
    page.get_by_text("All synapses").click()
    beats = page.locator(".playground-beats li")
    # The update of the table knows nothing of the activation.
    every = ("relu", "tanh", "sigmoid", "identity", "step", "sign")
    for adaptive, activations in (("Off", every), ("On", ("relu", "step"))):
        page.get_by_label("Adaptive policy").select_option(label=adaptive)
        for activation in activations:
            page.get_by_label("Activation").select_option(label=activation)
            expect(page).to_have_url(re.compile(f"act={activation}|tanh" if activation != "tanh" else "hidden=2&p"))
            stands_at(page, 0)
            network = Network(shared_server, activation)
            past: list[dict[str, Any]] = []
            weights = weights_of(page)
            for at in range(1, 5):
                page.keyboard.press("ArrowRight")
                stands_at(page, at)
                expect(beats.nth(2)).to_contain_text("drew")
                state, row, action, weight, loss = beats.all_inner_texts()
                before, (*_, moved) = weights[1], numbers(weight)
                code = ["▼", "–", "▲"].index(action.split(": ")[-1][0])
                if at > 2:
                    told = ", ".join(one["word"] for one in past[-2:])
                    assert f"moves were {told};" in state
                    assert f"lamps were {', '.join(one['lamp'] for one in past[-2:])}" in state
                values, drew = numbers(row)[::2], float(re.findall(r"drew (\d\.\d+)", action)[0])
                assert drew < 0.3 or code == int(np.argmax(values))
                assert ("below exploration" in action and "not below" not in action) == (drew < 0.3)
                assert numbers(weight)[0] == before
                assert moved == pytest.approx(before + 0.05 * (code - 1), abs=1.1e-4)
                old, new = numbers(loss)[:2]
                assert old == pytest.approx(network.loss(weights), abs=2e-3)
                weights = weights_of(page)
                assert weights[1] == moved
                assert new == pytest.approx(network.loss(weights), abs=2e-3)
                lamp = "on" if new < old else "off"
                assert f"lamp {lamp}" in loss or abs(new - old) < 1e-5
                if code != 1:
                    stayed = numbers(loss.split("the loss would be")[1])[0]
                    assert stayed == pytest.approx(network.loss([weights[0], before, *weights[2:]]), abs=2e-3)
                past.append(
                    {"word": ["down", "stay", "up"][code], "lamp": "on" if "lamp on" in loss.split(";")[0] else "off"}
                )
                learned = page.locator(".playground-learning").inner_text()
                assert bool(learned) == (adaptive == "On")
                if learned:
                    check_update(learned, values[code], 1 if past[-1]["lamp"] == "on" else -1)
    expect(page.locator(".playground-messages > .refusal")).to_be_empty()


def check_update(learned: str, value: float, reward: int) -> None:
    """Recalculate the update of a cell from the numbers in its sentence."""
    count, _, _, rate, power, result, old, factor, sign, discount, best, same, new = numbers(learned)
    assert power == count
    assert result == pytest.approx(1 - (1 - rate) ** count, abs=6e-5)
    assert (factor, sign, discount) == (result, reward, 0.5)
    assert old == abs(same) == pytest.approx(abs(value), abs=6e-4) or old == same
    assert new == pytest.approx(old + factor * (sign + discount * best - old), abs=2e-4)


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


def test_the_teacher_sees_which_moves_were_right(page: Page, shared_server: Server) -> None:
    scene, at = Scene(), 30
    open_playground(page, shared_server, "", at)
    page.get_by_label("Was the reward deserved?").check()
    chunk, found = Recorder(scene).record(at), details(scene, iterations=at)
    moves = chunk.moves.astype(int) - 1
    right = moves * found.arrays["gradients"] < 0
    moved = moves != 0
    praised = chunk.told
    told = (f"Now {right[-1].sum()} of {moved[-1].sum()} moves went downhill, {'' if praised[-1] else 'not '}praised. "
            f"Right of the moves praised since 0: {100 * right[praised].sum() / moved[praised].sum():.0f} % "
            f"of {moved[praised].sum()}.")  # fmt: skip
    expect(page.locator(".playground-praise")).to_have_text(told)
    signs = [sign[1:] for sign in page.locator(".playground-sign").all_text_contents()]
    assert signs == ["" if not go else "✓" if fine else "✗" for go, fine in zip(moved[-1], right[-1], strict=True)]
    page.get_by_label("Activation").select_option("sign")
    expect(page.locator(".playground-praise")).to_contain_text("activation 'sign'")


def test_a_second_network_keeps_step_with_the_first(page: Page, shared_server: Server) -> None:
    open_playground(page, shared_server, "explore=0.3&batch=40&keep=10", 25)
    page.get_by_text("Side by side").click()
    page.get_by_label("A second network with another").select_option("method")
    caption = page.locator(".playground-second figcaption")
    # To begin, 25 iterations, and the batches of iterations 10 and 20.
    expect(caption).to_contain_text("28 forward passes, as many backward")
    descent = moments_of(Scene(batch_size=40, batch_interval=10, exploration=0.3, method="gradient"), 28)[-1]
    expect(caption).to_contain_text(f"Gradient descent · loss {descent.loss:.4f}")
    expect(page).to_have_url(re.compile(r"vs=method_gradient&at=25$"))
    page.get_by_label("A second network with another").select_option("policy")
    page.get_by_label("namely").select_option(label="Win-stay, lose-shift")
    expect(caption).to_contain_text("Win-stay, lose-shift")
    page.keyboard.press("ArrowRight")
    expect(caption).to_contain_text("29 forward passes")
    expect(page).to_have_url(re.compile("vs=policy_win_stay_lose_shift"))


def test_gradient_descent_through_steps_is_refused_in_words(page: Page, shared_server: Server, watch: Watch) -> None:
    open_playground(page, shared_server, "act=step&vs=method_gradient", 10)
    refusal = page.locator(".playground-second .refusal")
    expect(refusal).to_contain_text("activation 'step' has a derivative of 0")
    expect(refusal).to_contain_text("only the output layer could learn")
    watch.faults[:] = [fault for fault in watch.faults if "422" not in fault]


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
    expect(page.locator(".playground-messages > .refusal")).to_be_empty()


def test_nothing_shuts_anybody_out(page: Page, shared_server: Server) -> None:
    open_playground(page, shared_server, "lie=coin", 40)
    page.get_by_text("More", exact=True).click()
    assert faults_light_and_dark(page) == []
    page.evaluate("document.documentElement.dataset.projector = 'true'")
    assert faults_light_and_dark(page) == []
    page.evaluate("document.documentElement.dataset.projector = 'false'")
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert faults_light_and_dark(page) == []


def test_what_a_teacher_hides_and_locks_is_in_the_address(page: Page, shared_server: Server) -> None:
    open_playground(page, shared_server, "hide=table_policy&lock=data_weight_draw_nonsense", 10)
    expect(page.locator(".playground-notes li")).to_have_text(
        ["lock=nonsense: left out; there is no such control here."]
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


def test_a_scene_is_saved_as_an_ordinary_run(page: Page, shared_server: Server) -> None:
    open_playground(page, shared_server, "hidden=2&lie=coin&step=0.05", 5)
    page.get_by_text("Save", exact=True).click()
    page.get_by_role("button", name="As an ordinary run").click()
    expect(page.locator(".playground-note")).to_contain_text("without the corrupted reward")
    run = page.get_by_role("link", name="Open it").get_attribute("href")
    assert run is not None
    stored = shared_server.get(f"/api/v1{run}")
    assert stored["config"] == Scene(hidden_layers=(2,), step_size=0.05).config().model_dump(mode="json")
    shared_server.stop_run(run.rsplit("/", 1)[1])


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
