"""Rules of the verdicts: from samples of trials to whether a claim holds. Pure functions, each with stated borders.

All intervals are 95 % (Student's t): of a mean, or of paired differences. Accuracies are shares, 0..1. A rule says
*holds* or *does not hold* where the whole interval lies on one side of its border, else *not enough trials yet*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from backend.comparison import statistics
from backend.comparison.statistics import Sample

#: Trials with a result below which no verdict is given.
LEAST_TRIALS = 3
#: How far below a figure counts as reaching it: half a point, what other splits alone move an accuracy of notMNIST
#: (docs/results.md: deviations of 0.48 to 0.58 points).
MARGIN = 0.005
#: A baseline whose interval is further than this from the paper's is another baseline: a point.
BASELINE_MARGIN = 0.01
#: Share of the way from a guess to gradient descent that a network must go for that it "trains".
TRAINS = 0.5
#: A reference that is hardly better than a guess tells nothing.
LEAST_REFERENCE = 0.1


class Outcome(StrEnum):
    """Verdict on a claim."""

    HOLDS = "holds"
    DOES_NOT_HOLD = "does not hold"
    DIFFERS = "differs"
    NOT_ENOUGH = "not enough trials yet"


class Judgement(NamedTuple):
    """Outcome of a rule, and the numbers that it rests on."""

    outcome: Outcome
    samples: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    why: str = ""


#: Results of an arm: accuracy by trial.
Trials = Mapping[int, float]


def reaches(trials: Trials, figure: float) -> Judgement:
    """Judge whether an arm reaches a figure: its interval against the figure less `MARGIN`."""
    found = mean_of(list(trials.values()))
    if found.outcome is Outcome.NOT_ENOUGH and found.low is None:
        return found
    border = figure - MARGIN
    low, high = _bounds(found)
    if low >= border:
        return found._replace(outcome=Outcome.HOLDS)
    if high < border:
        return found._replace(outcome=Outcome.DOES_NOT_HOLD)
    return found._replace(why=f"the interval has {100 * border:.2f} % in it")


def differs_by(trials: Trials, baseline: Trials, figure: float, spread: float) -> Judgement:
    """Judge a difference that the paper reports as ``figure`` ± ``spread``, paired by trial.

    *Holds*: the interval is on the paper's side of 0, and meets figure ± spread. *Differs*: on that side, but all
    larger or all smaller than that. *Does not hold*: on the other side of 0, or about 0 and all below what the paper
    reports. Else *not enough*.
    """
    found = paired(trials, baseline)
    if found.mean is None or found.samples < LEAST_TRIALS:
        return found
    sign = 1 if figure > 0 else -1
    low, high = sorted(sign * bound for bound in _bounds(found))
    least, most = abs(figure) - spread, abs(figure) + spread
    if low > 0:
        if high < least or low > most:
            size = "smaller" if high < least else "larger"
            return found._replace(outcome=Outcome.DIFFERS, why=f"the same direction, but {size} than the paper's")
        return found._replace(outcome=Outcome.HOLDS)
    if high < 0:
        return found._replace(outcome=Outcome.DOES_NOT_HOLD, why="the difference is the other way round")
    if high < least:
        return found._replace(outcome=Outcome.DOES_NOT_HOLD, why="no difference of that size")
    return found._replace(outcome=Outcome.NOT_ENOUGH, why="the interval has both 0 and the paper's figure in it")


def is_better(trials: Trials, other: Trials) -> Judgement:
    """Judge whether an arm is better than another, paired by trial.

    About 0, it does not hold where an advantage of `MARGIN` is left out too.
    """
    found = paired(trials, other)
    if found.mean is None or found.samples < LEAST_TRIALS:
        return found
    low, high = _bounds(found)
    if low > 0:
        return found._replace(outcome=Outcome.HOLDS)
    if high < 0:
        return found._replace(outcome=Outcome.DOES_NOT_HOLD, why="the other one is better")
    if high < MARGIN:
        return found._replace(outcome=Outcome.DOES_NOT_HOLD, why="no advantage of half a point")
    return found._replace(outcome=Outcome.NOT_ENOUGH, why="the interval has 0 in it")


def trains(trials: Trials, reference: Trials | None, chance: float) -> Judgement:
    """Judge whether a network trains: the share of the way from a guess to the reference that it goes, by trial.

    The border is `TRAINS`. The judgement's numbers are such shares.

    Parameters
    ----------
    reference
        Gradient descent on the same splits; None: the way goes to 1.
    """
    common = sorted(trials.keys() & (trials if reference is None else reference).keys())
    goals = [1.0 if reference is None else reference[trial] for trial in common]
    if goals and sum(goals) / len(goals) - chance < LEAST_REFERENCE:
        why = f"gradient descent itself is not {100 * LEAST_REFERENCE:.0f} points above a guess"
        return Judgement(Outcome.DIFFERS, len(common), why=why)
    way = sum(goals) / len(goals) - chance if goals else 1.0
    found = mean_of([(trials[trial] - chance) / way for trial in common])
    if found.outcome is Outcome.NOT_ENOUGH and found.low is None:
        return found
    low, high = _bounds(found)
    if low >= TRAINS:
        return found._replace(outcome=Outcome.HOLDS)
    if high < TRAINS:
        return found._replace(outcome=Outcome.DOES_NOT_HOLD)
    return found._replace(why="the interval has half of the way in it")


def all_of(cases: Mapping[str, Judgement]) -> Judgement:
    """Judge a claim about every case: one that fails refutes it, one that is open keeps it open."""
    failed = [name for name, one in cases.items() if one.outcome is Outcome.DOES_NOT_HOLD]
    unlike = [name for name, one in cases.items() if one.outcome is Outcome.DIFFERS]
    open_ = [name for name, one in cases.items() if one.outcome is Outcome.NOT_ENOUGH]
    samples = min((one.samples for one in cases.values()), default=0)
    if failed:
        return Judgement(Outcome.DOES_NOT_HOLD, samples, why=f"not for {', '.join(failed)}")
    if open_ or not cases:
        return Judgement(Outcome.NOT_ENOUGH, samples, why=f"open: {', '.join(open_)}" if open_ else "no case was run")
    if unlike:
        return Judgement(Outcome.DIFFERS, samples, why=f"without a measure for {', '.join(unlike)}")
    return Judgement(Outcome.HOLDS, samples)


def is_other_baseline(trials: Trials, figure: float) -> bool:
    """Whether a baseline's interval lies further than `BASELINE_MARGIN` from the paper's figure."""
    found = mean_of(list(trials.values()))
    if found.mean is None or found.samples < LEAST_TRIALS:
        return False
    low, high = _bounds(found)
    return low > figure + BASELINE_MARGIN or high < figure - BASELINE_MARGIN


def mean_of(values: Sequence[float]) -> Judgement:
    """Return a mean with its interval; the outcome is open."""
    if not values:
        return Judgement(Outcome.NOT_ENOUGH, 0)
    mean = float(np.mean(values))
    if len(values) < LEAST_TRIALS:
        return Judgement(Outcome.NOT_ENOUGH, len(values), mean, why=_few(len(values)))
    # Where nothing deviates, chance moves nothing: the mean is all that is known.
    low, high = statistics.interval_of(values) or (mean, mean)
    return Judgement(Outcome.NOT_ENOUGH, len(values), mean, low, high)


def paired(trials: Trials, other: Trials) -> Judgement:
    """Return the mean difference over the trials that both have, with its interval; the outcome is open."""
    common = sorted(trials.keys() & other.keys())
    found = statistics.difference(
        [Sample(trial, trials[trial]) for trial in common], [Sample(trial, other[trial]) for trial in common]
    )
    if found is None:
        return Judgement(Outcome.NOT_ENOUGH, 0)
    why = _few(len(common)) if len(common) < LEAST_TRIALS else ""
    return Judgement(Outcome.NOT_ENOUGH, len(common), found.mean, found.low, found.high, why)


def _bounds(found: Judgement) -> tuple[float, float]:
    mean = 0.0 if found.mean is None else found.mean
    return (mean, mean) if found.low is None or found.high is None else (found.low, found.high)


def _few(count: int) -> str:
    return f"{count} of at least {LEAST_TRIALS} trials"
