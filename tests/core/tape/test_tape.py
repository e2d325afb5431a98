"""A tape holds what the engine did, to the bit."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synrl_core.learning.factory import make_trainer
from synrl_core.learning.synaptic import SynapticTrainer
from synrl_core.tape import (
    CHUNK,
    EVALUATE_EVERY,
    ITERATIONS,
    Chunk,
    Recorder,
    Scene,
    TapeError,
    play,
    points,
    split_chunks,
)
from synrl_core.tape.engine import TapedSynapticTrainer
from tests.core.oracle import Oracle
from tests.core.tape.scenes import scenes
from tests.examples import examples

WIN_STAY = {"policy": "win_stay_lose_shift", "exploration": 0.3}


def recorded(scene: Scene, *lengths: int) -> list[Chunk]:
    recorder = Recorder(scene)
    return [recorder.record(length) for length in lengths if not recorder.ended]


@settings(max_examples=examples(40), deadline=None)
@given(scene=scenes())
def test_replay_meets_the_engine_at_every_iteration(scene: Scene) -> None:
    recorder, chunks, weights = Recorder(scene), [], []
    for _ in range(45):
        if recorder.ended:
            break
        chunks.append(recorder.record(1))
        weights.append(chunks[-1].arrays["weights_after"])
    moments = {moment.iteration: moment for moment in play(scene, chunks)}  # raises where a key frame is not met
    if scene.method == "synaptic":
        assert len(moments) == len(weights) + 1
    edited = {change.iteration for change in scene.changes if change.setting == "weight"}
    for iteration in moments.keys() - edited - {0}:
        assert moments[iteration].weights.tobytes() == weights[iteration - 1].tobytes()


@settings(max_examples=examples(40), deadline=None)
@given(scene=scenes(), cuts=st.lists(st.integers(1, 39), max_size=3, unique=True))
def test_a_recording_taken_up_from_a_kept_state_is_the_same(scene: Scene, cuts: list[int]) -> None:
    whole = recorded(scene, 40)[0]
    state: bytes | None = None
    parts = []
    for start, stop in pairwise([0, *sorted(cuts), 40]):
        recorder = Recorder(scene, state)
        if recorder.ended:
            break
        parts.append(recorder.record(stop - start))
        state = recorder.state_bytes()
    assert parts[-1].arrays["weights_after"].tobytes() == whole.arrays["weights_after"].tobytes()
    assert np.concatenate([part.arrays["losses"] for part in parts]).tobytes() == whole.arrays["losses"].tobytes()
    for name in ("measured", "told"):
        assert np.concatenate([getattr(part, name) for part in parts]).tolist() == getattr(whole, name).tolist()


@settings(max_examples=examples(40), deadline=None)
@given(scene=scenes())
def test_the_same_scene_gives_the_same_bytes(scene: Scene) -> None:
    again = Scene(**scene.differences())
    assert again == scene
    assert again.hash == scene.hash
    assert [c.to_bytes() for c in recorded(again, 20, 20)] == [c.to_bytes() for c in recorded(scene, 20, 20)]


@settings(max_examples=examples(40), deadline=None)
@given(scene=scenes(methods=("synaptic",)), at=st.integers(1, 40))
def test_a_change_branches_from_the_shared_beginning(scene: Scene, at: int) -> None:
    branch = Scene(**scene.until(at).differences() | {"changes": [
        *scene.until(at).differences().get("changes", []), {"iteration": at, "setting": "step_size", "value": 0.7}
    ]})  # fmt: skip
    assert branch.hash != scene.hash
    assert branch.until(at).hash == scene.until(at).hash
    one, other = Recorder(scene.until(at)), Recorder(branch)
    assert one.record(at).to_bytes() == other.record(at).to_bytes()
    if not one.ended:
        assert Recorder(branch, one.state_bytes()).record(5).to_bytes() == other.record(5).to_bytes()


@settings(max_examples=examples(40), deadline=None)
@given(scene=scenes())
def test_a_chunk_survives_its_bytes(scene: Scene) -> None:
    chunks = recorded(scene, 20, 20)
    data = b"".join(chunk.to_bytes() for chunk in chunks)
    back = list(split_chunks(data))
    assert b"".join(chunk.to_bytes() for chunk in back) == data
    assert [chunk.start for chunk in back] == [chunk.start for chunk in chunks]


@settings(max_examples=examples(40), deadline=None)
@given(data=st.binary(max_size=200), at=st.integers(0, 5000), byte=st.integers(0, 255))
def test_damaged_bytes_are_refused_or_read(data: bytes, at: int, byte: int) -> None:
    good = bytearray(recorded(Scene(samples=20), 4)[0].to_bytes())
    good[at % len(good)] = byte
    for damaged in (data, bytes(good), bytes(good[: at % len(good)])):
        with suppress(TapeError):
            list(split_chunks(damaged))


@pytest.mark.parametrize("adaptive", [False, True])
def test_an_uncorrupted_tape_is_an_ordinary_run(adaptive: bool) -> None:
    scene = Scene(samples=80, adaptive=adaptive, batch_size=16, batch_interval=7, **WIN_STAY)
    trainer = make_trainer(scene.config(), points(scene).dataset, parts=points(scene).parts)
    assert isinstance(trainer, SynapticTrainer)
    for moment in list(play(scene, recorded(scene, 60)))[1:]:
        trainer.step()
        assert moment.weights.tobytes() == trainer.flat_weights.tobytes()
        assert np.float32(moment.loss) == np.float32(trainer.last_loss[0])
        assert moment.table.tobytes() == trainer.q_table().tobytes()
        assert moment.visits.tolist() == trainer.policy_visits().ravel().tolist()


@pytest.mark.parametrize("corruption", ["none", "inverted", "delayed", "coin", "unreliable"])
def test_synapses_act_on_the_reward_as_told(corruption: str) -> None:
    """The oracle measures rewards, is told those of the tape, and must then move as the tape says."""
    scene = Scene(samples=20, hidden_layers=(2,), step_size=0.05, corruption=corruption, adaptive=True,
                  learning_rate=0.1, **WIN_STAY)  # fmt: skip
    chunk = recorded(scene, 60)[0]
    data = points(scene)
    train = data.parts.train
    table = scene.policy_in_force().q.copy()
    first = chunk.arrays["weights"].astype(np.float64)
    oracle = _Told(
        samples=data.dataset.features[train].astype(np.float64).tolist(),
        labels=data.dataset.labels[train].tolist(),
        weights=[first[:6].reshape(2, 3).tolist(), first[6:].reshape(2, 3).tolist()],
        tables=[table],
        activation="tanh",
        step=float(np.float32(0.05)),
        learning_rate=0.1,
        discount=0.5,
        margin=2e-6,
    )
    synapses = oracle.synapses()
    for moment, codes, measured, told in zip(
        list(play(scene, [chunk]))[1:], chunk.moves, chunk.measured, chunk.told, strict=True
    ):
        oracle.next_told = 1 if told else -1
        actions = {synapse: int(code) - 1 for synapse, code in zip(synapses, codes, strict=True)}
        greedy = oracle.greedy_actions()
        share = np.mean([greedy[synapse] == actions[synapse] for synapse in synapses])
        oracle.iterate(actions)
        assert oracle.undecided or oracle.measured == (1 if measured else -1)
        np.testing.assert_allclose(moment.table, oracle.tables[0].ravel(), rtol=1e-9)
        np.testing.assert_allclose(moment.weights[:6], np.ravel(oracle.weights[0]), atol=1e-5)
        assert share > 0.3, "two thirds of 0.3 explorers and ties aside, synapses take the table's action"
    _check_corruption(corruption, chunk)


class _Told(Oracle):
    """An oracle whose synapses are told a reward from outside."""

    next_told = 0
    measured = 0

    def measure(self) -> float:
        return super().measure()

    def learn(self, old: Any, actions: Any, before: Any, reward: int) -> None:
        self.measured = reward
        self.rewards[-1] = self.next_told
        super().learn(old, actions, before, self.next_told)

    def greedy_actions(self) -> dict[tuple[int, int, int], int]:
        return {s: self.best(self.kind(s), (*self.past[s], *self.rewards)) for s in self.synapses()}


def _check_corruption(corruption: str, chunk: Chunk) -> None:
    measured, told = chunk.measured, chunk.told
    if corruption == "none":
        assert told.tolist() == measured.tolist()
    elif corruption == "inverted":
        assert told.tolist() == (~measured).tolist()
    elif corruption == "delayed":
        assert told.tolist() == [False, *measured[:-1].tolist()]
    else:
        agree = np.mean(told == measured)
        assert (0.3 < agree < 0.7) if corruption == "coin" else (0.65 < agree < 0.95)


def test_a_delayed_reward_goes_on_over_a_chunk_and_a_change() -> None:
    change = {"iteration": 7, "setting": "corruption", "value": "delayed"}
    one, two = recorded(Scene(changes=[change]), 10, 10)
    assert one.told[7:].tolist() == one.measured[6:-1].tolist()
    assert two.told[0] == one.measured[-1]


def test_a_weight_set_by_hand_is_rewarded_for_what_it_does() -> None:
    """The loss is measured anew, so that the next reward does not pay or punish the hand."""
    scene = Scene(changes=[{"iteration": 5, "setting": "weight", "value": (3, 9.5)}])
    chunk = recorded(scene, 10)[0]
    assert chunk.arrays["measured_anew"].tolist() == [5]
    assert (chunk.arrays["losses"][5] < chunk.arrays["losses_anew"][0]) == chunk.measured[5]
    assert [moment.weights[3] for moment in play(scene, [chunk])][5] == np.float32(9.5)


def test_a_loss_that_is_not_finite_ends_the_tape() -> None:
    scene = Scene(loss="squared_error", activation="identity", hidden_layers=(4, 4, 4, 4), policy="random",
                  changes=[{"iteration": 3, "setting": "weight", "value": (i, 1e6)} for i in range(72)])  # fmt: skip
    recorder = Recorder(scene)
    chunk = recorder.record()
    assert recorder.ended
    assert chunk.stop < CHUNK
    assert "not finite" in str(chunk.ended)
    assert list(play(scene, [chunk]))[-1].iteration == chunk.stop
    with pytest.raises(ValueError, match=f"ended at iteration {chunk.stop}"):
        recorder.record()


def test_evaluations_are_those_of_the_whole_points() -> None:
    scene = Scene(samples=60, batch_size=10)
    chunk = recorded(scene, 40)[0]
    assert chunk.arrays["evaluations"].shape == (3, 4)
    trainer = make_trainer(scene.config(), points(scene).dataset, parts=points(scene).parts)
    assert isinstance(trainer, SynapticTrainer)
    moments = {moment.iteration: moment for moment in play(scene, [chunk])}
    for row, at in enumerate(range(0, 40, EVALUATE_EVERY)):
        trainer.flat_weights[:] = moments[at].weights
        accuracies = chunk.arrays["evaluations"][row, [1, 3]]
        for side, accuracy in zip((points(scene).parts.train, points(scene).parts.validation), accuracies, strict=True):
            named = trainer.predict(points(scene).dataset.features[side])[0]
            assert accuracy == np.float32(np.mean(named == points(scene).dataset.labels[side]))


def test_the_last_chunk_ends_at_the_bound() -> None:
    scene = Scene(samples=20, hidden_layers=())
    recorder = Recorder(scene)
    while not recorder.ended:
        chunk = recorder.record()
    assert recorder.iteration == chunk.stop == ITERATIONS
    assert len(chunk) == ITERATIONS % CHUNK


def test_a_tape_of_another_scene_is_refused() -> None:
    chunks = recorded(Scene(), 10, 10)
    with pytest.raises(TapeError, match="key frame at iteration 10"):
        list(play(Scene(step_size=0.03), chunks))
    with pytest.raises(TapeError, match="begins at iteration 10"):
        list(play(Scene(), [chunks[1], chunks[1]]))


def test_gradient_descent_keeps_its_weights_and_losses() -> None:
    scene = Scene(method="gradient", hidden_layers=(8, 8), samples=80)
    trainer = make_trainer(scene.config(), points(scene).dataset, parts=points(scene).parts)
    moments = {moment.iteration: moment for moment in play(scene, recorded(scene, 40))}
    assert len(moments) > 5
    for iteration in range(1, 41):
        trainer.step()
        if iteration in moments:
            assert moments[iteration].weights.tobytes() == trainer.flat_weights.tobytes()
            assert moments[iteration].loss == np.float32(trainer.batch_loss()[0])


def test_a_recorder_sees_a_trainer_that_is_the_engines_own() -> None:
    assert TapedSynapticTrainer._step is SynapticTrainer._step
