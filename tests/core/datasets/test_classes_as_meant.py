"""Labels and numbers of other programs become the intended classes and inputs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from synrl_core.datasets import RawDataset, split
from synrl_core.datasets.readers import npz, read
from tests.core.datasets import files
from tests.core.datasets.meant import INFO, read_text, said


def classes(*labels: str) -> RawDataset:
    return read_text("x,label\n" + "".join(f"{i * i},{label}\n" for i, label in enumerate(labels * 2)))


def test_classes_are_in_the_order_of_their_numbers() -> None:
    decimals = classes(*(f"{i}.0" for i in range(11)))
    assert decimals.class_names == tuple(f"{i}.0" for i in range(11))
    assert decimals.with_class_names([f"n{i}" for i in range(11)]).class_names[2] == "n2"
    assert classes("10.5", "9.5", "-1e1").class_names == ("-1e1", "9.5", "10.5")
    strings = npz.read(files.opened(files.npz(X=files.pictures(24), y=np.array([str(i) for i in range(12)] * 2))))
    assert strings.class_names == tuple(map(str, range(12)))


def test_a_number_in_other_spelling_is_the_same_class() -> None:
    assert classes("1", "1.0", "2", "2.0", "+2").class_names == ("1", "2")
    assert classes("+1", "-1", "1").class_names == ("-1", "1")
    assert classes("0.50", "0.5", "1").class_names == ("0.5", "1")
    assert said(classes("1", "1.0", "2"), "'1', '1.0'")
    large = classes("12345678901234567890", "12345678901234567891")
    assert len(large.class_names) == 2, "as floating point they would be one"


def test_words_that_look_alike_are_kept_apart_and_named() -> None:
    raw = classes("True", "TRUE", "true", "False")
    assert len(raw.class_names) == 4
    assert said(raw, "'TRUE', 'True', 'true'")
    assert said(classes("007", "7"), "'007', '7'")


def test_letters_in_two_forms_and_space_around_are_one_class() -> None:
    assert classes("café", "cafe\u0301", "dog").class_names == ("café", "dog")
    padded = npz.read(files.opened(files.npz(X=files.pictures(), y=np.array(["cat   ", "cat", "dog "] * 4))))
    assert padded.class_names == ("cat", "dog")
    members = {f"{name}/{i}.png": files.png(picture) for i, (name, picture) in enumerate(
        zip(["café", "cafe\u0301", "a", "a "] * 3, files.pictures(), strict=True))}  # fmt: skip
    assert read(files.opened(files.zipped(members))).class_names == ("a", "café")


def test_labels_in_bytes_are_never_merged() -> None:
    labels = np.array([b"gr\xfcn", b"gr\xe4n", b"rot"] * 4)
    raw = npz.read(files.opened(files.npz(images=files.pictures(), labels=labels)))
    assert raw.class_names == ("grän", "grün", "rot")
    assert said(raw, "Latin-1")
    utf8 = npz.read(
        files.opened(files.npz(images=files.pictures(), labels=np.char.encode(["grün", "rot"] * 6, "utf-8")))
    )
    assert utf8.class_names == ("grün", "rot")
    assert not utf8.remarks


def scaled(raw: RawDataset) -> np.ndarray[Any, Any]:
    data = raw.dataset(INFO)
    parts = split(data, 0.25, 0)
    return data.inputs(parts).of(np.arange(len(data.labels)))


def test_large_numbers_with_small_differences_keep_them() -> None:
    text = "time,b,label\n" + "".join(f"{1_700_000_000 + i},{i % 3}.5,{'uv'[i % 2]}\n" for i in range(40))
    time = np.arange(40.0)
    for raw in (read_text(text), npz.read(files.opened(files.npz(
        X=np.column_stack([1.7e9 + time, time % 3 + 0.5]), y=np.arange(40) % 2)))):  # fmt: skip
        seen = scaled(raw)[:, 0]
        np.testing.assert_allclose(np.diff(seen), np.diff(seen)[0], rtol=1e-4)
        assert seen[-1] - seen[0] > 3
        assert "never change" not in raw.scaling.description


def test_numbers_that_float32_holds_take_its_room() -> None:
    rows = "".join(f"0.{i:04},{i}.25,{'uv'[i % 2]}\n" for i in range(400))
    assert read_text("a,b,label\n" + rows).values.dtype == np.float32


def test_statistics_come_from_the_samples_that_train() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(100, 5, (80, 3))
    raw = npz.read(files.opened(files.npz(X=values, y=np.arange(80) % 2)))
    data = raw.dataset(INFO)
    for seed in (0, 1):
        parts = split(data, 0.25, seed)
        train, held = (data.inputs(parts).of(part) for part in (parts.train, parts.validation))
        np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-6)
        np.testing.assert_allclose(train.std(axis=0), 1, atol=1e-6)
        kept = raw.values[parts.train].astype(np.float64)
        right = (raw.values[parts.validation] - kept.mean(axis=0)) / kept.std(axis=0)
        np.testing.assert_allclose(held, right, atol=1e-5)
    assert replace(raw, values=raw.values + np.float32(1)).content_hash != raw.content_hash


def test_a_column_constant_among_those_that_train_becomes_zero_everywhere() -> None:
    values = np.column_stack([np.arange(40.0), np.full(40, 0.1)])
    raw = npz.read(files.opened(files.npz(X=values, y=np.arange(40) % 2)))
    data = raw.dataset(INFO)
    parts = split(data, 0.25, 0)
    changed = replace(raw, values=raw.values.copy())
    changed.values[parts.validation[0], 1] = 7
    assert not changed.dataset(INFO).inputs(parts).of(parts.validation)[:, 1].any()


@pytest.mark.parametrize("shape", [(24, 5, 1), (24, 1, 5), (5, 1, 24), (1, 5, 24)])
def test_series_with_a_channel_of_one_are_tables(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).normal(size=(24, 5)) * [1, 1000, 1, 1, 1]
    laid = values.reshape(shape) if shape[0] == 24 else np.moveaxis(values.reshape(24, *shape[:2]), 0, -1)
    raw = npz.read(files.opened(files.npz(X=laid, y=np.arange(24) % 3)))
    assert raw.sample_shape == (5,)
    np.testing.assert_allclose(raw.values, values.astype(np.float32))
