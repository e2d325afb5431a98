"""The tables of a comparison: groups with their numbers, and the settings in which runs differ."""

from __future__ import annotations

import dash
from dash import dcc, html
from dash.development.base_component import Component

from backend.comparison.schemas import ComparedGroup, ComparedRun, ComparedSetting, Comparison
from dashboard.components.attributes import attributes
from dashboard.components.status import badge
from dashboard.figures import comparison as figures
from dashboard.figures.comparison import METHODS, Style, said, said_difference
from dashboard.words import plural, setting


def groups_table(comparison: Comparison) -> Component:
    """Return the groups: the legend of all figures, and the numbers. A pinned one is what the others stand against."""
    pinned = any(group.is_baseline for group in comparison.groups)
    metric = comparison.options.metric
    heads = ["Group", "Mean"] + (["Difference, 95 % interval"] if pinned else []) + [""]
    body = [
        html.Tr(
            [
                html.Th(_label(group, style, comparison), scope="row"),
                html.Td(_number(metric, group)),
                *([html.Td(_difference(metric, group))] if pinned else []),
                html.Td(html.Div(_buttons(group), className="group-buttons")),
            ],
            className="baseline" if group.is_baseline else "",
        )
        for group, style in zip(comparison.groups, figures.styles(comparison), strict=True)
    ]
    return html.Table(
        [html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])), html.Tbody(body)],
        className="groups",
    )


def settings_table(comparison: Comparison) -> Component:
    """Return the settings in which the runs differ, a row a run, with its result and a way to leave it out."""
    style_of = {group.key: style for group, style in zip(comparison.groups, figures.styles(comparison), strict=True)}
    statistic = "Best" if comparison.options.statistic == "best" else "Final"
    result = f"{statistic} {figures.METRICS[comparison.options.metric]}"
    heads = ["Run", "Status", *(_title(one) for one in comparison.settings), result, "Iterations", ""]
    order = sorted(range(len(comparison.runs)), key=lambda place: _rank(comparison, place))
    body = [_row(comparison.runs[place], place, comparison, style_of[comparison.runs[place].group]) for place in order]
    return html.Table(
        [html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])), html.Tbody(body)],
        className="differing",
    )


def swatch(style: Style) -> Component:
    """Return a short line as the group's curve is drawn."""
    name = style.colour.replace("_", "-")
    return html.Span(
        className=f"swatch dash-{_DASH_NAMES.get(style.dash, style.dash)}",
        style={"--series": f"var(--{name})"},
        **attributes(aria_hidden="true"),
    )


#: A style sheet can't name a class after lengths.
_DASH_NAMES = {"2px,8px": "sparse"}


def _rank(comparison: Comparison, place: int) -> int:
    return next(rank for rank, group in enumerate(comparison.groups) if comparison.runs[place].id in group.runs)


def _label(group: ComparedGroup, style: Style, comparison: Comparison) -> Component:
    name: Component | str = html.Span(group.label, className="group-name", title=group.label)
    if len(group.runs) == 1:
        name = dcc.Link(
            group.label,
            href=dash.get_relative_path(f"/runs/{group.runs[0]}"),
            className="group-name",
            title=group.label,
        )
    members = "" if len(group.runs) == 1 else plural(len(group.runs), "run")
    if group.copies:
        members += f", {plural(group.copies, 'copy', 'copies')} not counted"
    live = [run for run in comparison.runs if run.group == group.key and not run.status.is_final]
    if live:
        members += f"{', ' if members else ''}{len(live)} not done"
    return html.Div([swatch(style), html.Div([name, html.Span(members, className="now")])], className="group-label")


def _number(metric: str, group: ComparedGroup) -> list[Component | str]:
    if group.deviation is None:
        words = "one sample: no deviation from one" if group.samples == 1 else ""
        return [html.Strong(said(metric, group.mean)), html.Div(words, className="now")]
    return [
        html.Strong(said(metric, group.mean)),
        html.Span(f" ± {_bare(metric, group.deviation)}", title="standard deviation over samples"),
        html.Div(plural(group.samples, "sample"), className="now"),
    ]


def _bare(metric: str, value: float) -> str:
    return f"{100 * value:.2f}" if figures.is_share(metric) else f"{value:.3f}"


def _difference(metric: str, group: ComparedGroup) -> list[Component | str]:
    if group.is_baseline:
        return [html.Span("baseline", className="now")]
    found = group.difference
    if found is None:
        return ["–"]
    mean = html.Strong(said_difference(metric, found.mean))
    if found.low is None or found.high is None:
        return [mean, html.Div(METHODS[found.method], className="now")]
    interval = f" [{said_difference(metric, found.low)}, {said_difference(metric, found.high)}]"
    return [mean, interval, html.Div(METHODS[found.method], className="now")]


def _buttons(group: ComparedGroup) -> list[Component]:
    first = group.runs[0]
    pin = html.Button(
        "Unpin" if group.is_baseline else "Pin",
        type="button",
        className="button-plain",
        title="Compare the others with this group",
        **attributes(
            data_pin=first,
            aria_pressed="true" if group.is_baseline else "false",
            aria_label=f"{'Unpin' if group.is_baseline else 'Pin'} {group.label} as the baseline",
        ),
    )
    if len(group.runs) == 1:
        return [pin]
    opened = bool(group.members)
    members = html.Button(
        "Hide runs" if opened else "Runs",
        type="button",
        className="button-plain",
        title="Draw each run of this group",
        **attributes(
            data_members=first,
            aria_pressed="true" if opened else "false",
            aria_label=f"{'Hide' if opened else 'Draw'} each run of {group.label}",
        ),
    )
    return [pin, members]


def _copy_mark(run: ComparedRun, comparison: Comparison) -> list[Component]:
    """Say of a run that repeats another one that it is no sample of its own."""
    original = next((one for one in comparison.runs if one.id == run.copy_of), None)
    if original is None:
        return []
    words = (
        f"Same settings, seed, data and program as {original.name} ({original.id[:6]}): the same numbers, counted once"
    )
    return [html.Span("copy", className="now", title=words)]


def _title(one: ComparedSetting) -> str:
    return one.title


def _row(run: ComparedRun, place: int, comparison: Comparison, style: Style) -> Component:
    metric = comparison.options.metric
    return html.Tr(
        [
            html.Th(
                html.Div(
                    [
                        swatch(style),
                        dcc.Link(
                            run.name,
                            href=dash.get_relative_path(f"/runs/{run.id}"),
                            className="run-name",
                            title=run.name,
                        ),
                        *_copy_mark(run, comparison),
                    ],
                    className="group-label",
                ),
                scope="row",
            ),
            html.Td(badge(run.status)),
            *(html.Td(setting(one.values[place])) for one in comparison.settings),
            html.Td(said(metric, run.mean)),
            html.Td(setting(run.iteration)),
            html.Td(
                html.Button(
                    "×",
                    type="button",
                    className="icon-button",
                    title="Leave out of the comparison",
                    **attributes(data_remove=run.id, aria_label=f"Leave {run.name} out of the comparison"),
                )
            ),
        ]
    )
