"""Theme: the only place where colours and type sizes are defined.

From here they reach the style sheets (CSS variables), Mantine (its theme), Plotly (two templates) and the scripts
(JSON beside the page). A colour means one thing everywhere; the palettes are Okabe and Ito's, safe for colour
blindness, brightened where they stand on dark ground.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Scheme = Literal["light", "dark"]

FONT = "'Inter', system-ui, -apple-system, 'Segoe UI', sans-serif"
#: Three sizes, one for tables, one for the number or the name that a page is about, and one for signs and counts that
#: stand in small cells.
FONT_SIZES = {"tiny": 12, "small": 13, "table": 14, "medium": 15, "large": 18, "display": 28}
#: So much larger is all type for a projector and the last row of a room.
PROJECTOR_SCALE = 1.35
#: So much higher are figures then, whose type is larger too.
PROJECTOR_FIGURE_SCALE = 1.2
#: Plotly's configuration of all figures: the way back from a zoom is its only tool.
FIGURE_TOOLS: Any = {
    "displaylogo": False,
    "displayModeBar": "hover",
    "doubleClickDelay": 600,  # ms; Plotly's 300 are missed by slow hands, and by a page that draws a live run
    "modeBarButtons": [["resetScale2d"]],
    "showTips": False,
}


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one scheme, named by meaning."""

    canvas: str
    """Ground of a page."""
    surface: str
    """Ground of what can be acted on."""
    ink: str
    """Text."""
    muted: str
    """Text of second rank: captions, units, ticks."""
    line: str
    """Borders and grid lines."""
    faint: str
    """Hovered rows and empty bars."""
    accent: str
    """What can be clicked, and what is running."""
    on_accent: str
    """Text on the accent."""
    focus: str
    """Ring around what has the keyboard."""
    down: str
    """Action -1, and weights below zero."""
    stay: str
    """Action 0."""
    up: str
    """Action +1, and weights above zero."""
    zero: str
    """Middle of the diverging scale."""
    run: str
    """The curves of the run in view."""
    baseline: str
    """The group that the others are compared with."""
    series_1: str
    """Runs and groups in a comparison, in this order; then the same with dashes (`series`)."""
    series_2: str
    series_3: str
    series_4: str
    series_5: str
    series_6: str
    series_7: str
    series_8: str
    failed: str
    """What went wrong."""
    warning: str
    """Ground of what needs attention."""


PALETTES: dict[Scheme, Palette] = {
    "light": Palette(
        canvas="#ffffff",
        surface="#ffffff",
        ink="#1b2126",
        muted="#5a646d",
        line="#dfe3e6",
        faint="#f3f5f6",
        accent="#00735a",
        on_accent="#ffffff",
        focus="#0072b2",
        down="#0072b2",
        stay="#b4bac0",
        up="#d55e00",
        zero="#f4f4f2",
        run="#00875f",
        # Okabe and Ito's, but for their black, which is the baseline's; their yellow, which white ground swallows, is
        # darkened to brown, and grey stands beside them.
        baseline="#000000",
        series_1="#0072b2",
        series_2="#e69f00",
        series_3="#009e73",
        series_4="#cc79a7",
        series_5="#d55e00",
        series_6="#56b4e9",
        series_7="#6b6b6b",
        series_8="#5b3a00",
        failed="#b3261e",
        warning="#fdf1dc",
    ),
    "dark": Palette(
        canvas="#14181b",
        surface="#1b2024",
        ink="#e8ebed",
        muted="#a3adb5",
        line="#30373d",
        faint="#20262b",
        accent="#4cc9a4",
        on_accent="#0d1f1a",
        focus="#7cc4ee",
        down="#56b4e9",
        stay="#5d676f",
        up="#f08a3c",
        zero="#23292e",
        run="#4cc9a4",
        baseline="#ffffff",
        series_1="#3d8fe0",
        series_2="#e69f00",
        series_3="#1fb68a",
        series_4="#e79bc4",
        series_5="#e8702a",
        series_6="#8fd3fa",
        series_7="#8a949c",
        series_8="#f0e442",
        failed="#ff8a80",
        warning="#3a2f1b",
    ),
}

#: Mantine wants ten shades of the colour of its buttons; light takes the eighth, dark the fourth.
_ACCENT_SHADES = [
    "#e6f7f2",
    "#c9ecdf",
    "#9fdfca",
    "#72d3b5",
    "#4cc9a4",
    "#2bb28c",
    "#0f9775",
    "#00735a",
    "#00604b",
    "#004c3b",
]


