"""Reproductions as sweeps: begun once, gone on with, nothing counted twice. On both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backend.db.store import Store
from backend.db.tables import Run, Sweep
from backend.kit.errors import ConflictError, InvalidError, NotFoundError
from backend.kit.identity import Person, Role, acting
from backend.kit.status import RunStatus
from backend.policy_library import service as library
from backend.policy_library.schemas import Origin, PolicyUpdate
from backend.reproduction import preparation, reading, service, tables
from backend.reproduction.scales import SCALES
from backend.reproduction.schemas import ReproductionCreate, ReproductionRead
from backend.reproduction.service import Begun
from backend.runs import service as runs
from backend.runs import trash
from backend.runs.schemas import RunExtend
from backend.runs.sweeps import service as sweeps
from backend.runs.transitions import Action
from synrl_core.policies.policy import Policy
from tests.backend.measured import add_run
from tests.shared_data import AUTHORS, needs_authors

TABLE = Policy("learned", np.random.default_rng(0).normal(size=(3,) * 5), lineage={"recipe": tables.RECIPE})
PARTS = ["784-10"]
ARMS = 5


def start(store: Store, **changes: object) -> Begun:
    body = ReproductionCreate.model_validate({"parts": PARTS, "trials": 3, "most_iterations": 20} | changes)
    with store.write() as session:
        return service.start(session, body, max_runs=500, learned=TABLE)


def read(store: Store, reproduction_id: str) -> ReproductionRead:
    with store.read() as session:
        return reading.get(session, reproduction_id, workers=2)


def finish(store: Store, reproduction_id: str, accuracy: float = 0.8, arm: str = "") -> None:
    """Have the waiting runs of an arm (all of them, if it is empty) succeed; later trials are a little better."""
    with store.write() as session:
        entries = session.get_one(Sweep, reproduction_id).spec["reproduction"]["entries"]
        for run_id, (key, trial) in entries.items():
            run = session.get_one(Run, run_id)
            if run.status == RunStatus.QUEUED and run.deleted_at is None and arm in ("", key):
                run.status, run.iteration, run.training_seconds = RunStatus.SUCCEEDED, run.iterations, 2.0
                run.validation_accuracy, run.forward_passes = accuracy + 0.01 * trial, 21


def test_it_fills_as_runs_end_and_judges_what_is_there(store: Store) -> None:
    begun = start(store)
    assert (begun.is_new, begun.queued) == (True, 3 * ARMS)
    finish(store, begun.id, 0.80, arm="784-10 static")
    found = read(store, begun.id)
    assert (found.state, found.done, found.runs) == ("running", 3, 15)
    rows = {arm.key: arm for arm in found.arms}
    static, other = rows["784-10 static"], rows["784-10 best"]
    assert static.samples == 3
    assert static.mean == pytest.approx(0.81)
    assert static.deviation == pytest.approx(0.01)
    assert (static.seconds, static.forward_passes, static.paper) == (2.0, 21, 0.8828)
    assert (other.samples, other.mean, other.difference) == (0, None, None)
    finish(store, begun.id, 0.79)
    found = read(store, begun.id)
    assert (found.state, found.seconds_left) == ("complete", None)
    difference = next(arm.difference for arm in found.arms if arm.key == "784-10 static")
    assert difference is not None
    assert difference.mean == pytest.approx(0.01)
    outcomes = {one.key: (one.outcome.value, one.why) for one in found.verdicts}
    assert outcomes["784-10 accuracy"][0] == "differs"
    assert "not on notMNIST" in outcomes["784-10 accuracy"][1]
    assert set(outcomes) == {"784-10 accuracy", "784-10 best", "784-10 difference"}


def test_a_second_press_goes_on_and_a_new_one_begins_another(store: Store) -> None:
    first = start(store)
    assert start(store) == Begun(first.id, is_new=False, queued=0)
    another = start(store, again="new")
    assert (another.is_new, another.queued) == (True, 3 * ARMS)
    assert another.id != first.id
    assert start(store).id == another.id
    assert start(store, scale="standard").is_new


def test_the_older_of_two_goes_on_where_it_is_meant(store: Store) -> None:
    older = start(store)
    newer = start(store, again="new")
    for one in (older, newer):
        with store.write() as session:
            sweeps.act(session, one.id, Action.STOP)
    with store.write() as session:
        assert service.go_on(session, older.id, max_runs=500) == Begun(older.id, is_new=False, queued=3 * ARMS)
        with pytest.raises(NotFoundError):
            service.go_on(session, "none", max_runs=500)
    assert [read(store, one.id).state for one in (older, newer)] == ["running", "incomplete"]


def test_a_version_with_another_scale_reads_what_was_begun_before(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = start(store, most_iterations=None)
    finish(store, begun.id)
    before = read(store, begun.id)
    longer = replace(SCALES["quick"], iterations={name: 9 * n for name, n in SCALES["quick"].iterations.items()})
    monkeypatch.setitem(SCALES, "quick", longer)
    assert read(store, begun.id) == before
    assert start(store, most_iterations=None).is_new


def test_a_student_goes_on_with_their_own_and_no_others(store: Store) -> None:
    guarded = Store(store.engine, guarded=True)
    teachers = start(store)
    anna, ben = (Person(f"{number}", name, Role.STUDENT) for number, name in enumerate(("Anna", "Ben")))
    with acting(anna):
        first, second = start(guarded), start(guarded)
    with acting(ben):
        other = start(guarded)
        with guarded.read() as session:
            assert [one.owner for one in reading.listing(session)] == ["Ben"]
    assert (first.is_new, second.is_new, second.id) == (True, False, first.id)
    assert len({teachers.id, first.id, other.id}) == 3


def test_what_was_stopped_paused_or_deleted_goes_on_and_counts_once(store: Store) -> None:
    begun = start(store)
    finish(store, begun.id, arm="784-10 static")
    rows = {arm.key: arm.run_ids for arm in read(store, begun.id).arms}
    stopped, paused, deleted = rows["784-10 best"].values()
    purged, longer = rows["784-10 adaptive"][0], rows["784-10 static"][1]
    with store.write() as session:
        runs.stop(session, stopped)
        runs.pause(session, paused)
        trash.delete(session, deleted)
        trash.delete(session, purged, purge=True)
        runs.extend(session, longer, RunExtend(iterations=10))
    assert start(store).queued == 5
    assert read(store, begun.id).by_status == {RunStatus.QUEUED: 14, RunStatus.SUCCEEDED: 2}
    finish(store, begun.id)
    found = read(store, begun.id)
    assert (found.state, found.done) == ("complete", 15)
    assert [arm.samples for arm in found.arms] == [3] * ARMS
    assert start(store).queued == 0


def test_a_stopped_reproduction_is_incomplete_until_it_goes_on(store: Store) -> None:
    begun = start(store)
    with store.write() as session:
        sweeps.act(session, begun.id, Action.STOP)
    assert read(store, begun.id).state == "incomplete"
    assert start(store).queued == 3 * ARMS
    assert read(store, begun.id).state == "running"


def test_more_trials_are_added_to_the_same_reproduction(store: Store) -> None:
    begun = start(store)
    finish(store, begun.id)
    assert start(store, trials=5) == Begun(begun.id, is_new=False, queued=2 * ARMS)
    found = read(store, begun.id)
    assert (found.trials, found.runs, found.done) == (5, 25, 15)
    assert start(store, trials=3).queued == 0
    assert read(store, begun.id).trials == 5


def test_trials_are_not_added_under_another_table_of_the_same_name(store: Store) -> None:
    begun = start(store)
    finish(store, begun.id)
    with store.write() as session:
        name = read(store, begun.id).table.name
        library.update(session, library.id_of(session, name), PolicyUpdate(name="elsewhere"))
        other = Policy(name, np.zeros((3,) * 5))
        library.add(session, other, Origin.EDITED)
        trash.delete(session, read(store, begun.id).arms[0].run_ids[0], purge=True)
    with pytest.raises(ConflictError, match="was renamed or deleted"), store.write() as session:
        service.go_on(session, begun.id, max_runs=500)
    with store.write() as session:
        library.delete(session, library.id_of(session, name))
        library.update(session, library.id_of(session, "elsewhere"), PolicyUpdate(name=name))
        assert service.go_on(session, begun.id, max_runs=500).queued == 1


@pytest.mark.parametrize(("most_iterations", "is_shortened"), [(499_999, True), (500_000, False), (None, False)])
def test_runs_as_long_as_the_papers_are_not_called_short(
    store: Store, most_iterations: int | None, is_shortened: bool
) -> None:
    begun = start(store, scale="paper", trials=1, most_iterations=most_iterations)
    told = " ".join(read(store, begun.id).circumstances)
    assert ("of the paper's 500,000 iterations" in told) is is_shortened


def test_runs_about_to_stop_are_waited_for(store: Store) -> None:
    begun = start(store)
    with store.write() as session:
        run = session.get_one(Run, read(store, begun.id).arms[0].run_ids[0])
        run.status, run.requested = RunStatus.RUNNING, "stop"
    with pytest.raises(ConflictError, match="1 run is about to stop"):
        start(store)


def test_a_given_up_run_of_the_letters_is_told_and_left_out(store: Store) -> None:
    begun = start(store)
    finish(store, begun.id, arm="784-10 static")
    with store.write() as session:
        run = session.get_one(Run, read(store, begun.id).arms[0].run_ids[2])
        run.status, run.validation_accuracy, run.error = RunStatus.FAILED, 0.1, "it learned nothing"
    static = read(store, begun.id).arms[0]
    assert (static.samples, static.failed, sorted(static.values)) == (2, 1, [0, 1])
    assert static.failures == {2: "it learned nothing"}
    assert start(store).queued == 0


def test_elsewhere_a_network_that_failed_to_learn_counts(store: Store) -> None:
    begun = start(store, parts=["sequences"])
    with store.write() as session:
        run = session.get_one(Run, read(store, begun.id).arms[2].run_ids[0])
        run.status, run.validation_accuracy = RunStatus.FAILED, 0.1
    spiking = read(store, begun.id).arms[2]
    assert (spiking.failed, spiking.values) == (1, {0: 0.1})


def test_a_run_whose_workers_died_is_tried_again(store: Store) -> None:
    begun = start(store)
    with store.write() as session:
        run = session.get_one(Run, read(store, begun.id).arms[0].run_ids[0])
        run.status, run.lost_workers, run.iteration = RunStatus.FAILED, 3, 7
    assert read(store, begun.id).done == 0
    assert start(store).queued == 1


def test_a_repeated_request_with_a_key_begins_one(store: Store) -> None:
    body = ReproductionCreate(parts=["784-10"], trials=1, most_iterations=5, again="new")
    with store.write() as session:
        made = [service.start(session, body, max_runs=500, learned=TABLE, key="a key") for _ in range(2)]
    assert made[0].id == made[1].id
    assert [one.is_new for one in made] == [True, False]


def test_what_is_not_there_is_said_with_the_remedy(store: Store) -> None:
    with pytest.raises(InvalidError, match=r"golden_pol2cy\.jld2"):
        start(store, table="authors")
    with pytest.raises(InvalidError, match="'Digits' is not notMNIST: it has samples of 8 x 8"):
        start(store, dataset="digits")
    with pytest.raises(InvalidError, match="SYNRL_MAX_SWEEP_RUNS"), store.write() as session:
        service.start(session, ReproductionCreate(), max_runs=100, learned=TABLE)
    with pytest.raises(NotFoundError), store.read() as session:
        reading.get(session, "none", workers=1)


def test_a_preparation_tells_what_is_missing_and_what_it_costs(store: Store) -> None:
    with store.read() as session:
        found = preparation.prepare(session, workers=2)
    assert (found.letters.id, found.letters.is_notmnist, found.authors_table) == ("glyphs", False, None)
    assert "notMNIST is not here" in found.remarks[0]
    assert "golden_pol2cy.jld2 is not here" in found.remarks[1]
    quick, standard, paper = found.scales
    assert quick.seconds < standard.seconds < paper.seconds
    assert (quick.trials, paper.trials) == (3, 10)


def test_the_cost_is_learned_from_long_runs_and_not_from_rehearsals(store: Store) -> None:
    def paper() -> float:
        with store.read() as session:
            return preparation.prepare(session, workers=2).scales[-1].seconds

    modelled = paper()
    best: dict[str, Any] = {
        "dataset": "glyphs",
        "hidden_layers": [],
        "batch_size": 10_000_000,
        "validation_fraction": 0.25,
    }
    add_run(store, lambda share: share, seconds=5.0, iterations=60, evaluate_every=1, **best)
    assert paper() == modelled
    add_run(store, lambda share: share, seconds=9000.0, iterations=20_000, evaluate_every=400, **best)
    assert paper() > 1.5 * modelled


def test_a_learned_table_is_kept_once_and_found_again(store: Store) -> None:
    body = ReproductionCreate()
    with store.write() as session:
        assert preparation.needs_learning(session, body)
        name = tables.keep_learned(session, TABLE)
        assert tables.keep_learned(session, TABLE) == name
        assert not preparation.needs_learning(session, body)
        assert not preparation.needs_learning(session, ReproductionCreate(parts=["tasks"]))


@needs_authors
def test_the_authors_file_is_known_and_another_is_told(store: Store) -> None:
    from synrl_core import policies
    from synrl_core.policies import files

    data = AUTHORS.read_bytes()
    with store.write() as session:
        first, second = (tables.bring(session, data, AUTHORS.name) for _ in range(2))
        assert (first.id, tables.find_authors(session)) == (second.id, "authors")
        other = files.to_json(policies.get("bred")).encode()
        with pytest.raises(InvalidError, match="but not the one of the authors' file"):
            tables.bring(session, other, "bred.json")
        with pytest.raises(InvalidError, match="no JSON"):
            tables.bring(session, b"nothing", "nothing.jld2")
    assert start(store, table="authors").is_new


def test_a_table_learned_on_a_boundary_draws_that_boundary() -> None:
    made = tables.learn()
    assert (made.history, made.lineage["recipe"]) == (2, tables.RECIPE)
    assert np.ptp(made.q) > 0
