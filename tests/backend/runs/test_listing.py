"""The list of runs: every order and every filter, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from backend.db.store import Store, make_engine
from backend.db.tables import Run
from backend.kit.errors import InvalidError
from backend.runs import service as runs
from backend.runs.listing import SORTS, Filters
from backend.runs.schemas import RunRead
from synrl_core.config import TrainingConfig
from tests.backend.api.test_runs import create, finished
from tests.databases import new_database
from tests.examples import examples

COUNT = 60


def stored_run(number: int) -> dict[str, Any]:
    config = TrainingConfig(
        dataset=("digits", "xor", "moons")[number % 3],
        method=("synaptic", "gradient")[number % 2],
        seed=number,
    ).model_dump(mode="json")
    measured = number % 4 != 0
    created = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number % 7)
    return {
        "id": f"{number:012x}",
        "name": ("Ada", "ada", "Grace %", "Édith_", "100\\%", 'the "best"')[number % 6] + f" {number}",
        "owner": f"owner{number % 5}",
        "tags": [["a", "7b"], ["A%"], [], ['"q"', "größe"]][number % 4],
        "notes": "diverged late" if number % 9 == 0 else "",
        "archived": number % 8 == 0,
        "status": ("succeeded", "failed", "paused")[number % 3],
        "config": config,
        "group_key": f"g{number % 6}",
        "dataset_name": config["dataset"],
        "sample_shape": [8, 8],
        "iteration": number * 10,
        "iterations": 1000,
        "validation_accuracy": (number * 37 % 50) / 50 if measured else None,
        "best_validation_accuracy": 0.5 if measured else None,
        "training_seconds": float(number % 13),
        "created_at": created,
        "finished_at": created + timedelta(hours=number % 3) if measured else None,
        "deleted_at": created if number % 20 == 19 else None,
    }


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def listed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    if request.param == "sqlite":
        url = new_database(tmp_path_factory.mktemp("list") / "synrl.db")
    else:
        url = request.getfixturevalue("postgres").new_database("migrated")
    opened = Store(make_engine(url))
    with opened.write() as session:
        session.execute(insert(Run), [stored_run(number) for number in range(COUNT)])
    yield opened
    opened.close()


def everything(store: Store, sort: str = "-created_at", size: int = 1000, **filters: Any) -> list[RunRead]:
    found: list[RunRead] = []
    with store.read() as session:
        while True:
            page = runs.listing(session, limit=size, offset=len(found), sort=sort, filters=Filters(**filters))
            found += page.items
            assert page.total >= len(found)
            if not page.items:
                assert page.total == len(found)
                return found


@pytest.mark.parametrize("sort", [sign + name for name in SORTS for sign in ("", "-")])
def test_every_order_is_total_and_pages_hold_every_run_once(listed: Store, sort: str) -> None:
    whole = [run.id for run in everything(listed, sort)]
    assert len(set(whole)) == len(whole) == COUNT - 3
    assert [run.id for run in everything(listed, sort, size=7)] == whole


def test_runs_are_ordered_by_what_was_asked_with_the_unknown_last(listed: Store) -> None:
    best = [run.validation_accuracy for run in everything(listed, "-validation_accuracy")]
    known = [value for value in best if value is not None]
    assert best == sorted(known, reverse=True) + [None] * (len(best) - len(known))
    assert None in best
    owners = [run.owner for run in everything(listed, "-owner")]
    assert owners == sorted(owners, reverse=True)
    finished_at = [run.finished_at for run in everything(listed, "finished_at")]
    times = [time for time in finished_at if time is not None]
    assert finished_at[: len(times)] == sorted(times)


FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["succeeded", "failed", "paused", "queued"]),
        "owner": st.sampled_from(["owner1", "owner4", "nobody"]),
        "dataset": st.sampled_from(["digits", "xor"]),
        "method": st.sampled_from(["synaptic", "gradient"]),
        "tag": st.sampled_from(["a", "7b", "A%", '"q"', "größe", "b"]),
        "group": st.sampled_from(["g1", "g5"]),
        "archived": st.sampled_from(["true", "false", "any"]),
        "search": st.sampled_from(["ada", "GRACE", "%", "_", "\\", "late", "owner2 xor", "größe", '"best"', "0000003"]),
    },
)  # fmt: skip


@settings(max_examples=examples(60), deadline=None)
@given(FILTERS)
def test_filters_choose_just_the_runs_that_fulfil_all_of_them(listed: Store, filters: dict[str, Any]) -> None:
    def fits(row: dict[str, Any]) -> bool:
        text = "\n".join([row["name"], row["notes"], row["dataset_name"], row["owner"], *row["tags"]])
        lowered = "".join(letter.lower() if letter.isascii() else letter for letter in text)
        words = filters.get("search", "").lower().split()
        wanted = {
            "status": row["status"],
            "owner": row["owner"],
            "group": row["group_key"],
            "dataset": row["config"]["dataset"],
            "method": row["config"]["method"],
        }
        return (
            row["deleted_at"] is None
            and all(filters.get(name, value) == value for name, value in wanted.items())
            and ("tag" not in filters or filters["tag"] in row["tags"])
            and filters.get("archived", "any") in ("any", str(row["archived"]).lower())
            and all(word in lowered or row["id"].startswith(word) for word in words)
        )

    expected = {row["id"] for row in map(stored_run, range(COUNT)) if fits(row)}
    assert {run.id for run in everything(listed, **filters)} == expected


def test_an_unknown_column_is_refused_with_those_there_are(listed: Store) -> None:
    with listed.read() as session, pytest.raises(InvalidError, match="best_validation_accuracy") as refused:
        runs.listing(session, sort="-config")
    assert refused.value.errors is not None
    assert refused.value.errors[0]["field"] == "sort"


def test_the_api_filters_and_sorts(client: TestClient) -> None:
    run = create(client, iterations=20, seed=77)
    client.patch(f"/api/v1/runs/{run['id']}", json={"tags": ["list me"], "notes": "once"})
    finished(client, run)
    listed = client.get("/api/v1/runs?tag=list%20me&sort=name&dataset=digits&status=succeeded&search=once").json()
    assert [one["id"] for one in listed["items"]] == [run["id"]]
    assert listed["total"] == 1
    refused = client.get("/api/v1/runs?sort=colour")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "sort"
