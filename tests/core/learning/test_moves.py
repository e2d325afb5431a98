"""Moves of the weights: exactly one step size an action, and taken back without a trace."""

import numpy as np
import pytest

from synrl_core.learning.moves import Moves
from synrl_core.learning.schedules import schedule


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_action_moves_a_weight_by_the_step_size_of_its_iteration(dtype: type[np.floating]) -> None:
    weights = np.linspace(-1, 1, 6, dtype=dtype)
    reach = np.array([1, 1, 1, 2, 2, 2], dtype)
    moves = Moves(schedule("switch", 0.1, 0.5, 10, switch_at=2), reach, weights)
    actions = np.array([0, 1, 2, 0, 1, 2], np.uint8)
    for iteration, size in enumerate([0.1, 0.1, 0.05, 0.05]):
        wanted = weights + (actions.astype(dtype) - 1) * (reach * dtype(size))
        moves(iteration, actions)
        np.testing.assert_array_equal(weights, wanted)


def test_a_move_is_taken_back_to_the_bit() -> None:
    weights = np.random.default_rng(0).standard_normal(50).astype(np.float32)
    before = weights.copy()
    moves = Moves(lambda _: 0.3, np.ones_like(weights), weights)
    moves(0, np.full(50, 2, np.uint8))
    assert (weights != before).all()
    moves.undo()
    assert weights.tobytes() == before.tobytes()
