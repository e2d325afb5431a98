"""Activities by themselves: who is asked, what follows, what is counted; no server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import numpy as np
import pytest

from backend.classroom.activities.base import Trained
from backend.classroom.activities.beginning import begin
from backend.classroom.activities.pooled import PooledExperiment
from backend.classroom.activities.schemas import LessonCreate, PooledCreate, SynapseCreate, TableCreate, VoteCreate
from backend.classroom.activities.synapse import BeASynapse, default_scene, place_of
from backend.classroom.activities.table import ClassTable
from backend.classroom.flags import flags
from backend.classroom.pooled_runs import sweep_of
from backend.classroom.roster import Answer, Seat, Situation
from backend.kit.errors import ConflictError, InvalidError, NotFoundError
from backend.lessons import service as lessons
from synrl_core.config import TrainingConfig
from synrl_core.policies import derive
from synrl_core.tape import DirectedScene

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)


def situation(students: int, seconds: float = 0.0) -> Situation:
    now = NOW + timedelta(seconds=seconds)
    seats = (Seat(f"s{n}", n, f"S{n}", simulated=False, joined_at=NOW, heard_at=now) for n in range(1, students + 1))
    return Situation(tuple(seats), now)


def play(activity: BeASynapse, moves: dict[str, int]) -> None:
    """Play a round: these seats choose, the round is closed."""
    given = {seat: Answer(code, NOW) for seat, code in moves.items()}
    activity.answers[str(activity._round)] = given
    activity.state = activity.act("close_round", None, situation(len(activity.state.weights)))
    if activity.state.phase == "closed":
        activity.state = activity.act("open_round", None, situation(len(activity.state.weights)))


def synapses(students: int, **settings: Any) -> BeASynapse:
    made = begin(SynapseCreate(**settings), 1, situation(students), [])
    assert isinstance(made, BeASynapse)
    return made


def test_a_vote_closes_when_its_time_is_over_and_can_be_extended() -> None:
    vote = begin(VoteCreate(question="?", options=["a", "b"], seconds=10), 1, situation(2), [])
    assert vote.due(situation(2, 9)) is None
    vote.state = vote.act("extend", None, situation(2, 9))
    assert vote.due(situation(2, 39)) is None
    closed = vote.due(situation(2, 41))
    assert closed is not None
    assert closed.phase == "first_closed"


def test_a_paused_clock_goes_on_with_what_was_left() -> None:
    vote = begin(VoteCreate(question="?", options=["a", "b"], seconds=10), 1, situation(2), [])
    vote.state = vote.paused(NOW + timedelta(seconds=4))
    assert vote.next_due() is None
    vote.state = vote.resumed(NOW + timedelta(hours=1))
    assert vote.next_due() == NOW + timedelta(hours=1, seconds=6)


def test_a_vote_takes_its_question_from_a_lesson() -> None:
    question = lessons.list_questions("one-synapse")[0]
    answer = lessons.get_answer(question.id)
    vote: Any = begin(VoteCreate(lesson_id="one-synapse"), 1, situation(1), [])
    shown = vote.teacher(situation(1))
    assert shown.question == question.question
    assert shown.options == [option.words for option in question.options]
    assert question.options[shown.right].id == answer.right
    with pytest.raises(NotFoundError, match="no lesson"):
        begin(VoteCreate(lesson_id="none"), 1, situation(1), [])


def test_everybody_has_a_weight_and_a_crowd_shares() -> None:
    few = synapses(3)
    assert few.state.weights == {"s1": 0, "s2": 1, "s3": 2}
    assert default_scene(30).synapses >= 34
    crowd = synapses(25, scene={"hidden_layers": [4]})
    assert sorted(crowd.state.weights.values())[:6] == [0, 0, 1, 1, 2, 2]
    seat = situation(25).seats[0]
    assert crowd.student(seat, situation(25)).shared_by == 2


def test_a_weight_that_was_left_is_given_to_who_comes_next() -> None:
    activity = synapses(2)
    there = Situation(situation(3).seats[1:], NOW)
    admitted = activity.admitted(there)
    assert admitted is not None
    assert admitted.weights == {"s1": 0, "s2": 1, "s3": 0}


def test_of_those_who_share_a_weight_the_majority_decides() -> None:
    crowd = synapses(45, scene={"hidden_layers": [4]})
    sharing = [seat for seat, weight in crowd.state.weights.items() if weight == 0]
    assert len(sharing) == 3
    play(crowd, dict(zip(sharing, (2, 0, 0), strict=True)))
    assert crowd.state.rounds[0].moves[0] == "0"


def test_the_engine_judges_the_class_as_it_judges_a_tape() -> None:
    activity = synapses(4, seconds=None)
    for moves in ((2, 0, 1, 2), (2, 2, 1, 0), (0, 0, 1, 1)):
        play(activity, {f"s{n}": code for n, code in enumerate(moves, 1)})
    directed = DirectedScene(activity.scene)
    for done in activity.state.rounds:
        step = directed.step({int(n): int(code) for n, code in enumerate(done.moves)})
        assert (step.fell, step.loss) == (done.fell, done.loss)
    assert activity.board(situation(4)).weights == directed.weights.tolist()


def test_a_restored_round_stands_where_it_stood() -> None:
    activity = synapses(3, seconds=None)
    for code in (0, 1, 2):
        play(activity, dict.fromkeys(("s1", "s2", "s3"), code))
    again = BeASynapse(activity.id, 1, activity.title, activity.settings, activity.draft(), dict(activity.answers))
    again.prepare()
    assert again.board(situation(3)) == activity.board(situation(3))
    for one in (activity, again):
        play(one, {"s1": 2})
    assert again.state.rounds == activity.state.rounds


def test_weights_are_where_the_network_draws_them() -> None:
    places = [place_of(weight, (2, 4, 2)) for weight in range(22)]
    assert [(p.layer, p.unit, p.source) for p in places[:4]] == [(0, 0, None), (0, 0, 0), (0, 0, 1), (0, 1, None)]
    assert (places[12].layer, places[12].unit, places[12].source) == (1, 0, None)
    assert (places[21].layer, places[21].unit, places[21].source) == (1, 1, 3)
    with pytest.raises(IndexError):
        place_of(22, (2, 4, 2))


def test_the_class_table_counts_each_situation_as_it_was() -> None:
    activity = synapses(2, seconds=None)
    for moves in ((2, 0), (1, 0), (0, 2), (0, 1)):
        play(activity, {"s1": moves[0], "s2": moves[1]})
    made = begin(TableCreate(), 2, situation(2), [activity])
    assert isinstance(made, ClassTable)
    counts, lamps = made.counts(), [one.fell for one in activity.state.rounds]
    assert counts.sum() == 4
    assert counts[2 * 3 + 1, lamps[0] * 2 + lamps[1], 0] >= 1  # up, stay, then down
    assert counts[0, lamps[0] * 2 + lamps[1], 2] >= 1  # down, down, then up
    table = made.table()
    assert table[0, 2, 1, 2 * lamps[0], 2 * lamps[1]] >= 1
    assert table.sum() == counts.sum()
    assert table[:, :, :, 1].sum() == table[..., 1].sum() == 0  # after two rounds there are rewards
    seen = made.student(situation(2).seats[0], situation(2))
    assert np.sum(seen.own) == 2


def test_what_the_table_played_for_a_student_is_not_counted() -> None:
    activity = synapses(2, seconds=None)
    for moves in ({"s1": 1, "s2": 1}, {"s1": 1}, {"s2": 1}, {"s1": 2}):
        play(activity, moves)
    made: Any = begin(TableCreate(), 2, situation(2), [activity])
    assert made.counts().sum() == 2


def test_a_table_without_moves_says_what_to_do() -> None:
    with pytest.raises(InvalidError, match="Play some rounds first"):
        begin(TableCreate(), 1, situation(2), [])


def test_the_class_table_is_trained_beside_two_others_from_equal_starts() -> None:
    activity = synapses(1, seconds=None)
    for _ in range(4):
        play(activity, {"s1": 2})
    table: Any = begin(TableCreate(seeds=2, iterations=256), 2, situation(1), [activity])
    assert table.jobs() == {}
    table.state = table.act("train", None, situation(1))
    jobs = table.jobs()
    assert sorted(jobs) == sorted(f"{p} {s}" for p in ("class", "win_stay_lose_shift", "random") for s in (1, 2))
    assert {job.scene.seed for job in jobs.values()} == {1, 2}
    made = jobs["class 1"].scene.policy.policy()
    np.testing.assert_allclose(made.probabilities(), derive.from_counts("c", table.table()).probabilities())
    for key in jobs:
        table.state = table.trained(key, Trained([0, 16], [0.5, 0.75], [0.7, 0.6]))
    curves = table.board(situation(1)).curves
    assert (table.state.phase, [curve.runs for curve in curves]) == ("trained", [2, 2, 2])
    assert [curve.label for curve in curves] == ["the class", "win-stay, lose-shift", "chance"]


def test_values_are_dealt_in_turn_with_another_seed_each_time_around() -> None:
    pooled: Any = begin(PooledCreate(values=[0.01, 0.1]), 1, situation(5), [])
    shares = [(share.value, share.seed) for share in pooled.state.shares.values()]
    assert shares == [(0.01, 7), (0.1, 7), (0.01, 8), (0.1, 8), (0.01, 9)]
    with pytest.raises(InvalidError, match="step_size"):
        begin(PooledCreate(values=[0.01, 3.0]), 1, situation(2), [])


def test_pooled_results_gather_by_value_with_their_band() -> None:
    pooled: Any = begin(PooledCreate(values=[0.01, 0.1]), 1, situation(4), [])
    assert pooled.jobs() == {}
    pooled.state = pooled.act("start", None, situation(4))
    assert set(pooled.jobs()) == {"s1", "s2", "s3", "s4"}
    for seat, end in (("s1", 0.5), ("s3", 0.7), ("s2", 0.9)):
        pooled.state = pooled.trained(seat, Trained([0, 16], [end, end], [1 - end, 1 - end]))
    pooled.state = pooled.trained("s4", Trained([], [], [], error="the loss is not finite"))
    board = pooled.board(situation(4))
    assert [(g.x, g.runs, round(g.mean, 3)) for g in board.groups] == [(0.01, 2, 0.6), (0.1, 1, 0.9)]
    assert board.groups[0].low is not None
    assert board.groups[0].low < 0.6 < board.groups[0].high
    assert (board.phase, board.done, board.of, len(board.dots)) == ("done", 4, 4, 3)
    assert pooled.student(situation(4).seats[3], situation(4)).own.status == "failed"


def test_each_student_starts_their_own_run_where_the_teacher_wants_it() -> None:
    pooled: Any = begin(PooledCreate(each_starts=True), 1, situation(2), [])
    seat = situation(2).seats[0]
    assert (pooled.slot(seat), pooled.jobs()) == ("run", {})
    pooled.answers["run"] = {"s1": Answer(0, NOW)}
    assert set(pooled.jobs()) == {"s1"}
    assert pooled.student(seat, situation(2)).own.status == "running"


def test_a_lesson_together_goes_step_by_step() -> None:
    lesson: Any = begin(LessonCreate(lesson_id="one-synapse"), 1, situation(1), [])
    assert (lesson.title, lesson.actions()) == (lessons.get_lesson("one-synapse").title, ["next", "go"])
    lesson.state = lesson.act("next", None, situation(1))
    assert lesson.board(situation(1)).step_id == lessons.get_lesson("one-synapse").steps[1].id
    with pytest.raises(InvalidError, match="a step from 0"):
        lesson.act("go", 99, situation(1))


def test_a_flag_goes_when_its_rule_does_not_hold_any_more() -> None:
    seat = Seat("s1", 1, "Ada", simulated=False, joined_at=NOW, heard_at=NOW, acted_at=NOW)
    later = NOW + timedelta(seconds=100)
    assert [f.words for f in flags(seat, later, hand=None, waits_since=NOW)] == ["offline 100 s"]
    seat.heard_at = later
    assert [f.words for f in flags(seat, later, hand=None, waits_since=NOW)] == ["no action for 100 s"]
    assert flags(seat, later, hand=None, waits_since=later) == flags(seat, later, hand=None, waits_since=None) == []
    seat.position = {"wrong": 3}
    assert [f.rule for f in flags(seat, later, hand="", waits_since=None)] == ["hand", "wrong"]
    assert flags(seat, later, hand=None, waits_since=None, explores=False) == []


def test_a_pooled_experiment_becomes_runs_of_the_same_settings() -> None:
    pooled: Any = begin(PooledCreate(values=[0.01, 0.1], scene={"dataset": "moons"}), 1, situation(3), [])
    sweep = sweep_of(pooled, "teacher")
    assert sweep.configs is not None
    assert [(one["step_size"], one["seed"], one["iterations"]) for one in sweep.configs] == [
        (0.01, 7, 2048), (0.1, 7, 2048), (0.01, 8, 2048)
    ]  # fmt: skip
    assert all(TrainingConfig.model_validate(one).dataset == "moons" for one in sweep.configs)
    lied = begin(PooledCreate(scene={"corruption": "coin"}), 1, situation(1), [])
    with pytest.raises(ConflictError, match="corrupted reward"):
        sweep_of(cast("PooledExperiment", lied), "teacher")
