"""Colours are named once, and can be told apart."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from numpy.typing import NDArray

from dashboard import theme
from dashboard.figures import actions, curves
from dashboard.figures.traces import trace
from dashboard.script_data import script_json

SCHEMES: tuple[theme.Scheme, ...] = ("light", "dark")


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_can_be_read(scheme: theme.Scheme) -> None:
    palette = theme.PALETTES[scheme]
    for ground in (palette.canvas, palette.surface, palette.faint):
        for text in (palette.ink, palette.muted, palette.accent, palette.failed):
            assert contrast(text, ground) >= 4.5, (text, ground)
    assert contrast(palette.on_accent, palette.accent) >= 4.5
    assert contrast(palette.ink, palette.warning) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_drawn_can_be_seen(scheme: theme.Scheme) -> None:
    palette = theme.PALETTES[scheme]
    for colour in (palette.down, palette.up, palette.run, palette.focus):
        assert contrast(colour, palette.canvas) >= 3, colour


#: How eyes see that lack one kind of cone: matrices of Machado, Oliveira and Fernandes (2009), severity 1, linear RGB.
COLOUR_BLIND = {
    "none": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
RGB_TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


def lab(colour: str, eyes: str) -> NDArray[np.float64]:
    """The colour in CIELAB, as such eyes see it."""
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(COLOUR_BLIND[eyes]) @ linear, 0, 1)
    xyz = np.array(RGB_TO_XYZ) @ seen / [0.95047, 1.0, 1.08883]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("eyes", COLOUR_BLIND)
def test_runs_of_a_comparison_can_be_told_apart_by_all_eyes(scheme: theme.Scheme, eyes: str) -> None:
    palette = theme.PALETTES[scheme]
    colours = [theme.colour(theme.series(place)[0], scheme) for place in range(8)] + [palette.baseline]
    assert len(set(colours)) == 9
    seen = [lab(colour, eyes) for colour in colours]
    nearest = min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2))
    # A just noticeable difference is about 2.3.
    assert nearest > 12
    assert all(contrast(colour, palette.canvas) > 2.2 for colour in colours)


def test_after_eight_colours_come_dashes() -> None:
    kinds = [theme.series(place) for place in range(56)]
    assert len(set(kinds)) == 56
    assert {dash for _, dash in kinds[:8]} == {"solid"}


def test_a_role_resolves_to_its_colour_in_each_scheme() -> None:
    assert theme.colour("down") == theme.PALETTES["light"].down
    assert theme.colour("down", "dark") == theme.PALETTES["dark"].down
    assert theme.colour("run/0.2").startswith("rgba(")


def test_traces_remember_the_roles_of_their_colours() -> None:
    made = trace("scatter", {"of": "metrics"}, {"line.color": "run"}, line={"width": 2})
    assert made["line"] == {"width": 2, "color": theme.colour("run")}
    assert made["meta"]["paint"] == {"line.color": "run"}
    for figure in (curves.accuracy(iterations=1), actions.shares_over_time(iterations=1)):
        assert all(drawn.meta["paint"] for drawn in figure.data)


def test_the_scripts_get_the_same_colours_and_cannot_end_their_element() -> None:
    data = json.loads(script_json())
    assert data["palettes"]["dark"]["up"] == theme.PALETTES["dark"].up
    assert set(data["templates"]) == {"light", "dark", "light-projector", "dark-projector"}
    assert "<" not in script_json()
    assert f"--down:{theme.PALETTES['light'].down}" in theme.css()
