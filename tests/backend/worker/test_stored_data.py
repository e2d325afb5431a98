"""Data of remote workers: by content hash, copied once, verified each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.wire.artifacts import Artifacts, dataset_path
from backend.worker import stored_data
from synrl_core.datasets import DatasetError, RawDataset, load, store


def test_a_worker_copies_data_once_and_fetches_a_damaged_copy_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_data, "cache_folder", lambda: tmp_path)
    artifacts = Artifacts("memory://synrl")
    raw = RawDataset.of(load("moons"))
    with artifacts.writing(dataset_path(raw.content_hash)) as file:
        store.write(raw, file)

    def loaded() -> str:
        stored_data._recent.clear()
        return stored_data.load(raw.content_hash, artifacts).content_hash

    assert loaded() == raw.content_hash
    [copy] = tmp_path.glob("*")
    copy.write_bytes(b"damaged")
    assert loaded() == raw.content_hash
    artifacts.delete(dataset_path(raw.content_hash))
    assert loaded() == raw.content_hash  # from the copy


def test_data_that_are_not_what_their_hash_says_never_train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    artifacts = Artifacts(tmp_path.as_uri())
    raw, wrong = RawDataset.of(load("moons")), "0" * 64
    with artifacts.writing(dataset_path(wrong)) as file:
        store.write(raw, file)
    with pytest.raises(DatasetError, match="hash"):
        stored_data.load(wrong, artifacts)
