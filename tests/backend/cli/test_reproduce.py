"""`synrl reproduce`: trains where no server does, goes on after a kill, and counts nothing twice."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from backend.cli.main import main
from tests.server import ROOT
from tests.slowness import patience

pytestmark = pytest.mark.processes

SMALL = ["--parts", "784-10", "--trials", "1", "--most-iterations", "100"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNRL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SYNRL_WORKERS", "1")


def reproduce(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["reproduce", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_killed_command_goes_on_and_counts_nothing_twice(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "backend.cli", "reproduce", *SMALL]
    first = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert first.stderr is not None
    try:
        for line in first.stderr:
            if " of 5 runs done" in line and not line.strip().startswith("0"):
                break
    finally:  # of a quick machine it may have ended just now; then it goes on with nothing
        os.killpg(first.pid, signal.SIGKILL)
        first.wait(patience(30))

    again = reproduce(*SMALL, "--report", "report.csv", "--report", "report.html")
    assert again.exit_code == 0, again.stderr
    assert "Going on with reproduction" in again.stderr
    assert "5 of 5 runs done" in again.stderr
    assert "NOT ENOUGH TRIALS YET" in again.stdout
    rows = list(csv.DictReader((tmp_path / "report.csv").open()))
    assert len({row["run"] for row in rows}) == len({(row["arm"], row["trial"]) for row in rows}) == len(rows) == 5
    assert {row["status"] for row in rows} == {"succeeded"}
    assert (tmp_path / "report.html").read_text().startswith("<!DOCTYPE html>")

    refused = reproduce(*SMALL, "--report", "report.csv")
    assert refused.exit_code == 1
    assert "--force" in refused.stderr


def test_an_estimate_runs_nothing_and_says_what_is_missing(tmp_path: Path) -> None:
    told = reproduce("--scale", "paper", "--estimate")
    assert told.exit_code == 0, told.stderr
    assert "470 runs, about" in told.stderr
    assert "notMNIST is not here, so the letters are glyphs" in told.stderr
    assert "golden_pol2cy.jld2 is not here" in told.stderr
    assert told.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--data", "moons"], "is not notMNIST"),
        (["--table", "authors"], "Bring their file golden_pol2cy.jld2"),
        (["--table", "nowhere.jld2"], "nowhere.jld2 can't be read"),
        (["--trials", "11"], "--trials"),
        (["--trials", "x"], "--trials: should be a whole number of at least 1 (given: 'x')"),
        (["--parts", "784-11"], "--parts"),
        (["--report", "report.pdf"], "must end in .html, .csv, .tex, .md"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(arguments: list[str], words: str) -> None:
    refused = reproduce(*arguments)
    assert refused.exit_code != 0
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr


def test_more_than_an_hour_is_asked_about_first() -> None:
    refused = reproduce("--scale", "paper")
    assert refused.exit_code != 0
    assert "Begin?" in refused.stderr
    assert "queued" not in refused.stderr
