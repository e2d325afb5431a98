"""The table of runs: filters, order, groups, and speed with thousands."""

from __future__ import annotations

import statistics
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.db.store import Store, make_engine
from backend.db.tables import Run
from backend.kit.errors import InvalidError
from backend.kit.identity import Person, Role, acting
from backend.kit.limits import Limits
from backend.kit.status import RunStatus
from backend.runs import bulk
from backend.runs import service as runs
from backend.runs.bulk_schemas import RunsAction
from backend.runs.listing import Filters
from backend.runs.schemas import RunCreate, RunUpdate
from backend.runs.sweeps import service as sweeps
from backend.runs.sweeps.schemas import SweepCreate
from backend.runs.table import service as run_table
from backend.runs.table.group_curves import group_curve
from backend.runs.table.queries import GROUP_SORTS
from backend.runs.table.schemas import GroupRow, RunRow, RunTable
from synrl_core.config import TrainingConfig
from tests.databases import new_database
from tests.many_runs import store_runs


def made(store: Store, name: str, *, tags: tuple[str, ...] = (), owner: str = "teacher", **changes: Any) -> str:
    """Store a run; what is no setting changes its row."""
    settings = {key: value for key, value in changes.items() if key in TrainingConfig.model_fields}
    body = RunCreate(name=name, tags=list(tags), owner=owner, config=TrainingConfig(**settings))
    with store.write() as session:
        run_id = runs.create(session, body).id
        run = session.get(Run, run_id)
        for key in changes.keys() - settings.keys():
            setattr(run, key, changes[key])
    return run_id


def table(store: Store, filters: Filters | None = None, **arguments: Any) -> RunTable:
    with store.read() as session:
        return run_table.table(session, filters or Filters(archived="false"), **arguments)


def names(shown: RunTable) -> list[str]:
    return [row.name for row in shown.rows]


# -- filters


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"status": RunStatus.FAILED}, ["broken"]),
        ({"dataset": "moons"}, ["moons of Jupiter"]),
        ({"owner": "ada"}, ["moons of Jupiter"]),
        ({"tag": "äöü"}, ["broken"]),
        ({"tag": "50%"}, ["moons of Jupiter"]),
        ({"tag": "50"}, []),
        ({"tag": "wide"}, ["broken", "moons of Jupiter"]),
        ({"search": "JUPITER"}, ["moons of Jupiter"]),
        ({"search": "moons ada"}, ["moons of Jupiter"]),
        ({"search": "moons grace"}, []),
        ({"search": "äö"}, ["broken"]),
        ({"search": "%"}, ["moons of Jupiter"]),
        ({"search": "_"}, []),
        ({"archived": "true"}, ["old"]),
        ({"in_trash": True, "archived": "any"}, ["thrown away"]),
        ({"status": RunStatus.QUEUED, "tag": "wide"}, ["moons of Jupiter"]),
    ],
)
def test_filters_choose(store: Store, filters: dict[str, Any], found: list[str]) -> None:
    made(store, "moons of Jupiter", dataset="moons", owner="ada", tags=("wide", "50%"))
    made(store, "broken", tags=("äöü", "wide"), status=RunStatus.FAILED)
    made(store, "old", archived=True)
    made(store, "thrown away", deleted_at=datetime.now(UTC))
    shown = table(store, Filters(**{"archived": "false", **filters}))
    assert names(shown) == found
    assert (shown.total, shown.runs, shown.stored) == (len(found), len(found), 3)


def test_a_group_and_a_sweep_are_filters_too(store: Store) -> None:
    first = made(store, "one", seed=1)
    made(store, "two", seed=2)
    made(store, "other", hidden_layers=(8,))
    with store.write() as session:
        key = runs.get(session, first).group_key
        sweep = sweeps.create(session, SweepCreate(grid={"seed": [7, 8]}, name="S"), 10)
    assert names(table(store, Filters(group=key, search="o"))) == ["two", "one"]
    assert {row.id for row in table(store, Filters(sweep=sweep.id)).rows} == set(sweep.run_ids)


# -- order and windows


