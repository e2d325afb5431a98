"""Tapes over HTTP: posted once, cached for ever, open to viewers, nothing stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.kit.identity import Role
from synrl_core.tape import Recorder, Scene, details, split_chunks
from tests.backend.people.members import closed

API = "/api/v1/playground"
SCENE: dict[str, Any] = {"samples": 20, "hidden_layers": [2], "seed": 3}


def test_a_posted_scene_is_described_and_its_tape_served(client: TestClient) -> None:
    header = client.post(f"{API}/scenes", json=SCENE).json()
    assert header["sizes"] == [2, 2, 2]
    assert len(header["points"]) == 20
    answer = client.get(f"{API}/tapes/{header['tape']}", params={"from": 0, "to": 512})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    recorder = Recorder(Scene(**SCENE))
    assert answer.content == recorder.record().to_bytes() + recorder.record().to_bytes()
    assert len(list(split_chunks(answer.content))) == 2
    plain = client.get(f"{API}/tapes/{header['tape']}?to=512", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content


def test_a_scene_may_ride_in_the_query(client: TestClient) -> None:
    scene = Scene(**SCENE | {"seed": 4})
    tape = client.post(f"{API}/scenes", json=scene.differences()).json()["tape"]
    client.app.state.playground._known.clear()  # type: ignore[attr-defined]  # as after a restart
    assert client.get(f"{API}/tapes/{tape}").status_code == 404
    assert client.get(f"{API}/tapes/{tape}", params={"scene": scene.canonical_json()}).status_code == 200
    wrong = client.get(f"{API}/tapes/{tape}", params={"scene": json.dumps({"step_size": 2})})
    assert wrong.status_code == 422
    assert "step_size" in wrong.json()["detail"]


def test_a_scene_out_of_its_ranges_is_refused_by_field(client: TestClient) -> None:
    answer = client.post(f"{API}/scenes", json={"step_size": 7, "hidden_layers": [8] * 5, "noise": 1})
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"step_size", "hidden_layers", "noise"}
    assert client.get(f"{API}/tapes/{'0' * 40}", params={"from": 0, "to": 20_001}).status_code == 422
    assert client.get(f"{API}/tapes/none").status_code == 422


@pytest.mark.parametrize(
    "scene",
    [
        "%ED%A0%BD", "%FF%FE", "%", "%zz", "%00", '{"seed":NaN}', '{"seed":1e999}', '{"seed":' + "9" * 5000 + "}",
        r'"\ud83d"', r'{"\ud83d":1}', r'{"seed":"\udc00"}', r'{"hidden_layers":["\ud83d"]}', "[" * 3000, "null", "",
        "A" * 17_000,
    ],
)  # fmt: skip
def test_a_scene_that_is_no_scene_is_refused(client: TestClient, scene: str) -> None:
    assert client.get(f"{API}/tapes/{'a' * 40}?scene={scene}").status_code == 422


def test_viewers_and_students_play_and_nothing_is_stored(tmp_path: Path) -> None:
    with closed(tmp_path, playground_scenes_per_minute=3) as school:
        assert school.nobody.post(f"{API}/scenes", json=SCENE).status_code == 401
        for name, role in (("Vera", Role.VIEWER), ("Sam", Role.STUDENT)):
            player = school.join(name, role)
            header = player.post(f"{API}/scenes", json=SCENE).json()
            assert player.get(f"{API}/tapes/{header['tape']}").status_code == 200
            seeds = range(10, 16) if role is Role.VIEWER else range(20, 26)
            answers = [player.post(f"{API}/scenes", json=SCENE | {"seed": seed}) for seed in seeds]
            refused = [answer for answer in answers if answer.status_code == 429]
            assert refused, "each person has an limit"
            assert int(refused[0].headers["retry-after"]) > 0
            assert "SYNRL_PLAYGROUND_SCENES_PER_MINUTE" in refused[0].json()["detail"]
        assert school.teacher.get("/api/v1/runs").json()["total"] == 0


def test_details_are_served_beside_the_tape(client: TestClient) -> None:
    scene = SCENE | {"seed": 9}
    tape = client.post(f"{API}/scenes", json=scene).json()["tape"]
    answer = client.get(f"{API}/tapes/{tape}/details", params={"from": 300})
    recorder = Recorder(Scene(**scene))
    recorder.record()
    assert answer.content == details(Scene(**scene), recorder.state_bytes()).to_bytes()
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    descent = client.post(f"{API}/scenes", json=scene | {"method": "gradient"}).json()["tape"]
    refused = client.get(f"{API}/tapes/{descent}/details")
    assert refused.status_code == 422
    assert "gradient descent" in refused.json()["detail"]
