"""/policies over HTTP: import, export, what a run learned, and bundles that bring tables along."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from backend.db.store import Store
from backend.exchange import bundles
from backend.wire import policies as policy_tables
from backend.wire.artifacts import Artifacts
from synrl_core.policies import files
from tests.backend.api.test_runs import create, finished
from tests.backend.policy_library.test_service import drawn, tables_of
from tests.core.policies.test_policies import DATA

API = "/api/v1"


def send(client: TestClient, data: bytes, file_name: str, **fields: str) -> dict[str, object]:
    answer = client.post(f"{API}/policies/files", files={"files": (file_name, data)}, data=fields)
    assert answer.status_code in (200, 201), answer.text
    told: dict[str, object] = answer.json()
    return told


def test_a_policy_is_imported_used_by_a_run_and_exported_again(client: TestClient, tmp_path: Path) -> None:
    policy = drawn("imported over http", 11)
    stored = send(client, files.to_npz(policy), "some.npz")
    assert (stored["name"], stored["origin"]) == ("imported over http", "imported")
    assert send(client, files.to_npz(policy), "some.npz")["id"] == stored["id"]

    run = finished(client, create(client, policy="imported over http", hidden_layers=[4]))
    assert run["status"] == "succeeded", run["error"]
    shown = client.get(f"{API}/policies/{stored['id']}").json()
    assert [one["id"] for one in shown["used_by"]] == [run["id"]]
    refused = client.delete(f"{API}/policies/{stored['id']}")
    assert refused.status_code == 409
    assert run["id"] in refused.json()["detail"]

    exported = client.get(f"{API}/policies/{stored['id']}/file")
    assert "attachment" in exported.headers["content-disposition"]
    np.testing.assert_array_equal(files.read(exported.content).q, policy.q)

    # A bundle of the run brings the table to a server that doesn't know it.
    packed = client.get(f"{API}/bundles", params={"runs": run["id"]}).content
    (tmp_path / "bundle").write_bytes(packed)
    artifacts = Artifacts((tmp_path / "artifacts").as_uri())
    elsewhere = Store(_migrated(f"sqlite:///{tmp_path / 'synrl.db'}"))
    taken = bundles.import_bundle(elsewhere, artifacts, tmp_path / "bundle", "bundle.zip", 2**30)
    kept = policy_tables.lookup(tables_of(elsewhere, taken.runs[0].id))("imported over http", None)
    np.testing.assert_array_equal(kept.q, policy.q)
    elsewhere.close()


def _migrated(url: str):  # type: ignore[no-untyped-def]
    from backend.db.migrate import upgrade
    from backend.db.store import make_engine

    engine = make_engine(url)
    upgrade(engine)
    return engine


def test_the_table_that_an_adaptive_run_learned_is_stored_with_one_request(client: TestClient) -> None:
    run = finished(client, create(client, policy="blank", adaptive=True, exploration=0.2, hidden_layers=[]))
    answer = client.post(f"{API}/runs/{run['id']}/policy", json={"name": "what it learned"})
    assert answer.status_code == 201, answer.text
    stored = answer.json()
    assert (stored["origin"], stored["run_id"], stored["parent"]["id"]) == ("learned", run["id"], "blank")
    table = client.get(f"{API}/runs/{run['id']}/policy").json()["table"]
    shown = client.get(f"{API}/policies/{stored['id']}").json()
    np.testing.assert_allclose(shown["q"], table, rtol=1e-5)
    assert shown["lineage"]["config"]["dataset"] == run["config"]["dataset"]
    assert shown["trained_on"] == [run["config"]["dataset"]]
    frozen = client.post(f"{API}/runs/{run['id']}/policy", json={"frozen": True}).json()
    table = np.array(client.get(f"{API}/policies/{frozen['id']}").json()["q"])
    assert (frozen["temperature"], set(table.tolist())) == (0.0, {0.0, 1.0})


@pytest.mark.parametrize("settings", [{"policy": "bred"}, {"method": "gradient"}])
def test_a_run_without_a_table_of_its_own_is_refused_with_the_reason(
    client: TestClient, settings: dict[str, str]
) -> None:
    run = create(client, hidden_layers=[], **settings)
    answer = client.post(f"{API}/runs/{run['id']}/policy", json={})
    assert answer.status_code == 409
    assert any(word in answer.json()["detail"] for word in ("ships with SynRL", "gradient descent"))


def test_a_policy_is_created_renamed_archived_and_deleted(client: TestClient) -> None:
    body = {"name": "by hand", "q": [0.0] * 26 + [1.0], "notes": "a first try"}
    stored = client.post(f"{API}/policies", json=body).json()
    path = f"{API}/policies/{stored['id']}"
    assert client.patch(path, json={"name": "by my hand", "archived": True}).json()["name"] == "by my hand"
    listed = {one["id"]: one for one in client.get(f"{API}/policies").json()}
    assert (listed[stored["id"]]["archived"], listed[stored["id"]]["notes"]) == (True, "a first try")
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data with the authors' learned policy")
def test_the_authors_file_gives_the_greedy_actions_of_its_table(client: TestClient) -> None:
    h5py = pytest.importorskip("h5py", reason="JLD2 needs the extra jld2")
    (path,) = sorted(DATA.rglob("*.jld2"))[:1]
    with h5py.File(path, "r") as file:
        table = file[file["pol"][()]["Q"]][()].T
    stored = send(client, path.read_bytes(), path.name, name="authors")
    shown = client.get(f"{API}/policies/{stored['id']}").json()
    greedy = np.array(shown["probabilities"]).reshape(table.shape).argmax(axis=0)
    np.testing.assert_array_equal(greedy, table.argmax(axis=0))


def test_policies_are_crossed_and_their_races_listed_over_http(client: TestClient) -> None:
    answer = client.post(f"{API}/policies/derived", json={"how": "cross", "parents": ["bred", "win_stay_lose_shift"]})
    assert answer.status_code == 201, answer.text
    assert client.get(f"{API}/policies/{answer.json()['id']}/races").json() == []
    refused = client.post(f"{API}/policies/derived", json={"how": "cross", "parents": ["bred"]})
    assert refused.status_code == 422
    assert "takes 2 of parents" in refused.text


def test_json_of_a_policy_names_its_lineage(client: TestClient) -> None:
    stored = send(client, files.to_json(drawn("told", 12)).encode(), "told.json")
    told = json.loads(client.get(f"{API}/policies/{stored['id']}/file").content)
    assert told["lineage"] == {"made": "for a test"}


def test_a_lineage_of_another_form_is_stored_and_shown(client: TestClient) -> None:
    told = {"name": "strange", "q": [[[0, 1, 2]] * 3] * 3, "lineage": {"parents": 5, "parent": [], "config": "x"}}
    stored = send(client, json.dumps(told).encode(), "strange.json")
    shown = client.get(f"/api/v1/policies/{stored['id']}").json()
    assert (shown["parents"], shown["lineage"]) == ([], told["lineage"])
