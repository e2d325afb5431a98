"""Helpers read files with choices and look for remarks."""

from __future__ import annotations

from typing import Any

from synrl_core.datasets import Choices, DatasetInfo, RawDataset
from synrl_core.datasets.readers import read
from tests.core.datasets import files

INFO = DatasetInfo(name="mine", title="Mine", description="", licence="", source="")


def read_text(text: str | bytes, **choices: Any) -> RawDataset:
    data = text if isinstance(text, bytes) else text.encode()
    return read(files.opened(data, "data.csv"), choices=Choices(**choices))


def said(raw: RawDataset, words: str) -> bool:
    return any(words in remark for remark in raw.remarks)
