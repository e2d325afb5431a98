from __future__ import annotations

from typing import Any

import pytest

from backend.db.store import Store
from backend.db.tables import Run, Sweep
from backend.kit.errors import ConflictError, InvalidError
from backend.kit.status import RunStatus
from backend.runs import service as runs
from backend.runs.schemas import RunCreate
from backend.runs.sweeps import service as sweeps
from backend.runs.sweeps.schemas import SweepCreate, SweepRead
from backend.runs.transitions import Action
from synrl_core.config import TrainingConfig


def asked(store: Store, limit: int = 100, **body: Any) -> SweepRead:
    with store.write() as session:
        return sweeps.create(session, SweepCreate(**body), limit)


def counts(store: Store) -> tuple[int, int]:
    with store.read() as session:
        return session.query(Run).count(), session.query(Sweep).count()


def test_a_grid_makes_a_run_of_every_combination_in_order(store: Store) -> None:
    sweep = asked(store, owner="ada", tags=["t"], grid={"step_size": [0.1, 0.2], "seed": [1, 2, 3]})
    assert (sweep.runs, sweep.by_status) == (6, {RunStatus.QUEUED: 6})
    with store.read() as session:
        members = [runs.get(session, run_id) for run_id in sweep.run_ids]
    combinations = [(run.config.step_size, run.config.seed) for run in members]
    assert combinations == [(size, seed) for size in (0.1, 0.2) for seed in (1, 2, 3)]
    assert {(run.owner, run.sweep_id, *run.tags) for run in members} == {("ada", sweep.id, "t")}
    assert len({run.group_key for run in members}) == 2
    assert members[0].name.endswith("step_size 0.1, seed 1")


def test_names_of_a_long_named_sweep_keep_what_differs(store: Store) -> None:
    sweep = asked(store, name="x" * 200, config=TrainingConfig(iterations=7), grid={"seed": [1, 2], "exploration": [0]})
    with store.read() as session:
        names = [runs.get(session, run_id).name for run_id in sweep.run_ids]
    assert [name.rpartition("…")[2] for name in names] == [": seed 1, exploration 0", ": seed 2, exploration 0"]
    assert {len(name) for name in names} == {200}


def test_a_run_of_a_short_named_sweep_tells_all_that_it_changes(store: Store) -> None:
    grid = {
        "loss_exponent": [1.5], "initial_scale": [0.5], "initialisation": ["uniform"], "exploration": [0.125],
        "policy": ["win_stay_lose_shift"], "bias_step_factor": [2], "batch_size": [64], "seed": [1, 2],
    }  # fmt: skip
    sweep = asked(store, name="short", config=TrainingConfig(iterations=7), grid=grid)
    with store.read() as session:
        names = [runs.get(session, run_id).name for run_id in sweep.run_ids]
    assert [name[-8:] for name in names] == [", seed 1", ", seed 2"]
    assert 150 < len(names[0]) <= 200


@pytest.mark.parametrize("seeds", [[1, 1, 2], [1, 1.0, "1", 2]])
def test_equal_values_of_a_grid_make_one_run(store: Store, seeds: list[Any]) -> None:
    sweep = asked(store, grid={"seed": seeds, "step_size": [0.1]})
    with store.read() as session:
        assert [runs.get(session, run_id).config.seed for run_id in sweep.run_ids] == [1, 2]


def test_a_list_makes_a_run_of_every_entry(store: Store) -> None:
    sweep = asked(store, config=TrainingConfig(iterations=7), configs=[{}, {"hidden_layers": [8, 8]}])
    with store.read() as session:
        members = [runs.get(session, run_id) for run_id in sweep.run_ids]
    assert [(run.config.iterations, run.config.hidden_layers) for run in members] == [(7, (32,)), (7, (8, 8))]


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        (
            {"step_size": [0.1, -1], "seed": [1]},
            r"With step_size -1, seed 1: .*step_size: should be a number above 0 and at most 1, .*-1",
        ),
        ({"stepsize": [1]}, r"With stepsize 1: .*did you mean 'step_size'"),
        ({"policy": ["win_stay_lose_shift", "none_such"]}, r"With policy none_such: config\.policy"),
    ],
)
def test_one_bad_combination_refuses_the_whole_sweep_and_is_named(
    store: Store, grid: dict[str, list[Any]], said: str
) -> None:
    with pytest.raises(InvalidError, match=said) as refused:
        asked(store, grid=grid)
    assert all(one["combination"] in refused.value.detail for one in (refused.value.errors or [])[:1])
    assert counts(store) == (0, 0)


