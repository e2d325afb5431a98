"""Snapshots of a trainer: as messages and as stored files."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.inspection import weights
from backend.wire import snapshots as snapshot_format
from backend.worker.reporter import LONGEST_WEIGHTS_INTERVAL, WEIGHTS_INTERVAL, weights_interval
from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.learning.factory import make_trainer
from synrl_core.measuring.events import Snapshot
from synrl_core.networks.blocks import layer_blocks, layers_of
from synrl_core.policies.policy import CODES, Policy, win_stay_lose_shift

STORED = Path(__file__).parent / "stored"


def look(iterations: int = 3, **settings: Any) -> Snapshot:
    """What a trainer shows after so many iterations."""
    config = TrainingConfig(dataset="moons", hidden_layers=(3,), iterations=100, **settings)
    trainer = make_trainer(config, datasets.load("moons"))
    steps = trainer.events()
    while trainer.iteration < iterations:
        next(steps)
    return trainer.snapshot()


def looks_under(
    policy: Policy, bias_policy: Policy | None = None, iterations: int = 60, **settings: Any
) -> list[Snapshot]:
    """What a trainer shows before each of so many iterations under policies that don't ship."""
    named = {"policy": policy.name, "bias_policy": bias_policy and bias_policy.name}
    config = TrainingConfig(dataset="moons", hidden_layers=(3,), iterations=iterations, **named, **settings)
    given = {one.name: one for one in (policy, bias_policy) if one is not None}
    trainer = make_trainer(config, datasets.load("moons"), find_policy=lambda name, history: given[name])
    steps, seen = trainer.events(), [trainer.snapshot()]
    while trainer.iteration < iterations - 1:
        next(steps)
        if trainer.iteration > seen[-1].iteration:
            seen.append(trainer.snapshot())
    return seen


def drawing(name: str = "drawing", temperature: float = 0.7) -> Policy:
    """A policy that draws: any values."""
    return Policy(name, np.random.default_rng(4).normal(size=(CODES,) * 5), temperature=temperature)


def assert_same(one: Snapshot, other: Snapshot) -> None:
    assert one.iteration == other.iteration
    assert one.blocks == other.blocks
    for mine, theirs in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert (one.behaviour is None) == (other.behaviour is None)
    if one.behaviour is None or other.behaviour is None:
        return
    for name in ("policy", "visits", "rewards"):
        np.testing.assert_array_equal(getattr(one.behaviour, name), getattr(other.behaviour, name))
    for before, after in zip(one.behaviour.histories, other.behaviour.histories, strict=True):
        np.testing.assert_array_equal(before, after)
    assert one.behaviour.exploration == other.behaviour.exploration
    assert one.behaviour.step_size == other.behaviour.step_size
    assert one.behaviour.temperature == other.behaviour.temperature
    assert (one.behaviour.bias_policy is None) == (other.behaviour.bias_policy is None)


@pytest.mark.parametrize(
    "settings",
    [{}, {"adaptive": True, "replicates": 3}, {"method": "gradient"}, {"bias_policy": "random"}],
    ids=["static", "adaptive", "gradient", "biases of their own"],
)
def test_a_snapshot_round_trips_as_a_message_and_as_a_stored_file(settings: dict[str, Any]) -> None:
    seen = look(**settings)
    assert_same(snapshot_format.unpack(snapshot_format.pack(seen), seen.iteration), seen)
    assert_same(snapshot_format.from_message(seen.iteration, snapshot_format.to_message(seen)), seen)


