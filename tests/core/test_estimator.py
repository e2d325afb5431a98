"""SynapticRLClassifier is a scikit-learn classifier like any other."""

import doctest
import pickle
from functools import partial
from typing import Any
from unittest import SkipTest

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from synrl_core import estimator as estimators
from synrl_core.estimator import SynapticRLClassifier


@pytest.mark.training
@parametrize_with_checks([SynapticRLClassifier(iterations=800)])  # type: ignore[untyped-decorator]
def test_scikit_learn_finds_nothing_to_complain_of(estimator: Any, check: Any) -> None:
    try:
        check(estimator)
    except SkipTest as skipped:
        # What needs a method that MLPClassifier hasn't either is left out; what needs a library or a setting isn't.
        if "does not have a decision_function method" not in str(skipped):
            raise AssertionError(f"not checked: {skipped}") from skipped


def checks_of(estimator: Any) -> set[str]:
    found = set()
    for _, check in estimator_checks_generator(estimator):
        settings: dict[str, Any] = {}
        while isinstance(check, partial):
            settings = check.keywords | settings
            check = check.func
        found.add(f"{check.__name__} {sorted((key, str(value)) for key, value in settings.items() if key != 'name')}")
    return found


def test_it_passes_the_estimator_checks_of_scikit_learn() -> None:
    assert checks_of(SynapticRLClassifier()) >= checks_of(MLPClassifier())


