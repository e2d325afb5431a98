"""Files of a report for other programs: every trial as CSV, and a LaTeX table."""

from __future__ import annotations

from backend.exchange import csv_cells
from backend.reproduction.arms import ARMS, LETTERS
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


def escaped(words: str) -> str:
    """Write words so that LaTeX sets them as they are."""
    return words.translate(_SPECIAL)


def _comment(words: str) -> str:
    return " ".join(words.split())