def test_a_sweep_larger_than_the_limit_is_refused_before_anything_is_made(store: Store) -> None:
    with pytest.raises(InvalidError, match=r"at most 100 runs \(SYNRL_MAX_SWEEP_RUNS\), not 1000000"):
        asked(store, grid={"seed": list(range(1000)), "split_seed": list(range(1000))})
    assert counts(store) == (0, 0)


@pytest.mark.parametrize("body", [{}, {"grid": {"seed": [1]}, "configs": [{}]}])
def test_a_sweep_is_a_grid_or_a_list(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not both and not none"):
        SweepCreate(**body)


def test_a_sweep_is_controlled_as_a_group_and_ended_runs_stay_as_they_are(store: Store) -> None:
    sweep = asked(store, grid={"seed": [1, 2, 3]})
    with store.write() as session:
        session.get_one(Run, sweep.run_ids[0]).status = RunStatus.SUCCEEDED
        session.get_one(Run, sweep.run_ids[1]).status = RunStatus.RUNNING
    for action, expected in (
        (Action.PAUSE, {RunStatus.SUCCEEDED: 1, RunStatus.RUNNING: 1, RunStatus.PAUSED: 1}),
        (Action.RESUME, {RunStatus.SUCCEEDED: 1, RunStatus.RUNNING: 1, RunStatus.QUEUED: 1}),
        (Action.STOP, {RunStatus.SUCCEEDED: 1, RunStatus.RUNNING: 1, RunStatus.STOPPED: 1}),
    ):
        with store.write() as session:
            assert sweeps.act(session, sweep.id, action).by_status == expected
    with store.read() as session:
        assert runs.get(session, sweep.run_ids[1]).requested == "stop"


def test_a_sweep_with_a_run_in_training_is_not_deleted_not_even_in_part(store: Store) -> None:
    sweep = asked(store, grid={"seed": [1, 2]})
    with store.write() as session:
        session.get_one(Run, sweep.run_ids[1]).status = RunStatus.RUNNING
    with pytest.raises(ConflictError, match="Stop the sweep first"), store.write() as session:
        sweeps.delete(session, sweep.id)
    with store.read() as session:
        assert sweeps.get(session, sweep.id).runs == 2


def test_a_deleted_sweep_lies_in_the_trash_and_is_gone_with_its_last_run(store: Store) -> None:
    sweep, other = asked(store, grid={"seed": [1, 2]}), asked(store, grid={"seed": [1]})
    for purge, left in ((False, (3, 2)), (True, (1, 1))):
        with store.write() as session:
            sweeps.delete(session, sweep.id, purge=purge)
        assert counts(store) == left
        with store.read() as session:
            assert [one.id for one in sweeps.listing(session, limit=9, offset=0).items] == [other.id]


def test_a_class_comes_before_a_sweep_that_was_asked_for_earlier(store: Store) -> None:
    sweep = asked(store, owner="researcher", grid={"seed": [1, 2]})
    with store.write() as session:
        student = runs.create(session, RunCreate(owner="student"))
    assert student.queue_position == 1
    with store.read() as session:
        assert runs.get(session, sweep.run_ids[0]).queue_position == 2


def test_a_sweep_asked_for_twice_with_one_key_is_made_once(store: Store) -> None:
    for _ in range(2):
        with store.write() as session:
            sweeps.create(session, SweepCreate(grid={"seed": [1, 2]}), 100, key="k")
    assert counts(store) == (2, 1)
