"""Presets: scenes to begin with, whose success over seeds is measured (`python -m benchmarks.playground_presets`)."""

from __future__ import annotations

from typing import Any, NamedTuple


class Preset(NamedTuple):
    """A scene by its name.

    Attributes
    ----------
    name, title
        For programs and for people.
    scene
        Settings that differ from the defaults.
    seconds
        At 100 iterations a second, within which 19 of 20 seeds name 95 % of the validation points right.
    """

    name: str
    title: str
    scene: dict[str, Any]
    seconds: float


PRESETS: tuple[Preset, ...] = (
    Preset("first", "First play: circles", {}, 20),
    Preset("xor", "Exclusive or", {"dataset": "xor", "hidden_layers": [8], "step_size": 0.01}, 30),
)
