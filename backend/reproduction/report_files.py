"""Files of a report for other programs: every trial as CSV, tables in LaTeX and Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from backend.exchange import csv_cells
from backend.reproduction import facts, words
from backend.reproduction.arms import ARMS, LETTERS, PARTS
from backend.reproduction.facts import Facts
from backend.reproduction.results import Results
from backend.reproduction.schemas import ArmRead, ReproductionRead
from backend.reproduction.words import PART_TITLES

_COLUMNS = (
    "part", "key", "arm", "trial", "split_seed", "seed", "status", "validation_accuracy", "baseline", "iterations",
    "step_size", "forward_passes", "seconds", "run", "error",
    "data_hash", "synrl", "numpy", "python", "machine", "host",
)  # fmt: skip
_SPECIAL = str.maketrans({
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "\N{MINUS SIGN}": "$-$",
    "<": "$<$", ">": "$>$", "|": "$|$",  # other signs in LaTeX's oldest fonts
})  # fmt: skip


def csv(found: ReproductionRead, results: Results) -> str:
    """Write a row for each trial of each arm, with or without a result yet; accuracies are shares, 0..1."""
    lines = [csv_cells.row(_COLUMNS)]
    for arm in found.arms:
        for trial, row in sorted(results.by_arm[arm.key].items()):
            lines.append(
                csv_cells.row(
                    (
                        arm.part, arm.key, arm.title, trial + 1, trial, trial, row.status, arm.values.get(trial),
                        arm.baseline, arm.iterations, arm.step_size, row.forward_passes, row.seconds, row.id, row.error,
                        row.dataset_hash, *facts.programs_of(row.provenance).values(),
                    )
                )
            )  # fmt: skip
    return "".join(lines)


def latex(found: ReproductionRead, known: Facts) -> str:
    """Write tables of booktabs: the networks on the letters, the other networks, and the claims; the facts as comments.

    None is wider or longer than a page of an article in its small type.
    """
    about = [f"{found.name}: {found.trials} trials, each with a split of its own", *found.circumstances]
    about += [f"{name}: {value}" for name, value in facts.told(found, known).items()]
    lines = [f"% {_one_line(said)}" for said in about]
    for parts in (LETTERS, tuple(part for part in PARTS if part not in LETTERS)):
        arms = [arm for arm in found.arms if arm.part in parts]
        if arms:
            lines += ["", *_table_of_arms(arms)]
    return "\n".join([*lines, "", *_table_of_claims(found)]) + "\n"


def _table_of_arms(arms: Sequence[ArmRead]) -> Iterator[str]:
    yield r"\begin{tabular}{llrrr}"
    yield r"\toprule"
    yield r"Network & Method & Paper (\%) & Here (\%) & Less gradient descent [95\,\%] \\"
    before = None
    for arm in arms:
        if arm.part != before:
            yield r"\midrule"
        yield _line("" if arm.part == before else arm.part, arm)
        before = arm.part
    yield r"\bottomrule"
    yield r"\end{tabular}"


def _table_of_claims(found: ReproductionRead) -> Iterator[str]:
    yield r"\begin{tabular}{p{0.36\linewidth}lp{0.4\linewidth}}"
    yield r"\toprule"
    yield r"Claim (the paper) & Verdict & Because \\"
    yield r"\midrule"
    for one in found.verdicts:
        cells = (f"{one.title} ({one.figure})", one.outcome, words.because(one))
        yield rf"{' & '.join(escaped(_one_line(cell)) for cell in cells)} \\"
    yield r"\bottomrule"
    yield r"\end{tabular}"


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


def markdown(found: ReproductionRead, known: Facts) -> str:
    """Write the verdicts and all rows as tables in Markdown, and the facts as a list."""
    lines = [_plain(f"{found.name}, {found.trials} trials. {' '.join(found.circumstances)}"), ""]
    lines += ["| claim | the paper | verdict | because |", "|---|---|---|---|"]
    for one in found.verdicts:
        cells = (one.title, one.figure, one.outcome, words.because(one))
        lines.append(f"| {' | '.join(map(_plain, cells))} |")
    for part in PARTS:
        rows = [arm for arm in found.arms if arm.part == part]
        if rows:
            lines += ["", f"| {PART_TITLES[part]} | the paper | here | less gradient descent, points [95 %] | trials "
                      "| forward passes | seconds |", "|---|---|---|---|---|---|---|"]  # fmt: skip
            lines += [_markdown_row(arm) for arm in rows]
    lines += ["", *(f"- {name}: {_plain(value)}" for name, value in facts.told(found, known).items())]
    return "\n".join(lines) + "\n"


def _markdown_row(arm: ArmRead) -> str:
    seconds = "" if arm.seconds is None else f"{arm.seconds:,.1f}"
    passes = "" if arm.forward_passes is None else f"{arm.forward_passes:,.0f}"
    cells = (_plain(arm.title), words.percent(arm.paper), words.mean_and_deviation(arm), words.difference(arm),
             words.trials(arm), passes, seconds)  # fmt: skip
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """Write a text so that LaTeX sets it as it is."""
    return text.translate(_SPECIAL)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    """Write a text so that Markdown shows it as it is, in a cell or outside."""
    safe = _one_line(text).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*_\[\]|~#>])", r"\\\1", safe)
