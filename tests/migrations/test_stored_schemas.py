"""Databases of every schema that has landed are brought to today's, with all that is in them."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.datasets import service as datasets_service
from backend.db.migrate import alembic_config, head, upgrade
from backend.db.store import Store, make_engine
from backend.db.tables import Run
from backend.policy_library import service as policy_library
from backend.runs import queries as repository
from backend.runs import service as runs_service
from backend.runs.curves import service as curves
from backend.wire import policies as policy_tables
from synrl_core import policies
from synrl_core.policies import files
from tests.migrations.make_stored import FOLDER

STORED = sorted(path.stem for path in FOLDER.glob("*.db"))


def rows(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Read all tables as plain SQLite gives them."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {table: [dict(row) for row in connection.execute(f"SELECT * FROM {table}")] for table in tables}  # noqa: S608
    connection.close()
    return found


@pytest.fixture(params=STORED)
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a kept database: opening one in place would change the file."""
    path: Path = tmp_path / "synrl.db"
    shutil.copy(FOLDER / f"{request.param}.db", path)
    return path


def test_every_revision_is_kept_as_a_database() -> None:
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(alembic_config())
    assert {revision.revision for revision in script.walk_revisions()} == set(STORED)


def test_every_value_survives_the_way_to_todays_schema(stored: Path) -> None:
    before = rows(stored)
    assert len(before["runs"]) == 4
    engine = make_engine(f"sqlite:///{stored}")
    upgrade(engine)
    engine.dispose()
    after = rows(stored)
    assert after["alembic_version"] == [{"version_num": head()}]
    for table in set(before) - {"alembic_version"}:
        for old, new in zip(before[table], after[table], strict=True):
            assert {name: new[name] for name in set(old) & set(new)} == {
                name: old[name] for name in set(old) & set(new)
            }


def test_the_program_reads_what_older_versions_wrote(stored: Path) -> None:
    was = {row["id"]: row for row in rows(stored)["runs"]}
    has_datasets = "datasets" in rows(stored)
    store = Store(make_engine(f"sqlite:///{stored}"))
    upgrade(store.engine)
    with store.read() as session:
        for run_id, row in was.items():
            run = runs_service.get(session, run_id)
            assert (run.name, run.status, run.iterations) == (row["name"], row["status"], row["iterations"])
            assert run.config.hidden_layers == tuple(json.loads(row["config"])["hidden_layers"])
            kept = session.get(Run, run_id)
            assert kept is not None
            table = policy_tables.lookup(kept.policies)(run.config.policy, run.config.history)
            np.testing.assert_array_equal(table.q, policies.get(run.config.policy, run.config.history).q)
        for stored_policy in rows(stored).get("policies", ()):
            detail = policy_library.get(session, stored_policy["id"])
            told = files.from_json(stored_policy["document"])
            if "title" not in stored_policy:  # the migration read it from the document
                shown = (detail.title, detail.description, detail.history, detail.temperature, detail.exploration)
                assert shown == (told.title, told.description, told.history, told.temperature, told.exploration)
            assert detail.q == told.q.ravel().tolist()
        points = curves.points(session, "0a1b2c3d4e5f")
        np.testing.assert_array_equal(points["iteration"], np.arange(0, 201, 10))
        assert points["validation_accuracy"].shape == (21, 2)
        assert [snapshot.iteration for snapshot in repository.snapshots(session, "0a1b2c3d4e5f")] == [200]
        brought = [one for one in datasets_service.listing(session) if not one.built_in]
        assert [one.name for one in brought] == (["Größen, œuvres & «letters»"] if has_datasets else [])
    store.close()


def test_a_wish_to_stop_that_an_older_version_stored_is_not_forgotten(stored: Path) -> None:
    store = Store(make_engine(f"sqlite:///{stored}"))
    upgrade(store.engine)
    with store.read() as session:
        run = session.get(Run, "2c3d4e5f6071")
        assert run is not None
        assert run.requested == "stop"
    store.close()
