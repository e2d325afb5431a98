"""The letters: enough of them, told apart neither too easily nor hopelessly, and each typeface with its licence."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
from sklearn.linear_model import LogisticRegression

from synrl_core import datasets
from synrl_core.datasets import glyphs, split

FREE = {
    "OFL-1.1",
    "Apache-2.0",
    "MIT",
    "BSD-3-Clause",
    "Bitstream-Vera",
    "GUST-Font-License",
    "public domain",
    "GPL-2.0-or-later with font exception",
    "GPL-3.0-or-later with font exception",
}


def test_there_are_at_least_6000_letters_of_100_typefaces_in_4_megabytes() -> None:
    dataset = datasets.load("glyphs")
    names, of_sample = glyphs.typefaces()
    assert len(dataset.labels) == len(of_sample) >= 6000
    assert dataset.class_names == tuple("ABCDEFGHIJ")
    assert len(set(names)) == len(names) >= 100
    assert set(of_sample) == set(range(len(names)))
    assert len((files("synrl_core.datasets") / "glyphs.npz").read_bytes()) <= 4 * 2**20


def test_no_letter_is_blank_and_none_is_there_twice() -> None:
    features = datasets.load("glyphs").features
    assert features.mean(axis=1).min() > 0.01
    assert len(np.unique(features, axis=0)) == len(features)


def test_every_typeface_has_a_package_and_a_licence_that_allows_it() -> None:
    record = json.loads((files("synrl_core.datasets") / "glyphs_fonts.json").read_text(encoding="utf-8"))
    for typeface in record["typefaces"]:
        assert typeface["sources"], typeface["typeface"]
        for source in typeface["sources"]:
            assert source["debian_package"].startswith("fonts-")
            assert source["version"]
            assert source["licence"] in FREE


def test_the_description_says_the_numbers_that_are_there() -> None:
    names, of_sample = glyphs.typefaces()
    assert f"{len(of_sample):,} letters" in glyphs.INFO.description
    assert f"{len(names)} typefaces" in glyphs.INFO.description


def test_a_linear_classifier_finds_them_neither_trivial_nor_hopeless() -> None:
    dataset = datasets.load("glyphs")
    parts = split(dataset, 0.25, 0)
    classifier = LogisticRegression(C=0.03, max_iter=300, tol=1e-3)
    classifier.fit(dataset.features[parts.train], dataset.labels[parts.train])
    reached = classifier.score(dataset.features[parts.validation], dataset.labels[parts.validation])
    assert 0.80 <= reached <= 0.95
