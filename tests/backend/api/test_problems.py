from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from backend.api.problems import problem
from backend.kit.field_errors import field_name
from synrl_core.config import TrainingConfig


def refused(client: TestClient, **request: Any) -> dict[str, Any]:
    """Post to /runs what must be refused; nothing is stored."""
    before = client.get("/api/v1/runs").json()["total"]
    answer = client.post("/api/v1/runs", **request)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert client.get("/api/v1/runs").json()["total"] == before
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code == 422
    return problem


def test_an_unknown_data_set_is_refused_with_those_there_are(client: TestClient) -> None:
    [error] = refused(client, json={"config": {"dataset": "letters"}})["errors"]
    assert (error["field"], error["value"]) == ("config.dataset", "letters")
    assert "digits" in error["limit"]["one_of"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("20", 20), ("1e2", 100), ("%2B20", 20), ("20.0", None), ("20.5", None), ("1_000", None), ("0x10", None),
        ("20.000", None), ("2,5", None), ("nan", None), ("", None), ("%ff", None), ("9" * 5000, None),
    ],
)  # fmt: skip
def test_whole_numbers_in_an_address_are_read_like_those_of_the_form(
    client: TestClient, written: str, read: int | None
) -> None:
    answer = client.get(f"/api/v1/runs?limit={written}")
    if read is not None:
        assert (answer.status_code, answer.json()["limit"]) == (200, read)
        return
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["field"] == "limit"
    said = ("should be a whole number", "should be at most 1000", "'20.000' can be 20 or 20000")
    assert error["message"].startswith(said)


@pytest.mark.parametrize(
    ("setting", "value", "limit"),
    [
        ("step_size", -0.001, {"gt": 0.0}),
        ("iterations", 0, {"ge": 1}),
        ("exploration", 1.5, {"le": 1.0}),
        ("validation_fraction", 0.99, {"le": 0.9}),
        ("history", 7, {"le": 3}),
        ("activation", "cube", {"expected": "'relu', 'tanh', 'sigmoid', 'identity', 'step' or 'sign'"}),
    ],
)
def test_a_value_out_of_range_is_named_with_its_field_and_limit(
    client: TestClient, setting: str, value: Any, limit: dict[str, Any]
) -> None:
    problem = refused(client, json={"config": {setting: value}})
    [error] = problem["errors"]
    assert (error["field"], error["value"], error["limit"]) == (f"config.{setting}", value, limit)
    assert f"config.{setting}" in problem["detail"]
    assert repr(value) in problem["detail"]


def test_an_unknown_policy_is_refused_with_those_there_are(client: TestClient) -> None:
    [error] = refused(client, json={"config": {"policy": "clairvoyance"}})["errors"]
    assert (error["field"], error["value"]) == ("config.policy", "clairvoyance")
    assert "win_stay_lose_shift" in error["limit"]["allowed"]


def test_a_parameter_that_the_data_set_does_not_take_is_named(client: TestClient) -> None:
    [error] = refused(client, json={"config": {"dataset": "moons", "dataset_parameters": {"noise": -3}}})["errors"]
    assert (error["field"], error["value"]) == ("config.dataset_parameters.noise", -3)
    [error] = refused(client, json={"config": {"dataset_parameters": {"noise": 1}}})["errors"]
    assert error["field"] == "config.dataset_parameters.noise"


@pytest.mark.parametrize("body", ["no json at all", "{", '{"config": {"step_size": }}', ""])
def test_a_body_that_is_not_json_is_refused(client: TestClient, body: str) -> None:
    problem = refused(client, content=body, headers={"Content-Type": "application/json"})
    assert problem["errors"][0]["field"] == "body"


def test_a_body_of_another_kind_is_refused(client: TestClient) -> None:
    assert refused(client, data={"config": "digits"})["errors"][0]["field"] == "body"
    assert refused(client, json=[1, 2])["errors"][0]["field"] == "body"


def test_not_a_number_is_refused_and_the_answer_is_json(client: TestClient) -> None:
    problem = refused(client, content='{"config": {"step_size": NaN}}', headers={"Content-Type": "application/json"})
    assert problem["errors"][0]["field"] == "config.step_size"


@pytest.mark.parametrize("settings", [{"iterations": True}, {"step_size": True}, {"hidden_layers": [8, True]}])
def test_true_is_no_number_but_a_switch(client: TestClient, settings: dict[str, Any]) -> None:
    error = refused(client, json={"config": settings})["errors"][0]
    assert error["field"] == f"config.{next(iter(settings))}"
    assert error["message"] == "should be a number, not true or false"
    accepted = TrainingConfig.model_validate({"adaptive": True, "dataset_parameters": {"noisy": True}})
    assert accepted.adaptive
    assert accepted.dataset_parameters == {"noisy": True}