@pytest.mark.parametrize(
    ("policies", "temperature"),
    [
        ((drawing(), None), (0.7, 0.7)),
        ((win_stay_lose_shift(), drawing()), (0.0, 0.7)),
        ((drawing(), win_stay_lose_shift()), (0.7, 0.0)),
        ((drawing(), drawing("hotter", 3.0)), (0.7, 3.0)),
    ],
    ids=["one for all", "biases alone draw", "weights alone draw", "both draw"],
)
def test_what_is_drawn_at_which_temperature_travels_and_is_stored(
    policies: tuple[Policy, Policy | None], temperature: tuple[float, float]
) -> None:
    seen = looks_under(*policies, iterations=4, replicates=2)[-1]
    assert seen.behaviour is not None
    assert seen.behaviour.temperature == temperature
    assert_same(snapshot_format.unpack(snapshot_format.pack(seen), seen.iteration), seen)
    assert_same(snapshot_format.from_message(seen.iteration, snapshot_format.to_message(seen)), seen)
    told = weights.policy(seen, 1)
    assert told is not None
    assert told.temperature == temperature[0]
    assert told.bias_temperature == (None if policies[1] is None else temperature[1])


def test_a_snapshot_from_before_temperatures_has_a_greedy_policy() -> None:
    """And greedy ones are still stored as they were then, so that older programs read them."""
    seen = looks_under(drawing(), iterations=4)[-1]
    with np.load(io.BytesIO(snapshot_format.pack(seen))) as arrays:
        older = {name: arrays[name] for name in arrays.files if name != "temperature"}
        assert len(older) == len(arrays.files) - 1
    file = io.BytesIO()
    np.savez_compressed(file, **older)
    read = snapshot_format.unpack(file.getvalue(), seen.iteration)
    assert read.behaviour is not None
    assert read.behaviour.temperature == (0.0, 0.0)
    with np.load(io.BytesIO(snapshot_format.pack(read))) as arrays:
        assert set(arrays.files) == set(older)


def test_a_live_snapshot_has_as_many_replicates_as_fit_into_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = look(replicates=9, adaptive=True)
    one = sum(layer[0].size for layer in seen.weights) * 5
    monkeypatch.setattr(snapshot_format, "MAX_BYTES", 4 * one)
    there = snapshot_format.from_message(seen.iteration, snapshot_format.to_message(seen))
    assert [len(layer) for layer in there.weights] == [4, 4]
    assert there.behaviour is not None
    assert len(there.behaviour.visits) == len(there.behaviour.policy) == len(there.behaviour.rewards) == 4
    np.testing.assert_array_equal(there.weights[0], seen.weights[0][:4])
    assert weights.read_weights(there, 3) is not None
    assert weights.read_weights(there, 4) is None
    assert weights.policy(there, 4) is None


def test_snapshots_of_the_first_version_are_read() -> None:
    seen = look()
    file = io.BytesIO()
    np.savez_compressed(file, weights_0=seen.weights[0], weights_1=seen.weights[1], policy=np.zeros((1, 3, 3, 3, 3, 3)))
    read = snapshot_format.unpack(file.getvalue(), 3)
    assert read.behaviour is None
    np.testing.assert_array_equal(read.weights[1], seen.weights[1])


def recurrent_look() -> Snapshot:
    """A snapshot of a network whose hidden units also see themselves, with random weights and histories."""
    blocks = (*layer_blocks("inputs", "hidden_1", 2, 3, recurrent=True), *layer_blocks("hidden_1", "output", 3, 2))
    rng = np.random.default_rng(0)
    shapes = [layer.shape for layer in layers_of(blocks)]
    plain = look().behaviour
    assert plain is not None
    histories = tuple(rng.integers(0, 9, (1, *shape)).astype(np.uint8) for shape in shapes)
    weights = tuple(rng.standard_normal((1, *shape)).astype(np.float32) for shape in shapes)
    return Snapshot(7, blocks, weights, replace(plain, histories=histories))


def test_a_snapshot_of_a_recurrent_network_says_which_rows_are_recurrent() -> None:
    seen = recurrent_look()
    assert_same(snapshot_format.unpack(snapshot_format.pack(seen), 7), seen)
    assert_same(snapshot_format.from_message(7, snapshot_format.to_message(seen)), seen)
    told = weights.read_weights(seen, 0)
    assert told is not None
    assert [[(block.kind, block.rows) for block in layer.blocks] for layer in told.layers] == [
        [("bias", 1), ("forward", 2), ("recurrent", 3)],
        [("bias", 1), ("forward", 3)],
    ]
    for place, step in (((0, 0, 1), 2.0), ((0, 1, 1), 1.0), ((0, 5, 2), 1.0), ((1, 0, 1), 2.0)):
        synapse = weights.synapse(seen, None, TrainingConfig(hidden_layers=(3,)), place, 0, live=False)
        assert seen.behaviour is not None
        assert synapse.next_step == pytest.approx(step * seen.behaviour.step_size)


