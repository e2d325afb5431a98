"""Numbers on the playground's page: those that the engine computed, and those that follow from what is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from synrl_core.tape import Recorder, Scene, details
from tests.browser.conftest import Watch
from tests.browser.playground import NUMBER, choose, moments_of, open_playground, stands_at
from tests.server import Server


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
    for adaptive, activations in (("Off", ("tanh", "sigmoid", "identity", "sign")), ("On", ("relu", "step"))):
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
    a_setting_that_shapes_the_network_begins_anew(page)
    page.get_by_label("Activation").select_option("sign")
    expect(page.locator(".playground-praise")).to_contain_text("activation 'sign'")


def a_setting_that_shapes_the_network_begins_anew(page: Page) -> None:
    page.get_by_label("Hidden layers").select_option("[8,8]")
    stands_at(page, 0)
    expect(page.locator(".playground-edge")).to_have_count(3 * 8 + 9 * 8 + 9 * 2)
    expect(page).to_have_url(re.compile(r"hidden=8_8$"))


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
