from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from backend.cli.main import main
from synrl_core import policies
from synrl_core.breeding.breeding import BreedingConfig
from synrl_core.policies import files
from tests.core.policies.test_policies import DATA


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNRL_DATA_DIR", str(tmp_path / "data"))


SMALL = {
    "schools": ["teacher"], "parents": 2, "parent_iterations": 200, "generations": 2, "population": 4, "elite": 2,
    "race_iterations": 50, "race_seeds": 1, "final_iterations": 50, "final_seeds": 1,
    "tasks": [{"dataset": "moons"}], "bowl": {"generations": 0},
}  # fmt: skip


def synrl(*arguments: str) -> Result:
    """Run the command in this process: a new one for each of these many takes seconds."""
    result = CliRunner().invoke(main, ["policy", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_policy_is_bred_with_its_lineage_and_never_overwritten_unasked(tmp_path: Path) -> None:
    (tmp_path / "small.json").write_text(json.dumps(SMALL))
    bred = synrl("train", "mine.json", "--config", "small.json", "--seed", "3")
    assert bred.exit_code == 0, bred.stderr
    assert "generation 2" in bred.stderr
    assert "winner" in bred.stderr
    policy = files.read((tmp_path / "mine.json").read_bytes())
    assert policy.name == "mine"
    assert policy.lineage["config"] | {"seed": 3, "parents": 2} == policy.lineage["config"]
    assert policy.lineage["commit"].startswith("synrl ")
    written = (tmp_path / "mine.json").read_bytes()

    again = synrl("train", "mine.json", "--config", "small.json")
    assert again.exit_code != 0
    assert "--force" in again.stderr
    assert "winner" not in again.stderr  # refused before the work, not after
    assert (tmp_path / "mine.json").read_bytes() == written

    same = synrl("train", "mine.json", "--config", "small.json", "--seed", "3", "--force")
    assert same.exit_code == 0, same.stderr
    np.testing.assert_array_equal(files.read((tmp_path / "mine.json").read_bytes()).q, policy.q)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.json", "small.json"]


def test_policies_are_shown_and_converted_without_a_change(tmp_path: Path) -> None:
    assert "win_stay_lose_shift" in synrl("list").stdout
    shown = synrl("show", "win_stay_lose_shift").stdout
    assert "history 2" in shown
    row = next(line for line in shown.splitlines() if line.startswith("  down up |"))
    assert row.split("|")[1].split() == ["down", "up", "down", "up"]  # after -1 -1, -1 +1, +1 -1, +1 +1

    assert synrl("convert", "bred", "a.npz", "--name", "again").exit_code == 0
    assert synrl("convert", "a.npz", "a.json").exit_code == 0
    told = json.loads(synrl("show", "a.json", "--json").stdout)
    assert told["name"] == "again"
    bred = policies.get("bred")
    assert told["q"] == bred.q.tolist()
    assert told["lineage"] == json.loads(files.to_json(bred))["lineage"]


def test_the_authors_file_becomes_one_of_ours(tmp_path: Path) -> None:
    pytest.importorskip("h5py", reason="h5py is an optional extra, jld2")
    authors = DATA / "golden_pol2cy.jld2"
    if not authors.exists():
        pytest.skip(f"the authors' file is not at {authors}; set SYNRL_TEST_DATA to its folder")
    assert synrl("convert", str(authors), "authors.json").exit_code == 0
    np.testing.assert_array_equal(
        files.read((tmp_path / "authors.json").read_bytes()).q, files.read(authors.read_bytes()).q
    )


def test_errors_are_reported_in_one_line_and_leave_no_files(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"name": "x", "q": [1, 2]}')
    (tmp_path / "text.json").write_text("no")
    before = sorted(tmp_path.iterdir())
    for arguments, said in (
        (("train", "--history", "7"), "--history: should be a whole number from 1 to 3"),
        (("train", "--schools", "nowhere"), "no data set 'nowhere'"),
        (("train", "--config", "text.json"), "text.json is no JSON"),
        (("train", "--config", "absent.json"), "absent.json can't be read"),
        (("train", "mine.npz"), "must end in .json"),
        (("show", "nobody"), "win_stay_lose_shift"),
        (("show", "bad.json"), "shape (2,)"),
        (("convert", "bred", "bred.jld2"), "must end in .json or .npz"),
        (("convert", "bred", "bad.json"), "--force"),
        (("convert", "bred", "new.json", "--name", ""), "1 to 200 characters"),
    ):
        ended = synrl(*arguments)
        assert ended.exit_code != 0, arguments
        assert said in ended.stderr
    assert sorted(tmp_path.iterdir()) == before


def test_a_population_larger_than_there_are_tables_ends_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "small.json").write_text(json.dumps(SMALL | {"race_iterations": 1, "final_iterations": 1}))
    ended = synrl("train", "--config", "small.json", "--history", "1", "--population", "60", "--generations", "4")
    assert ended.exit_code == 0, ended.stderr
    assert "generation 4" in ended.stderr


def test_the_help_tells_the_defaults_that_count() -> None:
    defaults = BreedingConfig().model_dump()
    told = dict(re.findall(r"--([a-z-]+) \S+\s+[^-]*?Default:\s+([\w,]+?)\.", synrl("train", "--help").stdout))
    assert len(told) > 10
    for option, said in told.items():
        default = defaults[option.replace("-", "_")]
        assert said == (",".join(default) if isinstance(default, tuple) else str(default)), option


def test_a_bred_policy_goes_into_the_library_and_out_again(tmp_path: Path) -> None:
    (tmp_path / "small.json").write_text(json.dumps(SMALL))
    bred = synrl("train", "mine.json", "--config", "small.json", "--add")
    assert bred.exit_code == 0, bred.stderr
    assert "Stored: policy 'mine'" in bred.output
    again = synrl("add", "mine.json")
    assert "Here already" in again.output
    listed = synrl("library").output
    assert "mine  (bred, history 2)" in listed
    assert synrl("export", "mine", "copy.npz").exit_code == 0
    copied, written = (
        files.read((tmp_path / "copy.npz").read_bytes()),
        files.read((tmp_path / "mine.json").read_bytes()),
    )
    np.testing.assert_array_equal(copied.q, written.q)
    assert copied.lineage == written.lineage
    assert synrl("remove", "mine").exit_code == 0
    assert "empty" in synrl("library").output
    refused = synrl("remove", "mine")
    assert refused.exit_code != 0
    assert "no policy 'mine'" in refused.stderr


def test_policies_of_the_library_are_crossed_frozen_and_shown_by_name(tmp_path: Path) -> None:
    crossed = synrl("cross", "bred_stochastic", "win_stay_lose_shift", "--seed", "5", "--name", "mine")
    assert crossed.exit_code == 0, crossed.stderr
    assert (
        "Here already"
        in synrl("cross", "bred_stochastic", "win_stay_lose_shift", "--seed", "5", "--name", "mine").stdout
    )
    assert synrl("mutate", "mine", "--changes", "3").exit_code == 0
    assert synrl("freeze", "mine mutated", "--name", "still").exit_code == 0
    assert "still: Frozen from 'mine mutated'" in synrl("show", "still").stdout
    assert synrl("convert", "still", "still.npz").exit_code == 0
    assert set(np.unique(files.read((tmp_path / "still.npz").read_bytes()).q)) == {0.0, 1.0}
    refused = synrl("mutate", "mine", "--changes", "1000")
    assert refused.exit_code != 0
    assert "states can change" in refused.stderr
    assert "mine" in synrl("show", "nobody").stderr


def test_a_file_of_a_gigabyte_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "large.json").open("wb") as file:
        file.truncate(2**30)  # sparse: no space is taken
    for command in ("add", "show"):
        refused = synrl(command, "large.json")
        assert refused.exit_code != 0
        assert "1,073,741,824 bytes" in refused.stderr