def test_weights_not_finite_are_counted_beside_the_range_of_the_others() -> None:
    seen = recurrent_look()
    exploded, others = (array.copy() for array in seen.weights)
    exploded[0, 0, :] = np.nan, np.inf, -np.inf
    others[:] = np.nan
    shown = weights.read_weights(replace(seen, weights=(exploded, others)), 0)
    assert shown is not None
    first, second = shown.layers
    assert (first.not_finite, second.not_finite) == (3, others.size)
    assert first.scale == np.abs(exploded[np.isfinite(exploded)]).max()
    codes = np.frombuffer(base64.b64decode(first.data), dtype=np.int8).reshape(first.rows, first.columns)
    assert codes[0].tolist() == [0, 0, 0]
    assert np.abs(codes).max() == 127
    assert second.scale == 1.0
    assert not any(base64.b64decode(second.data))


def test_a_plain_snapshot_is_stored_without_blocks_as_before() -> None:
    with np.load(io.BytesIO(snapshot_format.pack(look()))) as arrays:
        assert "blocks" not in arrays.files
    with np.load(io.BytesIO(snapshot_format.pack(recurrent_look()))) as arrays:
        assert "blocks" in arrays.files


@pytest.mark.parametrize("cut", [1, 2])
def test_layers_shaped_otherwise_than_their_blocks_are_refused(cut: int) -> None:
    seen = recurrent_look()
    wrong = replace(seen, weights=(seen.weights[0][:, cut:], seen.weights[1]))
    with pytest.raises(ValueError, match="the blocks describe"):
        snapshot_format.unpack(snapshot_format.pack(wrong), 7)


@pytest.mark.parametrize("name", ["adaptive", "stochastic", "gradient"])
def test_snapshots_stored_by_earlier_versions_are_read(name: str) -> None:
    """``stored/``: written by the version of commit 650ede0, at the end of runs on the data set teacher."""
    data = (STORED / f"{name}.snapshot.npz").read_bytes()
    read = snapshot_format.unpack(data, 80)
    assert [layer.shape for layer in layers_of(read.blocks)] == [array.shape[1:] for array in read.weights]
    assert (read.behaviour is None) == (name == "gradient")
    with np.load(io.BytesIO(data)) as before, np.load(io.BytesIO(snapshot_format.pack(read))) as after:
        assert before.files == after.files
        for array in before.files:
            np.testing.assert_array_equal(before[array], after[array])


