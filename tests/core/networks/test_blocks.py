"""Blocks describe every synapse once, in the order of the engine's flat vector."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from synrl_core.networks.blocks import (
    Block,
    Layer,
    block_views,
    engine_layout,
    from_json,
    layer_blocks,
    layers_of,
    plain_blocks,
    public_layout,
    to_json,
)
from synrl_core.networks.feedforward import FeedforwardNetwork

SIZES = st.lists(st.integers(1, 5), min_size=2, max_size=4).map(tuple)


@given(sizes=SIZES, replicates=st.integers(1, 3))
def test_block_views_cover_each_synapse_once(sizes: tuple[int, ...], replicates: int) -> None:
    network = FeedforwardNetwork(sizes, replicates=replicates)
    seen = np.zeros(network.synapses, np.int64)
    for layer, block, view in block_views(network, seen):
        assert view.shape == (replicates, block.shape[1], block.shape[0])
        assert block in network.layers[layer].blocks
        view += 1
    assert (seen == 1).all()


@given(sizes=SIZES, replicates=st.integers(1, 3))
def test_the_public_layout_is_undone_by_the_engine_layout(sizes: tuple[int, ...], replicates: int) -> None:
    network = FeedforwardNetwork(sizes, replicates=replicates)
    views = network.layer_views(np.arange(network.synapses, dtype=np.float32))
    public: tuple[NDArray[np.float32], ...] = public_layout(views)
    assert [layer.shape for layer in public] == [(replicates, *layer.shape) for layer in network.layers]
    for view, back in zip(views, engine_layout(public), strict=True):
        np.testing.assert_array_equal(view, back)


@given(sizes=SIZES)
def test_blocks_survive_json_and_are_recognised_as_plain(sizes: tuple[int, ...]) -> None:
    network = FeedforwardNetwork(sizes)
    assert from_json(json.loads(json.dumps(to_json(network.blocks)))) == network.blocks
    assert plain_blocks([layer.shape for layer in network.layers]) == network.blocks


def test_a_layer_with_recurrence_has_its_own_units_as_last_rows() -> None:
    [layer] = layers_of(layer_blocks("inputs", "hidden_1", 3, 2, recurrent=True))
    assert layer.shape == (1 + 3 + 2, 2)
    assert [layer.block_at(row).kind for row in range(6)] == ["bias", *["forward"] * 3, *["recurrent"] * 2]
    assert layer.block_at(5).source == layer.block_at(5).target == "hidden_1"
    assert [(rows.start, rows.stop) for _, rows in layer.row_ranges()] == [(0, 1), (1, 4), (4, 6)]
    with pytest.raises(IndexError, match="rows 0 to 5, not 6"):
        layer.block_at(6)
    assert plain_blocks([layer.shape]) != layer.blocks


def test_names_are_unique_and_the_last_layer_is_the_output() -> None:
    blocks = FeedforwardNetwork((4, 3, 3, 2)).blocks
    assert len({block.name for block in blocks}) == len(blocks) == 6
    assert blocks[0] == Block("hidden_1.bias", "ones", "hidden_1", (1, 3), "bias")
    assert blocks[-1] == Block("output.forward", "hidden_2", "output", (3, 2), "forward")
    assert layers_of(blocks)[-1] == Layer("output", blocks[-2:])


GOOD = {"name": "a", "source": "inputs", "target": "output", "shape": [4, 2], "kind": "forward"}


@pytest.mark.parametrize(
    "described",
    [
        [{"name": "a"}],
        ["a"],
        [GOOD | {"shape": [1]}],
        [GOOD | {"shape": [1, 0]}],
        [GOOD | {"target": 3}],
        [GOOD | {"kind": "sideways"}],
        [GOOD | {"more": 1}],
        [GOOD, GOOD | {"name": "b", "shape": [4, 3]}],
    ],
)
def test_a_description_of_no_blocks_is_refused(described: Any) -> None:
    assert from_json([GOOD])
    with pytest.raises(ValueError, match=r"describes no blocks|different numbers of units"):
        from_json(described)