@pytest.mark.parametrize("column", GROUP_SORTS)
def test_every_column_sorts_both_ways_with_the_unknown_last(store: Store, column: str) -> None:
    attribute = {"progress": "iteration", "duration": "training_seconds"}.get(column, column)
    values = {
        "name": ("b", "A", "c"),
        "status": (RunStatus.QUEUED, RunStatus.FAILED, RunStatus.SUCCEEDED),
        "dataset_name": ("b", "A", "c"),
        "owner": ("b", "A", "c"),
        "created_at": tuple(datetime(2026, 1, day, tzinfo=UTC) for day in (2, 1, 3)),
        "iteration": (20, 10, 30),
        "training_seconds": (2.0, 1.0, 3.0),
    }.get(attribute, (0.2, 0.1, None))
    ids = [made(store, str(place)) for place in range(3)]
    with store.write() as session:
        for run_id, value in zip(ids, values, strict=True):
            setattr(session.get(Run, run_id), attribute, value)
    middle, least, most = ids
    rising = [row.id for row in table(store, sort=column).rows]
    falling = [row.id for row in table(store, sort=f"-{column}").rows]
    assert rising == [least, middle, most]
    assert falling == ([middle, least, most] if values[2] is None else [most, middle, least])


def test_windows_join_to_the_whole(store: Store) -> None:
    for place in range(7):
        made(store, f"run {place}", seed=place // 2)
    keys = [row.key for row in table(store, by="configuration").rows if isinstance(row, GroupRow)]
    every: list[dict[str, Any]] = [{}, {"by": "configuration", "expanded": keys}]
    for arguments in every:
        whole = table(store, **arguments)
        assert len(whole.rows) == whole.total
        for size in (1, 2, 3):
            pieces = [table(store, limit=size, offset=at, **arguments).rows for at in range(0, whole.total, size)]
            assert [row.id for piece in pieces for row in piece] == [row.id for row in whole.rows]


def test_an_unknown_column_is_refused_by_name(store: Store) -> None:
    for by in ("run", "configuration", "sweep"):
        with pytest.raises(InvalidError, match=r"sort: .*created_at.*not .*colour"):
            table(store, by=by, sort="-colour")


# -- rows


def test_a_row_has_its_place_in_the_queue_and_what_can_be_done(store: Store) -> None:
    made(store, "first")
    made(store, "second")
    rows = table(store).rows
    assert [(row.name, row.queue_position) for row in rows if isinstance(row, RunRow)] == [("second", 2), ("first", 1)]
    assert isinstance(rows[0], RunRow)
    assert "pause" in rows[0].allowed_actions
    assert rows[0].config["hidden_layers"] == (32,)


def test_the_curve_of_a_row_ends_at_the_last_measurement(store: Store) -> None:
    made(store, "run", sparkline=[[0, 0.1], [500, 0.4]], iteration=700, validation_accuracy=0.5)
    (row,) = table(store).rows
    assert isinstance(row, RunRow)
    assert row.curve == [(0, 0.1), (500, 0.4), (700, 0.5)]


# -- groups


def test_seeds_fold_into_mean_and_deviation(store: Store) -> None:
    accuracies = [0.7, 0.8, 0.86]
    for seed, accuracy in enumerate(accuracies):
        status = RunStatus.SUCCEEDED if seed else RunStatus.FAILED
        made(store, "g", seed=seed, status=status, validation_accuracy=accuracy, best_validation_accuracy=accuracy)
    made(store, "waits", seed=9)
    made(store, "alone", hidden_layers=(8,), step_size=0.02, validation_accuracy=0.5)
    alone, folded = table(store, by="configuration").rows
    assert isinstance(folded, GroupRow)
    assert isinstance(alone, GroupRow)
    assert folded.runs == 4
    assert folded.by_status == {"failed": 1, "succeeded": 2, "queued": 1}
    assert folded.validation_accuracy == pytest.approx(statistics.mean(accuracies))
    assert folded.best_validation_accuracy_deviation == pytest.approx(statistics.stdev(accuracies))
    assert folded.differs == {}
    assert alone.name == "digits · 8 · bred stochastic"
    assert alone.differs == {"Step size": 0.02}
    assert alone.validation_accuracy_deviation is None


def test_an_open_group_is_followed_by_its_runs(store: Store) -> None:
    ids = [made(store, f"seed {seed}", seed=seed) for seed in range(3)]
    made(store, "other", hidden_layers=(8,))
    other, group = table(store, by="configuration").rows
    assert isinstance(group, GroupRow)
    shown = table(store, by="configuration", expanded=[group.key])
    assert [row.id for row in shown.rows] == [other.id, group.id, *ids]
    assert [row.depth for row in shown.rows if isinstance(row, RunRow)] == [1, 1, 1]
    assert (shown.total, shown.runs) == (5, 4)
    assert group.run_ids == ids


def trained(store: Store, name: str, accuracy: float, **changes: Any) -> str:
    """Store a run that has trained: on the same data and with the same program as the others, if not told otherwise."""
    ran: dict[str, Any] = {
        "dataset_hash": "0" * 64,
        "provenance": {"synrl": "1.0"},
        "iteration": 500,
        "status": RunStatus.SUCCEEDED,
    }
    measured = {"validation_accuracy": accuracy, "best_validation_accuracy": accuracy + 0.01}
    return made(store, name, **(ran | measured | changes))


def group_row(store: Store, by: Any = "configuration", **arguments: Any) -> GroupRow:
    row = table(store, by=by, **arguments).rows[0]
    assert isinstance(row, GroupRow)
    return row


def test_copies_are_shown_and_counted_once_in_a_group(store: Store) -> None:
    first = [trained(store, f"seed {seed}", accuracy, seed=seed) for seed, accuracy in enumerate((0.7, 0.9))]
    alone = group_row(store)
    copies = [trained(store, "again", 0.9, seed=1) for _ in range(3)]
    found = group_row(store)
    assert (alone.runs, alone.copies, found.runs, found.copies) == (2, 0, 5, 3)
    assert found.validation_accuracy == pytest.approx(0.8)
    for name in ("validation_accuracy", "best_validation_accuracy"):
        for measured in (name, f"{name}_deviation"):
            assert getattr(found, measured) == pytest.approx(getattr(alone, measured))
    opened = [row for row in table(store, by="configuration", expanded=[found.key]).rows if isinstance(row, RunRow)]
    assert {row.id: row.copy_of for row in opened} == dict.fromkeys(first) | dict.fromkeys(copies, first[1])


def test_copies_of_one_run_alone_have_no_deviation(store: Store) -> None:
    for _ in range(4):
        trained(store, "run", 0.9)
    found = group_row(store)
    assert (found.runs, found.copies, found.validation_accuracy_deviation) == (4, 3, None)


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 5}, {"dataset_hash": "1" * 64}, {"provenance": {"synrl": "2.0"}}, {"split_seed": 3},
        {"dataset_hash": None, "provenance": None, "validation_accuracy": None, "best_validation_accuracy": None},
    ],
)  # fmt: skip
def test_runs_that_differ_in_what_they_compute_are_no_copies(store: Store, other: dict[str, Any]) -> None:
    trained(store, "run", 0.9)
    trained(store, "other", 0.7, **other)
    rows = [row for row in table(store, by="configuration").rows if isinstance(row, GroupRow)]
    assert [row.copies for row in rows] == [0] * len(rows)


