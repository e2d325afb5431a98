"""`synrl datasets`: data are brought, listed and removed; refusals take a line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from backend.cli.main import main
from tests.core.datasets import files


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def synrl(data_dir: Path, *arguments: str) -> Result:
    """Run the command in this process: a new one for each of these takes two seconds of the processor."""
    result = CliRunner().invoke(main, ["datasets", *arguments], env={"SYNRL_DATA_DIR": str(data_dir)})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_data_are_brought_listed_and_removed(data_dir: Path, tmp_path: Path) -> None:
    images, labels = tmp_path / "t-images-idx3-ubyte", tmp_path / "t-labels-idx1-ubyte"
    images.write_bytes(files.idx(files.pictures()))
    labels.write_bytes(files.idx(files.labels()))
    added = synrl(data_dir, "add", str(images), str(labels), "--name", "Mine", "--class-names", "ABC")
    assert added.exit_code == 0, added.stderr
    assert "Kept: " in added.stdout
    assert "12 samples of 9 x 9, 3 classes" in added.stdout
    # The labels are found beside the pictures, and the content is known.
    again = synrl(data_dir, "add", str(images))
    assert "Here already: " in again.stdout
    dataset_id = again.stdout.split()[2]
    assert "Mine" in synrl(data_dir, "list").stdout
    assert synrl(data_dir, "remove", dataset_id).exit_code == 0
    assert "Mine" not in synrl(data_dir, "list").stdout
    assert list((data_dir / "artifacts" / "datasets").glob("*")) == []


def test_errors_are_reported_in_one_line(data_dir: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("kind,a\nx,1\n")
    for arguments, said in (
        (("add", str(table)), "Name the column"),
        (("add", str(table), "--label-column", "nowhere"), "'nowhere'"),
        (("add", str(tmp_path / "absent.npz")), "Check the path"),
        (("remove", "digits"), "ships with SynRL"),
        (("remove", "nowhere"), "no data set 'nowhere'"),
    ):
        ended = synrl(data_dir, *arguments)
        assert ended.exit_code != 0
        assert said in ended.stderr