def test_a_misspelt_setting_is_refused_with_the_one_that_was_meant(client: TestClient) -> None:
    [error] = refused(client, json={"config": {"stepsize": 0.1}})["errors"]
    assert error["field"] == "config.stepsize"
    assert "did you mean 'step_size'" in error["message"]


def test_settings_that_contradict_each_other_say_why(client: TestClient) -> None:
    problem = refused(client, json={"config": {"method": "gradient", "activation": "step"}})
    assert "derivative of 0" in problem["detail"]


HALF = '"\\ud83d"'
"""Half an emoji, as JSON can write it: the first of two surrogates, without the second."""


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (f'{{"name": {HALF}}}', "name"),
        (f'{{"tags": ["a", {HALF}]}}', "tags[1]"),
        (f'{{"config": {{"dataset_parameters": {{"noise": {HALF}}}}}}}', "config.dataset_parameters.noise"),
        (f'{{"config": {{{HALF}: 1}}}}', "config"),
        (f"{{{HALF}: 1}}", "body"),
        (HALF, "body"),
    ],
)
def test_half_a_character_is_refused_with_the_field_that_has_it(client: TestClient, body: str, field: str) -> None:
    problem = refused(client, content=body, headers={"Content-Type": "application/json"})
    assert [one["field"] for one in problem["errors"]] == [field]
    assert "half a character" in problem["detail"]


def fields(document: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """Names of a body's fields; of a body of several kinds those of each."""
    if "$ref" in schema:
        return fields(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    kinds = schema.get("oneOf", schema.get("anyOf", []))
    return set(schema.get("properties", ())).union(*(fields(document, kind) for kind in kinds))


@pytest.mark.parametrize(
    "template", [f'{{"%s": {HALF}}}', f'{{"%s": [{HALF}]}}', f'{{"%s": {{{HALF}: 1}}}}', f'{{"%s": {{"a": [{HALF}]}}}}']
)
def test_no_body_with_half_a_character_meets_a_fault(client: TestClient, template: str) -> None:
    document = client.get("/openapi.json").json()
    asked = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None:
                continue
            for name in fields(document, content["schema"]):
                answer = client.request(
                    method, path, content=template % name, headers={"Content-Type": "application/json"}
                )
                assert answer.status_code == 422, (method, path, name, answer.text)
                where = answer.json()["errors"][0]["field"]
                # Of a body of several kinds nobody can say which it would be.
                assert where.startswith(name) or ("$ref" not in content["schema"] and where == "body")
                asked += 1
    assert asked > 30


def test_a_problem_that_quotes_half_a_character_can_be_written() -> None:
    request = Request({"type": "http", "path": "/", "method": "GET", "headers": [], "query_string": b""})
    answer = problem(request, 422, "No", "it is \ud83d", [{"field": "\ud83d", "value": ["a\udfffb"]}])
    told = json.loads(bytes(answer.body))
    assert (told["detail"], told["errors"]) == ("it is \ufffd", [{"field": "\ufffd", "value": ["a\ufffdb"]}])


def test_long_values_are_not_sent_back_whole(client: TestClient) -> None:
    problem = refused(client, json={"config": {"activation": "x" * 100_000}})
    assert len(problem["errors"][0]["value"]) < 300


def test_unknown_addresses_of_the_api_are_problems_not_pages(client: TestClient) -> None:
    for path in ("/api/typo", "/api/v1/run", "/api/v1/runs/nobody", "/api/v1/runs/nobody/metrics"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert client.put("/api/v1/presets").status_code in (404, 405)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("runs/table", "GET"), ("runs/actions", "POST"), ("runs/some-id", "DELETE, GET, PATCH"), ("runs", "GET, POST")],
)
def test_an_address_names_its_own_methods_and_not_those_of_an_id(client: TestClient, path: str, allowed: str) -> None:
    answer = client.put(f"/api/v1/{path}")
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


def test_fields_are_named_as_one_would_write_them() -> None:
    assert field_name(("body", "config", "hidden_layers", 0)) == "config.hidden_layers[0]"
    assert field_name(("query", "limit")) == "limit"
    assert field_name(("body",)) == "body"


@pytest.mark.parametrize("scene", ["{", '{"seed": "x"}', '{"parameters": {"\\ud83d": 1}}'])
def test_a_scene_in_an_address_that_can_not_be_read_is_refused(client: TestClient, scene: str) -> None:
    answer = client.get(f"/api/v1/playground/tapes/{'0' * 40}", params={"scene": scene, "from": 0, "to": 1})
    assert answer.status_code == 422, answer.text
