from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from backend.cli.main import main
from synrl_core import policies
from synrl_core.config import TrainingConfig
from synrl_core.datasets import DatasetInfo, legacy, tabular
from synrl_core.datasets.readers import table
from synrl_core.learning import checkpoint
from synrl_core.learning.factory import make_trainer, resume_trainer
from tests.core.datasets import files
from tests.server import ROOT, wait_for
from tests.slowness import patience


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNRL_DATA_DIR", str(tmp_path / "data"))


CONFIG = {"dataset": "moons", "hidden_layers": [4], "evaluate_every": 50, "replicates": 2, "adaptive": True}


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "backend.cli", "train", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "SYNRL_DATA_DIR": str(folder / "data")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def synrl(*arguments: str) -> Result:
    """Run the command in this process: a new one for each of these many takes seconds."""
    result = CliRunner().invoke(main, ["train", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def config(tmp_path: Path) -> str:
    (tmp_path / "config.json").write_text(json.dumps({"config": CONFIG}))
    return "config.json"


def read_curve(folder: Path) -> list[dict[str, str]]:
    with (folder / "curve.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_run_leaves_its_curve_weights_and_result(tmp_path: Path, config: str) -> None:
    ended = synrl("run", "--config", config, "--iterations", "200", "--step-size", "0.02")
    assert ended.exit_code == 0, ended.stderr
    assert "Finished at iteration 200" in ended.stdout
    curve = read_curve(tmp_path / "run")
    assert [int(row["iteration"]) for row in curve] == [0, 50, 100, 150, 200]
    last = curve[-1]
    each = [float(last[f"validation_accuracy_{r}"]) for r in range(2)]
    assert float(last["validation_accuracy"]) == pytest.approx(np.mean(each))
    assert float(last["validation_accuracy_deviation"]) == pytest.approx(np.std(each, ddof=1))
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert result["outcome"] == "completed"
    assert result["last"]["validation_accuracy"] == pytest.approx(np.mean(each))
    with np.load(tmp_path / "run" / "weights.npz", allow_pickle=False) as weights:
        assert weights["weights_0"].shape == (2, 3, 4)
        assert weights["policy"].shape == (2, 3, 3, 3, 3, 3)
    meta, _ = checkpoint.unpack((tmp_path / "run" / "checkpoint.npz").read_bytes())
    assert (meta["config"]["step_size"], meta["config"]["iterations"]) == (0.02, 200)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)])
