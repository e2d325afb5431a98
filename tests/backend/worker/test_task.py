"""The worker task: resuming, reporting, checkpoints and requests."""

from __future__ import annotations

import io
import itertools
import json
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backend.wire import checkpoints, columns, snapshots
from backend.wire import policies as wire_policies
from backend.wire.artifacts import Artifacts
from backend.wire.checkpoints import DamagedError, SavedCheckpoint, Summary
from backend.wire.messages import Ended, Job, Message, Started
from backend.worker import control, reporter
from backend.worker.reporter import SPEED_WINDOW
from backend.worker.task import train
from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.datasets import tabular
from synrl_core.learning.factory import resume_trainer
from synrl_core.policies import UnknownPolicyError
from synrl_core.policies.policy import Policy

pytestmark = pytest.mark.training

CONFIG = TrainingConfig(hidden_layers=(4,), iterations=4000, evaluate_every=50, snapshot_every=300)


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts((tmp_path / "artifacts").as_uri())


class Attempt:
    """The messages of one attempt, in order."""

    def __init__(
        self, artifacts: Artifacts, before: list[str] | None = None, config: TrainingConfig = CONFIG,
        until: Callable[[Message], bool] = lambda _: False, policies: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.messages: list[Message] = []
        attempt = 1 + len(before or [])
        job = Job(
            run_id="r1",
            attempt=attempt,
            config=config.model_dump(mode="json"),
            artifacts_url=artifacts.url,
            dataset_hash=None,
            checkpoints=list(before or []),
            checkpoint_seconds=0.1,
            policies=policies or {},
        )

        def emit(message: Message) -> None:
            self.messages.append(message)
            if until(message):
                control.update("r1", attempt, interrupt=True, iterations=config.iterations)

        train(job, emit)

    def of(self, kind: str) -> list[Any]:
        return [message for message in self.messages if message["kind"] == kind]

    @property
    def started(self) -> Started:
        [found] = self.of("started")
        started: Started = found
        return started

    @property
    def ended(self) -> Ended:
        ended: Ended = self.messages[-1]  # type: ignore[assignment]
        assert ended["kind"] == "ended"
        return ended

    @property
    def checkpoints(self) -> list[str]:
        """Newest first."""
        return [message["path"] for message in reversed(self.of("checkpoint"))]

    @property
    def measured(self) -> list[int]:
        points = [columns.decode(message["points"]) for message in self.of("progress") if message["points"]]
        return [int(iteration) for chunk in points for iteration in chunk["iteration"]]


def a_checkpoint(message: Message) -> bool:
    """Whether a checkpoint was stored: an attempt that lets go then writes one more."""
    return message["kind"] == "checkpoint"


def second(kind: str) -> Callable[[Message], bool]:
    """Whether a message is at least the second of its kind."""
    seen = 0

    def count(message: Message) -> bool:
        nonlocal seen
        seen += message["kind"] == kind
        return seen >= 2

    return count


def final_state(attempt: Attempt, artifacts: Artifacts) -> bytes:
    return checkpoints.unpack(artifacts.read(attempt.checkpoints[0])).state


def test_two_attempts_measure_together_what_one_would_and_end_alike(artifacts: Artifacts) -> None:
    whole = Attempt(artifacts)
    expected = final_state(whole, artifacts)
    first = Attempt(artifacts, until=a_checkpoint)
    assert first.ended["outcome"] == "interrupted"
    assert 0 < (first.ended["iteration"] or 0) < 4000
    then = Attempt(artifacts, first.checkpoints)
    assert then.started["iteration"] == then.started["next_point"] == first.ended["iteration"]
    assert then.started["training_seconds"] > 0.1
    kept = [iteration for iteration in first.measured if iteration < then.started["next_point"]]
    assert [*kept, *then.measured] == whole.measured == list(range(0, 4001, 50))
    snapshots = [message["iteration"] for message in (*first.of("snapshot"), *then.of("snapshot"))]
    assert snapshots == [message["iteration"] for message in whole.of("snapshot")]
    assert then.ended["outcome"] == "completed"
    assert final_state(then, artifacts) == expected


def test_a_run_on_an_older_version_of_a_table_goes_on_with_it(
    artifacts: Artifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = CONFIG.model_copy(update={"dataset": "iris"})
    before = tabular.before("iris")
    assert before is not None
    with monkeypatch.context() as older:
        older.setattr(datasets, "load", lambda *_, **__: before)
        whole = Attempt(artifacts, config=config)
        expected = final_state(whole, artifacts)
        first = Attempt(artifacts, config=config, until=a_checkpoint)
    then = Attempt(artifacts, first.checkpoints, config=config)
    assert then.started["dataset_hash"] == before.content_hash != datasets.load("iris").content_hash
    assert then.started["iteration"] > 0
    assert final_state(then, artifacts) == expected


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "gone"])
def test_a_damaged_newest_checkpoint_gives_way_to_the_one_before(artifacts: Artifacts, damage: str) -> None:
    expected = final_state(Attempt(artifacts), artifacts)
    first = Attempt(artifacts, until=a_checkpoint)
    newest, before, *_ = first.checkpoints
    data = artifacts.read(newest)
    if damage == "gone":
        artifacts.delete(newest)
    else:
        flipped = data[:500] + bytes([data[500] ^ 1]) + data[501:]
        artifacts.write(newest, {"cut": data[: len(data) // 2], "flipped": flipped, "empty": b""}[damage])
    then = Attempt(artifacts, first.checkpoints)
    assert then.started["iteration"] == checkpoints.unpack(artifacts.read(before)).iteration
    assert final_state(then, artifacts) == expected


def test_a_run_whose_checkpoints_are_gone_says_so_and_begins_anew(artifacts: Artifacts) -> None:
    first = Attempt(artifacts, until=a_checkpoint)
    for path in first.checkpoints:
        artifacts.delete(path)
    then = Attempt(artifacts, first.checkpoints)
    assert (then.started["iteration"], then.started["next_point"]) == (0, 0)
    assert then.started["lost_checkpoints"] == len(first.checkpoints) > 0
    assert final_state(then, artifacts) == final_state(Attempt(artifacts), artifacts)


def test_a_run_without_a_whole_checkpoint_fails_with_the_reason(artifacts: Artifacts) -> None:
    first = Attempt(artifacts, until=a_checkpoint)
    newest, *older = first.checkpoints
    artifacts.write(newest, b"nonsense")
    for path in older:
        artifacts.delete(path)
    then = Attempt(artifacts, first.checkpoints)
    assert (then.ended["outcome"], then.ended["iteration"]) == ("failed", None)
    assert f"{newest}: these 8 bytes are no checkpoint" in str(then.ended["error"])
    assert not then.of("started")


def of_version(state: bytes, version: int) -> bytes:
    """The same state as a program of another version would mark it."""
    with np.load(io.BytesIO(state)) as archive:
        arrays = {name: archive[name] for name in archive.files}
    meta = json.loads(arrays["meta"].tobytes()) | {"version": version}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays | {"meta": np.frombuffer(json.dumps(meta).encode(), np.uint8)})
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda state: of_version(state, 99), "version 99; this program reads version 1"),
        (lambda state: b"no state", "no checkpoint of a trainer"),
    ],
    ids=["another version", "no state"],
)
def test_a_whole_checkpoint_that_this_version_cannot_read_fails_the_run(
    artifacts: Artifacts, change: Callable[[bytes], bytes], reason: str
) -> None:
    first = Attempt(artifacts, until=a_checkpoint)
    newest = first.checkpoints[0]
    saved = checkpoints.unpack(artifacts.read(newest))
    artifacts.write(newest, checkpoints.pack(replace(saved, state=change(saved.state))))
    then = Attempt(artifacts, first.checkpoints)
    assert (then.ended["outcome"], then.ended["iteration"]) == ("failed", None)
    assert reason in str(then.ended["error"])
    assert "clone the run" in str(then.ended["error"])
    assert not then.of("started")


