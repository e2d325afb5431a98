"""Rows of the comparison's tables, in words: groups with their numbers, and runs with the settings that differ."""

from __future__ import annotations

# pydantic reads these for the scripts' types, and before Python 3.12 takes only this one.
from typing_extensions import TypedDict

from backend.comparison.schemas import ComparedGroup, ComparedRun, Comparison
from backend.kit.status import RunStatus
from dashboard.figures import comparison_style
from dashboard.figures.comparison_style import METHODS, Style, format_difference, format_value
from dashboard.words import number, plural, setting


class LineStyle(TypedDict):
    """Colour and dash of a group's curve, which its rows show too."""

    colour: str
    """Role of its colour."""
    dash: str
    """As Plotly names it."""


class DifferenceWords(TypedDict):
    """Difference of a group to the baseline."""

    mean: str
    interval: str
    """Empty where there is none."""
    method: str


class ComparedGroupRow(TypedDict):
    """A group in the table of groups."""

    label: str
    runs: list[str]
    """Ids of its runs; the first stands for the group in the address."""
    style: LineStyle
    members: str
    """How many runs it has, and which of them do not count or are not done."""
    mean: str
    deviation: str
    """Standard deviation over samples; empty with one sample, and where they are equal: that is no certainty."""
    samples: str
    is_baseline: bool
    is_opened: bool
    """Whether each of its runs is drawn."""
    difference: DifferenceWords | None


class ComparedRunRow(TypedDict):
    """A run in the table of settings."""

    id: str
    name: str
    style: LineStyle
    status: RunStatus
    copy: str
    """Why it is no sample of its own; empty if it is one."""
    settings: list[str]
    """Values of the settings that differ."""
    result: str
    iterations: str


def group_rows(comparison: Comparison) -> list[ComparedGroupRow]:
    """Return a row for each group, in the order of the figures."""
    metric = comparison.options.metric
    return [
        {
            "label": group.label,
            "runs": group.runs,
            "style": _line(style),
            "members": _members(group, comparison),
            "mean": format_value(metric, group.mean),
            "deviation": _bare(metric, group.deviation) if group.deviation else "",
            "samples": _samples(group),
            "is_baseline": group.is_baseline,
            "is_opened": bool(group.members),
            "difference": _difference(metric, group),
        }
        for group, style in zip(comparison.groups, comparison_style.styles(comparison), strict=True)
    ]


def run_rows(comparison: Comparison) -> list[ComparedRunRow]:
    """Return a row for each run, those of a group together."""
    metric = comparison.options.metric
    place_of = {run.id: place for place, run in enumerate(comparison.runs)}
    rows: list[ComparedRunRow] = []
    for group, style in zip(comparison.groups, comparison_style.styles(comparison), strict=True):
        for place in sorted(place_of[run_id] for run_id in group.runs):
            run = comparison.runs[place]
            rows.append(
                {
                    "id": run.id,
                    "name": run.name,
                    "style": _line(style),
                    "status": run.status,
                    "copy": _copy(run, comparison),
                    "settings": [setting(one.values[place]) for one in comparison.settings],
                    "result": format_value(metric, run.mean),
                    "iterations": setting(run.iteration),
                }
            )
    return rows


def result_title(comparison: Comparison) -> str:
    """Return the title of the column of results."""
    statistic = "Best" if comparison.options.statistic == "best" else "Final"
    return f"{statistic} {comparison_style.METRICS[comparison.options.metric]}"


def _line(style: Style) -> LineStyle:
    return {"colour": style.colour, "dash": style.dash}


def _members(group: ComparedGroup, comparison: Comparison) -> str:
    parts = []
    if len(group.runs) > 1:
        parts.append(plural(len(group.runs), "run"))
    if group.copies:
        parts.append(f"{plural(group.copies, 'copy', 'copies')} not counted")
    live = [run for run in comparison.runs if run.group == group.key and not run.status.is_final]
    if live:
        parts.append(f"{len(live)} not done")
    return ", ".join(parts)


def _samples(group: ComparedGroup) -> str:
    if group.deviation is None:
        return "one replicate: no deviation from one" if group.samples == 1 else ""
    replicates = plural(group.samples, "replicate")
    return replicates if group.deviation else f"{replicates}, all equal"


def _bare(metric: str, value: float) -> str:
    return f"{100 * value:.2f}" if comparison_style.is_share(metric) else number(value)


def _difference(metric: str, group: ComparedGroup) -> DifferenceWords | None:
    found = group.difference
    if found is None:
        return None
    interval = ""
    if found.low is not None and found.high is not None:
        interval = f"[{format_difference(metric, found.low)}, {format_difference(metric, found.high)}]"
    return {"mean": format_difference(metric, found.mean), "interval": interval, "method": METHODS[found.method]}


def _copy(run: ComparedRun, comparison: Comparison) -> str:
    original = next((one for one in comparison.runs if one.id == run.copy_of), None)
    if original is None:
        return ""
    same = "Same settings, seed, data and program as"
    return f"{same} {original.name} ({original.id[:6]}): the same numbers, counted once"
