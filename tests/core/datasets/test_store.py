"""The store of data sets: round trips, content hashes, atomic writes."""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synrl_core import datasets
from synrl_core.datasets import Dataset, DatasetError, DatasetInfo, RawDataset, legacy, store
from synrl_core.datasets.preview import preview
from synrl_core.datasets.readers import npz, table
from synrl_core.datasets.scaling import Scaling
from tests.core.datasets import files
from tests.examples import examples
from tests.slowness import patience

INFO = DatasetInfo(name="mine", title="Mine", description="Six.", licence="MIT", source="here", group="pictures")


def pictures(seed: int = 0) -> RawDataset:
    return npz.read(files.opened(files.npz(images=files.pictures(seed=seed), labels=files.labels())))


def rows() -> RawDataset:
    text = "y,a,b\n" + "".join(f"{'no' if i % 2 else 'yes'},{i / 7},{i * i}\n" for i in range(9))
    return table.read(files.opened(text.encode()))


def assert_same(one: Dataset, other: Dataset) -> None:
    np.testing.assert_array_equal(one.features, other.features)
    np.testing.assert_array_equal(one.labels, other.labels)
    for name in ("class_names", "sample_shape", "feature_names", "info", "content_hash"):
        assert getattr(one, name) == getattr(other, name)
    assert (one.targets is None) == (other.targets is None)
    if one.targets is not None and other.targets is not None:
        np.testing.assert_array_equal(one.targets, other.targets)


@pytest.mark.parametrize("raw", [pictures(), rows()], ids=["pictures", "rows"])
def test_what_was_read_is_loaded_as_it_would_have_been_trained(raw: RawDataset, tmp_path: Path) -> None:
    content_hash = store.save(raw, tmp_path, INFO)
    dataset = raw.dataset(INFO)
    assert content_hash == raw.content_hash == dataset.content_hash
    assert_same(store.load(content_hash, tmp_path), dataset)
    shown, again = preview(raw), preview(store.load_raw(content_hash, tmp_path))
    assert (shown.classes, shown.scaling, shown.remarks) == (again.classes, again.scaling, again.remarks)


@pytest.mark.parametrize("name", datasets.names())
def test_every_built_in_can_be_stored(name: str, tmp_path: Path) -> None:
    dataset = datasets.load(name)
    assert_same(store.load(store.save(dataset, tmp_path), tmp_path), dataset)


@given(
    samples=st.integers(1, 9), inputs=st.integers(1, 9), bytes_of=st.booleans(), seed=st.integers(0, 99),
    offset=st.floats(-1e3, 1e3, width=32), divisor=st.floats(2**-10, 1e3, width=32),
)  # fmt: skip
@settings(max_examples=examples(60), deadline=None)
def test_hash_of_raw_values_is_the_hash_of_the_features(
    samples: int, inputs: int, bytes_of: bool, seed: int, offset: float, divisor: float
) -> None:
    rng = np.random.default_rng(seed)
    values: Any = rng.integers(0, 256, (samples, inputs), dtype=np.uint8)
    raw = RawDataset(
        values=values if bytes_of else values.astype(np.float32),
        labels=rng.integers(0, 2, samples),
        class_names=("é", "🦊"),
        sample_shape=(inputs,),
        scaling=Scaling("", np.array(offset, np.float32), np.full(inputs, divisor, np.float32)),
    )
    assert raw.content_hash == raw.dataset(INFO).content_hash
    file = io.BytesIO()
    store.write(raw, file, INFO)
    again, info = store.read(io.BytesIO(file.getvalue()))
    assert again.content_hash == raw.content_hash
    assert again.values.dtype == raw.values.dtype
    assert info == INFO


def test_bytes_stay_bytes_on_disk(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (500, 28, 28), dtype=np.uint8)
    raw = npz.read(files.opened(files.npz(images=images, labels=np.arange(500) % 10)))
    path = store.path_of(store.save(raw, tmp_path), tmp_path)
    assert images.nbytes < path.stat().st_size < images.nbytes * 1.05


