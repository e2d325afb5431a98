"""The loop does what the paper and the settings say."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.datasets import Dataset
from synrl_core.learning.factory import Trainer, make_trainer
from synrl_core.learning.history import ActionHistory, RewardHistory
from synrl_core.learning.qlearning import next_action_states, update_sequential, update_synchronous
from synrl_core.learning.synaptic import SynapticTrainer
from synrl_core.measuring.events import Evaluation, Finished, Step
from synrl_core.policies.policy import DOWN, STAY, UP, Policy, random_policy
from tests.examples import examples


def trainer_on(dataset: str = "moons", **chosen: Any) -> SynapticTrainer:
    given = {"iterations": 30, "evaluate_every": 30, "hidden_layers": (4,), "step_size_schedule": "constant"} | chosen
    trainer = make_trainer(TrainingConfig.model_validate(given), datasets.load(dataset))
    assert isinstance(trainer, SynapticTrainer)
    return trainer


def last_evaluation(trainer: Trainer) -> Evaluation:
    return [event for event in trainer.events() if isinstance(event, Evaluation)][-1]


def always(name: str, code: int) -> Policy:
    return Policy.from_greedy(name, np.full((3,) * 4, code))


def test_a_weight_moves_by_the_step_and_a_bias_by_its_factor() -> None:
    trainer = trainer_on(policy="random", step_size=0.01, bias_step_factor=3.0)
    before = trainer.weights()
    trainer.step()
    for old, new in zip(before, trainer.weights(), strict=True):
        moves = (new - old) / 0.01
        np.testing.assert_allclose(moves[:, 1:], np.round(moves[:, 1:]), atol=1e-4)
        np.testing.assert_allclose(moves[:, 0], 3 * np.round(moves[:, 0] / 3), atol=1e-4)


def test_biases_act_by_their_own_policy() -> None:
    found = {"up": always("up", UP), "down": always("down", DOWN)}
    config = TrainingConfig(
        policy="up", bias_policy="down", exploration=0.0, step_size=0.01, step_size_schedule="constant",
        hidden_layers=(4,), replicates=2,
    )  # fmt: skip
    trainer = make_trainer(config, datasets.load("moons"), find_policy=lambda name, _: found[name])
    before = trainer.weights()
    next(event for event in trainer.events() if isinstance(event, Step))
    for old, new in zip(before, trainer.weights(), strict=True):
        np.testing.assert_allclose(new[:, 1:] - old[:, 1:], 0.01, atol=1e-6)
        np.testing.assert_allclose(new[:, 0] - old[:, 0], -0.02, atol=1e-6)


@pytest.mark.parametrize("exploration", [0.0, 0.05, 0.5, 1.0])
def test_exploration_is_as_often_as_it_says_and_even_over_actions(exploration: float) -> None:
    config = {"exploration": exploration, "hidden_layers": (200,), "replicates": 4, "iterations": 20}
    trainer = make_trainer(
        TrainingConfig.model_validate(config), datasets.load("moons"), find_policy=lambda *_: always("up", UP)
    )
    list(trainer.events())
    visits = trainer.policy_visits()
    assert visits is not None
    shares = visits.sum(axis=(0, 2, 3, 4, 5)) / visits.sum()
    np.testing.assert_allclose(shares, [exploration / 3, exploration / 3, 1 - 2 * exploration / 3], atol=0.01)


def test_replicates_differ_but_share_their_batches() -> None:
    trainer = trainer_on(replicates=3, batch_size=100)
    first, second, third = trainer.weights()[0]
    assert not np.allclose(first, second)
    assert not np.allclose(second, third)
    assert trainer.q_table().shape == (1, 3, 3, 3, 3, 3)
    assert trainer_on(replicates=3, adaptive=True).q_table().shape == (3, 3, 3, 3, 3, 3)


def test_a_replicate_computes_what_a_network_of_its_own_would() -> None:
    digits = datasets.load("digits")
    trainer = make_trainer(TrainingConfig(replicates=3, hidden_layers=(7, 5), activation="tanh"), digits)
    outputs = trainer.logits(digits.features[:20])
    for r in range(3):
        units = digits.features[:20]
        for layer, weights in enumerate(trainer.weights()):
            units = units @ weights[r, 1:] + weights[r, 0]
            units = np.tanh(units) if layer < 2 else units
        np.testing.assert_allclose(outputs[r], units, atol=1e-5)


@pytest.mark.parametrize(("redraw_reward", "extra"), [("clean", 5), ("reference", 0)])
def test_a_clean_reward_costs_one_pass_at_each_redraw(redraw_reward: str, extra: int) -> None:
    trainer = trainer_on(batch_size=50, batch_interval=5, redraw_reward=redraw_reward)
    assert last_evaluation(trainer).forward_passes == 1 + 30 + extra


def test_after_a_clean_redraw_the_reward_compares_losses_of_the_new_batch() -> None:
    trainer = trainer_on(batch_size=50, batch_interval=1, policy="random", step_size=1e-9, bias_step_factor=0)
    losses = [float(event.loss[0]) for event in trainer.events() if isinstance(event, Step)]
    assert np.ptp(losses) > 1e-4  # batches differ, weights hardly
    still = trainer_on(batch_size=50, batch_interval=1, step_size=1e-9, policy="win_stay_lose_shift", exploration=1e-12)
    rewards = [int(event.reward[0]) for event in still.events() if isinstance(event, Step)]
    assert set(rewards) == {DOWN}  # nobody moves, so on one batch no loss falls


def test_a_fallen_loss_is_rewarded_and_an_equal_one_is_not() -> None:
    trainer = trainer_on(step_size=0.05, exploration=0.5)
    before: float | None = None
    for event in trainer.events():
        if isinstance(event, Step):
            if before is not None:
                assert event.reward[0] == (UP if event.loss[0] < before else DOWN)
            before = float(event.loss[0])


def test_an_overflowing_loss_fails_the_run_and_keeps_the_last_weights() -> None:
    trainer = trainer_on(
        step_size=1.0, initial_scale=10.0, initialisation="normal", activation="identity",
        hidden_layers=(64,) * 16, loss="squared_error", policy="random", iterations=1000,
    )  # fmt: skip
    trainer.flat_weights[:] *= np.float32(0.16)  # just below overflow
    *_, last = trainer.events()
    assert isinstance(last, Finished)
    assert last.outcome == "failed"
    assert last.reason is not None
    assert "smaller step size than 1.0" in last.reason
    assert 0 < last.iteration == trainer.iteration < 1000
    assert all(np.isfinite(layer).all() for layer in trainer.weights())


def test_a_loss_that_overflows_outside_the_mini_batch_fails_the_run() -> None:
    moons = datasets.load("moons")
    features = moons.features.copy()
    parts = datasets.split(moons, 0.25, 0)
    features[parts.validation[0]] = 3e38
    far = replace(moons, features=features)
    config = TrainingConfig(hidden_layers=(4,), loss="squared_error", iterations=50, evaluate_every=10)
    *_, last = make_trainer(config, far, parts=parts).events()
    assert isinstance(last, Finished)
    assert (last.outcome, last.iteration) == ("failed", 0)
    assert "Scale the data" in str(last.reason)


def test_target_accuracy_ends_the_run_early() -> None:
    trainer = trainer_on("gaussians", target_accuracy=0.8, iterations=5000, evaluate_every=10, step_size=0.01)
    *_, last = trainer.events()
    assert isinstance(last, Finished)
    assert last.outcome == "target_reached"
    assert last.iteration < 5000


def test_a_run_that_learns_nothing_is_given_up_at_the_named_iteration() -> None:
    trainer = trainer_on(policy="random", give_up_after=17, give_up_below=0.99, iterations=100, evaluate_every=40)
    *_, last = trainer.events()
    assert isinstance(last, Finished)
    assert (last.iteration, last.outcome) == (17, "failed")
    assert "give_up_below" in str(last.reason)


def test_the_best_weights_are_kept() -> None:
    trainer = trainer_on("digits", iterations=400, evaluate_every=20, policy="random", step_size=0.05)
    evaluations = [event for event in trainer.events() if isinstance(event, Evaluation)]
    best = max(evaluations, key=lambda event: float(event.validation_accuracy[0]))
    assert trainer.best_iteration == best.iteration
    digits = datasets.load("digits")
    validation = datasets.split(digits, 0.25, 0).validation
    named = trainer.predict(digits.features[validation], best=True)[0]
    assert np.mean(named == digits.labels[validation]) == pytest.approx(best.validation_accuracy[0])


@pytest.mark.parametrize("loss", ["cross_entropy", "l_p", "squared_error"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "identity", "step", "sign"])
def test_every_activation_trains_under_every_loss(activation: str, loss: str) -> None:
    trainer = trainer_on(
        "iris", activation=activation, loss=loss, iterations=1500, evaluate_every=1500, hidden_layers=(12,),
        step_size=0.01, step_size_schedule="linear",
    )  # fmt: skip
    assert last_evaluation(trainer).train_accuracy[0] > 0.8


def test_one_output_learns_two_classes_and_a_teachers_outputs() -> None:
    logistic = trainer_on("gaussians", loss="logistic", iterations=500, evaluate_every=500, step_size=0.02)
    assert logistic.network.sizes[-1] == 1
    assert last_evaluation(logistic).validation_accuracy[0] > 0.9
    regression = trainer_on("teacher", loss="squared_error", iterations=2000, evaluate_every=2000, step_size=0.01)
    assert regression.network.sizes[-1] == 1
    assert last_evaluation(regression).validation_loss[0] < 0.5  # 1 is what a constant reaches


def test_predictions_agree_with_probabilities() -> None:
    moons = datasets.load("moons")
    for loss in ("cross_entropy", "logistic"):
        trainer = trainer_on("moons", loss=loss)
        probabilities = trainer.predict_proba(moons.features)
        np.testing.assert_allclose(probabilities.sum(axis=2), 1)
        np.testing.assert_array_equal(probabilities.argmax(axis=2), trainer.predict(moons.features))


@given(
    history=st.integers(1, 3), alpha=st.floats(0, 1), discount=st.floats(0, 0.99), seed=st.integers(0, 2**32 - 1),
    reward=st.sampled_from([-1.0, 1.0]),
)  # fmt: skip
@settings(max_examples=examples(60), deadline=None)
def test_the_closed_form_is_one_update_after_another(
    history: int, alpha: float, discount: float, seed: int, reward: float
) -> None:
    rng = np.random.default_rng(seed)
    states = rng.integers(0, 3**history, 40)
    actions = rng.integers(0, 3, 40)
    before, after = rng.choice(3**history, 2, replace=False).tolist()
    closed = rng.standard_normal((3, 3**history, 3**history))
    one_by_one = closed.copy()
    counts = np.zeros((3, 3**history), np.int64)
    np.add.at(counts, (actions, states), 1)
    untouched = closed[:, :, before][counts == 0].copy()
    update_synchronous(closed, counts, before, after, reward, alpha, discount)
    update_sequential(one_by_one, (states, actions), before, after, reward, alpha, discount)
    np.testing.assert_allclose(closed, one_by_one, atol=1e-9)
    np.testing.assert_array_equal(closed[:, :, before][counts == 0], untouched)


@given(st.integers(1, 3), st.lists(st.integers(0, 2), min_size=1, max_size=9))
def test_histories_hold_the_last_codes_and_begin_with_none(history: int, codes: list[int]) -> None:
    actions, rewards = ActionHistory(1, history), RewardHistory(1, history)
    cells = np.empty(1, np.uint8)
    state = 3**history // 2
    for code in codes:
        actions.pair(np.array([code], np.uint8), out=cells)
        actions.push(cells)
        rewards.push(np.array([code], np.int8))
        state = int(next_action_states(history)[code, state])
    wanted = ([STAY] * history + codes)[-history:]
    assert int(actions.states[0]) == sum(code << 2 * place for place, code in enumerate(reversed(wanted)))
    assert int(rewards.states[0]) == state == sum(code * 3**place for place, code in enumerate(reversed(wanted)))


@pytest.mark.parametrize("history", [1, 2, 3])
def test_a_snapshot_tells_what_every_synapse_does_next(history: int) -> None:
    learns: dict[str, Any] = {"policy": "win_stay_lose_shift", "adaptive": True, "learning_rate": 0.1}
    trainer = trainer_on(history=history, **learns, exploration=0.0, replicates=2)
    for _ in range(9):
        trainer.step()
        before = trainer.snapshot()
        behaviour = before.behaviour
        assert behaviour is not None
        tables = behaviour.policy.reshape(2, 3, 3**history, 3**history)
        trainer.step()
        for old, new, histories in zip(before.weights, trainer.weights(), behaviour.histories, strict=True):
            for r in range(2):
                announced = np.argmax(tables[r, :, :, behaviour.rewards[r]], axis=0)[histories[r]] - 1
                moved = (new[r] - old[r]) / behaviour.step_size
                np.testing.assert_allclose(moved[1:], announced[1:], atol=1e-2)
                np.testing.assert_allclose(moved[0], 2 * announced[0], atol=1e-2)


def test_the_random_policy_explores_always() -> None:
    assert random_policy().exploration == 1


def test_same_seed_same_run_and_other_seed_another(digits: Dataset) -> None:
    def final(seed: int) -> bytes:
        trainer = make_trainer(TrainingConfig(iterations=20, batch_size=200, batch_interval=7, seed=seed), digits)
        list(trainer.events())
        return trainer.weights()[0].tobytes()

    assert final(1) == final(1)
    assert final(1) != final(2)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return datasets.load("digits")
