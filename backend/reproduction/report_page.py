"""Report as one HTML file that loads nothing: verdicts, tables, curves, and the settings that repeat it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from backend.reproduction import words
from backend.reproduction.arms import PARTS
from backend.reproduction.facts import Facts
from backend.reproduction.facts import told as facts_in_words
from backend.reproduction.schemas import FigureRead, ReproductionRead
from backend.reproduction.words import PART_TITLES

PAPER = (
    'Bhargava, Rezaei, Lankarany, "Gradient-Free Neural Network Training via Synaptic-Level Reinforcement Learning", '
    "AppliedMath 2022, 2(2), 185-195, arXiv 2105.14383"
)
_STYLE = """
:root { --ink: #1b2126; --muted: #5a646d; --line: #dfe3e6; --canvas: #fff; --arm-0: #0072b2; --arm-1: #e69f00;
  --arm-2: #009e73; --arm-3: #6b6b6b; --arm-4: #d55e00; --arm-5: #cc79a7; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebed; --muted: #a3adb5; --line: #30373d; --canvas: #14181b;
  --arm-0: #3d8fe0; --arm-2: #1fb68a; --arm-3: #a3adb5; --arm-4: #e8702a; --arm-5: #e79bc4; } }
body { margin: 0 auto; max-width: 1000px; padding: 24px; background: var(--canvas); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 28px; line-height: 1.2; } h2 { font-size: 18px; margin-top: 32px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } thead th { color: var(--muted); font-weight: 400; }
.outcome { font-weight: 600; white-space: nowrap; } .number { white-space: nowrap; }
.muted { color: var(--muted); } dt { color: var(--muted); } dd { margin: 0 0 8px; overflow-wrap: anywhere; }
svg { width: 100%; height: auto; } .figure-grid { stroke: var(--line); }
.figure-words { font-size: 12px; fill: var(--muted); } .figure-line { fill: none; stroke-width: 2; }
.figure-paper { stroke: var(--ink); stroke-dasharray: 1 4; } .figure-band { opacity: 0.18; }
""" + "".join(
    f".figure-line.arm-{n} {{ stroke: var(--arm-{n}); }} .figure-band.arm-{n} {{ fill: var(--arm-{n}); }}\n"
    for n in range(6)
)


def page(found: ReproductionRead, figures: Sequence[FigureRead], facts: Facts) -> str:
    """Write the report."""
    unfinished = "" if found.state == "complete" else f" {found.done} of {found.runs} runs have ended so far."
    body = [
        f"<h1>{escape(found.name)}</h1>",
        f'<p class="muted">Written {facts.made_at:%d %B %Y, %H:%M} UTC by SynRL {escape(facts.synrl)}.{unfinished}</p>',
        f"<p>A reproduction of {escape(PAPER)}.</p>",
        _list(found.circumstances),
        "<h2>The paper's claims</h2>",
        _verdicts(found),
    ]
    for part in PARTS:
        if any(arm.part == part for arm in found.arms):
            body += [f"<h2>{escape(PART_TITLES[part])}</h2>", _rows(found, part)]
            # The SVG is made here, and every word in it is escaped.
            body += [f"<figure>{one.svg}</figure>" for one in figures if one.part == part]
    body += ["<h2>To repeat it</h2>", _facts(found, facts)]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(found.name)}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _verdicts(found: ReproductionRead) -> str:
    rows = []
    for one in found.verdicts:
        because = "<br>".join(escape(part) for part in (words.evidence(one), one.why) if part)
        rows.append(
            f'<tr><th scope="row">{escape(one.title)}</th><td class="number">{escape(one.figure)}</td>'
            f'<td class="outcome">{escape(one.outcome)}</td><td>{because}</td>'
            f'<td class="muted">{escape(one.rule)}</td></tr>'
        )
    return _table(("claim", "paper", "verdict", "because", "rule"), rows)


def _rows(found: ReproductionRead, part: str) -> str:
    rows = []
    for arm in found.arms:
        if arm.part != part:
            continue
        seconds = "" if arm.seconds is None else f"{arm.seconds:,.1f}"
        passes = "" if arm.forward_passes is None else f"{arm.forward_passes:,.0f}"
        cells = (words.percent(arm.paper), words.mean_and_deviation(arm), words.difference(arm), words.trials(arm))
        numbers = "".join(f'<td class="number">{escape(cell)}</td>' for cell in (*cells, passes, seconds))
        failed = "".join(f'<br><span class="muted">{escape(said)}</span>' for said in words.failures(arm))
        rows.append(f'<tr><th scope="row">{escape(arm.title)}{failed}</th>{numbers}</tr>')
    heads = ("method", "paper", "here, mean ± deviation", "less gradient descent, points [95 %]", "trials",
             "forward passes", "seconds")  # fmt: skip
    return _table(heads, rows)


def _facts(found: ReproductionRead, facts: Facts) -> str:
    told = facts_in_words(found, facts).items()
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in told) + "</dl>"


def _table(heads: Iterable[str], rows: Iterable[str]) -> str:
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="Table"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _list(lines: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>" if lines else ""
