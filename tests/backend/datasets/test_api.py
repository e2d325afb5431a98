"""Uploads through the API: previewed, saved once, trained on, refused with a reason."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import numpy as np
import psutil
import pytest
from fastapi.testclient import TestClient

from backend.api.main import create_api
from backend.kit.settings import Settings
from synrl_core.datasets import RawDataset, readers
from tests.core.datasets import files
from tests.core.datasets.bad_files import IDX_CASES, LARGE, NPZ_CASES, TABLE_CASES, ZIP_CASES, made
from tests.core.datasets.test_readers import NOTMNIST
from tests.server import running, wait_for
from tests.slowness import patience

API = "/api/v1/datasets"
LIMIT = 2**20
PAIR = {"t-images-idx3-ubyte": files.idx(files.pictures(60)), "t-labels-idx1-ubyte": files.idx(files.labels(60))}
TABLE = b"kind,a,b\n" + b"".join(b"%s,%d,%d\n" % (b"xy"[i % 2 : i % 2 + 1], i, i * i % 7) for i in range(40))


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def client(data_dir: Path) -> Iterator[TestClient]:
    """An API of our own: others must not see our data sets."""
    settings = Settings(data_dir=data_dir, workers=1, max_upload_bytes=LIMIT)
    with TestClient(create_api(settings), raise_server_exceptions=False) as started:
        yield started


def parts(brought: dict[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    return [("files", (name, data)) for name, data in brought.items()]


def bring(client: TestClient, brought: dict[str, bytes], **fields: Any) -> dict[str, Any]:
    answer = client.post(API, files=parts(brought), data=fields)
    assert answer.status_code in (200, 201), answer.text
    kept: dict[str, Any] = answer.json()
    return kept


def left_behind(data_dir: Path) -> list[Path]:
    return [path for folder in ("uploads", "artifacts/datasets") for path in (data_dir / folder).glob("*")]


def test_the_list_begins_with_what_ships_and_says_all_there_is_to_say(client: TestClient) -> None:
    shipped = [one for one in client.get(API).json() if one["built_in"]]
    assert [one["id"] for one in shipped][:2] == ["digits", "glyphs"]
    for one in shipped:
        assert all((one["name"], one["description"], one["licence"], one["source"]))
        assert sum(each["samples"] for each in one["classes"]) == one["samples"]


@pytest.mark.parametrize(("name", "seen"), [("digits", "pictures"), ("moons", "points"), ("iris", "rows")])
def test_each_kind_of_data_is_shown_as_what_it_is(client: TestClient, name: str, seen: str) -> None:
    preview = client.get(f"{API}/{name}").json()["preview"]
    assert bool(preview["classes"][0]["picture"]) == (seen == "pictures")
    assert bool(preview["points"]) == (seen == "points")
    assert preview["rows"] or seen == "pictures"


def test_saving_a_previewed_upload_by_its_token_sends_no_file_again(client: TestClient, data_dir: Path) -> None:
    seen = client.post(f"{API}/preview", files=parts(PAIR)).json()
    assert seen["preview"]["samples"] == 60
    assert seen["preview"]["sample_shape"] == [9, 9]
    assert [one["samples"] for one in seen["preview"]["classes"]] == [20, 20, 20]
    assert seen["preview"]["classes"][0]["picture"].startswith("data:image/png;base64,")
    assert "divided by 255" in seen["preview"]["scaling"]
    assert all(one["built_in"] for one in client.get(API).json())
    answer = client.post(API, data={"upload": seen["upload"], "name": "Mine", "class_names": "A,B,C"})
    assert answer.status_code == 201, answer.text
    kept = answer.json()
    assert (kept["name"], [one["name"] for one in kept["classes"]]) == ("Mine", ["A", "B", "C"])
    assert answer.headers["Location"] == f"{API}/{kept['id']}"
    assert not list((data_dir / "uploads").glob("*"))
    assert client.post(API, data={"upload": seen["upload"]}).status_code == 404
    assert client.delete(f"{API}/{kept['id']}").status_code == 204
    assert left_behind(data_dir) == []


def test_the_same_content_is_kept_once_whatever_it_is_called(client: TestClient, data_dir: Path) -> None:
    first = client.post(API, files=parts({"one.npz": files.npz(X=np.eye(20, dtype="f4"), y=np.arange(20) % 2)}))
    again = client.post(
        API, files=parts({"two.npz": files.npz(labels=np.arange(20) % 2, images=np.eye(20, dtype="f4"))})
    )
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert len(left_behind(data_dir)) == 1
    client.delete(f"{API}/{first.json()['id']}")


NUMBERS = b"kind,a,b\n" + b"".join(b"%d,%d.5,%d\n" % (i % 2, i, i * i % 7) for i in range(40))


def look(client: TestClient, upload: str, **fields: Any) -> dict[str, Any]:
    answer = client.post(f"{API}/preview", data={"upload": upload} | fields)
    assert answer.status_code == 200, answer.text
    seen: dict[str, Any] = answer.json()
    return seen


def test_the_label_column_is_chosen_after_the_columns_are_seen(client: TestClient, data_dir: Path) -> None:
    seen = client.post(f"{API}/preview", files=parts({"table.csv": NUMBERS})).json()
    assert seen["columns"] == ["kind", "a", "b"]
    assert (seen["label_column"], seen["preview"], seen["problem"]) == (None, None, None)
    wrong = look(client, seen["upload"], label_column="a")
    assert "class '0.5' has one sample" in wrong["problem"]
    right = look(client, seen["upload"], label_column="kind")
    assert [one["name"] for one in right["preview"]["classes"]] == ["0", "1"]
    assert len(right["preview"]["points"]) == 40
    assert client.delete(f"{API}/uploads/{seen['upload']}").status_code == 204
    assert left_behind(data_dir) == []


def test_the_only_column_of_words_is_the_label_column(client: TestClient) -> None:
    table = b"x,y,group\n" + b"".join(b"%d.5,%d.25,%s\n" % (i, i * i, b"uv"[i % 2 : i % 2 + 1]) for i in range(20))
    seen = client.post(f"{API}/preview", files=parts({"xy.csv": table})).json()
    assert (seen["label_column"], seen["problem"]) == ("group", None)
    assert seen["preview"]["feature_names"] == ["x", "y"]
    client.delete(f"{API}/uploads/{seen['upload']}")


def test_guesses_are_shown_each_can_be_changed_and_what_was_seen_is_kept(client: TestClient) -> None:
    table = "größe;b;y\n" + "".join(f"{i},5;{i * i % 7};{'uv'[i % 2]}\n" for i in range(20))
    seen = client.post(f"{API}/preview", files=parts({"t.csv": table.encode("cp1252")})).json()
    choices = {one["field"]: one for one in seen["choices"]}
    assert {name: one["value"] for name, one in choices.items()} == {
        "separator": "semicolon", "decimal": "comma", "encoding": "cp1252", "header": "true", "missing": "refuse",
        "orientation": "as_stored",
    }  # fmt: skip
    assert all(one["guessed"] for one in choices.values())
    for one in choices.values():
        assert one["value"] in [option["value"] for option in one["options"]], one
    other = look(client, seen["upload"], decimal="point")
    assert (other["preview"], {one["field"]: one["guessed"] for one in other["choices"]}["decimal"]) == (None, False)
    assert "the decimal sign is '.'" in other["problem"]
    assert look(client, seen["upload"], encoding="cp1251")["columns"][0] != "größe"
    assert look(client, seen["upload"], header="false", label_column="column 3")["problem"]
    left = look(client, seen["upload"], ignored_columns="b")
    assert (left["preview"]["feature_names"], left["ignored_columns"]) == (["größe"], ["b"])
    kept = client.post(API, data={"upload": seen["upload"], "ignored_columns": "b"})
    assert kept.status_code == 201, kept.text
    assert kept.json()["sample_shape"] == [1]
    client.delete(f"{API}/{kept.json()['id']}")
    refused = client.post(f"{API}/preview", files=parts({"t.csv": table.encode()}), data={"separator": "x"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "separator"


@pytest.mark.parametrize("fields", [{}, {"label_column": "kind"}])
def test_a_preview_and_keeping_read_the_file_once(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, fields: dict[str, str]
) -> None:
    counted: list[Any] = []
    original = readers.read

    def counting(*given: Any, **more: Any) -> RawDataset:
        counted.append(more)
        return original(*given, **more)

    monkeypatch.setattr(readers, "read", counting)
    seen = client.post(f"{API}/preview", files=parts({"table.csv": TABLE})).json()
    assert seen["label_column"] == "kind"
    look(client, seen["upload"])
    kept = client.post(API, data={"upload": seen["upload"]} | fields)
    assert kept.status_code == 201, kept.text
    assert len(counted) == 1
    client.delete(f"{API}/{kept.json()['id']}")


def test_a_missing_label_is_asked_about_whatever_the_format(client: TestClient) -> None:
    table = b"a,y\n" + b"".join(b"%d,%s\n" % (i * i, (b"u", b"v", b"None")[i % 3]) for i in range(12))
    array = files.npz(X=np.arange(24.0).reshape(12, 2) ** 2, y=np.array(["u", "v", "None"] * 4))
    for name, data in {"t.csv": table, "t.npz": array}.items():
        seen = client.post(f"{API}/preview", files=parts({name: data})).json()
        assert "missing" in {one["field"] for one in seen["choices"]}, name
        assert "choose to leave" in seen["problem"]
        for choice, classes in (("leave_out", 2), ("keep", 3)):
            again = look(client, seen["upload"], missing=choice)
            assert len(again["preview"]["classes"]) == classes
        client.delete(f"{API}/uploads/{seen['upload']}")


BAD = {
    **{f"idx: {name}": (data, message) for name, (data, message) in IDX_CASES.items()},
    **{f"npz: {name}": ([data], message) for name, (data, message) in NPZ_CASES.items() if name not in LARGE},
    **{f"zip: {name}": ([data], message) for name, (data, message) in ZIP_CASES.items()},
    **{f"csv: {name}": ([data], message) for name, (data, message) in TABLE_CASES.items() if name not in LARGE},
}


CHOICES_HELP = {case for case in BAD if case.startswith("csv")} | {"npz: words for missing labels"}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("where", [API, f"{API}/preview"])
def test_bad_files_are_refused_with_a_reason_and_leave_nothing(
    client: TestClient, data_dir: Path, case: str, where: str
) -> None:
    data, _ = BAD[case]
    brought = {f"file{place}.dat": made(one) for place, one in enumerate(data)}
    assert max(map(len, brought.values())) < LIMIT
    answer = client.post(where, files=parts(brought))
    if answer.status_code == 200 and case in CHOICES_HELP:
        assert answer.json()["preview"] is None  # another choice may do
        assert answer.json()["problem"] or answer.json()["columns"]
        client.delete(f"{API}/uploads/{answer.json()['upload']}")
    else:
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        [error] = answer.json()["errors"]
        if error["field"] == "files" and "place" in error:
            assert all(error[part] for part in ("file", "place", "found", "expected", "remedy"))
    assert left_behind(data_dir) == []
    assert all(one["built_in"] for one in client.get(API).json())


@pytest.mark.parametrize(
    "name",
    ['"quoted".csv', "two\nlines.csv", "🦜.csv", "n" * 10_000, "../../etc/passwd", "<img src=x onerror=alert(1)>"],
)
def test_any_name_is_kept_as_one_short_line(client: TestClient, data_dir: Path, name: str) -> None:
    kept = bring(client, {name: TABLE}, label_column="kind")
    assert 0 < len(kept["name"]) <= 200
    assert kept["name"].isprintable()
    renamed = client.patch(f"{API}/{kept['id']}", json={"name": name}).json()
    assert 0 < len(renamed["name"]) <= 200
    client.delete(f"{API}/{kept['id']}")
    assert left_behind(data_dir) == []


def test_other_class_names_change_nothing_that_trains(client: TestClient) -> None:
    kept = bring(client, PAIR)
    renamed = client.patch(f"{API}/{kept['id']}", json={"class_names": ["A", "B", "C"]}).json()
    assert renamed["content_hash"] == kept["content_hash"]
    assert client.get(f"{API}/{kept['id']}").json()["preview"]["classes"][2]["name"] == "C"
    refused = client.patch(f"{API}/{kept['id']}", json={"class_names": ["A", "A", "C"]})
    assert refused.status_code == 422
    assert "3 different names" in refused.json()["detail"]
    client.delete(f"{API}/{kept['id']}")


def train(client: TestClient, **config: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/runs", json={"config": {"iterations": 200, "evaluate_every": 50} | config})
    assert answer.status_code == 201, answer.text
    return wait_for(
        lambda: client.get(f"/api/v1/runs/{answer.json()['id']}").json(),
        lambda run: run["status"] in ("succeeded", "failed"),
    )


def test_runs_on_stored_data_are_reproducible_and_protect_the_data(client: TestClient) -> None:
    kept = bring(client, PAIR, name="Noise")
    runs = [train(client, dataset=kept["id"], hidden_layers=[4]) for _ in range(2)]
    assert [run["status"] for run in runs] == ["succeeded"] * 2, runs
    assert {run["dataset_hash"] for run in runs} == {kept["content_hash"]}
    assert runs[0]["name"].startswith("Noise")
    assert (runs[0]["dataset_name"], runs[0]["sample_shape"]) == ("Noise", kept["sample_shape"])
    curves = [client.get(f"/api/v1/runs/{run['id']}/metrics").json()["values"] for run in runs]
    assert curves[0] == curves[1]
    refused = client.delete(f"{API}/{kept['id']}")
    assert refused.status_code == 409
    assert {error["value"] for error in refused.json()["errors"]} == {run["id"] for run in runs}
    for run in runs:
        client.delete(f"/api/v1/runs/{run['id']}")
    refused = client.delete(f"{API}/{kept['id']}")
    assert refused.status_code == 409
    assert "trash" in refused.json()["detail"], "a run that can be restored needs its data"
    for run in runs:
        client.delete(f"/api/v1/runs/{run['id']}", params={"purge": True})
    assert client.delete(f"{API}/{kept['id']}").status_code == 204


def test_what_can_not_fit_is_refused_when_a_run_is_asked_for(client: TestClient) -> None:
    kept = bring(client, PAIR)
    for config, said in (
        ({"dataset": "nowhere"}, "synrl datasets list"),
        ({"dataset": kept["id"], "loss": "logistic"}, "2 classes"),
        ({"dataset": "digits", "loss": "logistic"}, "2 classes"),
        ({"dataset": kept["id"], "dataset_parameters": {"samples": 3}}, "should be empty"),
    ):
        answer = client.post("/api/v1/runs", json={"config": config})
        assert answer.status_code == 422, answer.text
        assert said in answer.json()["detail"]
    client.delete(f"{API}/{kept['id']}")


def test_what_ships_can_not_be_deleted(client: TestClient) -> None:
    assert client.delete(f"{API}/digits").status_code == 409
    assert client.delete(f"{API}/nowhere").status_code == 404


@pytest.mark.parametrize("token", ["", "x", "../../secrets", "0" * 32])
def test_a_token_names_nothing_but_an_upload(client: TestClient, token: str) -> None:
    assert client.post(API, data={"upload": token}, files=[]).status_code in (404, 422)


def test_a_form_that_is_cut_or_none_is_refused(client: TestClient, data_dir: Path) -> None:
    cut = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\nlabel,a\n'
    for body, kind in (
        (cut, "multipart/form-data; boundary=x"),
        (b"{}", "application/json"),
        (b"zz", "multipart/form-data; boundary=x"),
    ):
        answer = client.post(API, content=body, headers={"Content-Type": kind})
        assert answer.status_code == 422, answer.text
    three = parts({"a": b"1", "b": b"2", "c": b"3"})
    assert client.post(API, files=three).status_code == 422
    assert left_behind(data_dir) == []


def _endless(total: int) -> Iterator[bytes]:
    yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'
    block = bytes(2**20)
    for _ in range(total // len(block)):
        yield block
    yield b"\r\n--x--\r\n"


def test_too_large_an_upload_is_refused_early_in_bounded_memory(tmp_path: Path) -> None:
    limit, sent = 32 * 2**20, 0

    def counted() -> Iterator[bytes]:
        nonlocal sent
        for block in _endless(3 * 2**30):
            sent += len(block)
            yield block

    with running(tmp_path, SYNRL_MAX_UPLOAD_BYTES=str(limit), SYNRL_WORKERS="1") as server:
        assert server.process is not None
        before = psutil.Process(server.process.pid).memory_info().rss
        try:
            answer = httpx2.post(
                f"{server.url}{API}",
                content=counted(),
                headers={"Content-Type": "multipart/form-data; boundary=x"},
                timeout=patience(20),
            )
            assert answer.status_code == 413
        except (httpx2.WriteError, httpx2.ReadError):
            pass  # the server hung up while we were still sending
        assert sent < limit + 64 * 2**20
        host = urlsplit(server.url)
        asked = http.client.HTTPConnection(str(host.hostname), host.port, timeout=patience(20))
        asked.putrequest("POST", API)
        asked.putheader("Content-Type", "multipart/form-data; boundary=x")
        asked.putheader("Content-Length", str(3 * 2**30))
        asked.endheaders()
        declared = asked.getresponse()
        assert declared.status == 413
        assert b"SYNRL_MAX_UPLOAD_BYTES" in declared.read()
        asked.close()
        assert psutil.Process(server.process.pid).memory_info().rss - before < 64 * 2**20
        wait_for(lambda: list((tmp_path / "uploads").glob("*")), lambda seen: seen == [])
        assert server.get(API)


@pytest.mark.timed
def test_others_are_served_while_a_large_table_is_read(client: TestClient) -> None:
    wide = b"label," + b",".join(b"c%d" % i for i in range(20)) + b"\n"
    rows = b"".join(b"%d," % (i % 3) + b",".join(b"0.%d" % (i % 97) for _ in range(20)) + b"\n" for i in range(9000))
    sending = threading.Thread(target=lambda: client.post(f"{API}/preview", files=parts({"w.csv": wide + rows})))
    sending.start()
    slowest = 0.0
    while sending.is_alive():
        start = time.perf_counter()
        assert client.get(f"{API}/digits").status_code == 200
        slowest = max(slowest, time.perf_counter() - start)
    sending.join()
    assert slowest < 1.0


@pytest.mark.skipif(not NOTMNIST.is_dir(), reason=f"notMNIST's files are not at {NOTMNIST}; set SYNRL_TEST_DATA")
def test_notmnist_is_brought_and_trains(tmp_path: Path) -> None:
    with TestClient(create_api(Settings(data_dir=tmp_path, workers=1))) as client:
        brought = {path.name: path.read_bytes() for path in sorted(NOTMNIST.glob("*.gz"))}
        kept = bring(client, brought, class_names="ABCDEFGHIJ", name="notMNIST")
        assert (kept["samples"], kept["sample_shape"]) == (10_000, [28, 28])
        run = train(client, dataset=kept["id"], hidden_layers=[], iterations=1500, evaluate_every=500)
        assert run["status"] == "succeeded", run
        assert run["validation_accuracy"] > 0.5


def test_a_million_classes_and_pickles_are_refused_whatever_their_size(tmp_path: Path) -> None:
    large = {name: made(data) for name, (data, _) in NPZ_CASES.items() if name in LARGE}
    large |= {f"csv {name}": made(data) for name, (data, _) in TABLE_CASES.items() if name in LARGE}
    assert min(map(len, large.values())) >= LIMIT
    pickled = files.npz(X=np.array([{"a": 1}, None] * 6, dtype=object), y=np.arange(12) % 2)
    with TestClient(create_api(Settings(data_dir=tmp_path, workers=1))) as client:
        for name, data in (large | {"pickled": pickled}).items():
            answer = client.post(API, files=parts({"brought.dat": data}), data={"label_column": "y"})
            assert answer.status_code == 422, (name, answer.text)
            assert left_behind(tmp_path) == [], name