def test_the_copy_that_is_furthest_is_counted(store: Store) -> None:
    trained(store, "half", 0.5, iteration=250)
    furthest = trained(store, "done", 0.9)
    found = group_row(store)
    assert found.copies == 1
    assert found.validation_accuracy == pytest.approx(0.9)
    opened = table(store, by="configuration", expanded=[found.key]).rows
    assert [row.copy_of for row in opened if isinstance(row, RunRow)] == [furthest, None]


def test_copies_do_not_move_a_group_in_the_order_of_means(store: Store) -> None:
    for seed, accuracy in enumerate((0.5, 0.9)):
        trained(store, "mixed", accuracy, seed=seed)
    for _ in range(4):
        trained(store, "mixed", 0.9, seed=1)
    trained(store, "even", 0.8, hidden_layers=(8,))
    rows = table(store, by="configuration", sort="-validation_accuracy").rows
    assert [row.validation_accuracy for row in rows] == [pytest.approx(0.8), pytest.approx(0.7)]


def test_a_sweep_counts_the_copies_in_it_once(store: Store) -> None:
    configs = [{"seed": 1}, {"seed": 1}, {"seed": 2}, {"step_size": 0.5, "seed": 1}]
    with store.write() as session:
        sweep = sweeps.create(session, SweepCreate(name="S", configs=configs), 10)
        for run_id, accuracy in zip(sweep.run_ids, (0.9, 0.9, 0.6, 0.3), strict=True):
            run = session.get(Run, run_id)
            assert run is not None
            run.dataset_hash, run.provenance, run.iteration = "0" * 64, {"synrl": "1.0"}, 500
            run.validation_accuracy = accuracy
    found = group_row(store, by="sweep")
    assert (found.runs, found.copies) == (4, 1)
    assert found.validation_accuracy == pytest.approx(0.6)
    assert found.validation_accuracy_deviation == pytest.approx(statistics.stdev((0.9, 0.6, 0.3)))
    with store.read() as session:
        assert sweeps.get(session, sweep.id).copies == 1
        assert sweep.copies == 0  # nothing had trained yet


