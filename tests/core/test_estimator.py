"""SynapticRLClassifier is a scikit-learn classifier like any other."""

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from synrl_core.estimator import SynapticRLClassifier


@parametrize_with_checks([SynapticRLClassifier(iterations=800)])  # type: ignore[untyped-decorator]
def test_scikit_learn_finds_nothing_to_complain_of(estimator: Any, check: Any) -> None:
    check(estimator)


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
