"""Exports of a run's measurements: complete, and without cells that a spreadsheet would execute."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from backend.exchange import csv_cells
from backend.runs.curves import service as curves
from backend.wire import columns
from tests.backend.measured import add_run


def noisy(share: Any) -> Any:
    return share * 0.9 + 0.01 * np.random.default_rng(0).standard_normal((len(share), 3))


@pytest.fixture(scope="module")
def run(client: TestClient) -> dict[str, Any]:
    """A run of three replicates whose name would be a formula."""
    store = client.app.state.store  # type: ignore[attr-defined]
    run_id = add_run(store, noisy, name='=1+1, "quoted"', replicates=3, iterations=1000, evaluate_every=10)
    found: dict[str, Any] = client.get(f"/api/v1/runs/{run_id}").json()
    return found


def measured(client: TestClient, run: dict[str, Any]) -> columns.Columns:
    with client.app.state.store.read() as session:  # type: ignore[attr-defined]
        return curves.points(session, run["id"])


def test_csv_has_every_value_of_every_replicate(client: TestClient, run: dict[str, Any]) -> None:
    answer = client.get(f"/api/v1/runs/{run['id']}/export")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f"synrl-{run['id']}.csv" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    points = measured(client, run)
    assert len(rows) == 101
    for replicate in range(3):
        read = np.array([row[f"validation_accuracy_{replicate}"] for row in rows], dtype=np.float32)
        np.testing.assert_array_equal(read, points["validation_accuracy"][:, replicate])
    assert [int(row["iteration"]) for row in rows] == points["iteration"].tolist()
    assert {row["name"] for row in rows} == {'\'=1+1, "quoted"'}


def test_json_has_the_run_its_curves_and_actions(client: TestClient, run: dict[str, Any]) -> None:
    read = client.get(f"/api/v1/runs/{run['id']}/export?format=json").json()
    assert read["run"]["id"] == run["id"]
    assert read["run"]["config"] == run["config"]
    assert len(read["metrics"]["iteration"]) == len(read["actions"]["iteration"]) == 101
    each = np.array(read["metrics"]["replicates"]["train_loss"]).T
    np.testing.assert_allclose(each, measured(client, run)["train_loss"], rtol=1e-5)


def test_npz_has_the_exact_arrays(client: TestClient, run: dict[str, Any]) -> None:
    answer = client.get(f"/api/v1/runs/{run['id']}/export?format=npz")
    with np.load(io.BytesIO(answer.content), allow_pickle=False) as arrays:
        assert json.loads(str(arrays["run"]))["name"] == run["name"]
        for name, array in measured(client, run).items():
            np.testing.assert_array_equal(arrays[name], array)


def test_a_run_without_points_and_one_that_is_not_there(client: TestClient) -> None:
    store = client.app.state.store  # type: ignore[attr-defined]
    run_id = add_run(store, lambda share: share, done=0.0)
    for format_ in ("csv", "json", "npz"):
        assert client.get(f"/api/v1/runs/{run_id}/export?format={format_}").status_code == 200
        assert client.get(f"/api/v1/runs/nothing/export?format={format_}").status_code == 404
    assert client.get(f"/api/v1/runs/{run_id}/export?format=xls").status_code == 422


@given(st.text(max_size=40))
def test_no_cell_is_a_formula_and_every_cell_is_read_back(words: str) -> None:
    line = csv_cells.row([words, 1])
    ((read, one),) = csv.reader(io.StringIO(line, newline=""))
    assert one == "1"
    assert not read.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert read in (words, f"'{words}")


@given(st.floats() | st.integers(-(10**15), 10**15) | st.booleans() | st.none())
def test_numbers_stay_numbers(value: float | None) -> None:
    cell = csv_cells.cell(value)
    if value is None or not np.isfinite(float(value)):
        assert cell == ""
    elif cell not in ("true", "false"):
        assert float(cell) == pytest.approx(value, rel=1e-15)
