from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

import migrations
from backend.db.migrate import NewerSchemaError, alembic_config, head, upgrade
from backend.db.store import Store, make_engine
from backend.db.tables import Base, Run
from backend.runs import queries as repository
from backend.runs.grouping import group_key
from tests.server import ROOT
from tests.slowness import patience


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return make_engine(f"sqlite:///{tmp_path / 'synrl.db'}")


def revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@pytest.fixture
def later_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package as a later version would ship it: with one revision more."""
    folder = tmp_path / "later"
    shutil.copytree(Path(migrations.__file__).parent, folder)
    (folder / "versions" / "9999_later.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = '9999'\ndown_revision = {head()!r}\nbranch_labels = depends_on = None\n\n\n"
        "def upgrade():\n    op.add_column('runs', sa.Column('colour', sa.String(20)))\n"
    )
    monkeypatch.setattr(migrations, "__file__", str(folder / "__init__.py"))
    return folder


def test_migrations_make_the_tables_that_the_code_uses(engine: Engine) -> None:
    assert upgrade(engine) is None
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    assert upgrade(engine) is None
    assert revision(engine) == head()


def test_an_older_database_is_copied_then_upgraded_and_keeps_its_runs(
    engine: Engine, request: pytest.FixtureRequest
) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO runs (id, name, status, config, dataset_name, sample_shape, attempt,"
                " iteration, iterations, forward_passes, training_seconds, created_at)"
                " VALUES ('r1', 'kept', 'succeeded', '{}', 'digits', '[8, 8]', 1,"
                " 5, 5, 5, 1.0, '2026-01-01 00:00:00')"
            )
        )
    before = head()
    request.getfixturevalue("later_version")
    copy = upgrade(engine)
    assert revision(engine) == "9999"
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT name FROM runs WHERE colour IS NULL")) == "kept"
    assert copy is not None
    assert before in copy.name
    with sqlite3.connect(copy) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchone() == (before,)
        assert old.execute("SELECT name FROM runs").fetchone() == ("kept",)


def test_what_was_asked_of_runs_before_they_had_owners_is_kept(engine: Engine) -> None:
    with engine.execution_options(synrl_writes=True).begin() as connection:
        command.upgrade(alembic_config(connection), "0002")
        connection.exec_driver_sql(
            "INSERT INTO runs (id, name, status, config, dataset_name, sample_shape, attempt, stop_requested,"
            " iteration, iterations, forward_passes, training_seconds, created_at, started_at)"
            " VALUES ('r1', 'kept', 'running', '{\"seed\": 7, \"step_size\": 0.5}', 'digits', '[8, 8]', 1, 1,"
            " 5, 5, 5, 1.0, '2026-01-01 00:00:00', '2026-01-01 00:00:01')"
        )
        connection.exec_driver_sql("INSERT INTO metric_chunks VALUES ('r1', 0, 5, 6, x'00')")
        connection.exec_driver_sql("INSERT INTO snapshots VALUES ('r1', 0, 'runs/r1/snapshots/0.npz')")
    upgrade(engine)
    store = Store(engine)
    with store.read() as session:
        run = session.get(Run, "r1")
        assert run is not None
        assert (run.requested, run.owner, run.tags, run.archived) == ("stop", "teacher", [], False)
        assert run.claimed_at == run.started_at
        assert run.group_key == group_key({"step_size": 0.5, "seed": 8}) != group_key({"step_size": 0.4, "seed": 7})
        assert len(list(repository.chunks(session, "r1"))) == len(repository.snapshots(session, "r1")) == 1
    store.close()


def test_a_failing_migration_leaves_the_database_as_it_was(engine: Engine, request: pytest.FixtureRequest) -> None:
    upgrade(engine)
    before = head()
    later: Path = request.getfixturevalue("later_version")
    with (later / "versions" / "9999_later.py").open("a") as script:
        script.write("    raise RuntimeError('power cut')\n")
    with pytest.raises(RuntimeError, match="power cut"):
        upgrade(engine)
    assert revision(engine) == before
    with engine.connect() as connection:
        columns = [row[1] for row in connection.execute(text("PRAGMA table_info(runs)"))]
    assert "colour" not in columns


def test_a_database_of_a_newer_version_is_refused_with_what_to_do(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '7777'"))
    with pytest.raises(NewerSchemaError, match="SYNRL_DATA_DIR"):
        upgrade(engine)


def test_servers_that_start_at_once_on_one_new_file_all_succeed(tmp_path: Path) -> None:
    program = (
        "import sys; from backend.db.migrate import upgrade; from backend.db.store import make_engine;"
        "upgrade(make_engine(sys.argv[1]))"
    )
    url = f"sqlite:///{tmp_path / 'synrl.db'}"
    starting = [subprocess.Popen([sys.executable, "-c", program, url], cwd=ROOT) for _ in range(4)]
    assert [process.wait(patience(60)) for process in starting] == [0] * 4
    assert revision(make_engine(url)) == head()


def test_the_wheel_carries_the_migrations_and_an_upgrade_from_it_works(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        timeout=patience(120),
    )
    [wheel] = tmp_path.glob("*.whl")
    installed = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    program = (
        "import sys; sys.path.insert(0, sys.argv[2]); import migrations; assert sys.argv[2] in migrations.__file__;"
        "from backend.db.migrate import upgrade; from backend.db.store import make_engine;"
        "upgrade(make_engine(sys.argv[1]))"
    )
    url = f"sqlite:///{tmp_path / 'synrl.db'}"
    subprocess.run([sys.executable, "-c", program, url, str(installed)], cwd=tmp_path, check=True, timeout=patience(60))
    assert revision(make_engine(url)) == head()
    assert (installed / "dashboard" / "assets").is_dir()
