"""Reproductions through the API, trained by a real worker."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from tests.server import wait_for
from tests.shared_data import AUTHORS, needs_authors

PATH = "/api/v1/reproductions"
SMALL = {"parts": ["784-10"], "trials": 1, "most_iterations": 3}


def test_a_press_trains_all_arms_and_a_second_one_repeats_none(client: TestClient) -> None:
    begun = client.post(PATH, json=SMALL)
    assert begun.status_code == 201, begun.text
    where = begun.headers["Location"]
    assert begun.json()["table"]["source"] in ("learned", "authors")
    found = wait_for(lambda: client.get(where).json(), lambda one: one["state"] == "complete", 60)
    assert {arm["samples"] for arm in found["arms"]} == {1}
    assert {one["outcome"] for one in found["verdicts"]} == {"not enough trials yet"}
    assert all(arm["forward_passes"] >= 3 and arm["seconds"] > 0 for arm in found["arms"])
    again = client.post(PATH, json=SMALL)
    assert (again.status_code, again.json()["done"], again.json()["runs"]) == (200, 5, 5)
    assert client.post(f"{where}/continue").json()["by_status"] == {"succeeded": 5}
    assert found["id"] in [one["id"] for one in client.get(PATH).json()]


def test_refusals_name_the_field_and_the_remedy(client: TestClient) -> None:
    refused = client.post(PATH, json=SMALL | {"dataset": "iris"})
    assert refused.status_code == 422
    assert "is not notMNIST" in refused.json()["detail"]
    assert client.post(PATH, json=SMALL | {"trials": 11}).json()["errors"][0]["field"] == "trials"
    assert client.get(f"{PATH}/none").status_code == 404
    assert client.get(f"{PATH}/preparation", params={"dataset": "moons"}).status_code == 422


def test_a_file_with_another_table_is_told_and_not_stored(client: TestClient) -> None:
    file = client.get("/api/v1/policies/bred/file").content
    before = len(client.get("/api/v1/policies").json())
    refused = client.post(f"{PATH}/table", files={"files": ("bred.json", file)})
    assert refused.status_code == 422
    assert "not the one of the authors' file golden_pol2cy.jld2" in refused.json()["detail"]
    assert len(client.get("/api/v1/policies").json()) == before


@needs_authors
@pytest.mark.parametrize("press", [1, 2])
def test_the_authors_file_is_brought_once(client: TestClient, press: int) -> None:
    brought = client.post(f"{PATH}/table", files={"files": (AUTHORS.name, AUTHORS.read_bytes())})
    assert brought.status_code == 201, (press, brought.text)
    found = client.get(f"{PATH}/preparation").json()
    assert found["authors_table"] == brought.json()["name"]
    assert [one["name"] for one in client.get("/api/v1/policies").json()].count(brought.json()["name"]) == 1
