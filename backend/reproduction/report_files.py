"""Files of a report for other programs: every trial as CSV, tables in LaTeX and Markdown."""

from __future__ import annotations

from backend.exchange import csv_cells
from backend.reproduction import words
from backend.reproduction.arms import ARMS, LETTERS, PARTS
from backend.reproduction.results import Results
from backend.reproduction.schemas import ArmRead, ReproductionRead
from backend.reproduction.words import PART_TITLES

_COLUMNS = (
    "part", "arm", "trial", "split_seed", "seed", "status", "validation_accuracy", "baseline", "iterations",
    "step_size", "forward_passes", "seconds", "run",
)  # fmt: skip
_SPECIAL = str.maketrans({
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "\N{MINUS SIGN}": "$-$",
})  # fmt: skip


def csv(found: ReproductionRead, results: Results) -> str:
    """Write a row for each trial of each arm, with or without a result yet; accuracies are shares, 0..1."""
    lines = [csv_cells.row(_COLUMNS)]
    for arm in found.arms:
        for trial, row in sorted(results.by_arm[arm.key].items()):
            lines.append(
                csv_cells.row(
                    (
                        arm.part, arm.title, trial + 1, trial, trial, row.status, arm.values.get(trial), arm.baseline,
                        arm.iterations, arm.step_size, row.forward_passes, row.seconds, row.id,
                    )
                )
            )  # fmt: skip
    return "".join(lines)


def latex(found: ReproductionRead) -> str:
    """Write the networks on the letters as a table of booktabs."""
    lines = [
        f"% {_comment(found.name)}: {found.trials} trials, each with a split of its own",
        r"\begin{tabular}{llrrr}",
        r"\toprule",
        r"Network & Method & Paper (\%) & Here (\%) & Less gradient descent [95\,\%] \\",
    ]
    for part in LETTERS:
        rows = [arm for arm in found.arms if arm.part == part]
        if rows:
            lines += [r"\midrule", *(_line(part if place == 0 else "", arm) for place, arm in enumerate(rows))]
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [f"% {_comment(PART_TITLES[part])}" for part in LETTERS]
    lines += [f"% {_comment(said)}" for said in found.circumstances]
    return "\n".join(lines) + "\n"


def _line(network: str, arm: ArmRead) -> str:
    paper = "--" if arm.paper is None else f"{100 * arm.paper:.2f}"
    here = "--" if arm.mean is None else f"{100 * arm.mean:.2f}"
    if arm.deviation is not None:
        here += rf" $\pm$ {100 * arm.deviation:.2f}"
    return rf"{network} & {escaped(ARMS[arm.key].title)} & {paper} & {here} & {_difference(arm)} \\"


def _difference(arm: ArmRead) -> str:
    found = arm.difference
    if found is None:
        return ""
    interval = "" if found.low is None or found.high is None else f" [{100 * found.low:+.2f}, {100 * found.high:+.2f}]"
    return f"${100 * found.mean:+.2f}{interval}$"


def markdown(found: ReproductionRead) -> str:
    """Write the verdicts and all rows as tables in Markdown."""
    lines = [f"{_comment(found.name)}, {found.trials} trials. {' '.join(found.circumstances)}", ""]
    lines += ["| claim | the paper | verdict | because |", "|---|---|---|---|"]
    for one in found.verdicts:
        because = "; ".join(part for part in (words.evidence(one), one.why) if part)
        lines.append(f"| {one.title} | {one.figure} | {one.outcome} | {because} |")
    for part in PARTS:
        rows = [arm for arm in found.arms if arm.part == part]
        if rows:
            lines += ["", f"| {PART_TITLES[part]} | the paper | here | less gradient descent, points [95 %] | trials "
                      "| forward passes | seconds |", "|---|---|---|---|---|---|---|"]  # fmt: skip
            lines += [_markdown_row(arm) for arm in rows]
    return "\n".join(lines) + "\n"


def _markdown_row(arm: ArmRead) -> str:
    seconds = "" if arm.seconds is None else f"{arm.seconds:,.1f}"
    passes = "" if arm.forward_passes is None else f"{arm.forward_passes:,.0f}"
    cells = (arm.title, words.percent(arm.paper), words.mean_and_deviation(arm), words.difference(arm),
             words.trials(arm), passes, seconds)  # fmt: skip
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """Write a text so that LaTeX sets it as it is."""
    return text.translate(_SPECIAL)


def _comment(text: str) -> str:
    return " ".join(text.split())
