"""Bad files: each refused with a message that names file, place, what was expected and what to do; memory bounded."""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synrl_core.datasets import DatasetError, ReaderLimits
from synrl_core.datasets.limits import MIB
from synrl_core.datasets.readers import read
from tests.core.datasets import files
from tests.core.datasets.bad_files import (
    GOOD,
    IDX_CASES,
    LABELS,
    NPZ_CASES,
    PNG,
    TABLE_CASES,
    ZIP_CASES,
    X,
    Y,
    bounded,
    made,
    npy_of,
)

SMALL = ReaderLimits(
    file_bytes=MIB,
    expanded_bytes=MIB,
    samples=100,
    inputs=400,
    values=10_000,
    classes=10,
    members=50,
    member_bytes=10_000,
)


@pytest.fixture(scope="module", autouse=True)
def modules_are_loaded() -> None:
    """Have what is imported at first use imported: it would count as memory of whichever test comes first."""
    read([files.opened(files.npz(X=X, y=Y), "good.npz")])


def refusal(data: bytes | list[bytes], limits: ReaderLimits | None = None, label: str | None = None) -> DatasetError:
    """Read files that must be refused, and look at what every refusal promises."""
    several = data if isinstance(data, list) else [data]
    opened = [files.opened(one, f"file{i}.dat") for i, one in enumerate(several)]
    with bounded(), pytest.raises(DatasetError) as caught:
        read(opened, label, limits)
    error = caught.value
    assert "file" in error.file
    assert all((error.place, error.found, error.expected, error.remedy))
    assert len(str(error)) < 1500
    assert str(error).isprintable()
    return error


@pytest.mark.parametrize("case", IDX_CASES)
def test_idx(case: str) -> None:
    data, message = IDX_CASES[case]
    assert_matches(refusal([made(one) for one in data]), message)


def assert_matches(error: DatasetError, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        raise error


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.write_text, (self.path, "sprung")


@pytest.mark.parametrize("case", NPZ_CASES)
def test_npz(case: str) -> None:
    data, message = NPZ_CASES[case]
    assert_matches(refusal(made(data)), message)


def test_a_pickled_array_is_never_unpickled(tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    trap = np.array([Trap(sprung)] * 12, dtype=object)
    for arrays in ({"images": trap, "labels": Y}, {"images": X, "labels": trap}):
        file = io.BytesIO()
        np.savez(file, allow_pickle=True, **arrays)
        assert_matches(refusal(file.getvalue()), "an array of Python objects, which is a pickle")
    members = {"images.npy": pickle.dumps(Trap(sprung)), "labels.npy": pickle.dumps(Trap(sprung))}
    refusal(files.zipped(members))
    refusal(pickle.dumps(Trap(sprung)))
    assert not sprung.exists()


@pytest.mark.parametrize("case", TABLE_CASES)
def test_table(case: str) -> None:
    data, message = TABLE_CASES[case]
    assert_matches(refusal(made(data), label="nosuch" if "not there" in case else None), message)


@pytest.mark.parametrize("name", ['"quoted"', "it's", "two\nlines", "🦊", "x" * 10_000, "\x00\x1b[31m", "..", "\udcff"])
def test_any_name_of_a_label_column_is_answered_on_one_line(name: str) -> None:
    assert "no column" in str(refusal(b"y,a\n0,1\n1,2\n", label=name))


@pytest.mark.parametrize(
    "name", ['"q".csv', "it's.npz", "a\nb.gz", "🦊.zip", "x" * 10_000, "../../etc/passwd", "\udcff"]
)
def test_any_name_of_a_file_is_answered_on_one_line(name: str) -> None:
    with pytest.raises(DatasetError) as caught:
        read(files.opened(b"y,a\n0,b\n", name))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("case", ZIP_CASES)
def test_picture_zip(case: str) -> None:
    data, message = ZIP_CASES[case]
    assert_matches(refusal(made(data)), message)


def test_an_archive_of_millions_of_files_is_refused_before_it_is_loaded() -> None:
    data = bytearray(files.zipped(GOOD))
    at = data.rfind(b"PK\x05\x06")
    data[at + 12 : at + 16] = struct.pack("<I", 2**31)
    assert_matches(refusal(bytes(data)), "table of contents: 6 files in 2,048.0 MiB of table")


STRANGERS = {
    "a png": PNG,
    "a npy": npy_of("(2,)", data=b"ab"),
    "a pdf": b"%PDF-1.7 ...",
    "a gzip of text": files.gz(b"y,a\n0,1\n"),
    "noise": bytes(range(1, 256)) + b"\x00" * 10,
    "zeros": bytes(1000),
    "a web page": b"<!doctype html><title>404</title>",
    "a JSON file": b'[{"a": 1}]',
    "a pointer of Git LFS": b"version https://git-lfs.github.com/spec/v1\n",
    "a workbook or document of Office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "a JPEG": b"\xff\xd8\xff\xe0" + bytes(20),
    "a tar archive": b"a/1.png" + bytes(250) + b"ustar" + bytes(200),
}


@pytest.mark.parametrize("case", STRANGERS)
def test_a_file_of_another_kind_says_what_is_wanted(case: str) -> None:
    assert refusal(STRANGERS[case]).expected


def test_a_file_is_read_by_its_contents_and_not_by_its_name() -> None:
    assert len(read(files.opened(files.npz(images=X, labels=Y), "data.csv")).labels) == 12
    assert len(read(files.opened(b"y,a\n0,1\n1,2\n0,3\n1,4\n", "data.npz")).labels) == 4


def test_a_path_that_is_not_there_or_a_folder_without_a_pair(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"none.csv', opening it: No such file"):
        read(tmp_path / "none.csv")
    with pytest.raises(DatasetError, match="0 files of pictures"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([bytes(2 * MIB), LABELS], "size: 2.0 MiB. Expected at most 1.0 MiB"),
        ([files.idx(np.zeros((101, 4), np.uint8)), LABELS], "101 samples declared"),
        ([files.idx(np.zeros((2, 401), np.uint8)), LABELS], "401 values a sample"),
        ([files.idx(np.zeros((50, 300), np.uint8)), LABELS], "15,000 values"),
        ([files.npz(X=np.zeros((101, 4)), y=np.arange(101) % 2)], "101 labels"),
        ([files.npz(X=np.zeros((4, 401)), y=np.arange(4) % 2)], "401 values"),
        ([files.npz(X=np.zeros((50, 300)), y=np.arange(50) % 2)], "declared"),
        ([b"y,a\n" + b"0,1\n" * 101], "101 samples"),
        ([b"y,a\n" + b"".join(b"%d,1\n" % i for i in range(11))], "11 different labels"),
        ([b"y," + b",".join(b"c%d" % i for i in range(401)) + b"\n"], "402 columns"),
        ([files.zipped({f"A/{i}.png": PNG for i in range(51)})], "51 files"),
        ([files.zipped({f"A/{i}.png": PNG for i in range(2)} | {"B/1.png": bytes(20_000)})], "a file"),
    ],
)
def test_every_limit_can_be_set(data: list[bytes], message: str) -> None:
    assert_matches(refusal(data, SMALL), message)


def test_errors_pass_from_process_to_process() -> None:
    error = refusal(b"y,a\n0,x\n")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (str(again), again.remedy) == (str(error), error.remedy)
