"""The pages on a database of their own, without workers: runs stay queued unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from dash import Dash
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.db.store import Store, make_engine
from backend.inspection.judging import Judges
from backend.kit.settings import Settings
from backend.people.authentication import Authentication
from backend.runs.schemas import RunRead
from backend.wire.artifacts import Artifacts
from dashboard.app import create_pages
from synrl_core.config import TrainingConfig
from tests.databases import new_database


class Pages:
    """The pages as a browser's scripts would talk to them."""

    def __init__(self, app: Dash, client: TestClient, store: Store) -> None:
        self.app, self.client, self.store = app, client, store
        dependencies = client.get("/_dash-dependencies").json()
        self._callbacks = [item for item in dependencies if item["clientside_function"] is None]

    def click(self, button: str, values: dict[str, Any]) -> dict[str, Any]:
        """Click a button."""
        return self.fire(f"{button}.n_clicks", values)

    def fire(self, changed: str, values: dict[str, Any]) -> dict[str, Any]:
        """Run the callback that listens to ``id.property``; ``values`` are its inputs and states by id."""
        wanted = changed.rsplit(".", 1)
        (callback,) = (
            item for item in self._callbacks if any([part["id"], part["property"]] == wanted for part in item["inputs"])
        )
        answer = self.client.post("/_dash-update-component", json=_request(callback, values, changed))
        assert answer.status_code in (200, 204), answer.text
        return dict(answer.json()["response"]) if answer.status_code == 200 else {}

    def open(self, pathname: str) -> str:
        """Return the layout of a page, as JSON."""
        path, _, search = pathname.partition("?")
        answer = self.fire("_pages_location.pathname", {"_pages_location": {"pathname": path, "search": f"?{search}"}})
        return str(answer["_pages_content"]["children"])


def _request(callback: dict[str, Any], values: dict[str, Any], changed: str) -> dict[str, Any]:
    def filled(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**part, "value": _value(values.get(part["id"]), part["property"])} for part in parts]

    names = callback["output"].strip(".").split("...")
    outputs = [{"id": name.rsplit(".", 1)[0], "property": name.rsplit(".", 1)[1]} for name in names]
    return {
        "output": callback["output"],
        "outputs": outputs if callback["output"].startswith("..") else outputs[0],
        "inputs": filled(callback["inputs"]),
        "state": filled(callback["state"]),
        "changedPropIds": [changed],
    }


def _value(given: Any, name: str) -> Any:
    return given.get(name) if isinstance(given, dict) and name in given else given


@pytest.fixture
def pages(tmp_path: Any) -> Iterator[Pages]:
    store = Store(make_engine(new_database(tmp_path / "synrl.db")))
    api = FastAPI()
    settings = Settings(data_dir=tmp_path)
    judges = Judges(settings.resolved_artifacts_url)
    api.state.settings, api.state.authentication = settings, Authentication(settings)
    api.state.store, api.state.judges = store, judges
    api.state.artifacts = Artifacts(settings.resolved_artifacts_url)
    app = create_pages(api, settings)
    with TestClient(api) as client:
        client.get("/")
        yield Pages(app, client, store)
    judges.close()
    store.close()


@pytest.fixture
def run() -> RunRead:
    """A run that has begun."""
    return RunRead(
        id="abc123",
        name="Digits",
        status="running",
        config=TrainingConfig(),
        dataset_name="digits",
        sample_shape=[8, 8],
        iteration=500,
        iterations=20_000,
        iterations_per_second=1240.0,
        forward_passes=501,
        training_seconds=0.4,
        train_accuracy=0.41,
        validation_accuracy=0.4,
        best_validation_accuracy=0.42,
        best_iteration=400,
        created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        started_at=datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC),
        finished_at=None,
        error=None,
        dataset_hash="0" * 64,
        provenance={"synrl": "0.1.0", "numpy": "2.4"},
    )