def test_weights_count_samples_also_in_mini_batches_and_in_parts() -> None:
    X, y = load_iris(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    weights = np.where(y == 2, 0.0, 1.0)
    weights[y == 1] = 3.0
    settings: dict[str, Any] = {"iterations": 400, "batch_size": 60, "batch_interval": 50, "random_state": 0}
    model = SynapticRLClassifier((), **settings).fit(X, y, weights)
    assert set(model.predict(X[y < 2])) == {0, 1}
    without = SynapticRLClassifier((), **settings).partial_fit(X, y, np.unique(y), weights)
    assert without.partial_fit(X[y < 2], y[y < 2], sample_weight=weights[y < 2]).score(X[y < 2], y[y < 2]) > 0.9
    with pytest.raises(ValueError, match="zero"):
        model.fit(X, y, np.zeros(len(y)))


def test_several_labels_a_sample_are_learned_each_for_itself() -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((300, 3))
    y = (np.column_stack([X[:, 0] + X[:, 1], X[:, 2], -X[:, 0]]) > 0).astype(int)
    model = SynapticRLClassifier((), iterations=1500, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.85  # all three right
    assert model.predict_proba(X).shape == (300, 3)
    before = model.score(X[:50], y[:50])
    assert model.partial_fit(X[:50], y[:50]).score(X[:50], y[:50]) >= before - 0.1
    with pytest.raises(ValueError, match="other classes or labels"):
        model.partial_fit(X, y[:, 0])


def test_it_learns_iris_in_a_pipeline_and_in_a_grid() -> None:
    X, y = load_iris(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), SynapticRLClassifier((8,), iterations=1500, random_state=0))
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.9
    grid = GridSearchCV(pipeline, {"synapticrlclassifier__exploration": [0.1, 0.3]}, cv=2).fit(X, y)
    assert grid.best_score_ > 0.9


def test_partial_fit_goes_on_where_it_stood_even_after_pickling() -> None:
    X, y = load_iris(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    model = SynapticRLClassifier((8,), partial_iterations=300, random_state=1)
    scores = []
    for _ in range(4):
        model = pickle.loads(pickle.dumps(model))  # noqa: S301
        scores.append(model.partial_fit(X, y, classes=np.unique(y)).score(X, y))
    assert model.n_iter_ == 1200
    assert scores[-1] > 0.9


def test_strings_name_classes_and_unknown_ones_are_refused() -> None:
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    model = SynapticRLClassifier((), iterations=300, random_state=0).fit(X, names)
    assert set(model.predict(X)) <= set(names)
    with pytest.raises(ValueError, match="not among"):
        model.partial_fit(X[:2], ["rose", "setosa"])


REFUSED: list[tuple[str, Any, str]] = [
    ("hidden_layer_sizes", "64", r"an int or a sequence of int, such as \(64, 32\)\. Got '64' instead"),
    ("hidden_layer_sizes", 0, r"units from 1 to 4096 for each layer\. Got 0"),
    ("hidden_layer_sizes", (8, -1), r"Got \(8, -1\)"),
    ("hidden_layer_sizes", 8.5, r"Got 8\.5"),
    ("hidden_layer_sizes", None, "Got None"),
    ("activation", "gelu", r"a str among \{'identity', 'relu'.*\}\. Got 'gelu'"),
    ("policy", "nowhere", "a str among .*'bred_stochastic'.*Got 'nowhere'"),
    ("iterations", 0, r"an int in the range \[1, 100,000,000\]\. Got 0"),
    ("iterations", 10.0, r"an int .* Got 10\.0"),
    ("partial_iterations", True, "an int .* Got True"),
    ("step_size", 0, r"a float in the range \(0, 1\]\. Got 0"),
    ("step_size", "0.1", "Got '0.1'"),
    ("final_share", -0.1, r"a float in the range \[0, 10\]"),
    ("exploration", float("nan"), "Got nan"),
    ("batch_size", None, "Got None"),
    ("batch_interval", -5, "Got -5"),
]


@pytest.mark.parametrize(("name", "value", "words"), REFUSED)
def test_parameters_are_checked_before_use_in_words_of_scikit_learn(name: str, value: Any, words: str) -> None:
    X, y = load_iris(return_X_y=True)
    model = SynapticRLClassifier(**{name: value})
    for train in (model.fit, lambda X, y: model.partial_fit(X, y, [0, 1, 2])):
        with pytest.raises(ValueError, match=f"The '{name}' parameter of SynapticRLClassifier must be .*{words}"):
            train(X, y)


@pytest.mark.parametrize("layers", [8, np.int64(8), [8], np.array([8]), (8, 4)])
def test_hidden_layers_may_be_a_number_or_any_sequence(layers: Any) -> None:
    X, y = load_iris(return_X_y=True)
    model = SynapticRLClassifier(layers, iterations=20, random_state=0).fit(X, y)
    assert model.coefs_[0].shape == (4, 8)
    assert model.set_params(hidden_layer_sizes=3).predict(X).shape == (150,), "the network is the one that was fitted"


@pytest.mark.parametrize("classes", [[0, 1, 2, 3], [5, 6, 7], [0, 1]])
def test_later_parts_can_not_name_other_classes(classes: list[int]) -> None:
    X, y = load_iris(return_X_y=True)
    model = SynapticRLClassifier((), partial_iterations=5, random_state=0).partial_fit(X, y, classes=[2, 1, 0])
    model.partial_fit(X, y, classes=[0, 1, 2]).partial_fit(X, y)
    with pytest.raises(ValueError, match=r"not the same as on last call to partial_fit, was: \[0, 1, 2\]"):
        model.partial_fit(X, y, classes=classes)


def test_weights_are_one_a_sample_and_none_is_negative() -> None:
    X, y = load_iris(return_X_y=True)
    model = SynapticRLClassifier((), iterations=5)
    for weights, words in ((np.ones((150, 2)), "1D"), (np.ones(149), "inconsistent"), (-np.ones(150), "[Nn]egative")):
        with pytest.raises(ValueError, match=words):
            model.fit(X, y, weights)
    with pytest.raises(ValueError, match="1 class, 'a'; at least 2"):
        model.fit(X, np.full(150, "a"))


def test_the_example_in_the_documentation_is_true() -> None:
    assert doctest.testmod(estimators, raise_on_error=True).attempted > 3


def test_sequences_are_learned_by_a_recurrent_network_and_by_spikes() -> None:
    rng = np.random.default_rng(0)
    X = rng.choice([0.0, 1.0], (400, 4, 2))
    y = np.where(X[:, :, 0].sum(axis=1) >= 2, "many", "few")
    for architecture, activation in (("recurrent", "tanh"), ("spiking", "relu")):
        settings: dict[str, Any] = {"architecture": architecture, "initialisation": "he_normal", "iterations": 1500}
        model = SynapticRLClassifier((16,), activation, random_state=0, **settings).fit(X[:300], y[:300])
        assert model.score(X[300:], y[300:]) > 0.9
        assert model.coefs_[0].shape == ((18, 16) if architecture == "recurrent" else (2, 16))
        with pytest.raises(ValueError, match="the network was trained on sequences"):
            model.predict(X[:, :3])


def test_the_encoding_rows_is_refused_for_data_without_rows() -> None:
    X, y = load_iris(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    settings: dict[str, Any] = {"architecture": "spiking", "initialisation": "he_normal", "iterations": 600}
    model = SynapticRLClassifier(random_state=0, **settings).fit(X, y)
    assert model.score(X, y) > 0.85
    with pytest.raises(ValueError, match="needs inputs from 0 to 1"):
        SynapticRLClassifier(encoding="rate", **settings).fit(X, y)
    with pytest.raises(ValueError, match="'membrane_decay' parameter"):
        SynapticRLClassifier(membrane_decay=1.0).fit(X, y)
