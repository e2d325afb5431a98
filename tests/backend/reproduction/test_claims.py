"""Verdicts on the paper's claims, from made-up tables and the circumstances of the experiment."""

from __future__ import annotations

import pytest

from backend.reproduction.arms import ARMS, PARTS
from backend.reproduction.claims import BASELINE, CLAIMS, Circumstances, judged
from backend.reproduction.rules import Outcome, Trials

HOLDS, FAILS, DIFFERS, OPEN = Outcome.HOLDS, Outcome.DOES_NOT_HOLD, Outcome.DIFFERS, Outcome.NOT_ENOUGH
AS_THE_PAPER = Circumstances()
SHORT = Circumstances(shortened="after 1,500 of 500,000 iterations")


def trials(mean: float, count: int = 5) -> Trials:
    """Trials that deviate by a tenth of a point, on splits that move all arms alike."""
    return {trial: mean + 0.001 * (trial - (count - 1) / 2) + 0.0001 * (trial % 2) for trial in range(count)}


def table(**changes: float) -> dict[str, Trials]:
    """The paper's figures, and everything that it claims, but for some arms."""
    means = {"784-10 static": 0.8828, "784-10 adaptive": 0.85, "784-10 best": 0.887}
    means |= {"784-10 gradient-paper": BASELINE["784-10"], "784-10 gradient-own": 0.887}
    means |= {"784-32-10 static": 0.8845, "784-32-10 adaptive": 0.86, "784-32-10 best": 0.892}
    means |= {"784-32-10 gradient-paper": BASELINE["784-32-10"], "784-32-10 gradient-own": 0.88}
    means |= {key: 0.95 for key, arm in ARMS.items() if arm.part not in ("784-10", "784-32-10")}
    return {key: trials(mean) for key, mean in (means | changes).items()}


def test_the_papers_own_figures_make_every_claim_hold() -> None:
    found = judged(table(), AS_THE_PAPER)
    assert {key: one.outcome for key, one in found.items()} == dict.fromkeys([claim.key for claim in CLAIMS], HOLDS)


def test_an_empty_table_has_no_verdict() -> None:
    assert {one.outcome for one in judged({}, AS_THE_PAPER).values()} == {OPEN}


@pytest.mark.parametrize(
    ("arm", "mean", "claim", "expected"),
    [
        ("784-10 static", 0.87, "784-10 accuracy", FAILS),
        ("784-10 best", 0.87, "784-10 best", FAILS),
        ("784-32-10 static", 0.87, "784-32-10 accuracy", FAILS),
        ("784-10 static", 0.85, "784-10 difference", FAILS),
        ("784-10 static", 0.92, "784-10 difference", DIFFERS),
        ("784-32-10 static", 0.90, "784-32-10 difference", FAILS),
        ("784-32-10 static", 0.80, "784-32-10 difference", DIFFERS),
        ("784-10 adaptive", 0.90, "static", DIFFERS),
        ("activations step", 0.3, "activations", FAILS),
        ("activations relu gradient", 0.15, "activations", DIFFERS),
        ("shapes 64-16-16-16-10", 0.3, "shapes", FAILS),
        ("tasks spirals", 0.6, "tasks", FAILS),
        ("sequences recurrent recall", 0.5, "recurrent", FAILS),
        ("sequences spiking digits", 0.5, "spiking", FAILS),
    ],
)
def test_one_arm_decides_its_claim(arm: str, mean: float, claim: str, expected: Outcome) -> None:
    changed = judged(table(**{arm: mean}), AS_THE_PAPER)
    assert changed[claim].outcome is expected


def test_static_is_no_better_where_both_networks_say_so() -> None:
    found = judged(table(**{"784-10 adaptive": 0.9, "784-32-10 adaptive": 0.9}), AS_THE_PAPER)
    assert found["static"].outcome is FAILS


def test_recurrent_and_spiking_networks_are_judged_apart() -> None:
    found = judged(table(**{"sequences recurrent xor": 0.5}), AS_THE_PAPER)
    assert (found["recurrent"].outcome, found["spiking"].outcome) == (FAILS, HOLDS)
    assert "delayed xor" in found["recurrent"].why


def test_other_letters_prove_and_refute_no_figure_of_the_paper() -> None:
    found = judged(table(), Circumstances(other_data="the glyphs that ship"))
    figures = [key for key in found if key.startswith("784")]
    assert {found[key].outcome for key in figures} == {DIFFERS}
    assert "trained on the glyphs that ship, not on notMNIST" in found["784-10 accuracy"].why
    assert found["static"].outcome is HOLDS


def test_a_short_run_can_meet_a_figure_and_refute_none() -> None:
    assert judged(table(), SHORT)["784-10 accuracy"].outcome is HOLDS
    found = judged(table(**{"784-10 static": 0.6}), SHORT)["784-10 accuracy"]
    assert (found.outcome, found.why) == (DIFFERS, "after 1,500 of 500,000 iterations")


def test_small_tasks_that_fail_in_a_short_run_refute_nothing() -> None:
    short = Circumstances(short_tasks="after 2,500 iterations")
    for arm, claim in (("tasks spirals", "tasks"), ("sequences spiking digits", "spiking")):
        found = judged(table(**{arm: 0.6 if claim == "tasks" else 0.3}), short)[claim]
        assert found.outcome is DIFFERS
        assert "after 2,500 iterations" in found.why
    assert judged(table(), short)["tasks"].outcome is HOLDS


def test_a_short_run_says_nothing_of_the_papers_difference() -> None:
    assert judged(table(), SHORT)["784-10 difference"].outcome is DIFFERS


def test_a_table_that_was_learned_here_excuses_a_failure_only() -> None:
    learned = Circumstances(learned_table=True)
    assert judged(table(), learned)["784-10 difference"].outcome is HOLDS
    found = judged(table(**{"784-10 static": 0.6}), learned)["784-10 accuracy"]
    assert found.outcome is DIFFERS
    assert "learned here" in found.why


def test_a_difference_to_another_baseline_is_not_the_papers() -> None:
    moved = {"784-32-10 static": 0.70 - 0.0111, "784-32-10 gradient-paper": 0.70}
    found = judged(table(**moved), AS_THE_PAPER)["784-32-10 difference"]
    assert found.outcome is DIFFERS
    assert "gradient descent comes to 70.00 % here, to 89.56 % in the paper" in found.why


def test_too_few_trials_stay_open_whatever_the_circumstances() -> None:
    few = {key: dict(list(one.items())[:2]) for key, one in table().items()}
    assert {one.outcome for one in judged(few, SHORT).values()} == {OPEN}


def test_every_claim_needs_parts_that_there_are() -> None:
    assert {part for claim in CLAIMS for part in claim.parts} == set(PARTS)
