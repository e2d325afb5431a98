from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from backend.wire import columns

DTYPES = st.sampled_from([np.float32, np.float64, np.int32, np.int64, np.int8, np.uint8])
ARRAYS = DTYPES.flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=7))
)


@given(st.dictionaries(st.text(max_size=12), ARRAYS, max_size=5))
def test_columns_come_back_as_they_were_packed(packed: columns.Columns) -> None:
    unpacked = columns.decode(columns.encode(packed))
    assert list(unpacked) == list(packed)
    for name, array in packed.items():
        assert unpacked[name].dtype == array.dtype
        np.testing.assert_array_equal(unpacked[name], array)
        assert unpacked[name].flags.aligned


@given(st.binary(max_size=200))
def test_other_bytes_are_refused_with_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="not packed columns"):
        columns.decode(data)


@given(st.data())
def test_a_damaged_chunk_is_refused_or_read_as_it_was(data: st.DataObject) -> None:
    """Deflate can write the same bytes in two ways, so that a changed byte may change nothing that is read."""
    written: columns.Columns = {"iteration": np.arange(20), "loss": np.ones((20, 2), dtype=np.float32)}
    packed = bytearray(columns.encode(written))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    read = written
    with suppress(ValueError):
        read = columns.decode(bytes(packed))
    for name, array in written.items():
        np.testing.assert_array_equal(read[name], array)


def test_a_dtype_that_the_format_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="column 'names' has dtype"):
        columns.encode({"names": np.array(["a"])})


@given(st.lists(st.integers(0, 5), min_size=1, max_size=5))
def test_joined_chunks_hold_every_point_in_order(lengths: list[int]) -> None:
    whole = np.arange(sum(lengths))
    parts = np.split(whole, np.cumsum(lengths)[:-1])
    joined = columns.concatenate([{"iteration": part} for part in parts])
    np.testing.assert_array_equal(joined["iteration"], whole)
    assert columns.points(joined) == len(whole)


def test_a_point_of_six_values_takes_few_bytes() -> None:
    # What a run of 4,096 evaluations stores: twelve bytes a value are the aim.
    generator = np.random.default_rng(0)
    chunk: columns.Columns = {"iteration": np.arange(4096) * 100}
    chunk |= {name: generator.random((4096, 1), dtype=np.float32) for name in columns.METRICS}
    assert len(columns.encode(chunk)) / (4096 * (len(columns.METRICS) + 1)) < 12
