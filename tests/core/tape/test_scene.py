"""A scene is a value: equal scenes have one hash, and what can't be trained is refused with a reason."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from synrl_core.config import TrainingConfig
from synrl_core.tape import Scene, header, points
from synrl_core.tape.points import set_split, split_of
from tests.core.tape.scenes import scenes
from tests.examples import examples


@settings(max_examples=examples(40), deadline=None)
@given(scene=scenes())
def test_differences_are_the_scene(scene: Scene) -> None:
    text = scene.canonical_json()
    again = Scene.model_validate_json(text)
    assert again == scene
    assert again.canonical_json() == text
    json.dumps(header(scene), allow_nan=False)


def test_the_default_scene_differs_in_nothing() -> None:
    assert Scene().differences() == {}


def test_the_hash_is_pinned() -> None:
    """A scene in a link is the same scene in a year: who changes this changes `scene.VERSION` on purpose."""
    assert Scene(policy="win_stay_lose_shift", exploration=0.3).hash.startswith("7c56237cf1aa330e")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"step_size": 1}, {"step_size": 1.0}),
        ({"parameters": {"noise": 0}}, {"parameters": {"noise": 0.0}}),
        ({"parameters": {"noise": 0.1}}, {}),
        ({"truth": -0.0, "added": [(-0.0, 0, 1)]}, {"truth": 0, "added": [(0, 0, 1)]}),
        ({"removed": (3, 1, 3)}, {"removed": (1, 3)}),
        (
            {"changes": [{"iteration": 5, "setting": "step_size", "value": 1}]},
            {"changes": [{"iteration": 5, "setting": "step_size", "value": v} for v in (0.5, 1.0)]},
        ),
        (
            {"changes": [{"iteration": i, "setting": "truth", "value": 0.5} for i in (9, 4)]},
            {"changes": [{"iteration": i, "setting": "truth", "value": 0.5} for i in (4, 9)]},
        ),
    ],
)
def test_ways_to_write_a_scene_have_one_hash(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert Scene(**one).hash == Scene(**other).hash


@pytest.mark.parametrize(
    ("given_settings", "message"),
    [
        ({"samples": 1001}, "1000"),
        ({"samples": 990, "added": [(0, 0, 1)] * 11}, "1001 points"),
        ({"hidden_layers": (32, 32, 32)}, "synapses; the playground trains 2000"),
        ({"hidden_layers": (8,) * 5}, "at most 4 items"),
        ({"policy": "unknown"}, "there is no policy 'unknown'"),
        ({"policy": "blank"}, "Set adaptive"),
        ({"policy": "win_stay_lose_shift"}, "nothing would ever change"),
        ({"policy": {"q": [0.0] * 28}}, "27, 243 or 2187"),
        ({"parameters": {"turns": 2}}, "takes no parameter 'turns'"),
        ({"parameters": {"noise": 3}}, "a number from 0 to 2"),
        ({"dataset": "teacher", "parameters": {"inputs": 3}}, "takes no parameter 'inputs'"),
        ({"removed": [400]}, "there are 400"),
        ({"dataset": "drawn", "added": [(0, 0, 0)] * 5}, "at least 2 of class B"),
        ({"method": "gradient", "activation": "sign"}, "gradient descent"),
        ({"step_size": True}, "not true or false"),
        ({"unknown": 1}, "Extra inputs"),
        ({"changes": [{"iteration": 20_000, "setting": "truth", "value": 0.5}]}, "less than 20000"),
        ({"changes": [{"iteration": 2, "setting": "seed", "value": 5}]}, "step_size"),
        ({"changes": [{"iteration": 2, "setting": "step_size", "value": 2}]}, "less than or equal to 1"),
        ({"changes": [{"iteration": 2, "setting": "step_size", "value": "much"}]}, "no number"),
        ({"changes": [{"iteration": 2, "setting": "policy", "value": "none such"}]}, "there is no policy"),
        ({"changes": [{"iteration": 2, "setting": "policy", "value": "bred_stochastic"}],
          "policy": {"q": list(range(27))}}, "history of"),
        ({"changes": [{"iteration": 2, "setting": "weight", "value": [22, 0]}]}, "there are 22 synapses"),
        ({"changes": [{"iteration": 2, "setting": "cell", "value": 7}]}, r"\(index, number\)"),
        ({"changes": [{"iteration": 2, "setting": "truth", "value": 0.5}] * 201}, "at most 200"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_refused_with_its_limit(given_settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Scene(**given_settings)


def test_a_policy_may_stop_exploring_on_the_way() -> None:
    change = {"iteration": 9, "setting": "exploration", "value": 0.0}
    assert Scene(policy="win_stay_lose_shift", exploration=0.3, changes=[change]).settled(10).exploration == 0


@pytest.mark.parametrize("value", [[False, 0.5], [0, True]])
def test_true_and_false_are_no_numbers_of_a_changed_cell(value: list[Any]) -> None:
    with pytest.raises(ValidationError, match="not true or false"):
        Scene(changes=[{"iteration": 0, "setting": "cell", "value": value}])


@pytest.mark.parametrize("value", [0, 1, 1.0])
def test_a_number_is_no_truth_value(value: Any) -> None:
    with pytest.raises(ValidationError, match="true or false, not a number"):
        Scene(adaptive=value)


def test_settings_hold_from_the_iteration_of_their_change() -> None:
    scene = Scene(changes=[{"iteration": 5, "setting": "step_size", "value": 0.5}])
    assert [scene.settled(t).step_size for t in (0, 5, 6)] == [0.02, 0.02, 0.5]
    assert scene.until(5) == Scene()
    assert scene.until(6) == scene


def test_ranges_lie_within_those_of_an_ordinary_run() -> None:
    ours, theirs = Scene.model_json_schema()["properties"], TrainingConfig.model_json_schema()["properties"]
    for name in ours.keys() & theirs.keys():
        for bound, within in (("maximum", np.less_equal), ("minimum", np.greater_equal)):
            if bound in theirs[name] and bound in ours[name]:
                assert within(ours[name][bound], theirs[name][bound]), name


def test_a_point_added_or_removed_moves_no_other_to_the_other_side() -> None:
    before, added = points(Scene()), points(Scene(added=[(0.5, 0.5, 1), (0.2, 0.1, 1)], removed=[17]))
    features, more = before.dataset.features, added.dataset.features
    for side in ("train", "validation"):
        old = {tuple(row) for row in features[getattr(before.parts, side)].tolist()} - {tuple(features[17].tolist())}
        assert old <= {tuple(row) for row in more[getattr(added.parts, side)].tolist()}
    assert len(more) == len(features) + 1


def test_two_drawn_points_a_class_are_enough() -> None:
    found = points(Scene(dataset="drawn", added=[(-1, 0, 0), (1, 0, 1), (-1, 1, 0), (1, 1, 1)]))
    assert found.dataset.labels[found.parts.train].tolist() == [0, 1]
    assert found.dataset.labels[found.parts.validation].tolist() == [0, 1]


def test_a_class_without_points_is_refused() -> None:
    labels = points(Scene(samples=20)).dataset.labels
    with pytest.raises(ValueError, match="class B has no point left"):
        points(Scene(samples=20, removed=np.flatnonzero(labels == 1).tolist()))


def test_a_split_that_was_told_is_the_one_that_would_be_made() -> None:
    scene = Scene(samples=60, data_seed=77)
    made = split_of(scene)
    set_split(scene, made)
    told = points(Scene(samples=60, data_seed=77, seed=1))
    assert split_of(scene) is made
    assert told.parts.train.tolist() == made.train.tolist()
    assert split_of(Scene(samples=60, data_seed=78)) is not made
