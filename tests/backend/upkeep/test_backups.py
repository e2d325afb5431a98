"""`synrl db`: consistent backups of a running server, and lossless restores."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert

from backend.cli.main import main
from backend.db.store import Store, make_engine
from backend.db.tables import Snapshot, StoredDataset
from backend.runs import queries as repository
from backend.upkeep import restore
from backend.wire.artifacts import Artifacts
from tests.backend.db.test_store import new_run
from tests.databases import new_database
from tests.server import ROOT, running, wait_for


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a run, its weights, and a data set."""
    folder = tmp_path / "data"
    folder.mkdir()
    store, artifacts = (
        Store(make_engine(new_database(folder / "synrl.db"))),
        Artifacts((folder / "artifacts").as_uri()),
    )
    with store.write() as session:
        repository.add(session, new_run())
        session.add(Snapshot(run_id="r1", iteration=5, path="runs/r1/snapshots/5.npz"))
        session.execute(
            insert(StoredDataset).values(
                id="d1", content_hash="ab" * 32, name="letters", samples=1, sample_shape=[1], classes=[], files=[],
                scaling="", remarks=[], bytes=4, created_at=datetime.now(UTC),
            )
        )  # fmt: skip
    artifacts.write("runs/r1/snapshots/5.npz", b"weights")
    artifacts.write(f"datasets/{'ab' * 32}.npz", b"data")
    store.close()
    return folder


def synrl(data: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["db", *map(str, arguments)], env={"SYNRL_DATA_DIR": str(data)})


def state(data: Path) -> dict[str, Any]:
    """Read what a data folder holds: names of runs, and the artifacts."""
    connection = sqlite3.connect(data / "synrl.db")
    names = [name for (name,) in connection.execute("SELECT name FROM runs ORDER BY id")]
    connection.close()
    files = {p.relative_to(data / "artifacts").as_posix(): p.read_bytes() for p in (data / "artifacts").rglob("*.npz")}
    return {"runs": names, "files": files}


def change(data: Path) -> None:
    """Do something after the backup."""
    with sqlite3.connect(data / "synrl.db") as connection:
        connection.execute("UPDATE runs SET name = 'later'")
    connection.close()
    (data / "artifacts" / "runs" / "r1" / "snapshots" / "5.npz").write_bytes(b"later weights")


def test_a_backup_is_restored_into_an_empty_folder_as_it_was(data: Path, tmp_path: Path) -> None:
    assert synrl(data, "backup", tmp_path / "backup").exit_code == 0
    manifest = json.loads((tmp_path / "backup" / "manifest.json").read_text())
    assert len(manifest["files"]) == 3
    assert manifest["missing"] == []
    assert synrl(tmp_path / "new", "restore", tmp_path / "backup").exit_code == 0
    assert state(tmp_path / "new") == state(data)
    assert synrl(tmp_path / "new", "check").exit_code == 0


def test_a_restore_replaces_only_when_forced_and_keeps_the_old_files(data: Path, tmp_path: Path) -> None:
    before = state(data)
    synrl(data, "backup", tmp_path / "backup")
    change(data)
    later = state(data)
    refused = synrl(data, "restore", tmp_path / "backup")
    assert refused.exit_code == 1
    assert "--force" in refused.output
    assert state(data) == later
    forced = synrl(data, "restore", tmp_path / "backup", "--force")
    assert forced.exit_code == 0, forced.output
    assert state(data) == before
    [database] = data.glob("synrl.db.replaced-*")
    [artifacts] = data.glob("artifacts.replaced-*")
    assert str(database) in forced.output.replace("\n", "")
    with sqlite3.connect(database) as kept:
        assert kept.execute("SELECT name FROM runs").fetchall() == [("later",)]
    assert (artifacts / "runs" / "r1" / "snapshots" / "5.npz").read_bytes() == b"later weights"


@pytest.mark.parametrize("damage", ["changed", "missing", "too much", "no manifest"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(data: Path, tmp_path: Path, damage: str) -> None:
    backup = tmp_path / "backup"
    synrl(data, "backup", backup)
    file = backup / "artifacts" / "runs" / "r1" / "snapshots" / "5.npz"
    match damage:
        case "changed":
            file.write_bytes(b"wEights")
        case "missing":
            file.unlink()
        case "too much":
            file.with_name("6.npz").write_bytes(b"x")
        case _:
            (backup / "manifest.json").write_text("{")
    before = sorted(data.rglob("*"))
    refused = synrl(data, "restore", backup, "--force")
    assert refused.exit_code == 1
    assert "5.npz" in refused.output or "6.npz" in refused.output or "manifest.json" in refused.output
    assert sorted(data.rglob("*")) == before


def test_a_backup_of_a_newer_version_is_refused_with_what_to_do(data: Path, tmp_path: Path) -> None:
    synrl(data, "backup", tmp_path / "backup")
    manifest = tmp_path / "backup" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"schema": "9999"}))
    refused = synrl(tmp_path / "new", "restore", tmp_path / "backup")
    assert refused.exit_code == 1
    assert "schema 9999" in refused.output


def test_a_database_in_use_is_not_replaced(data: Path, tmp_path: Path) -> None:
    synrl(data, "backup", tmp_path / "backup")
    store = Store(make_engine(f"sqlite:///{data / 'synrl.db'}"))
    with store.read() as session:
        assert repository.find(session, "r1") is not None
    refused = synrl(data, "restore", tmp_path / "backup", "--force")
    assert refused.exit_code == 1
    assert "in use" in refused.output
    store.close()


