"""Data of every page for its scripts, as JSON: colours, Plotly templates, status words, limits."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

# pydantic reads it for the scripts' types, and before Python 3.12 takes only this one.
from typing_extensions import TypedDict

from backend.comparison.schemas import MOST_RUNS as MOST_COMPARED
from backend.kit.fields import MAX_TAGS, NAME_LENGTH, NOTES_LENGTH, TAG_LENGTH
from backend.kit.status import RunStatus
from backend.runs.bulk_schemas import MOST_AT_ONCE
from backend.runs.schemas import MAX_ITERATIONS
from dashboard import theme
from dashboard.figures.weights import CEILINGS
from dashboard.words import STATUS_WORDS


class Scale(TypedDict):
    """Scale factors of the projector mode."""

    type: float
    figures: float


class StatusWord(TypedDict):
    """Display word of a status, and whether it is final."""

    word: str
    is_final: bool


class ScriptLimits(TypedDict):
    """Limits of what people type and choose, as the server holds them."""

    name: int
    """Letters of a run's name."""
    notes: int
    """Letters of its notes."""
    tag: int
    """Letters of a tag."""
    tags: int
    """Tags of one run."""
    iterations: int
    """Iterations of one run."""
    compared: int
    """Runs in one comparison."""
    at_once: int
    """Runs in one request that does something with all of them."""


class ScriptData(TypedDict):
    """All data of a page for its scripts."""

    palettes: dict[theme.Scheme, dict[str, str]]
    """Colours by their roles."""
    templates: dict[str, dict[str, Any]]
    """Plotly templates: light, dark, light-projector, dark-projector."""
    projector: Scale
    statuses: dict[RunStatus, StatusWord]
    limits: ScriptLimits
    figure_tools: dict[str, Any]
    """Plotly's configuration of figures."""
    ceilings: list[float]
    """Ends of the weights' colour scale, times a power of ten."""


def script_data() -> ScriptData:
    """Return the data of a page for its scripts."""
    templates: dict[str, dict[str, Any]] = {scheme: theme.template(scheme) for scheme in theme.PALETTES}
    templates |= {f"{scheme}-projector": theme.template(scheme, theme.PROJECTOR_SCALE) for scheme in theme.PALETTES}
    return {
        "palettes": {scheme: asdict(palette) for scheme, palette in theme.PALETTES.items()},
        "templates": templates,
        "projector": {"type": theme.PROJECTOR_SCALE, "figures": theme.PROJECTOR_FIGURE_SCALE},
        "statuses": {status: {"word": STATUS_WORDS[status], "is_final": status.is_final} for status in RunStatus},
        "limits": {
            "name": NAME_LENGTH,
            "notes": NOTES_LENGTH,
            "tag": TAG_LENGTH,
            "tags": MAX_TAGS,
            "iterations": MAX_ITERATIONS,
            "compared": MOST_COMPARED,
            "at_once": MOST_AT_ONCE,
        },
        "figure_tools": theme.FIGURE_TOOLS,
        "ceilings": list(CEILINGS),
    }


def script_json() -> str:
    """Return the data as JSON that can stand inside a script element."""
    return json.dumps(script_data(), separators=(",", ":")).replace("<", "\\u003c")
