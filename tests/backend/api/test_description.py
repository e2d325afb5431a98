"""OpenAPI description: bounds of parameters, and fields that older programs read."""

from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient

from backend.api.main import create_api
from backend.kit.settings import Settings


def test_whole_numbers_in_urls_are_described_with_their_bounds(tmp_path: Path) -> None:
    paths = create_api(Settings(data_dir=tmp_path)).openapi()["paths"]
    unbounded = [
        (path, one["name"])
        for path, operations in paths.items()
        for operation in operations.values()
        for one in operation.get("parameters", [])
        for schema in one["schema"].get("anyOf", [one["schema"]])
        if schema.get("type") == "integer"
        and not ({"minimum", "exclusiveMinimum"} & schema.keys() and {"maximum", "exclusiveMaximum"} & schema.keys())
    ]
    assert unbounded == []


def test_a_plan_still_has_the_first_network_under_its_old_name(client: TestClient) -> None:
    plan = client.post("/api/v1/plans", json={"config": {"dataset": "xor", "hidden_layers": [3]}}).json()
    assert plan["network"] == plan["networks"][0]
    refused = client.post("/api/v1/plans", json={"config": {"iterations": -1}}).json()
    assert refused["network"] is None
