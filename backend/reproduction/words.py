"""Words and numbers of a reproduction, the same in the terminal, the report and its files."""

from __future__ import annotations

from collections.abc import Iterator

from backend.reproduction.arms import PARTS, Part
from backend.reproduction.schemas import ArmRead, ReproductionRead, VerdictRead

#: Headings of the parts of the table.
PART_TITLES: dict[Part, str] = {
    "784-10": "784-10: letters, no hidden layer",
    "784-32-10": "784-32-10: letters, 32 hidden units",
    "activations": "Activations: 64-16-10 on digits",
    "shapes": "Shapes: other layers on digits",
    "tasks": "Tasks: 16 hidden units on boundaries in the plane",
    "sequences": "Recurrent and spiking networks",
}
_MINUS = "\N{MINUS SIGN}"


def percent(share: float | None) -> str:
    """Write an accuracy: 88.28 %."""
    return "" if share is None else f"{100 * share:.2f} %"


def points(share: float | None) -> str:
    """Write a difference of accuracies in percentage points, with its sign: +1.86."""
    return "" if share is None else f"{100 * share:+.2f}".replace("-", _MINUS)


def mean_and_deviation(arm: ArmRead) -> str:
    """Write a row's mean and deviation: 88.28 % ± 0.50."""
    if arm.mean is None:
        return "no result yet"
    return percent(arm.mean) + ("" if arm.deviation is None else f" ± {100 * arm.deviation:.2f}")


def difference(arm: ArmRead) -> str:
    """Write a row's difference to gradient descent with its interval: +1.86 [+1.39, +2.33]."""
    found = arm.difference
    if found is None:
        return ""
    interval = "" if found.low is None else f" [{points(found.low)}, {points(found.high)}]"
    return points(found.mean) + interval


def trials(arm: ArmRead) -> str:
    """Write how many trials of a row have a result: 2 of 3, 1 failed."""
    return f"{arm.samples} of {arm.trials}" + (f", {arm.failed} failed" if arm.failed else "")


def failures(arm: ArmRead) -> list[str]:
    """Say why trials of a row failed: Trial 2 failed: the loss is not finite."""
    return [f"Trial {trial + 1} failed: {why or 'no reason is known.'}" for trial, why in arm.failures.items()]


def evidence(verdict: VerdictRead) -> str:
    """Write the numbers that a verdict rests on; empty where it rests on several rows."""
    if verdict.mean is None:
        return ""
    is_difference = verdict.key.endswith("difference")
    write = points if is_difference else percent
    interval = "" if verdict.low is None else f" [{write(verdict.low)}, {write(verdict.high)}]"
    return f"{write(verdict.mean)}{interval}{' points' if is_difference else ''}"


def because(verdict: VerdictRead) -> str:
    """Write the numbers that a verdict rests on, and why it is what it is."""
    return "; ".join(part for part in (evidence(verdict), verdict.why) if part)


def text_table(found: ReproductionRead) -> Iterator[str]:
    """Write the table and the verdicts for a terminal."""
    yield found.name
    for line in found.circumstances:
        yield f"  {line}"
    titles = max((len(arm.title) for arm in found.arms), default=0)
    for part in PARTS:
        rows = [arm for arm in found.arms if arm.part == part]
        if not rows:
            continue
        yield ""
        yield f"{PART_TITLES[part]:{titles}}  {'paper':>8}  {'here':17} {'less gradient descent':25} {'seconds':>8}"
        for arm in rows:
            seconds = "" if arm.seconds is None else f"{arm.seconds:.1f}"
            yield (
                f"{arm.title:{titles}}  {percent(arm.paper):>8}  {mean_and_deviation(arm):17} {difference(arm):25} "
                f"{seconds:>8}"
            ).rstrip()
    yield ""
    for verdict in found.verdicts:
        why = because(verdict)
        told = f"{verdict.title} (paper: {verdict.figure})" + (f": {why}" if why else "")
        yield f"{verdict.outcome.upper():22} {told}"