def test_sweeps_fold_and_runs_of_none_stand_together(store: Store) -> None:
    made(store, "alone")
    with store.write() as session:
        sweep = sweeps.create(session, SweepCreate(name="S", grid={"step_size": [0.1, 0.2], "seed": [1, 2]}), 10)
    in_sweep, rest = table(store, by="sweep").rows
    assert isinstance(in_sweep, GroupRow)
    assert isinstance(rest, GroupRow)
    assert (in_sweep.key, in_sweep.name, in_sweep.runs) == (sweep.id, "S", 4)
    assert in_sweep.differs == {"Step size": [0.1, 0.2], "Seed": [1, 2]}
    assert (rest.name, rest.runs) == ("In no sweep", 1)
    shown = table(store, by="sweep", expanded=[""])
    assert names(shown) == ["S", "In no sweep", "alone"]


# -- what filters offer, and actions on many


def test_facets_name_what_runs_have(store: Store) -> None:
    made(store, "a", owner="ada", tags=("wide", "Alpha"), dataset="moons")
    made(store, "gone", owner="kurt", tags=("never",), deleted_at=datetime.now(UTC))
    with store.write() as session:
        sweep = sweeps.create(session, SweepCreate(name="S", grid={"seed": [1]}), 10)
        facets = run_table.facets(session)
    assert facets.owners == ["ada", "teacher"]
    assert [(one.id, one.name) for one in facets.datasets] == [("digits", "digits"), ("moons", "moons")]
    assert facets.tags == ["Alpha", "wide"]
    assert [(one.id, one.name) for one in facets.sweeps] == [(sweep.id, "S")]


def test_tags_are_added_to_and_taken_from_many(store: Store) -> None:
    first, second = made(store, "a", tags=("x", "y")), made(store, "b")
    full = made(store, "full", tags=tuple(map(str, range(20))))
    ids = [first, second, full, "nosuch"]
    with store.write() as session:
        results = bulk.act_on_all(session, RunsAction(action="tag", ids=ids, tags=["y", "z"])).results
    assert [result.run.tags if result.run else None for result in results] == [["x", "y", "z"], ["y", "z"], None, None]
    assert results[2].problem is not None
    assert "22 tags; a run may have at most 20" in results[2].problem.detail
    with store.write() as session:
        bulk.act_on_all(session, RunsAction(action="untag", ids=[first], tags=["y", "nothing"]))
        assert runs.get(session, first).tags == ["x", "z"]
        assert len(runs.update(session, full, RunUpdate(tags=["one"])).tags) == 1