def test_the_same_content_is_stored_once_whatever_it_is_called(tmp_path: Path) -> None:
    first = store.save(pictures(), tmp_path, INFO)
    before = store.path_of(first, tmp_path).stat()
    assert store.save(pictures(), tmp_path, replace(INFO, name="other")) == first
    assert store.path_of(first, tmp_path).stat().st_mtime_ns == before.st_mtime_ns
    assert [path.name for path in tmp_path.iterdir()] == [f"{first}.npz"]
    assert store.load(first, tmp_path, replace(INFO, title="Theirs")).info.title == "Theirs"


def test_the_same_data_set_gives_the_same_bytes() -> None:
    written = []
    for _ in range(2):
        file = io.BytesIO()
        store.write(pictures(), file, INFO)
        written.append(file.getvalue())
    assert written[0] == written[1]


def test_nothing_is_left_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("numpy.lib.format.write_array", full)
    with pytest.raises(OSError, match="No space left"):
        store.save(pictures(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def _save(folder: Path) -> str:
    return store.save(pictures(), folder, INFO)


def test_many_processes_may_save_the_same_at_once(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        hashes = set(pool.map(_save, [tmp_path] * 8))
    assert len(hashes) == 1
    assert_same(store.load(hashes.pop(), tmp_path), pictures().dataset(INFO))
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("wrong", ["", "abc", "../" * 20 + "etc/passwd", "A" * 64, "0" * 64 + "\n", "0" * 64])
def test_what_is_no_hash_or_not_there_is_not_stored(wrong: str, tmp_path: Path) -> None:
    for load in (store.load, store.load_raw):
        with pytest.raises(store.NotStoredError, match="is stored here"):
            load(wrong, tmp_path)


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    wanted, other = (store.save(pictures(seed), tmp_path) for seed in (0, 1))
    path = store.path_of(wanted, tmp_path)
    whole = path.read_bytes()
    store.path_of(other, tmp_path).replace(path)
    with pytest.raises(DatasetError, match=r"hash .* Expected hash"):
        store.load(wanted, tmp_path)
    for damaged in (whole[:-50], whole[:900] + b"\x00\x01\x02" + whole[903:], b"", b"hello", files.npz(a=np.zeros(3))):
        path.write_bytes(damaged)
        with pytest.raises(DatasetError, match="changed or damaged"):
            store.load(wanted, tmp_path)


def stored_by_version_1(values: Any, offset: Any, divisor: Any) -> bytes:
    """Write a file as SynRL wrote it while columns were scaled by the statistics of all rows."""
    about = {
        "version": 1, "class_names": ["a", "b"], "sample_shape": [values.shape[1]], "feature_names": ["x", "y"],
        "scaling": "by all rows", "remarks": [], "info": vars(INFO),
    }  # fmt: skip
    arrays = {"values": values, "labels": np.arange(len(values)) % 2, "offset": offset, "divisor": divisor}
    members = {"about.json": json.dumps(about).encode()}
    for name, array in arrays.items():
        member = io.BytesIO()
        np.save(member, array)
        members[f"{name}.npy"] = member.getvalue()
    return files.zipped(members)


def test_what_an_older_version_stored_keeps_features_and_hash(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(1000, 3, (60, 2)).astype(np.float32)
    offset, divisor = values.mean(axis=0), values.std(axis=0)
    features = (values - offset) / divisor
    digest = hashlib.sha256(f"features float32 {features.shape}".encode() + features.tobytes())
    digest.update(b"labels (60,)" + (np.arange(60) % 2).tobytes() + b"targets None")
    digest.update(json.dumps([["a", "b"], [2], ["x", "y"]]).encode())
    (tmp_path / f"{digest.hexdigest()}.npz").write_bytes(stored_by_version_1(values, offset, divisor))
    dataset = store.load(digest.hexdigest(), tmp_path)
    np.testing.assert_array_equal(dataset.features, features)
    parts = datasets.split(dataset, 0.25, 3)
    np.testing.assert_array_equal(dataset.inputs(parts).of(parts.validation), features[parts.validation])


def test_a_file_read_anew_has_the_features_of_before_when_asked() -> None:
    raw = rows()
    before = legacy.with_legacy_scaling(raw)
    values = raw.values
    features = (values - values.astype(np.float64).mean(axis=0).astype(np.float32)) / values.astype(np.float64).std(
        axis=0
    ).astype(np.float32)
    np.testing.assert_array_equal(before.dataset(INFO).features, features)
    assert not before.dataset(INFO).standardise
    assert legacy.with_legacy_scaling(pictures()).content_hash == pictures().content_hash


def test_a_later_version_is_not_guessed_at() -> None:
    file = io.BytesIO()
    store.write(pictures(), file)
    later = file.getvalue().replace(b'"version": 2', b'"version": 3')
    with pytest.raises(DatasetError):
        store.read(io.BytesIO(later))


def test_a_pickle_in_the_store_is_not_loaded(tmp_path: Path) -> None:
    about = {"version": 1, "class_names": ["A"], "sample_shape": [1], "feature_names": [], "scaling": "", "remarks": []}
    trap = io.BytesIO()
    np.save(trap, np.array([{}], dtype=object), allow_pickle=True)
    content_hash = "0" * 64
    store.path_of(content_hash, tmp_path).write_bytes(
        files.zipped({"about.json": json.dumps(about).encode(), "values.npy": trap.getvalue()})
    )
    with pytest.raises(DatasetError, match="allow_pickle"):
        store.load(content_hash, tmp_path)


def test_errors_pass_from_process_to_process() -> None:
    error = store.NotStoredError("0" * 64)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own bytes
    unknown = datasets.UnknownDatasetError("mnst")
    assert str(pickle.loads(pickle.dumps(unknown))) == str(unknown)  # noqa: S301 - our own bytes
    with pytest.raises(datasets.DatasetParameterError) as caught:
        datasets.load("moons", {"noise": 9})
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
    assert (str(again), again.problems) == (str(caught.value), caught.value.problems)


MNIST_SIZED = """
import re, sys, time
from pathlib import Path
from synrl_core.datasets import store
from synrl_core.datasets.preview import preview
from synrl_core.datasets.readers import read

def peak():
    # Not ru_maxrss: a child inherits its parent's.
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024

base, start = peak(), time.perf_counter()
raw = read([Path(name) for name in sys.argv[1:3]] if len(sys.argv) == 4 else Path(sys.argv[1]))
shown = preview(raw)
content_hash = store.save(raw, Path(sys.argv[-1]))
print(time.perf_counter() - start, peak() - base, shown.samples)
"""


@pytest.mark.timed
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from Linux's /proc")
@pytest.mark.parametrize("form", ["idx", "npz"])
def test_70000_pictures_are_stored_within_10_seconds_and_600_megabytes(form: str, tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (70_000, 28, 28), dtype=np.uint8)
    labels = (np.arange(70_000) % 10).astype(np.uint8)
    if form == "idx":
        (tmp_path / "images").write_bytes(files.idx(images))
        (tmp_path / "labels").write_bytes(files.idx(labels))
        paths = [tmp_path / "images", tmp_path / "labels"]
    else:
        np.savez(tmp_path / "data.npz", images=np.moveaxis(images, 0, -1), labels=labels)
        paths = [tmp_path / "data.npz"]
    arguments = [str(path) for path in (*paths, tmp_path / "store")]
    done = subprocess.run(
        [sys.executable, "-c", MNIST_SIZED, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=patience(120),
    )
    seconds, mebibytes, samples = map(float, done.stdout.split())
    sys.stdout.write(f"{form}: {seconds:.2f} s, {mebibytes:.0f} MiB above the base\n")
    assert samples == 70_000
    assert seconds < 10
    assert 50 < mebibytes < 600