def test_a_run_that_was_ended_goes_on_to_the_same_bytes(
    number: signal.Signals, status: int, tmp_path: Path, config: str
) -> None:
    options = ("--config", config, "--iterations", "4000", "--evaluate-every", "500", "--snapshot-every", "4000")
    assert synrl("whole", *options).exit_code == 0
    process = started(tmp_path, "cut", *options)
    assert process.stderr is not None
    wait_for(process.stderr.readline, lambda line: "iteration 0 to 4,000" in line)
    process.send_signal(number)
    _, told = process.communicate(timeout=patience(60))
    assert process.returncode == status
    assert number == signal.SIGKILL or "synrl train cut --resume" in told
    assert "Traceback" not in told
    assert not (tmp_path / "cut" / "result.json").exists()
    resumed = synrl("cut", "--resume")
    assert resumed.exit_code == 0, resumed.stderr
    for name in ("checkpoint.npz", "curve.csv", "weights.npz", "best.npz", "result.json"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_a_finished_run_is_made_longer_and_not_begun_again_unasked(tmp_path: Path, config: str) -> None:
    assert synrl("run", "--config", config, "--iterations", "100").exit_code == 0
    refused = synrl("run", "--config", config)
    assert refused.exit_code != 0
    assert "--resume" in refused.stderr
    assert "--iterations 200" in synrl("run", "--resume").stderr
    assert synrl("run", "--resume", "--iterations", "150").exit_code == 0
    assert [int(row["iteration"]) for row in read_curve(tmp_path / "run")] == [0, 50, 100, 150]
    anew = synrl("run", "--config", config, "--iterations", "50", "--force")
    assert anew.exit_code == 0, anew.stderr
    assert [int(row["iteration"]) for row in read_curve(tmp_path / "run")] == [0, 50]


def test_a_file_and_a_policy_file_train(tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", X=files.pictures(40), y=np.arange(40) % 2)
    assert CliRunner().invoke(main, ["policy", "convert", "bred", "own.npz"]).exit_code == 0
    ended = synrl("run", "--data", "mine.npz", "--policy", "own.npz", "--iterations", "20")
    assert ended.exit_code == 0, ended.stderr
    assert "81-32-2 on mine (40 samples of 81)" in ended.stderr
    assert synrl("run", "--resume", "--iterations", "30").exit_code == 0


def test_a_policy_of_the_library_trains_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNRL_DATA_DIR", str(tmp_path / "data"))
    made = CliRunner().invoke(main, ["policy", "mutate", "bred_stochastic", "--name", "my mutant"])
    assert made.exit_code == 0, made.output
    ended = synrl("run", "--policy", "my mutant", "--dataset", "moons", "--iterations", "20")
    assert ended.exit_code == 0, ended.stderr
    table = np.load(tmp_path / "run" / "weights.npz")["policy"]
    assert np.abs(table - policies.get("bred_stochastic").q).max() > 0.1
    assert synrl("run", "--resume", "--iterations", "30").exit_code == 0


def test_a_run_on_a_file_begun_with_the_scaling_of_before_goes_on_with_it(tmp_path: Path) -> None:
    rows = "".join(f"{i / 7},{i * i},{'uv'[i % 2]}\n" for i in range(40))
    (tmp_path / "mine.csv").write_text("a,b,kind\n" + rows)
    assert synrl("run", "--data", "mine.csv", "--iterations", "20").exit_code == 0
    run = tmp_path / "run"
    config = TrainingConfig.model_validate(json.loads((run / "config.json").read_text())["config"])
    before = legacy.with_legacy_scaling(table.read(tmp_path / "mine.csv")).dataset(
        DatasetInfo("mine", "mine", "", "", "")
    )
    trainer = make_trainer(config, before)
    list(trainer.events())
    (run / "checkpoint.npz").write_bytes(trainer.state_bytes())
    longer = resume_trainer(trainer.state_bytes(), before, iterations=30)
    list(longer.events())
    resumed = synrl("run", "--resume", "--iterations", "30")
    assert resumed.exit_code == 0, resumed.stderr
    assert (run / "checkpoint.npz").read_bytes() == longer.state_bytes()


GERMAN = "".join(f"{i / 8:.3f};{i};{'größe' if i % 2 else 'länge'}\n".replace(".", ",") for i in range(40))


def test_a_file_is_read_as_guessed_and_the_guesses_are_reported(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes(f"a;b;kind\n{GERMAN}".encode("cp1252"))
    ended = synrl("run", "--data", "mine.csv", "--iterations", "20")
    assert ended.exit_code == 0, ended.stderr
    assert "2-32-2 on mine (40 samples of 2)" in ended.stderr
    told = [line for line in ended.stderr.splitlines() if line.startswith("mine.csv: ")]
    for words in ("separated by ';'", "decimal comma", "Windows-1252"):
        assert any(words in line for line in told), told
    assert "mine.csv: " not in synrl("run", "--resume", "--iterations", "30").stderr


def test_how_a_file_is_read_can_be_chosen_and_is_kept_for_the_resumed_run(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes(GERMAN.encode("cp1252"))
    chosen = ("--separator", "semicolon", "--decimal", "comma", "--text-encoding", "latin-1", "--no-header",
              "--label-column", "column 3", "--leave-out", "column 2", "--missing", "leave_out")  # fmt: skip
    ended = synrl("run", "--data", "mine.csv", "--iterations", "20", *chosen)
    assert ended.exit_code == 0, ended.stderr
    assert "1-32-2 on mine (40 samples of 1)" in ended.stderr
    assert synrl("run", "--resume", "--iterations", "30").exit_code == 0
    source = json.loads((tmp_path / "run" / "config.json").read_text())["source"]
    assert (source["choices"]["encoding"], source["choices"]["ignored_columns"]) == ("latin-1", ["column 2"])


def test_a_folder_of_an_older_version_names_the_label_column_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(
        "kind,other,a\n" + "".join(f"{'uv'[i % 2]},{'xy'[i % 3 > 0]},{i}\n" for i in range(40))
    )
    begun = synrl("run", "--data", "mine.csv", "--label-column", "kind", "--leave-out", "other", "--iterations", "20")
    assert begun.exit_code == 0, begun.stderr
    (tmp_path / "mine.csv").write_text("kind,a\n" + "".join(f"{'uv'[i % 2]},{i}\n" for i in range(40)))
    about = json.loads((tmp_path / "run" / "config.json").read_text())
    about["source"] = {"paths": about["source"]["paths"], "label_column": "kind"}
    (tmp_path / "run" / "config.json").write_text(json.dumps(about))
    resumed = synrl("run", "--resume", "--iterations", "30")
    assert resumed.exit_code == 0, resumed.stderr


def test_a_run_on_an_older_version_of_a_table_goes_on_with_it(tmp_path: Path) -> None:
    assert synrl("run", "--dataset", "iris", "--iterations", "20").exit_code == 0
    run = tmp_path / "run"
    config = TrainingConfig.model_validate(json.loads((run / "config.json").read_text())["config"])
    before = tabular.before("iris")
    assert before is not None
    trainer = make_trainer(config, before)
    list(trainer.events())
    (run / "checkpoint.npz").write_bytes(trainer.state_bytes())
    longer = resume_trainer(trainer.state_bytes(), before, iterations=30)
    list(longer.events())
    resumed = synrl("run", "--resume", "--iterations", "30")
    assert resumed.exit_code == 0, resumed.stderr
    assert (run / "checkpoint.npz").read_bytes() == longer.state_bytes()


def test_invalid_options_are_reported_in_one_line_before_any_output(tmp_path: Path) -> None:
    (tmp_path / "constant.csv").write_text("kind,a\n" + "x,1\n" * 9)
    for arguments, said in (
        (("run", "--exploration", "1.5"), "--exploration: should be a number from 0 to 1"),
        (("run", "--history", "7"), "--history: should be a whole number from 1 to 3"),
        (("run", "--hidden-layers", "a,b"), "for example 64-32"),
        (("run", "--iterations", "20.000"), "can be 20 or 20000"),
        (("run", "--iterations", "1_000"), "should be a whole number from 1"),
        (("run", "--step-size", "1,250"), "can be 1.25 or 1250"),
        (("run", "--activation", "rely"), "did you mean 'relu'"),
        (("run", "--data", "nowhere/absent.csv"), "nowhere/absent.csv"),
        (("run", "--hidden-layers", "4096,4096", "--replicates", "1000"), "fewer units"),
        (("run", "--dataset", "nowhere"), "digits, glyphs"),
        (("run", "--policy", "nobody"), "win_stay_lose_shift"),
        (("run", "--bias-policy", "blank"), "adaptive"),
        (("run", "--method", "gradient", "--activation", "sign"), "derivative of 0"),
        (("run", "--loss", "logistic"), "10 classes"),
        (("run", "--data", "constant.csv", "--label-column", "kind"), "one class"),
        (("run", "--data", "constant.csv", "--separator", "dash"), "comma, semicolon, tab, bar, spaces"),
        (("run", "--dataset", "moons", "--decimal", "comma"), "only with --data"),
        (("run", "--dataset-parameters", "{noise}"), "should be JSON, for example"),
        (("run", "--resume"), "no checkpoint"),
        (("run", "--threads", "x"), "--threads: should be a whole number of at least 1, for example 1 (given: 'x')"),
        (("run", "--dataset", "digit"), "Did you mean 'digits'?"),
    ):
        ended = synrl(*arguments)
        assert ended.exit_code != 0, arguments
        assert said in ended.stderr, ended.stderr
        assert not (tmp_path / "run").exists()