def test_a_snapshot_with_an_array_of_objects_is_refused() -> None:
    file = io.BytesIO()
    np.savez(file, weights_0=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        snapshot_format.unpack(file.getvalue(), 0)


def test_the_feed_of_25000_synapses_stays_under_60_kilobytes_a_second() -> None:
    config = TrainingConfig(dataset="glyphs", hidden_layers=(32,), batch_size=100)
    seen = make_trainer(config, datasets.load("glyphs")).snapshot()
    size = sum(len(data) for _, _, data in snapshot_format.to_message(seen).values())
    pause = weights_interval(seen, size)
    shown, policy = weights.read_weights(seen, 0), weights.policy(seen, 0)
    assert shown is not None
    assert policy is not None
    sent = len(shown.model_dump_json()) + len(policy.model_dump_json())
    assert sent > 30_000
    assert sent / pause < 45_000, "and the rest is for the curves"
    assert WEIGHTS_INTERVAL < pause < 1.5
    assert weights_interval(look(), 100) == WEIGHTS_INTERVAL
    assert weights_interval(look(), 10**9) == LONGEST_WEIGHTS_INTERVAL


@pytest.mark.parametrize("place", [(0, 0, 2), (0, 2, 1), (1, 3, 0)])
def test_a_synapse_says_what_it_will_do_next(place: tuple[int, int, int]) -> None:
    """Without exploration the next weight is the one that was announced."""
    config = TrainingConfig(
        dataset="moons",
        hidden_layers=(3,),
        iterations=100,
        policy="win_stay_lose_shift",
        exploration=0.0,
        adaptive=True,
        learning_rate=0.1,
    )
    trainer = make_trainer(config, datasets.load("moons"))
    steps = trainer.events()
    first = trainer.snapshot()
    announced: list[float] = []
    moved: list[float] = []
    for iteration in range(12):
        while trainer.iteration < iteration:
            next(steps)
        seen = weights.synapse(trainer.snapshot(), first, config, place, 0, live=True)
        if announced:
            moved.append(seen.weight)
        assert seen.next_action is not None
        assert seen.next_step is not None
        announced.append(seen.weight + seen.next_action * seen.next_step)
        assert seen.probabilities[seen.next_action + 1] == 1.0
        assert seen.values[seen.next_action + 1] == max(seen.values)
        assert len(seen.actions) == len(seen.rewards) == 2
        assert seen.next_weights[seen.next_action + 1] == pytest.approx(announced[-1], abs=1e-6)
        assert len(seen.updates) == 6
        assert all(one.new_value != one.value for one in seen.updates)
    assert moved == pytest.approx(announced[:-1], abs=1e-6)
    assert len(set(moved)) > 1


def test_stochastic_synapses_act_with_the_announced_probabilities() -> None:
    """Each look announces chances; over many iterations and synapses each action comes as often as they add up to."""
    settings: dict[str, Any] = {"exploration": 0.3, "step_size": 1e-4}
    seen = looks_under(drawing(), drawing("of biases", 0.2), iterations=400, **settings)
    config = TrainingConfig(dataset="moons", hidden_layers=(3,), iterations=400, **settings)
    rows = {"weights": (1, 2), "biases": (0,)}
    for inputs in rows.values():
        expected, variance, counted = np.zeros(3), np.zeros(3), np.zeros(3)
        for before, after in pairwise(seen):
            for place in ((0, row, unit) for row in inputs for unit in range(3)):
                announced = weights.synapse(before, None, config, place, 0, live=True)
                done = weights.synapse(after, None, config, place, 0, live=True).actions[-1]
                chances = np.array(announced.probabilities)
                assert chances.sum() == pytest.approx(1)
                assert announced.next_action == int(chances.argmax()) - 1
                expected += chances
                variance += chances * (1 - chances)
                counted[done + 1] += 1
        assert (np.abs(counted - expected) < 4 * np.sqrt(variance)).all(), (counted, expected)


def test_chances_are_the_softmax_of_the_row_with_exploration_mixed_in() -> None:
    seen = looks_under(drawing(), win_stay_lose_shift(), iterations=10)[-1]
    assert seen.behaviour is not None
    seen = replace(seen, behaviour=replace(seen.behaviour, exploration=(0.3, 0.06)))
    config = TrainingConfig(dataset="moons", hidden_layers=(3,))
    weight = weights.synapse(seen, None, config, (0, 1, 0), 0, live=True)
    powers = np.exp(np.array(weight.values) / 0.7)
    assert weight.probabilities == pytest.approx((0.1 + 0.7 * powers / powers.sum()).tolist(), abs=1e-5)
    assert weight.temperature == 0.7
    bias = weights.synapse(seen, None, config, (0, 0, 0), 0, live=True)
    assert sorted(bias.probabilities) == pytest.approx([0.02, 0.02, 0.96])
    assert bias.temperature == 0


def test_gradient_descent_has_no_temperature() -> None:
    config = TrainingConfig(dataset="moons", hidden_layers=(3,), method="gradient")
    seen = weights.synapse(look(method="gradient"), None, config, (0, 1, 0), 0, live=True)
    assert seen.temperature is seen.exploration is None
    assert not seen.next_weights
    assert not seen.updates
