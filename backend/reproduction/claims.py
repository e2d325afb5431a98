"""Claims of the paper, each with its verdict: a rule on the results, and why the experiment may not be the paper's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from backend.reproduction import rules
from backend.reproduction.arms import ARMS, Part
from backend.reproduction.rules import Judgement, Outcome, Trials

#: Figures of the paper, arXiv 2105.14383: accuracies as shares, differences to the same network under gradient descent.
ACCURACY = {"784-10": 0.8828, "784-32-10": 0.8845}
DIFFERENCE = {"784-10": (0.0186, 0.0047), "784-32-10": (-0.0111, 0.0079)}
#: What these say of its gradient descent.
BASELINE = {name: ACCURACY[name] - DIFFERENCE[name][0] for name in ACCURACY}

Network = Literal["784-10", "784-32-10"]
_NETWORKS: tuple[Network, ...] = ("784-10", "784-32-10")


@dataclass(frozen=True)
class Circumstances:
    """Differences of an experiment from the paper's.

    Attributes
    ----------
    other_data
        What the letters are, where they are not notMNIST; empty: they are.
    shortened
        Iterations of the synaptic runs against the paper's, in words; empty: as many.
    learned_table
        Whether the table was learned here, as the paper learned its own, and is not the authors'.
    short_tasks
        Iterations of the small tasks, in words, where longer runs would tell more; empty: they are the longest.
    """

    other_data: str = ""
    shortened: str = ""
    learned_table: bool = False
    short_tasks: str = ""


@dataclass(frozen=True)
class Claim:
    """A claim of the paper.

    Attributes
    ----------
    title
        The claim, in a sentence.
    rule
        How it is judged, in a sentence.
    part
        Parts of the table that must be run for it.
    """

    key: str
    title: str
    figure: str
    rule: str
    parts: tuple[Part, ...]
    judge: Callable[[Mapping[str, Trials], Circumstances], Judgement]


def judged(results: Mapping[str, Trials], circumstances: Circumstances) -> dict[str, Judgement]:
    """Judge all claims.

    Parameters
    ----------
    results
        Accuracy by trial of each arm, by the arm's key; arms without a result may be left out.
    """
    return {claim.key: claim.judge(results, circumstances) for claim in CLAIMS}


def qualified(found: Judgement, always: list[str], against: list[str]) -> Judgement:
    """Say *differs* where the experiment is not the paper's.

    Parameters
    ----------
    always
        Reasons for which no outcome is one on the paper's claim.
    against
        Reasons for which a failure is none of the paper's claim; a success in spite of them is a success.
    """
    if found.outcome is Outcome.NOT_ENOUGH:
        return found
    reasons = always + (against if found.outcome is not Outcome.HOLDS else [])
    if not reasons:
        return found
    measured = [] if found.outcome is Outcome.HOLDS else [found.why] if found.why else []
    return found._replace(outcome=Outcome.DIFFERS, why="; ".join([*measured, *reasons]))


# -- the claims --------------------------------------------------------------------------------------------------


def _reached(network: Network, arm: str) -> Callable[[Mapping[str, Trials], Circumstances], Judgement]:
    def judge(results: Mapping[str, Trials], now: Circumstances) -> Judgement:
        found = rules.reaches(results.get(f"{network} {arm}", {}), ACCURACY[network])
        return qualified(found, _data(now), _shortened(now) + (_table(now) if arm == "static" else []))

    return judge


def _difference(network: Network) -> Callable[[Mapping[str, Trials], Circumstances], Judgement]:
    def judge(results: Mapping[str, Trials], now: Circumstances) -> Judgement:
        baseline = results.get(f"{network} gradient-paper", {})
        found = rules.differs_by(results.get(f"{network} static", {}), baseline, *DIFFERENCE[network])
        other = []
        if rules.is_other_baseline(baseline, BASELINE[network]):
            mean = 100 * sum(baseline.values()) / len(baseline)
            other = [f"gradient descent comes to {mean:.2f} % here, to {100 * BASELINE[network]:.2f} % in the paper"]
        return qualified(found, _data(now) + _shortened(now) + other, _table(now))

    return judge


def _static(results: Mapping[str, Trials], now: Circumstances) -> Judgement:
    cases: dict[str, Judgement] = {
        network: rules.is_better(results.get(f"{network} static", {}), results.get(f"{network} adaptive", {}))
        for network in _NETWORKS
        if f"{network} static" in results
    }
    found = rules.all_of(cases)
    outcomes = {one.outcome for one in cases.values()}
    if outcomes == {Outcome.HOLDS, Outcome.DOES_NOT_HOLD}:
        found = found._replace(outcome=Outcome.DIFFERS)
    # The paper says so of training in general: other letters are no objection.
    return qualified(found, [], _shortened(now) + _table(now))


def _trains(part: Part, word: str = "") -> Callable[[Mapping[str, Trials], Circumstances], Judgement]:
    def judge(results: Mapping[str, Trials], now: Circumstances) -> Judgement:
        cases = {}
        for arm in ARMS.values():
            if arm.part != part or arm.is_gradient or word not in arm.title or arm.key not in results:
                continue
            reference = None if arm.baseline is None else results.get(arm.baseline, {})
            cases[arm.title] = rules.trains(results[arm.key], reference, arm.chance)
        return qualified(rules.all_of(cases), [], [now.short_tasks] if now.short_tasks else [])

    return judge


def _data(now: Circumstances) -> list[str]:
    return [f"trained on {now.other_data}, not on notMNIST"] if now.other_data else []


def _shortened(now: Circumstances) -> list[str]:
    return [now.shortened] if now.shortened else []


def _table(now: Circumstances) -> list[str]:
    return ["the table was learned here and is not the authors'"] if now.learned_table else []


_REACHES = "Holds where the 95 % interval of the mean lies above the paper's figure less half a point."
_DIFFERS = "Holds where the 95 % interval of the paired difference lies on the paper's side of 0 and meets the paper's."
_TRAINS = "Holds where each goes half of the way from a guess to gradient descent: its 95 % interval lies above half."
CLAIMS: tuple[Claim, ...] = (
    Claim("784-10 accuracy", "784-10 comes to 88.28 % on validation", "88.28 %", _REACHES, ("784-10",),
          _reached("784-10", "static")),
    Claim("784-10 best", "784-10 comes to 88.28 % under this project's settings", "88.28 %", _REACHES, ("784-10",),
          _reached("784-10", "best")),
    Claim("784-32-10 accuracy", "784-32-10 comes to 88.45 % on validation", "88.45 %", _REACHES, ("784-32-10",),
          _reached("784-32-10", "static")),
    Claim("784-32-10 best", "784-32-10 comes to 88.45 % under this project's settings", "88.45 %", _REACHES,
          ("784-32-10",), _reached("784-32-10", "best")),
    Claim("784-10 difference", "784-10 is better than under gradient descent", "+1.86 ± 0.47 points", _DIFFERS,
          ("784-10",), _difference("784-10")),
    Claim("784-32-10 difference", "784-32-10 is a little worse than under gradient descent", "-1.11 ± 0.79 points",
          _DIFFERS, ("784-32-10",), _difference("784-32-10")),
    Claim("static", "A static policy trains better than an adaptive one", "static > adaptive",
          "Holds where the 95 % interval of the difference, paired by split, lies above 0 for both networks.",
          _NETWORKS, _static),
    Claim("activations", "Training works whatever the activation", "all", _TRAINS, ("activations",),
          _trains("activations")),
    Claim("shapes", "Training works whatever the shape of the network", "all", _TRAINS, ("shapes",), _trains("shapes")),
    Claim("tasks", "Training works whatever the task", "all", _TRAINS, ("tasks",), _trains("tasks")),
    Claim("recurrent", "The method extends to recurrent networks", "promised",
          "Holds where each goes half of the way from a guess to 100 %: its 95 % interval lies above half.",
          ("sequences",), _trains("sequences", "recurrent")),
    Claim("spiking", "The method extends to spiking networks", "promised",
          "Holds where each goes half of the way from a guess to 100 %: its 95 % interval lies above half.",
          ("sequences",), _trains("sequences", "spiking")),
)  # fmt: skip
