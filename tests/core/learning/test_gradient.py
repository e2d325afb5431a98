"""The baseline follows the true gradient, and says so where there is none."""

import numpy as np
import pytest

from synrl_core import datasets
from synrl_core.config import Activation, Loss, TrainingConfig
from synrl_core.errors import NoGradientError
from synrl_core.learning.data import Samples
from synrl_core.learning.factory import make_trainer
from synrl_core.learning.gradient import GradientTrainer
from synrl_core.learning.optimisers import Momentum
from synrl_core.measuring.events import Evaluation, Finished
from synrl_core.networks.feedforward import FeedforwardNetwork, with_ones
from synrl_core.networks.losses import Truth


def small_trainer(activation: Activation, loss: Loss, hidden: tuple[int, ...], replicates: int = 2) -> GradientTrainer:
    rng = np.random.default_rng(3)
    classes = 2 if loss == "logistic" else 3
    outputs = 1 if loss == "logistic" else classes
    samples = Samples(with_ones(rng.standard_normal((12, 4)), np.float64), Truth(rng.integers(0, classes, 12), None))
    config = TrainingConfig(
        method="gradient", activation=activation, loss=loss, hidden_layers=hidden, initial_scale=0.8
    )
    return GradientTrainer(config, FeedforwardNetwork((4, *hidden, outputs), activation, replicates), samples, samples)


@pytest.mark.parametrize("loss", ["cross_entropy", "l_p", "logistic", "squared_error"])
@pytest.mark.parametrize(
    ("activation", "hidden"), [("relu", (5,)), ("tanh", (5, 4)), ("sigmoid", (5,)), ("identity", (3, 3)), ("relu", ())]
)
def test_gradient_is_that_of_finite_differences(activation: Activation, loss: Loss, hidden: tuple[int, ...]) -> None:
    trainer = small_trainer(activation, loss, hidden)
    trainer._differentiate()
    analytic = trainer._gradient.copy()
    weights, nudge = trainer._flat, 1e-6
    numeric = np.zeros_like(analytic)
    for synapse in range(weights.size):
        weights[synapse] += nudge
        above = trainer.batch_loss()
        weights[synapse] -= 2 * nudge
        below = trainer.batch_loss()
        weights[synapse] += nudge
        numeric[synapse] = np.sum(above - below) / (2 * nudge)
    np.testing.assert_allclose(analytic, numeric, atol=1e-7)


@pytest.mark.parametrize("activation", ["step", "sign"])
def test_gradients_through_thresholds_are_refused_and_told_why(activation: Activation) -> None:
    with pytest.raises(ValueError, match="derivative of 0 everywhere"):
        TrainingConfig(method="gradient", activation=activation)
    samples = Samples(with_ones(np.eye(3)), Truth(np.arange(3)))
    with pytest.raises(NoGradientError, match="derivative of 0 everywhere"):
        GradientTrainer(TrainingConfig(), FeedforwardNetwork((3, 4, 3), activation), samples, samples)


@pytest.mark.parametrize("settings", [{}, {"momentum": 0.9}, {"optimizer": "adam", "gradient_learning_rate": 0.01}])
def test_descent_learns_digits(settings: dict[str, float | str]) -> None:
    config = TrainingConfig.model_validate(
        {"method": "gradient", "iterations": 400, "evaluate_every": 400, "initialisation": "he_normal"} | settings
    )
    trainer = make_trainer(config, datasets.load("digits"))
    last = [event for event in trainer.events() if isinstance(event, Evaluation)][-1]
    assert last.validation_accuracy[0] > 0.88


def test_divergence_fails_the_run_and_keeps_finite_weights() -> None:
    config = TrainingConfig(
        method="gradient", gradient_learning_rate=100, hidden_layers=(8, 8), activation="identity", loss="squared_error"
    )
    trainer = make_trainer(config, datasets.load("digits"))
    *_, last = trainer.events()
    assert last.outcome == "failed"  # type: ignore[union-attr]
    assert "smaller learning rate than 100" in last.reason  # type: ignore[union-attr,operator]
    assert all(np.isfinite(layer).all() for layer in trainer.weights())


def test_an_infinite_update_that_no_loss_shows_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    config = TrainingConfig(method="gradient", hidden_layers=(2,), iterations=5, evaluate_every=5)
    trainer = make_trainer(config, datasets.load("moons"))
    assert isinstance(trainer, GradientTrainer)
    before = trainer.flat_weights.copy()
    monkeypatch.setattr(Momentum, "step", lambda *_: np.full_like(before, np.inf))
    *_, last = trainer.events()
    assert isinstance(last, Finished)
    assert (last.outcome, last.iteration) == ("failed", 0)
    np.testing.assert_array_equal(trainer.flat_weights, before)


def test_the_last_update_is_judged_too() -> None:
    """Its loss is only measured by the last evaluation."""
    config = TrainingConfig(
        method="gradient", gradient_learning_rate=100, hidden_layers=(8, 8), activation="identity",
        loss="squared_error", iterations=10_000, evaluate_every=10_000,
    )  # fmt: skip
    digits = datasets.load("digits")
    trainer = make_trainer(config, digits)
    *_, last = trainer.events()
    assert isinstance(last, Finished)
    shorter = make_trainer(config.model_copy(update={"iterations": last.iteration}), digits)
    *_, last = shorter.events()
    assert isinstance(last, Finished)
    assert last.outcome == "failed"
    assert np.isfinite(shorter.logits(digits.features)).all()
