"""The judging process: started on demand, shared, ended when idle."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.inspection.judge import JudgeRequest, judge_request
from backend.inspection.judging import Judges
from backend.kit.errors import ConflictError
from backend.runs.schemas import RunRead
from backend.training.cluster import WORKER_NAME
from backend.wire import snapshots as snapshot_format
from backend.wire.artifacts import Artifacts
from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.learning.factory import make_trainer
from tests.backend.dying import die_while_sending
from tests.server import wait_for
from tests.slowness import patience

pytestmark = pytest.mark.processes
CONFIG = TrainingConfig(dataset="moons", hidden_layers=(3,), replicates=2)


@pytest.fixture
def case(tmp_path: Path) -> JudgeRequest:
    url = (tmp_path / "artifacts").as_uri()
    snapshot = make_trainer(CONFIG, datasets.load("moons")).snapshot()
    Artifacts(url).write("runs/a/snapshots/0.npz", snapshot_format.pack(snapshot))
    return JudgeRequest(CONFIG.model_dump(mode="json"), url, None, "runs/a/snapshots/0.npz", 0, 0)


@pytest.fixture
def judges(case: JudgeRequest) -> Iterator[Judges]:
    made = Judges(case.artifacts_url)
    yield made
    made.close()


def run_of(config: TrainingConfig, dataset_name: str = "moons") -> RunRead:
    """As much of a run as judging looks at."""
    seen: dict[str, Any] = {"id": "a", "name": "A run", "config": config, "dataset_name": dataset_name}
    return RunRead.model_construct(**seen, started_at=None)


def children() -> set[int | None]:
    """Processes that multiprocessing started for this one and that are still there.

    Not those of Dask: the API of another test may be here, whose workers come and go.
    """
    return {child.pid for child in multiprocessing.active_children() if child.name != WORKER_NAME}


def test_a_run_on_an_older_version_of_a_table_is_judged_on_it(tmp_path: Path) -> None:
    config, url = CONFIG.model_copy(update={"dataset": "iris"}), (tmp_path / "artifacts").as_uri()
    before = datasets.tabular.before("iris")
    assert before is not None
    trainer = make_trainer(config, before)
    Artifacts(url).write("a/0.npz", snapshot_format.pack(trainer.snapshot()))
    case = JudgeRequest(config.model_dump(mode="json"), url, None, "a/0.npz", 0, 0, before.content_hash)
    shown = judge_request(case)["mistakes"][0]
    validation = datasets.split(before, config.validation_fraction, config.split_seed).validation
    assert shown["sample"] in validation
    np.testing.assert_allclose(shown["values"], before.features[shown["sample"]], atol=1e-3)


def test_an_answer_is_remembered_and_the_process_ends_when_nobody_asks(case: JudgeRequest) -> None:
    judges, before = Judges(case.artifacts_url, idle=1.0), children()
    mine = run_of(CONFIG)
    first = judges.judged(mine, case)
    assert len(children() - before) == 1
    assert judges.judged(mine, case) == first
    assert sum(map(sum, first.counts)) == first.samples
    wait_for(lambda: children() - before, lambda started: not started)
    assert judges.judged(mine, case) == first, "remembered without a process"
    assert not children() - before
    judges.close()


def test_a_process_that_was_killed_is_replaced(judges: Judges, case: JudgeRequest) -> None:
    before = children()
    mine = run_of(CONFIG)
    judges.judged(mine, case)
    (started,) = children() - before
    assert started is not None
    os.kill(started, signal.SIGKILL)
    wait_for(lambda: children() - before, lambda left: not left)
    assert judges.judged(mine, case._replace(replicate=1)).replicate == 1


def test_a_question_whose_process_is_killed_is_answered_by_another(judges: Judges, case: JudgeRequest) -> None:
    before = children()
    mine = run_of(CONFIG)
    judges.judged(mine, case)
    (started,) = children() - before
    assert started is not None
    os.kill(started, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as asking:
        answer = asking.submit(judges.judged, mine, case._replace(replicate=1))
        wait_for(lambda: len(judges._answers), lambda asked: asked == 2)
        os.kill(started, signal.SIGKILL)
        assert answer.result(patience(60)).replicate == 1


def die_once_and_judge(case: JudgeRequest) -> dict[str, Any]:
    """Die while the result is sent, the first time; judge the second time."""
    die_while_sending(Path(case.artifacts_url.removeprefix("file://")) / "died")
    return judge_request(case)


def test_a_process_killed_while_it_sends_its_judgement_is_replaced(
    judges: Judges, case: JudgeRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.inspection.judge.judge_request", die_once_and_judge)
    monkeypatch.setattr("backend.inspection.judging.TIMEOUT", patience(60))
    assert judges.judged(run_of(CONFIG), case).iteration == 0
    assert (Path(case.artifacts_url.removeprefix("file://")) / "died").exists()


def test_data_that_were_deleted_are_named(judges: Judges, case: JudgeRequest) -> None:
    with pytest.raises(ConflictError, match="'My letters' was deleted"):
        judges.judged(run_of(CONFIG.model_copy(update={"dataset": "0123456789ab"}), "My letters"), case)