@pytest.mark.parametrize("name", ["static", "adaptive", "adam"])
def test_checkpoints_stored_by_earlier_versions_are_resumed(artifacts: Artifacts, name: str) -> None:
    """``stored/``: runs at iteration 37 of 80, as the version of commit 650ede0 wrote them."""
    data = (Path(__file__).parent / "stored" / f"{name}-0037.checkpoint").read_bytes()
    artifacts.write("stored", data)
    trainer = resume_trainer(checkpoints.unpack(data).state, datasets.load("teacher"))
    then = Attempt(artifacts, ["stored"], trainer.config)
    assert then.started["iteration"] == then.started["next_point"] == 37
    assert then.started["lost_checkpoints"] == 0
    assert then.measured == [40, 50, 60, 70, 80]
    list(trainer.events())
    assert final_state(then, artifacts) == trainer.state_bytes()


def test_a_run_acts_by_the_policy_that_its_job_carries(artifacts: Artifacts) -> None:
    """And a resumed one by its checkpoint's own table, whatever has become of the policy."""
    mine = Policy("mine", np.random.default_rng(3).normal(size=(3,) * 5), temperature=0.5)
    config = CONFIG.model_copy(update={"policy": "mine"})
    carried = wire_policies.pack(config, lambda name, history: mine)
    assert set(carried) == {"mine"}
    whole = Attempt(artifacts, config=config, policies=carried)
    seen = snapshots.unpack(artifacts.read(whole.of("snapshot")[-1]["path"]), 4000)
    assert seen.behaviour is not None
    np.testing.assert_array_equal(seen.behaviour.policy[0], mine.q)
    assert seen.behaviour.temperature == (0.5, 0.5)
    expected = final_state(whole, artifacts)
    first = Attempt(artifacts, config=config, policies=carried, until=a_checkpoint)
    assert first.ended["outcome"] == "interrupted"
    assert final_state(Attempt(artifacts, first.checkpoints, config), artifacts) == expected


