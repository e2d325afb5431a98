"""Details tell the chance, the batches and the gradients behind the moves of a tape."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from synrl_core.policies.policy import CODES, action_probabilities
from synrl_core.tape import CHUNK, Chunk, Moment, Recorder, Scene, details, no_gradient, play, points
from synrl_core.tape.engine import TapedTrainer, make
from tests.core.tape.scenes import scenes

EVEN = 65536


def codes_of(scene: Scene, before: Moment, draws: NDArray[np.uint16], exploration: float) -> list[set[int]]:
    """The actions that the draws allow; more than one where rounding decides, or chance chose among three."""
    history = scene.policy_in_force().history
    rows = CODES**history
    table = before.table.reshape(CODES, rows, rows)[:, :, before.reward_state]
    temperature = scene.policy_in_force().temperature
    allowed = []
    for state, draw in zip(before.states.tolist(), draws.astype(float).tolist(), strict=True):
        place = 0
        for shift in reversed(range(history)):
            place = CODES * place + (state >> 2 * shift & 3)
        values = table[:, place]
        if temperature:
            shares = action_probabilities(values, temperature) * (1 - exploration) + exploration / CODES
            limits = np.cumsum(shares)[:2] * EVEN
            allowed.append({int((draw >= limits + off).sum()) for off in (-1.01, 0, 1.01)})
        else:
            greedy = {int(np.argmax(values))}
            allowed.append({0, 1, 2} if draw < exploration * EVEN + 1 else greedy)
    return allowed


@settings(max_examples=25, deadline=None)
@given(scene=scenes(methods=("synaptic",)))
def test_draws_decide_the_moves_of_the_tape(scene: Scene) -> None:
    scene = Scene(**scene.differences() | {"changes": ()})
    chunk, found = Recorder(scene).record(30), details(scene, iterations=30)
    exploration = max(scene.exploration, scene.policy_in_force().exploration)
    for (before, _), draws, codes in zip(
        pairwise(play(scene, [chunk])), found.arrays["draws"], chunk.moves, strict=True
    ):
        allowed = codes_of(scene, before, draws, exploration)
        assert all(code in some for code, some in zip(codes.tolist(), allowed, strict=True))


@settings(max_examples=25, deadline=None)
@given(scene=scenes(methods=("synaptic",)))
def test_details_survive_their_bytes_and_are_of_the_same_training(scene: Scene) -> None:
    recorder = Recorder(scene)
    first = recorder.record(20)
    if recorder.ended:
        return
    state = recorder.state_bytes()
    second = recorder.record(20)
    found = Chunk.from_bytes(details(scene, state, 20).to_bytes())
    assert (found.start, found.stop, found.random) == (first.stop, second.stop, second.random)
    again = details(scene, iterations=40)
    for name, array in found.arrays.items():
        if not name.startswith("batch"):
            assert again.arrays[name][20:].tobytes() == array.tobytes()


def test_the_loss_is_that_of_the_batches_named() -> None:
    scene = Scene(samples=60, batch_size=8, batch_interval=5)
    chunk, found = Recorder(scene).record(23), details(scene, iterations=23)
    assert found.arrays["batch_starts"].tolist() == [0, 5, 10, 15, 20]
    data = points(scene)
    for start, batch in zip(found.arrays["batch_starts"].tolist(), found.arrays["batches"], strict=True):
        part = data.parts.train[batch]
        trainer = _measuring(scene, list(play(scene, [chunk]))[start + 1].weights, part)
        assert trainer.batch_loss()[0] == pytest.approx(chunk.arrays["losses"][start], rel=1e-5)


def _measuring(scene: Scene, weights: NDArray[np.float32], part: NDArray[np.int64]) -> TapedTrainer:
    """A trainer whose batch is a part of the points."""
    kept = sorted(part.tolist())
    every = points(scene).parts.train.tolist()
    trainer = make(scene)
    trainer._batches.restore(np.array([every.index(point) for point in kept]))
    trainer.flat_weights[:] = weights
    return trainer


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "identity"])
def test_the_gradient_is_that_of_gradient_descent(activation: Any) -> None:
    settings: dict[str, Any] = {"samples": 80, "hidden_layers": (3, 2), "activation": activation}
    found = details(Scene(**settings, exploration=0.5), iterations=1)
    descent = Scene(**settings, method="gradient", gradient_learning_rate=0.5)
    trainer = make(descent)
    before = trainer.flat_weights.copy()
    trainer.step()
    np.testing.assert_allclose(found.arrays["gradients"][0], (before - trainer.flat_weights) / 0.5, atol=1e-6)


@pytest.mark.parametrize("activation", ["step", "sign"])
def test_units_without_a_gradient_are_refused_in_the_engines_words(activation: Any) -> None:
    scene = Scene(activation=activation)
    assert "gradients" not in details(scene, iterations=3).arrays
    assert activation in str(no_gradient(scene))
    assert no_gradient(Scene(activation=activation, hidden_layers=())) is None
    assert no_gradient(Scene()) is None


def test_gradient_descent_has_no_details() -> None:
    with pytest.raises(ValueError, match="draws nothing"):
        details(Scene(method="gradient"))


def test_details_go_to_the_end_of_the_recording() -> None:
    scene = Scene(loss="squared_error", activation="identity", hidden_layers=(4, 4, 4, 4), policy="random",
                  changes=[{"iteration": 3, "setting": "weight", "value": (i, 1e6)} for i in range(72)])  # fmt: skip
    chunk = Recorder(scene).record()
    found = details(scene)
    assert found.stop == chunk.stop < CHUNK
    assert len(found.arrays["draws"]) == len(found.arrays["gradients"]) == chunk.stop
