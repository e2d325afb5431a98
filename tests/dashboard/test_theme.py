"""Colours are named once, and can be told apart."""

from __future__ import annotations

import json

import pytest

from dashboard import theme
from dashboard.figures import actions, curves
from dashboard.figures.traces import trace

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


def test_a_role_resolves_to_its_colour_in_each_scheme() -> None:
    assert theme.colour("down") == theme.PALETTES["light"].down
    assert theme.colour("down", "dark") == theme.PALETTES["dark"].down
    assert theme.colour("run/0.2").startswith("rgba(")


def test_traces_remember_the_roles_of_their_colours() -> None:
    made = trace("scatter", {"of": "metrics"}, {"line.color": "run"}, line={"width": 2})
    assert made["line"] == {"width": 2, "color": theme.colour("run")}
    assert made["meta"]["paint"] == {"line.color": "run"}
    for figure in (curves.accuracy(None, iterations=1), actions.shares_over_time(None, iterations=1)):
        assert all(drawn.meta["paint"] for drawn in figure.data)


def test_the_scripts_get_the_same_colours_and_cannot_end_their_element() -> None:
    data = json.loads(theme.script_data())
    assert data["palettes"]["dark"]["up"] == theme.PALETTES["dark"].up
    assert set(data["templates"]) == {"light", "dark", "light-projector", "dark-projector"}
    assert "<" not in theme.script_data()
    assert f"--down:{theme.PALETTES['light'].down}" in theme.css()