def test_check_names_what_is_missing_and_what_nobody_names_with_the_remedy(data: Path) -> None:
    snapshot = data / "artifacts" / "runs" / "r1" / "snapshots" / "5.npz"
    snapshot.rename(snapshot.with_name("6.npz"))
    checked = synrl(data, "check")
    assert checked.exit_code == 1
    assert "runs/r1/snapshots/5.npz is missing" in checked.output
    assert "nothing names the artifact runs/r1/snapshots/6.npz" in checked.output
    assert checked.output.count("Remedy: ") == 2
    removed = synrl(data, "check", "--remove-orphans")
    assert "Removed: runs/r1/snapshots/6.npz" in removed.output
    assert not snapshot.with_name("6.npz").exists()


def test_check_tells_of_an_old_schema_and_of_a_damaged_file(tmp_path: Path, data: Path) -> None:
    shutil.copy(ROOT / "tests" / "migrations" / "stored" / "0002.db", tmp_path / "synrl.db")
    old = synrl(tmp_path, "check")
    assert old.exit_code == 1
    assert "the schema is 0002" in old.output
    assert "synrl db upgrade" in old.output
    assert synrl(tmp_path, "upgrade").exit_code == 0
    assert "the schema is" not in synrl(tmp_path, "check").output
    with (data / "synrl.db").open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xff" * 8192)
    damaged = synrl(data, "check")
    assert damaged.exit_code == 1
    assert "malformed" in damaged.output or "damaged" in damaged.output


def test_commands_on_a_folder_without_a_database_say_so(tmp_path: Path) -> None:
    for command in (["check"], ["backup", tmp_path / "backup"]):
        answer = synrl(tmp_path / "nothing", *command)
        assert answer.exit_code == 1
        assert "There is no database" in answer.output
    assert not (tmp_path / "nothing").exists()


#: Restores into each of several data folders, each in a process of its own, which kills itself at the n-th step that
#: changes a name or removes one: n is 0 for the first folder. Prints how each process ended. Modules are imported once.
KILLED = """
import os, pathlib, shutil, signal, sys
from backend.wire.artifacts import Artifacts
from backend.upkeep import restore
backup, *folders = map(pathlib.Path, sys.argv[1:])
left = 0
def counted(step):
    def run(*arguments, **options):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*arguments, **options)
    return run
for name in ("rename", "unlink"):
    setattr(pathlib.Path, name, counted(getattr(pathlib.Path, name)))
shutil.copytree, shutil.copy2 = counted(shutil.copytree), counted(shutil.copy2)
for number, data in enumerate(folders):
    child = os.fork()
    if not child:
        left = number
        artifacts = Artifacts((data / "artifacts").as_uri())
        place = restore.RestoreTarget(data, data / "synrl.db", artifacts, artifacts.local_folder)
        restore.restore_sqlite(backup, place, force=True)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_a_restore_killed_at_any_step_leaves_one_whole_state(data: Path, tmp_path: Path) -> None:
    restored = state(data)
    synrl(data, "backup", tmp_path / "backup")
    change(data)
    former = state(data)
    folders = [shutil.copytree(data, tmp_path / f"killed-{step}") for step in range(20)]
    restores = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "backup"), *map(str, folders)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert restores.returncode == 0, restores.stderr
    ends = [int(line) for line in restores.stdout.split()]
    assert len(ends) == len(folders), restores.stderr
    killed = ends.index(0)
    assert ends == [-signal.SIGKILL] * killed + [0] * (len(ends) - killed), restores.stderr
    seen = []
    for step, work in enumerate(folders[:killed]):
        # The next start finishes what was begun.
        restore.finish(work)
        found = state(work)
        assert found in (former, restored), step
        seen.append(found == restored)
        if found == restored:
            [kept] = work.glob("artifacts.replaced-*")
            assert (kept / "runs" / "r1" / "snapshots" / "5.npz").read_bytes() == b"later weights"
        assert not (work / restore.JOURNAL).exists()
    assert seen == sorted(seen)
    assert {False, True} == set(seen)
    assert len(seen) >= 6


def test_a_running_server_is_backed_up_as_of_one_moment(tmp_path: Path) -> None:
    config = {
        "dataset": "digits",
        "hidden_layers": [8],
        "iterations": 100_000,
        "evaluate_every": 10,
        "snapshot_every": 1000,
    }
    with running(tmp_path / "data", SYNRL_WORKERS="1") as server:
        run = server.post("/api/v1/runs", {"config": config})
        wait_for(lambda: server.get(f"/api/v1/runs/{run['id']}"), lambda seen: seen["iteration"] > 500)
        made = synrl(tmp_path / "data", "backup", tmp_path / "backup")
        assert made.exit_code == 0, made.output
        server.post(f"/api/v1/runs/{run['id']}/stop")
        wait_for(lambda: server.get(f"/api/v1/runs/{run['id']}"), lambda seen: seen["status"] == "stopped")
        # Whatever was copied in the middle of its training is one state.
        assert synrl(tmp_path / "restored", "restore", tmp_path / "backup").exit_code == 0
        checked = synrl(tmp_path / "restored", "check")
        assert checked.exit_code == 0, checked.output
        whole = server.get(f"/api/v1/runs/{run['id']}/metrics?max_points=100000")
    store = Store(make_engine(f"sqlite:///{tmp_path / 'restored' / 'synrl.db'}"))
    with store.read() as session:
        from backend.runs.curves import service as curves

        points = curves.points(session, run["id"])
    store.close()
    count = len(points["iteration"])
    assert count > 50
    assert whole["iteration"][:count] == points["iteration"].tolist()