def test_a_run_whose_policy_is_nowhere_fails_with_the_names(artifacts: Artifacts) -> None:
    config = CONFIG.model_copy(update={"policy": "mine"})

    def unknown(name: str, history: int | None) -> Policy:
        raise UnknownPolicyError(name)

    assert wire_policies.pack(config, unknown) == {}
    ended = Attempt(artifacts, config=config).ended
    assert ended["outcome"] == "failed"
    assert "there is no policy 'mine'. Choose one of" in str(ended["error"])


def test_policies_that_ship_are_not_carried() -> None:
    def never(name: str, history: int | None) -> Policy:
        raise AssertionError

    both = TrainingConfig(bias_policy="random", history=1)
    for config in (CONFIG, both, TrainingConfig(method="gradient", policy="mine")):
        assert wire_policies.pack(config, never) == {}
    found = wire_policies.lookup({})("win_stay_lose_shift", 3)
    assert (found.name, found.history) == ("win_stay_lose_shift", 3)


def test_a_run_resumed_at_its_end_ends_again_and_repeats_no_measurement(artifacts: Artifacts) -> None:
    first = Attempt(artifacts)
    then = Attempt(artifacts, first.checkpoints)
    assert (then.started["iteration"], then.started["next_point"]) == (4000, 4001)
    assert then.measured == []
    assert (then.ended["outcome"], then.ended["iteration"]) == ("completed", 4000)


def test_what_a_run_shows_of_itself_is_kept_with_its_checkpoint(artifacts: Artifacts) -> None:
    first = Attempt(artifacts)
    then = Attempt(artifacts, first.checkpoints)
    best = max(
        (accuracy, -int(iteration))
        for chunk in (columns.decode(m["points"]) for m in first.of("progress") if m["points"])
        for iteration, accuracy in zip(chunk["iteration"], chunk["validation_accuracy"][:, 0].tolist(), strict=True)
    )
    summary = then.started["summary"]
    assert (summary["best_validation_accuracy"], -summary["best_iteration"]) == best
    assert summary["forward_passes"] >= 4000


def test_a_full_disk_holds_the_run_with_the_reason_in_words(
    artifacts: Artifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real limit of the system on a file's size: writing the checkpoint fails as on a full disk."""
    first = Attempt(artifacts, until=a_checkpoint)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        held = Attempt(artifacts, first.checkpoints)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert held.ended["outcome"] == "held"
    assert held.ended["error"] is not None
    assert "could not be written to file://" in held.ended["error"]
    assert not list(Path(artifacts.url.removeprefix("file://")).rglob("*.part")), "half a file was left behind"
    then = Attempt(artifacts, first.checkpoints)
    assert then.ended["outcome"] == "completed"


def test_a_checkpoint_round_trips_and_any_damage_is_detected() -> None:
    saved = SavedCheckpoint(3, 3, 1.5, Summary(7, 0.5, 0.25, 0.75, 2), b"state")
    data = checkpoints.pack(saved)
    assert checkpoints.unpack(data) == saved
    for place in range(len(data)):
        with pytest.raises(DamagedError):
            checkpoints.unpack(data[:place])
        with pytest.raises(DamagedError):
            checkpoints.unpack(data[:place] + bytes([data[place] ^ 255]) + data[place + 1 :])


def test_points_carry_the_seconds_of_all_attempts(artifacts: Artifacts) -> None:
    first = Attempt(artifacts, until=a_checkpoint)
    then = Attempt(artifacts, first.checkpoints)
    seconds = np.concatenate(
        [columns.decode(m["points"])["seconds"] for m in (*first.of("progress"), *then.of("progress")) if m["points"]]
    )
    assert (np.diff(seconds) >= 0).all()


def test_the_speed_of_the_first_second_counts_all_of_it(artifacts: Artifacts, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that a look at it moves on by a millisecond, so that no other program has a say."""
    clock = itertools.count()
    ticking = SimpleNamespace(perf_counter=lambda: next(clock) / 1000, time=time.time)
    monkeypatch.setattr(reporter, "time", ticking)
    attempt = Attempt(artifacts, until=second("progress"))
    *_, last = attempt.of("progress")
    assert last["training_seconds"] < SPEED_WINDOW
    assert last["iterations_per_second"] == pytest.approx(last["iteration"] / last["training_seconds"], rel=0.1)


@pytest.mark.parametrize("architecture", ["recurrent", "spiking"])
def test_a_network_that_reads_sequences_is_resumed_to_the_bit(artifacts: Artifacts, architecture: str) -> None:
    changes = {"architecture": architecture, "dataset": "recall", "initialisation": "he_normal", "iterations": 3000}
    config = TrainingConfig.model_validate(CONFIG.model_dump() | changes)
    expected = final_state(Attempt(artifacts, config=config), artifacts)
    first = Attempt(artifacts, config=config, until=a_checkpoint)
    assert first.ended["outcome"] == "interrupted"
    then = Attempt(artifacts, first.checkpoints, config=config)
    assert then.started["iteration"] == first.ended["iteration"]
    assert final_state(then, artifacts) == expected