def mantine_theme() -> dict[str, Any]:
    """Theme of dash-mantine-components' provider."""
    return {
        "fontFamily": FONT,
        "headings": {"fontFamily": FONT, "fontWeight": "620"},
        "fontSizes": {"xs": "var(--size-small)", "sm": "var(--size-small)", "md": "var(--size-medium)"},
        "colors": {"accent": _ACCENT_SHADES, "dark": _dark_shades()},
        "primaryColor": "accent",
        "primaryShade": {"light": 7, "dark": 4},
        "autoContrast": True,
        "luminanceThreshold": 0.36,
        "defaultRadius": "sm",
        "respectReducedMotion": True,
        "cursorType": "pointer",
    }


def _dark_shades() -> list[str]:
    """Mantine's greys of the dark scheme, from text to the deepest ground, out of ours."""
    dark = PALETTES["dark"]
    return [
        dark.ink,
        "#c6cdd2",
        dark.muted,
        "#7b868e",
        dark.line,
        dark.line,
        dark.surface,
        dark.canvas,
        "#101316",
        "#0b0e10",
    ]


def css() -> str:
    """CSS variables of both schemes: ``--down`` is blue, lighter in the dark, and so on."""
    light, dark = (_declarations(PALETTES[scheme]) for scheme in ("light", "dark"))
    return (
        f":root{{--font:{FONT};{_sizes(1)}--figure-scale:1;{light}color-scheme:light}}"
        f":root[data-mantine-color-scheme='dark']{{{dark}color-scheme:dark}}"
        f":root[data-projector='true']{{{_sizes(PROJECTOR_SCALE)}--mantine-scale:{PROJECTOR_SCALE};"
        f"--figure-scale:{PROJECTOR_FIGURE_SCALE}}}"
    )


def _sizes(scale: float) -> str:
    return "".join(f"--size-{name}:{round(scale * size)}px;" for name, size in FONT_SIZES.items())


def colour(role: str, scheme: Scheme = "light") -> str:
    """Resolve a role to its colour: ``"run"``, or ``"run/0.2"`` where it is to be see-through."""
    name, _, opacity = role.partition("/")
    value: str = getattr(PALETTES[scheme], name)
    if not opacity:
        return value
    red, green, blue = (int(value[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


#: Dashes of Plotly, and the lengths of line and gap, in pixels, with which a style sheet draws the same.
DASHES: dict[str, list[int]] = {
    "solid": [],
    "dash": [9, 5],
    "dot": [3, 3],
    "dashdot": [9, 4, 3, 4],
    "longdash": [15, 5],
    "longdashdot": [15, 4, 3, 4],
    "2px,8px": [2, 8],
}
_SERIES = 8


def series(place: int) -> tuple[str, str]:
    """Return the role of the colour and the dash of the place-th run or group: eight colours, then dashes."""
    dashes = list(DASHES)
    return f"series_{place % _SERIES + 1}", dashes[place // _SERIES % len(dashes)]


def diverging(scheme: Scheme) -> list[list[float | str]]:
    """Colour scale from below zero over zero to above zero."""
    palette = PALETTES[scheme]
    return [[0.0, palette.down], [0.5, palette.zero], [1.0, palette.up]]


def template(scheme: Scheme, scale: float = 1) -> dict[str, Any]:
    """Plotly template: what all figures have in common, with all type ``scale`` times as large.

    Switching light and dark replaces it; the colours of the traces follow by their roles (dashboard.figures.traces).
    """
    palette = PALETTES[scheme]
    small, medium = round(12 * scale), round(13 * scale)
    axis = {
        "color": palette.muted,
        "gridcolor": palette.line,
        "linecolor": palette.line,
        "zerolinecolor": palette.line,
        "zeroline": False,
        "ticks": "",
        "tickfont": {"size": small},
        "title": {"font": {"size": small}, "standoff": 8},
        "automargin": False,
    }
    return {
        "layout": {
            "font": {"family": FONT, "size": medium, "color": palette.ink},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": axis | {"showgrid": False, "showline": True},
            "yaxis": axis,
            "hoverlabel": {
                "bgcolor": palette.surface,
                "bordercolor": palette.line,
                "font": {"family": FONT, "size": medium, "color": palette.ink},
            },
            "coloraxis": {
                "colorscale": diverging(scheme),
                "cmid": 0,
                "colorbar": {"outlinewidth": 0, "thickness": 10, "tickfont": {"size": small, "color": palette.muted}},
            },
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": palette.muted, "activecolor": palette.ink},
            "hovermode": "x unified",
            "dragmode": "zoom",
            "showlegend": False,
            "margin": {"l": round(52 * scale), "r": 16, "t": round(8 * scale), "b": round(44 * scale)},
        }
    }


def _declarations(palette: Palette) -> str:
    return "".join(f"--{name.replace('_', '-')}:{value};" for name, value in asdict(palette).items())
