"""The registry of built-in data sets."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from synrl_core import datasets


@pytest.mark.parametrize("name", datasets.names())
class TestEveryBuiltIn:
    def test_says_what_it_is_and_where_it_comes_from(self, name: str) -> None:
        info = {info.name: info for info in datasets.infos()}[name]
        assert all((info.title, info.description, info.licence, info.source))
        assert info.group in {"pictures", "boundaries", "sequences", "tables"}

    def test_loads_as_the_network_wants_it(self, name: str) -> None:
        dataset = datasets.load(name)
        assert dataset.info.name == name
        assert dataset.features.dtype == np.float32
        assert dataset.features.flags.c_contiguous
        assert not dataset.features.flags.writeable
        assert np.isfinite(dataset.features).all()
        assert dataset.labels.dtype == np.int64
        assert set(np.unique(dataset.labels)) == set(range(dataset.classes))
        assert dataset.is_pictures == (dataset.info.group == "pictures")
        assert len(dataset.feature_names) in {0, dataset.features.shape[1]}

    def test_is_the_same_every_time(self, name: str) -> None:
        again = datasets.load(name, {})
        datasets.registry._load_cached.cache_clear()
        assert datasets.load(name).content_hash == again.content_hash

    def test_splits_the_same_way_every_time_and_holds_each_class_back(self, name: str) -> None:
        dataset = datasets.load(name)
        first, second = (datasets.split(dataset, 0.25, seed=3) for _ in range(2))
        np.testing.assert_array_equal(first.train, second.train)
        assert not np.array_equal(first.train, datasets.split(dataset, 0.25, seed=4).train)
        together = np.sort(np.concatenate([first.train, first.validation]))
        np.testing.assert_array_equal(together, np.arange(len(dataset.labels)))
        whole = np.bincount(dataset.labels) / len(dataset.labels)
        held = np.bincount(dataset.labels[first.validation]) / len(first.validation)
        np.testing.assert_allclose(held, whole, atol=0.02)

    def test_schema_gives_each_parameter_what_a_form_needs(self, name: str) -> None:
        for field in datasets.parameters_schema(name).get("properties", {}).values():
            assert {"title", "description", "default"} <= set(field)
            assert "enum" in field or ({"minimum", "exclusiveMinimum"} & set(field) and "maximum" in field)


#: Content hashes of the tables as they were until they were standardised by the samples that train.
BEFORE = {"iris": "fce44d59dfa6ad71", "wine": "e4ce9a36265e44e3", "breast_cancer": "d0da5f8fc6aed807"}


@pytest.mark.parametrize("name", BEFORE)
def test_tables_are_standardised_by_the_samples_that_train(name: str) -> None:
    dataset = datasets.load(name)
    parts = datasets.split(dataset, 0.25, seed=1)
    train, held = (dataset.inputs(parts).of(part).astype(np.float64) for part in (parts.train, parts.validation))
    np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(train.std(axis=0), 1, atol=1e-6)
    assert np.abs(held.mean(axis=0)).max() > 1e-3


@pytest.mark.parametrize("name", BEFORE)
def test_an_older_version_of_a_table_is_had_by_its_content_hash(name: str) -> None:
    now, before = datasets.load(name), datasets.tabular.before(name)
    assert before is not None
    assert before.content_hash.startswith(BEFORE[name])
    assert datasets.load(name, content_hash=before.content_hash).content_hash == before.content_hash
    np.testing.assert_allclose(before.features.mean(axis=0), 0, atol=1e-6)
    for other in (None, now.content_hash, "0" * 64):
        assert datasets.load(name, content_hash=other) is now
    assert datasets.load("digits", content_hash="0" * 64) is datasets.load("digits")


def test_names_are_unique_and_ordered_as_infos() -> None:
    assert datasets.names() == tuple(info.name for info in datasets.infos())
    assert len(set(datasets.names())) == len(datasets.names())


@pytest.mark.parametrize("ask", [datasets.load, datasets.parameters_schema])
def test_an_unknown_name_is_answered_with_the_known_ones(ask: object) -> None:
    with pytest.raises(datasets.UnknownDatasetError, match=r"no data set 'mnst'.*digits.*moons"):
        ask("mnst")  # type: ignore[operator]


def test_an_endless_unknown_name_is_not_repeated_whole() -> None:
    with pytest.raises(datasets.UnknownDatasetError) as caught:
        datasets.load("x" * 10_000)
    assert len(str(caught.value)) < 500


def test_a_parameter_out_of_its_range_is_named_with_its_value_and_limit() -> None:
    with pytest.raises(
        datasets.DatasetParameterError, match=r"'moons'.*'noise' is 7: should be a number from 0 to 2"
    ) as caught:
        datasets.load("moons", {"noise": 7})
    assert [(p.parameter, p.value) for p in caught.value.problems] == [("noise", 7)]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("moons", {"wobble": 1}),
        ("digits", {"seed": 1}),
        ("moons", {"seed": -1}),
        ("moons", {"seed": 0.5}),
        ("moons", {"samples": 10**9}),
        ("moons", {"noise": float("nan")}),
        ("teacher", {"activation": "step"}),
        ("teacher", {"inputs": 10**6}),
    ],
)
def test_parameters_that_cannot_be_are_refused(name: str, parameters: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=f"data set '{name}' can't be made"):
        datasets.load(name, parameters)


def test_defaults_spelt_out_are_the_defaults() -> None:
    assert datasets.load("moons", {"seed": 0, "noise": 0.1}) is datasets.load("moons")


def test_asking_what_there_is_imports_neither_scikit_learn_nor_pillow() -> None:
    code = (
        "import sys; from synrl_core import datasets; datasets.infos(); "
        "sys.exit(not {'sklearn', 'PIL'}.isdisjoint(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