def test_the_api_answers_with_a_window(client: TestClient) -> None:
    run = client.post("/api/v1/runs", json={"name": "findable", "config": {"iterations": 50}}).json()
    answer = client.get("/api/v1/runs/table", params={"search": "findable", "by": "configuration", "expanded": "x"})
    assert answer.status_code == 200
    assert answer.json()["runs"] == 1
    assert client.get("/api/v1/runs/ids", params={"search": "findable"}).json() == [run["id"]]
    assert "teacher" in client.get("/api/v1/runs/facets").json()["owners"]
    refused = client.get("/api/v1/runs/table", params={"sort": "colour"})
    assert refused.status_code == 422
    assert "not 'colour'" in refused.json()["detail"]


# -- thousands


def test_ten_thousand_runs_are_ordered_and_folded_without_reading_them_all(tmp_path: Path) -> None:
    newest = datetime(2026, 11, 1, tzinfo=UTC)
    ids = store_runs(tmp_path / "synrl.db", 10_000, newest)
    store = Store(make_engine(f"sqlite:///{tmp_path / 'synrl.db'}"))
    try:
        shown = table(store, offset=5000, limit=60)
        assert [row.id for row in shown.rows] == ids[5000:5060]
        assert shown.rows[0].created_at == newest - timedelta(minutes=7 * 5000)
        best = [row.best_validation_accuracy or 0 for row in table(store, sort="-best_validation_accuracy").rows]
        assert all(one >= other for one, other in pairwise(best))
        folded = table(store, by="configuration", sort="-best_validation_accuracy")
        assert folded.runs == 10_000
        assert 1000 < folded.total <= 2000
        # What a visit downloads: a window is small, however many runs there are.
        assert max(len(one.model_dump_json()) for one in (shown, folded)) < 80_000
    finally:
        store.close()


# -- who sees what


def test_a_restricted_student_sees_no_other_runs_in_table_and_filters(tmp_path: Path) -> None:
    store = Store(make_engine(new_database(tmp_path / "synrl.db")), limits=Limits(students_see_all=False))
    try:
        made(store, "hers", owner="ada", tags=("ada's",))
        made(store, "another's", owner="kurt", tags=("kurt's",), dataset="moons")
        with acting(Person("p1", "ada", Role.STUDENT)):
            for by in ("run", "configuration", "sweep"):
                shown = table(store, by=by)
                assert (shown.total, shown.runs, shown.stored) == (1, 1, 1)
            with store.read() as session:
                facets = run_table.facets(session)
                assert len(run_table.ids(session, Filters())) == 1
            assert facets.owners == ["ada"]
            assert facets.tags == ["ada's"]
            assert [one.id for one in facets.datasets] == ["digits"]
    finally:
        store.close()


# -- curves of groups


def test_a_group_has_the_mean_curve_of_its_runs_and_its_deviation() -> None:
    curve = group_curve([(100, [(0, 0.0), (100, 1.0)]), (100, [(0, 0.5), (100, 0.5)]), (100, [(0, 0.4)])])
    assert curve is not None
    assert (curve.iterations, curve.runs) == (100, 2)
    first, last = curve.points[0], curve.points[-1]
    assert (first[0], last[0]) == (0, 100)
    assert first[1:] == pytest.approx((0.25, statistics.stdev([0.0, 0.5])), abs=1e-3)
    assert last[1:] == pytest.approx((0.75, statistics.stdev([1.0, 0.5])), abs=1e-3)


def test_a_run_counts_in_its_groups_curve_as_far_as_it_was_measured() -> None:
    curve = group_curve([(100, [(0, 0.0), (100, 1.0)]), (100, [(0, 0.5), (50, 0.5)])])
    assert curve is not None
    assert curve.points[-1][1:] == (1.0, 0.0)
    assert group_curve([(100, [(0, 0.0), (100, 1.0)]), (100, [])]) is None, "one run is no group"


def test_groups_in_the_table_carry_their_curves_and_no_sweep_has_none(store: Store) -> None:
    line = [[0, 0.1], [500, 0.9]]
    for seed in (1, 2):
        made(store, f"run {seed}", seed=seed, iterations=500, sparkline=line)
    [group] = table(store, by="configuration").rows
    assert isinstance(group, GroupRow)
    assert group.curve is not None
    assert group.curve.points[-1] == (500, 0.9, 0.0)
    [none] = table(store, by="sweep").rows
    assert isinstance(none, GroupRow)
    assert none.curve is None
