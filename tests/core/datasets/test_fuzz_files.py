"""Any bytes become a data set that can be used, or a refusal; memory bounded."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from synrl_core.datasets import DatasetError, DatasetInfo, RawDataset
from synrl_core.datasets.preview import preview
from synrl_core.datasets.readers import read, table
from tests.core.datasets import files
from tests.core.datasets.bad_files import (
    GOOD,
    IMAGES,
    LABELS,
    X,
    Y,
    bounded,
    npy_of,
    npz_of,
)
from tests.examples import examples


@pytest.fixture(scope="module", autouse=True)
def modules_are_loaded() -> None:
    """Have what is imported at first use imported: it would count as memory of whichever test comes first."""
    read([files.opened(files.npz(X=X, y=Y), "good.npz")])


SEEDS: tuple[bytes, ...] = (
    files.npz(images=X, labels=Y),
    files.npz(X=np.linspace(0, 1, 48).reshape(12, 4), y=Y.astype(str)),
    files.zipped(GOOD),
    b"label,first,second\n" + b"".join(b"%d,%d.5,%d\n" % (i % 3, i, i * i) for i in range(12)),
    b"label,first,second\n" + b"".join(b"%d,%d,%d\n" % (i % 3, i, i * i) for i in range(12)),
    b'y;"a b"\n"x";1\n"z";2\n"x";3\n"z";4\n',
    "größe;y;\n1.234,5;süß;\n0,5;bär;\n;;\n2,5;süß;\n3;bär;\n".encode("cp1252"),
    "a\tb\ty\r1\t2\tu\r3\t4\tu\r5\t6\tv\r7\t8\tv\r".encode("utf-16"),
    b"# made by hand\n,a,y\n0,1,u\n1,2,u\n2,3,NaN\n3,4,v\n4,5,v\n",
    files.zipped({f"top/{'ab'[i % 2]}/x/{i}.jpg": files.jpeg(picture) for i, picture in enumerate(files.pictures(4))}),
    files.npz(X=np.linspace(1e9, 1e9 + 1, 48).reshape(12, 4, 1), y=np.array(["1", "1.0", "+2", "2"] * 3)),
)
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from(["set", "cut", "drop", "copy"]), st.binary(min_size=1, max_size=8)),
    max_size=4,
)


def edited(data: bytes, edits: list[tuple[float, str, bytes]]) -> bytes:
    """Change, cut, leave out or repeat parts of a file."""
    for where, how, patch in edits:
        at = int(where * len(data))
        if how == "cut":
            data = data[:at]
        elif how == "drop":
            data = data[:at] + data[at + len(patch) :]
        elif how == "copy":
            data = data[:at] + patch + data[at:]
        else:
            data = data[:at] + patch + data[at + len(patch) :]
    return data


def assert_usable(raw: RawDataset) -> None:
    dataset = raw.dataset(DatasetInfo("x", "X", "", "", ""))
    assert np.isfinite(dataset.features).all()
    assert len(dataset.labels) == len(dataset.features) > 1
    assert set(np.unique(dataset.labels)) == set(range(dataset.classes))
    assert dataset.content_hash == raw.content_hash
    assert preview(raw).samples == len(dataset.labels)


def read_or_refuse(data: list[bytes]) -> None:
    try:
        raw = read([files.opened(one) for one in data])
    except DatasetError as error:
        message = str(error)
    else:
        assert_usable(raw)
        return
    assert message.isprintable()


class TestFuzz:
    """Whatever the bytes: a data set that can be used, or a DatasetError; nothing else, and no more memory."""

    @given(seed=st.sampled_from(SEEDS), edits=EDITS)
    @settings(max_examples=examples(400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_damaged_files(self, seed: bytes, edits: list[tuple[float, str, bytes]]) -> None:
        read_or_refuse([edited(seed, edits)])

    @given(images=EDITS, labels=EDITS, packed=st.booleans(), after=st.booleans())
    @settings(max_examples=examples(250), deadline=None)
    def test_damaged_pairs(self, images: Any, labels: Any, packed: bool, after: bool) -> None:
        pair = [(IMAGES, images), (LABELS, labels)]
        if packed and after:
            read_or_refuse([edited(files.gz(data), edits) for data, edits in pair])
        elif packed:
            read_or_refuse([files.gz(edited(data, edits)) for data, edits in pair])
        else:
            read_or_refuse([edited(data, edits) for data, edits in pair])

    @given(st.binary(max_size=300))
    @example(b"PK\x05\x06" + bytes(18))
    @example(b"\x00\x00\x08\x01" + bytes(4))
    @settings(max_examples=examples(200), deadline=None)
    def test_any_bytes(self, data: bytes) -> None:
        read_or_refuse([data])

    @given(st.text(max_size=200))
    @settings(max_examples=examples(200), deadline=None)
    def test_any_text(self, text: str) -> None:
        read_or_refuse([text.encode("utf-8", "surrogatepass")])
        with suppress(DatasetError):
            assert len(table.columns(files.opened(text.encode("utf-8", "surrogatepass")))) > 1

    @given(
        shape=st.lists(st.integers(-1, 2**70), max_size=4),
        descr=st.sampled_from(["|u1", "<f8", "|O", "<U5", "|S0", ">i4", "<c8", "|V3", "<m8[s]"]),
        data=st.binary(max_size=100),
        fortran=st.booleans(),
    )
    @example(shape=[0, 0], descr="|u1", data=b"", fortran=False)
    @settings(max_examples=examples(200), deadline=None)
    def test_any_header_of_an_array(self, shape: list[int], descr: str, data: bytes, fortran: bool) -> None:
        member = npy_of(repr(tuple(shape)), repr(descr), data)
        if fortran:
            member = member.replace(b"False", b"True ")
        with bounded():
            read_or_refuse([npz_of(member, member)])
            read_or_refuse([npz_of(member)])
