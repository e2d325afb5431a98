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


def test_the_example_in_the_documentation_is_true() -> None:
    assert doctest.testmod(estimators, raise_on_error=True).attempted > 3
