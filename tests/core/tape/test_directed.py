"""Directed scenes: given moves are made, all else is the engine's own step."""

from __future__ import annotations

import numpy as np
import pytest

from synrl_core.policies.policy import UP
from synrl_core.tape import DirectedScene, Recorder, Scene

SCENE = Scene(samples=40, seed=3)


def test_a_scene_that_nobody_directs_is_its_own_tape() -> None:
    chunk, directed = Recorder(SCENE).record(12), DirectedScene(SCENE)
    steps = [directed.step({}) for _ in range(12)]
    np.testing.assert_array_equal([step.moves for step in steps], chunk.moves)
    np.testing.assert_array_equal([step.fell for step in steps], chunk.told)
    np.testing.assert_array_equal(np.array([step.loss for step in steps], np.float32), chunk.arrays["losses"])
    np.testing.assert_array_equal(directed.weights, chunk.arrays["weights_after"])


@pytest.mark.parametrize("policy", ["bred_stochastic", "win_stay_lose_shift"])
def test_a_given_move_moves_its_weight_and_no_other(policy: str) -> None:
    scene = Scene(samples=40, policy=policy, exploration=0.1)
    plain, directed = DirectedScene(scene), DirectedScene(scene)
    before = directed.weights
    moves, given = plain.step({}).moves, directed.step({1: UP, 3: UP}).moves
    changed = np.flatnonzero(moves != given)
    assert set(changed) <= {1, 3}
    assert given[1] == given[3] == UP
    step = np.float32(scene.step_size)
    np.testing.assert_allclose(directed.weights[[1, 3]] - before[[1, 3]], [step, step * scene.bias_step_factor])


def test_what_cannot_be_directed_is_refused() -> None:
    for scene in (Scene(method="gradient"), Scene(changes=[{"iteration": 1, "setting": "step_size", "value": 0.1}])):
        with pytest.raises(ValueError, match="directed scene"):
            DirectedScene(scene)
    directed = DirectedScene(SCENE)
    for given in ({99: 0}, {0: 3}, {-1: 0}):
        with pytest.raises(ValueError, match="synapses 0 to 21"):
            directed.step(given)
