"""`synrl export` writes what was measured of runs, and says in a line what can't be written."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from backend.cli.main import main
from backend.db.migrate import upgrade
from backend.db.store import Store, make_engine
from backend.kit.settings import Settings
from tests.backend.measured import add_run

POINTS = 5


@pytest.fixture
def run_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A measured run in a data folder that the command uses."""
    monkeypatch.setenv("SYNRL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    engine = make_engine(Settings().resolved_database_url)
    upgrade(engine)
    store = Store(engine)
    made = add_run(store, lambda share: share, iterations=400, evaluate_every=100)
    store.close()
    return made


def synrl(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["export", *arguments])


def test_a_run_is_written_in_each_format(run_id: str, tmp_path: Path) -> None:
    assert synrl(run_id).exit_code == 0
    lines = (tmp_path / f"{run_id}.csv").read_text().splitlines()
    assert len(lines) == 1 + POINTS
    assert lines[1].startswith(f"{run_id},")
    assert synrl(run_id, "-o", "run.json").exit_code == 0
    assert json.loads((tmp_path / "run.json").read_text())["run"]["id"] == run_id
    assert synrl(run_id, "-o", "run.npz").exit_code == 0
    assert len(np.load(tmp_path / "run.npz", allow_pickle=False)["iteration"]) == POINTS
    assert synrl(run_id, "-o", "runs.zip").exit_code == 0
    assert zipfile.ZipFile(tmp_path / "runs.zip").testzip() is None
    assert not list(tmp_path.glob(".*.part"))


def test_a_refused_export_is_reported_and_leaves_no_file(run_id: str, tmp_path: Path) -> None:
    for arguments, words in (
        (("nothere",), "nothere"),
        ((run_id, "-o", "run.xls"), "should end in one of .csv, .json, .npz, .zip"),
        ((run_id, run_id, "-o", "run.csv"), "a .csv file holds one"),
    ):
        refused = synrl(*arguments)
        assert refused.exit_code != 0, arguments
        assert words in refused.output
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    (tmp_path / "kept.csv").write_text("mine")
    assert "--force" in synrl(run_id, "-o", "kept.csv").output
    assert (tmp_path / "kept.csv").read_text() == "mine"
    assert synrl(run_id, "-o", "kept.csv", "--force").exit_code == 0
    assert (tmp_path / "kept.csv").read_text() != "mine"
