"""Bundles: exported runs can be imported, and invalid files leave nothing behind."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from backend.db.store import Store
from backend.db.tables import Run
from backend.exchange import bundle_file as format_
from backend.exchange import bundles
from backend.exchange.bundle_schemas import BundleImported
from backend.inspection import weights
from backend.kit.errors import InvalidError, NotFoundError
from backend.kit.identity import Role
from backend.runs import service as runs
from backend.runs.curves import service as curves
from backend.runs.schemas import RunRead
from backend.wire.artifacts import Artifacts
from tests.backend.api.test_runs import create, finished
from tests.backend.measured import add_run
from tests.backend.people.members import closed
from tests.examples import examples

GIB = 2**30

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def packed(client: TestClient) -> bytes:
    """A bundle of two runs, really trained: one of three replicates, one by gradient descent."""
    made = [create(client, replicates=3, hidden_layers=[8]), create(client, method="gradient", hidden_layers=[])]
    ids = [finished(client, run)["id"] for run in made]
    answer = client.get("/api/v1/bundles", params={"runs": ",".join(ids)})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    return answer.content


class Elsewhere:
    """Another installation: a database and artifacts of its own, without a worker."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.artifacts = Artifacts(folder.as_uri())

    def import_bundle(self, data: bytes, max_bytes: int = GIB) -> BundleImported:
        path = self.folder.parent / "brought"
        path.write_bytes(data)
        return bundles.import_bundle(self.store, self.artifacts, path, "brought.zip", max_bytes)

    def runs(self) -> list[RunRead]:
        with self.store.read() as session:
            return runs.listing(session).items

    def files(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture
def elsewhere(store: Store, tmp_path: Path) -> Elsewhere:
    folder = tmp_path / "artifacts"
    folder.mkdir()
    return Elsewhere(store, folder)


def unpacked(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Files | list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, data)
    return buffer.getvalue()


def vouched(files: Files, change: Callable[[dict[str, Any]], None] = lambda manifest: None) -> bytes:
    """Zip files with a manifest whose hashes are right for them: a forger can do that too."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: {"bytes": len(data), "sha256": sha256(data).hexdigest()}
        for name, data in files.items()
        if name != "manifest.json"
    }
    change(manifest)
    return zipped({**files, "manifest.json": json.dumps(manifest).encode()})


def edited(data: bytes, ending: str, edit: Callable[[bytes], bytes]) -> bytes:
    """Change the first file of an ending, and vouch for it."""
    files = unpacked(data)
    name = next(name for name in files if name.endswith(ending))
    return vouched({**files, name: edit(files[name])})


def json_with(**changes: Any) -> Callable[[bytes], bytes]:
    return lambda data: json.dumps({**json.loads(data), **changes}).encode()


def arrays_with(change: Callable[[dict[str, NDArray[Any]]], None]) -> Callable[[bytes], bytes]:
    def edit(data: bytes) -> bytes:
        with np.load(io.BytesIO(data)) as read:
            arrays = {name: read[name] for name in read.files}
        change(arrays)
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        return buffer.getvalue()

    return edit


def test_runs_come_in_as_they_went_out(client: TestClient, packed: bytes, elsewhere: Elsewhere) -> None:
    taken = elsewhere.import_bundle(packed)
    home: Store = client.app.state.store  # type: ignore[attr-defined]
    home_artifacts: Artifacts = client.app.state.jobs.artifacts  # type: ignore[attr-defined]
    assert taken.missing_datasets == []
    assert len(taken.runs) == 2
    for one in taken.runs:
        assert one.id == one.original_id
        with home.read() as there, elsewhere.store.read() as here:
            before, after = runs.get(there, one.id), runs.get(here, one.id)
            changed = {"tags", "provenance", "owner", "sweep_id", "parent_id"}
            assert after.model_dump(exclude=changed) == before.model_dump(exclude=changed)
            for name, array in curves.points(there, one.id).items():
                np.testing.assert_array_equal(curves.points(here, one.id)[name], array)
            snapshots = weights.listing(there, one.id)
            assert weights.listing(here, one.id) == snapshots
            assert len(snapshots) > 2
            for snapshot in snapshots:
                a, b = weights.find(there, one.id, snapshot.iteration), weights.find(here, one.id, snapshot.iteration)
                assert home_artifacts.read(a.path) == elsewhere.artifacts.read(b.path)


def test_a_bundle_of_an_earlier_version_is_imported(elsewhere: Elsewhere) -> None:
    """``stored/version1.zip``: an adaptive, a stochastic and a gradient run of the version of commit 650ede0."""
    taken = elsewhere.import_bundle((Path(__file__).parent / "stored" / "version1.zip").read_bytes())
    with elsewhere.store.read() as session:
        for run, methods in zip(taken.runs, ("synaptic", "synaptic", "gradient"), strict=True):
            assert runs.get(session, run.id).config.method == methods
            assert [one.iteration for one in weights.listing(session, run.id)] == [0, 40, 80]
            assert curves.points(session, run.id)["iteration"].tolist() == [0, 20, 40, 60, 80]
            seen = weights.load(elsewhere.artifacts, weights.find(session, run.id))
            assert weights.read_weights(seen, 0) is not None
            assert (weights.policy(seen, 0) is None) == (methods == "gradient")


def test_imported_runs_are_marked_as_such(packed: bytes, elsewhere: Elsewhere) -> None:
    elsewhere.import_bundle(packed)
    for run in elsewhere.runs():
        assert "imported" in run.tags
        assert run.provenance is not None
        origin = run.provenance["imported"]
        assert origin["id"] == run.id
        assert origin["bundle_sha256"] == sha256(packed).hexdigest()
        assert run.provenance["numpy"]


def test_imported_runs_with_existing_ids_get_new_ones(packed: bytes, elsewhere: Elsewhere) -> None:
    first, second = elsewhere.import_bundle(packed), elsewhere.import_bundle(packed)
    assert [one.original_id for one in first.runs] == [one.original_id for one in second.runs]
    assert not {one.id for one in first.runs} & {one.id for one in second.runs}
    assert len(elsewhere.runs()) == 4
    with elsewhere.store.read() as session:
        for one, two in zip(first.runs, second.runs, strict=True):
            a, b = weights.find(session, one.id), weights.find(session, two.id)
            assert a.path != b.path
            assert elsewhere.artifacts.read(a.path) == elsewhere.artifacts.read(b.path)


def test_an_imported_run_can_be_exported_again(packed: bytes, elsewhere: Elsewhere) -> None:
    taken = elsewhere.import_bundle(packed)
    with bundles.pack(elsewhere.store, elsewhere.artifacts, [one.id for one in taken.runs]) as file:
        again = unpacked(file.read())
    before = unpacked(packed)
    assert again.keys() == before.keys()
    for name in before:
        if name.endswith(".npz") and "snapshots" in name:
            assert again[name] == before[name]


def test_a_run_in_training_is_exported_as_it_is_and_imported_stopped(store: Store, elsewhere: Elsewhere) -> None:
    run = add_run(store, lambda share: share, done=0.5)
    with store.write() as session:
        row = session.get(Run, run)
        assert row is not None
        row.status, row.finished_at = "running", None
    with bundles.pack(store, elsewhere.artifacts, [run]) as file:
        taken = elsewhere.import_bundle(file.read())
    (one,) = taken.runs
    assert one.id != run
    with store.read() as session:
        assert runs.get(session, one.id).status == "stopped"


def test_missing_data_sets_of_a_bundle_are_reported(packed: bytes, elsewhere: Elsewhere) -> None:
    files = unpacked(packed)
    name = next(name for name in files if name.endswith("run.json"))
    files[name] = json_with(dataset_name="My letters")(files[name])

    def own(manifest: dict[str, Any]) -> None:
        manifest["datasets"] = [{"id": "abcabcabcabc", "name": "Mine", "built_in": False, "content_hash": "a" * 64}]

    taken = elsewhere.import_bundle(vouched(files, own))
    assert [one.name for one in taken.missing_datasets] == ["Mine"]


def test_nothing_or_too_much_or_a_lost_run_is_not_packed(store: Store, elsewhere: Elsewhere) -> None:
    with pytest.raises(InvalidError, match="1 to 200"):
        bundles.pack(store, elsewhere.artifacts, [])
    with pytest.raises(InvalidError, match="1 to 200"):
        bundles.pack(store, elsewhere.artifacts, [f"r{n}" for n in range(201)])
    with pytest.raises(NotFoundError):
        bundles.pack(store, elsewhere.artifacts, ["gone"])


def test_snapshots_are_imported_with_and_without_a_temperature(packed: bytes, elsewhere: Elsewhere) -> None:
    for data, expected in (
        (edited(packed, "0000.npz", arrays_with(of_before)), (0.0, 0.0)),
        (with_temperature(np.array([1.0, 0.25]))(packed), (1.0, 0.25)),
    ):
        taken = elsewhere.import_bundle(data)
        with elsewhere.store.read() as session:
            looks = [weights.at(session, elsewhere.artifacts, one.id, 0) for one in taken.runs]
        told = [one.behaviour.temperature for one in looks if one is not None and one.behaviour is not None]
        assert told == [expected]


def first_run(files: Files) -> str:
    return next(name for name in files if name.endswith("run.json")).split("/")[1]


def bomb() -> bytes:
    return zipped({"manifest.json": b"{}", "runs/x/run.json": bytes(200 * 2**20)})


def nested_bomb(data: bytes) -> bytes:
    """A curve that is small as it lies there, and large when unpacked."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, iteration=np.zeros(2**25, dtype=np.int64))
    return buffer.getvalue()


def other_blocks(arrays: dict[str, NDArray[Any]]) -> None:
    arrays["blocks"] = np.frombuffer(b"[]", np.uint8)


def with_object(arrays: dict[str, NDArray[Any]]) -> None:
    arrays["seconds"] = np.array([{"a": 1}] * len(arrays["seconds"]), dtype=object)


def shuffled(arrays: dict[str, NDArray[Any]]) -> None:
    arrays["iteration"] = arrays["iteration"][::-1].copy()


def cut(arrays: dict[str, NDArray[Any]]) -> None:
    arrays["train_loss"] = arrays["train_loss"][:-1]


def other_type(arrays: dict[str, NDArray[Any]]) -> None:
    arrays["iteration"] = arrays["iteration"].astype(np.float64)


def smuggled(arrays: dict[str, NDArray[Any]]) -> None:
    arrays["extra"] = np.zeros(3)


def other_network(arrays: dict[str, NDArray[Any]]) -> None:
    arrays["weights_0"] = arrays["weights_0"][:, :-1]


def of_before(arrays: dict[str, NDArray[Any]]) -> None:
    """Leave out what snapshots from before stochastic policies have not got."""
    arrays.pop("temperature", None)


def with_temperature(temperature: NDArray[Any]) -> Callable[[bytes], bytes]:
    return lambda data: edited(data, "0000.npz", arrays_with(lambda arrays: arrays.update(temperature=temperature)))


BAD: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "no zip": (lambda data: b"hello" * 100, "table of contents"),
    "empty": (lambda data: b"", "0 bytes"),
    "cut off": (lambda data: data[: len(data) // 2], "table of contents"),
    "no manifest": (lambda data: zipped({"a.txt": b"x"}), "no manifest.json"),
    "manifest is no JSON": (lambda data: zipped({"manifest.json": b"{"}), "JSON"),
    "manifest of something else": (lambda data: zipped({"manifest.json": b'{"format": "x"}'}), "format"),
    "a newer version": (
        lambda data: vouched(unpacked(data), lambda manifest: manifest.update(version=99)),
        "Update this SynRL",
    ),
    "a changed file": (
        lambda data: zipped(
            {name: b"{}" if name.endswith("run.json") else one for name, one in unpacked(data).items()}
        ),
        "bytes",
    ),
    "a changed byte": (
        lambda data: zipped(
            {name: one[:-1] + b"!" if name.endswith("curve.npz") else one for name, one in unpacked(data).items()}
        ),
        "SHA-256",
    ),
    "a file that is not listed": (lambda data: zipped({**unpacked(data), "runs/x/y": b""}), "not listed"),
    "a file that is missing": (
        lambda data: zipped({name: one for name, one in unpacked(data).items() if not name.endswith("curve.npz")}),
        "not there",
    ),
    "a path that climbs out": (lambda data: zipped({**unpacked(data), "../../evil": b"x"}), "leads out"),
    "an absolute path": (lambda data: zipped({**unpacked(data), "/etc/evil": b"x"}), "leads out"),
    "a vouched file of no run": (lambda data: vouched({**unpacked(data), "evil.sh": b"x"}), "don't have"),
    "a file twice": (
        lambda data: zipped([*unpacked(data).items(), ("manifest.json", b"{}")]),
        "two files of one name",
    ),
    "a bomb": (lambda data: bomb(), "at most"),
    "a bomb in a curve": (lambda data: edited(data, "curve.npz", nested_bomb), "at most"),
    "a pickle in a curve": (lambda data: edited(data, "curve.npz", arrays_with(with_object)), "arrays of numbers"),
    "iterations out of order": (lambda data: edited(data, "curve.npz", arrays_with(shuffled)), "out of order"),
    "a column too short": (lambda data: edited(data, "curve.npz", arrays_with(cut)), "train_loss"),
    "a column of another type": (lambda data: edited(data, "curve.npz", arrays_with(other_type)), "iteration float64"),
    "an array too much": (lambda data: edited(data, "curve.npz", arrays_with(smuggled)), "extra"),
    "weights of another network": (
        lambda data: edited(data, "0000.npz", arrays_with(other_network)),
        "weights_0",
    ),
    "blocks that its settings don't describe": (
        lambda data: edited(data, "0000.npz", arrays_with(other_blocks)),
        "arrays blocks",
    ),
    "an array too much in weights": (lambda data: edited(data, "0000.npz", arrays_with(smuggled)), "extra"),
    "one temperature for two tables": (with_temperature(np.ones(1)), "temperature float64 (1,)"),
    "a temperature of another type": (with_temperature(np.ones(2, np.float32)), "temperature float32"),
    "a temperature below zero": (with_temperature(np.array([1.0, -0.5])), "temperature [1.0, -0.5]"),
    "a temperature that is no number": (with_temperature(np.array([np.nan, 1.0])), "temperature [nan, 1.0]"),
    "a temperature without end": (with_temperature(np.array([1.0, np.inf])), "temperature [1.0, inf]"),
    "a setting out of range": (
        lambda data: edited(data, "run.json", json_with(config={"step_size": 7})),
        "step_size",
    ),
    "an unknown setting": (lambda data: edited(data, "run.json", json_with(config={"evil": 1})), "evil"),
    "another run's id": (lambda data: edited(data, "run.json", json_with(id="other")), "run other"),
    "more iterations than asked for": (lambda data: edited(data, "run.json", json_with(iteration=10**9)), "iteration"),
    "an id that is a path": (
        lambda data: vouched(unpacked(data), lambda manifest: manifest.update(runs=["../x"])),
        "runs",
    ),
}


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # refused before any database is asked
@pytest.mark.parametrize("what", BAD)
def test_what_is_no_bundle_is_refused_with_nothing_left(packed: bytes, elsewhere: Elsewhere, what: str) -> None:
    spoil, said = BAD[what]
    with pytest.raises(format_.BundleError) as refusal:
        elsewhere.import_bundle(spoil(packed))
    assert said in str(refusal.value)
    assert "brought.zip" in str(refusal.value)
    assert elsewhere.runs() == []
    assert elsewhere.files() == []


def test_a_failure_while_writing_leaves_nothing(
    packed: bytes, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[str] = []
    write = elsewhere.artifacts.write

    def fails_late(path: str, data: bytes) -> None:
        if len(stored) == 3:
            raise OSError("disk full")
        stored.append(path)
        write(path, data)

    monkeypatch.setattr(elsewhere.artifacts, "write", fails_late)
    with pytest.raises(OSError, match="disk full"):
        elsewhere.import_bundle(packed)
    assert elsewhere.runs() == []
    assert elsewhere.files() == []


def test_through_the_api_a_bundle_comes_in_beside_its_originals(client: TestClient, packed: bytes) -> None:
    before = client.get("/api/v1/runs").json()["total"]
    answer = client.post("/api/v1/bundles", files={"files": ("mine.zip", packed)})
    assert answer.status_code == 201, answer.text
    assert client.get("/api/v1/runs").json()["total"] == before + 2
    for one in answer.json()["runs"]:
        assert one["id"] != one["original_id"]
        assert client.get(f"/api/v1/runs/{one['id']}").json()["tags"] == ["imported"]
    refused = client.post("/api/v1/bundles", files={"files": ("bad.zip", b"no")})
    assert refused.status_code == 422
    assert refused.json()["title"] == "This bundle can't be imported"
    assert client.post("/api/v1/bundles", data={"name": "x"}).status_code == 422


def test_a_bundle_that_is_too_large_is_refused(packed: bytes, elsewhere: Elsewhere) -> None:
    with pytest.raises(format_.BundleError, match="at most"):
        elsewhere.import_bundle(packed, max_bytes=1000)
    assert elsewhere.files() == []


def test_a_student_imports_as_owner_and_exports_only_visible_runs(packed: bytes, tmp_path: Path) -> None:
    with closed(tmp_path) as school:
        teachers = school.teacher.post("/api/v1/bundles", files={"files": ("a.zip", packed)}).json()["runs"]
        ada, viewer = school.join("Ada"), school.join("Vera", Role.VIEWER)
        answer = ada.post("/api/v1/bundles", files={"files": ("a.zip", packed)})
        assert answer.status_code == 201, answer.text
        # The ids are the teacher's, whom she doesn't see: hers are others.
        hers = answer.json()["runs"]
        assert not {one["id"] for one in hers} & {one["id"] for one in teachers}
        assert {ada.get(f"/api/v1/runs/{one['id']}").json()["owner"] for one in hers} == {"Ada"}
        ids = hers[0]["id"], teachers[0]["id"]
        assert [ada.get(f"/api/v1/bundles?runs={one}").status_code for one in ids] == [200, 404]
        assert [ada.get(f"/api/v1/runs/{one}/export").status_code for one in ids] == [200, 404]
        assert ada.get("/api/v1/compare", params={"runs": ",".join(ids)}).json()["missing"] == [ids[1]]
        assert viewer.post("/api/v1/bundles", files={"files": ("a.zip", packed)}).status_code == 403
        assert ada.post("/api/v1/plans", json={"grid": {"seed": [1, 2]}}).json()["runs"] == 2


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_byte_is_changed_it_is_refused_or_changes_nothing(
    packed: bytes, elsewhere: Elsewhere, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(packed) - 1))
    spoiled = bytearray(packed)
    spoiled[place] ^= data.draw(st.integers(1, 255))
    before = len(elsewhere.runs()), len(elsewhere.files())
    try:
        taken = elsewhere.import_bundle(bytes(spoiled))
    except format_.BundleError:
        assert (len(elsewhere.runs()), len(elsewhere.files())) == before
        return
    # Some bytes of a zip mean nothing, such as a file's time of day.
    assert [one.name for one in taken.runs] == [one.name for one in elsewhere.import_bundle(packed).runs]
