"""Addresses that are written are read as the same scene."""

from __future__ import annotations

import pytest
from hypothesis import given

from synrl_core.tape import Scene
from synrl_core.tape.address import read_address, second_scene, write_address
from tests.core.tape.scenes import scenes


@given(scenes())
def test_an_address_that_is_written_is_read_as_the_same_scene(scene: Scene) -> None:
    assert read_address(write_address(scene)) == (scene, None, 0)


def test_a_second_network_and_a_moment_are_written_too() -> None:
    scene, own = Scene(dataset="moons", hidden_layers=(8, 8), adaptive=True), {"policy": "random", "step_size": 0.1}
    written = write_address(scene, own, at=412)
    assert written == "data=moons&hidden=8_8&adaptive=1&vs=policy_random*step_0.1&at=412"
    assert read_address(written) == (scene, second_scene(scene, own), 412)


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("exploration=0.2", "'exploration' is no word of an address. Did you mean 'explore'?"),
        ("hiden=4", "Did you mean 'hidden'?"),
        ("data=circles&inne=0.4", "Did you mean 'inner'?"),
        ("vs=polcy_random", "Did you mean 'policy'?"),
        ("turns=2", "Its words are data, n"),
    ],
)
def test_an_unknown_word_is_answered_with_the_nearest(address: str, meant: str) -> None:
    with pytest.raises(ValueError, match="is no word of an address") as refused:
        read_address(address)
    assert meant in str(refused.value)
