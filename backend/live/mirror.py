"""Live state of runs in training: one copy, advanced once by each message, that recorder and live feed both read.

While a run trains, its state has two sources. The worker reports how far it is and what was measured (`REPORTED`);
everything else, as its name or what was requested of it, changes in the database. A `RunMirror` overlays the first on
the second, so that neither needs to be reconciled with another copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.kit.status import RunStatus
from backend.runs import progress
from backend.runs.schemas import RunRead
from backend.wire import columns, snapshots
from backend.wire.columns import Columns
from backend.wire.messages import Message
from synrl_core.measuring.events import Snapshot

#: Fields of a run, as row and as schema, that its worker reports.
REPORTED = (
    "iteration", "iterations_per_second", "forward_passes", "training_seconds", "train_accuracy",
    "validation_accuracy", "best_validation_accuracy", "best_iteration", "sparkline", "dataset_hash", "provenance",
)  # fmt: skip


@dataclass(frozen=True)
class Report:
    """A message of a worker, its points decoded, and the state that the run has after it."""

    message: Message
    points: Columns | None = field(default=None, compare=False)
    """The points of a progress message."""
    state: Mapping[str, Any] = field(default_factory=dict)
    """The `REPORTED` fields; empty after messages that change none of them."""

    def apply(self, run: Any) -> None:
        """Set the reported fields of a run, a row or a schema, to what they are after this message."""
        for name, value in self.state.items():
            setattr(run, name, value)


class RunMirror:
    """Live state of one attempt of a run."""

    def __init__(self, run: RunRead, attempt: int) -> None:
        self.run = run
        self.attempt = attempt
        self.snapshot: Snapshot | None = None
        """The weights that were reported last."""
        self.is_shown = True
        """False: what is reported is stored and no longer shown, see `Mirrors.hide`."""

    def receive(self, message: Message) -> Report:
        """Advance the state by a message of this attempt."""
        match message["kind"]:
            case "started":
                progress.begin(self.run, message)
                self.run.dataset_hash, self.run.provenance = message["dataset_hash"], message["provenance"]
            case "progress":
                progress.advance(self.run, message)
                if message["points"] is not None:
                    points = columns.decode(message["points"])
                    progress.measure(self.run, points)
                    return Report(message, points, self._state())
            case "weights":
                self.snapshot = snapshots.from_message(message["iteration"], message["arrays"])
                return Report(message)
            case "snapshot" | "checkpoint" | "alive" | "ended":
                return Report(message)
        return Report(message, state=self._state())

    def refresh(self, stored: RunRead) -> RunRead:
        """Take over from the database all that the worker does not report."""
        self.run = stored.model_copy(update=self._state())
        return self.run

    def _state(self) -> dict[str, Any]:
        return {name: getattr(self.run, name) for name in REPORTED}


class Mirrors:
    """The live states of all runs in training. Lives on the event loop."""

    def __init__(self) -> None:
        self._by_run: dict[str, RunMirror] = {}

    def get(self, run_id: str) -> RunMirror | None:
        """Return the live state of a run; None if it is not in training."""
        return self._by_run.get(run_id)

    def begin(self, run: RunRead, attempt: int) -> None:
        """Mirror an attempt that is about to be trained."""
        self._by_run[run.id] = RunMirror(run, attempt)

    def receive(self, message: Message) -> Report | None:
        """Advance a run by a message; None: it is of an attempt that is over, and nobody is to act on it."""
        mirror = self._by_run.get(message["run_id"])
        return None if mirror is None or mirror.attempt != message["attempt"] else mirror.receive(message)

    def refresh(self, stored: RunRead) -> RunRead | None:
        """Return a run as it is now, given a read of the database; None: that read is out of date.

        A read that does not see the run in training was made before its attempt began or after it ended, and `end`
        brings the newest state.
        """
        mirror = self._by_run.get(stored.id)
        if mirror is None or not mirror.is_shown:
            return stored
        return mirror.refresh(stored) if stored.status == RunStatus.RUNNING else None

    def end(self, run_id: str, attempt: int) -> bool:
        """End an attempt, so that the database alone says how the run is. False: the next attempt has begun."""
        mirror = self._by_run.get(run_id)
        if mirror is not None and mirror.attempt != attempt:
            return False
        self._by_run.pop(run_id, None)
        return True

    def hide(self, run_id: str) -> None:
        """Publish nothing more of an attempt: its run was deleted, or its points are no longer stored."""
        mirror = self._by_run.get(run_id)
        if mirror is not None:
            mirror.is_shown = False

    def state(self, run_id: str) -> tuple[RunRead | None, Snapshot | None]:
        """Return a run in training and the weights that were reported last; newer than the database, or None."""
        mirror = self._by_run.get(run_id)
        return (mirror.run, mirror.snapshot) if mirror is not None and mirror.is_shown else (None, None)
