"""Database transactions of the dispatcher: claim queued runs, requeue lost ones, recover after a restart."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from backend.datasets import queries as datasets_repository
from backend.db.store import Store
from backend.db.tables import Run
from backend.kit.status import RunStatus
from backend.runs import journal as run_log
from backend.runs import queries as repository
from backend.runs import queue
from backend.runs import queue_queries as queue_repository
from backend.runs import service as runs_service
from backend.runs.journal import EventKind
from backend.runs.preemption import ActiveRun, runs_to_preempt
from backend.runs.schemas import RunRead
from backend.training import recorder
from backend.wire.artifacts import Artifacts
from backend.wire.messages import Job

log = logging.getLogger(__name__)

#: Maximum number of lost workers of a run; then it fails.
MAX_LOST_WORKERS = 3
#: Bytes of the test file that must be writable before a held run is requeued.
_LEAST_PROBE, _MOST_PROBE = 2**16, 2**26


class ClaimedRun(NamedTuple):
    """A claimed run with the job for its worker."""

    run: RunRead
    job: Job


class DesiredState(NamedTuple):
    """Requested state of a run in training: whether to interrupt it, and its number of iterations."""

    interrupt: bool
    iterations: int


class Transactions:
    """Database transactions that move runs between the queue and the workers."""

    def __init__(
        self,
        store: Store,
        artifacts: Artifacts,
        *,
        checkpoint_seconds: float,
        turn_seconds: float,
        per_owner: int,
    ) -> None:
        self._store = store
        self._artifacts = artifacts
        self._checkpoint_seconds = checkpoint_seconds
        self._turn_seconds = turn_seconds
        self._per_owner = per_owner

    def claim(self, limit: int) -> list[ClaimedRun]:
        """Claim at most `limit` queued runs, in the order of the queue and within each owner's limit."""
        claimed: list[ClaimedRun] = []
        with self._store.read() as session:
            if not queue_repository.has_queued_run(session):
                return claimed
        with self._store.write() as session:
            running = queue_repository.running_by_owner(session)
            for turn in queue.queued_in_order(session):
                if len(claimed) == limit:
                    break
                if running.get(turn.owner, 0) >= self._per_owner:
                    continue
                if queue_repository.claim(session, turn.run_id, datetime.now(UTC)):
                    running[turn.owner] = running.get(turn.owner, 0) + 1
                    run = runs_service.find(session, turn.run_id)
                    session.refresh(run)
                    claimed.append(ClaimedRun(runs_service.read(run), self._job(session, run)))
        return claimed

    def _job(self, session: Session, run: Run) -> Job:
        stored = datasets_repository.find(session, run.config["dataset"])
        return Job(
            run_id=run.id,
            attempt=run.attempt,
            config=run.config,
            artifacts_url=self._artifacts.url,
            dataset_hash=stored.content_hash if stored else None,
            checkpoints=list(repository.checkpoint_paths(session, run.id)),
            checkpoint_seconds=self._checkpoint_seconds,
            policies=run.policies,
        )

    def queue(self) -> list[str]:
        """Return the ids of the queued runs in the order of the queue."""
        with self._store.read() as session:
            return [turn.run_id for turn in queue.queued_in_order(session)]

    def read(self, run_ids: Sequence[str]) -> list[RunRead]:
        """Return runs by their ids; deleted ones are left out."""
        with self._store.read() as session:
            found = [repository.find(session, run_id) for run_id in run_ids]
            return runs_service.read_all(session, [run for run in found if run is not None])

    def runs_to_preempt(self, busy: Sequence[ActiveRun]) -> list[str]:
        """Return the ids of the runs in training that are to be preempted."""
        with self._store.read() as session:
            waiting = queue.queued_in_order(session)
        return runs_to_preempt(waiting, busy, self._per_owner, self._turn_seconds)

    def desired_state(self, run_id: str, attempt: int) -> DesiredState | None:
        """Return the requested state of an attempt; None if it is not the one in training."""
        with self._store.read() as session:
            run = repository.find(session, run_id)
            if run is None or run.status != RunStatus.RUNNING or run.attempt != attempt:
                return None
            return DesiredState(interrupt=run.requested is not None, iterations=run.iterations)

    def requeue_lost(self, claimed: ClaimedRun, *, died: bool) -> RunRead | None:
        """Requeue a run whose worker is lost, or fail it after `MAX_LOST_WORKERS`; None if its end is stored."""
        with self._store.write() as session:
            run = repository.find(session, claimed.run.id)
            if run is None or run.status != RunStatus.RUNNING or run.attempt != claimed.job["attempt"]:
                return None
            run.lost_workers += died
            if run.lost_workers >= MAX_LOST_WORKERS and run.requested != "stop":
                run.status, run.requested, run.finished_at = RunStatus.FAILED, None, datetime.now(UTC)
                run.error = (
                    f"The process that trained it died {run.lost_workers} times, the last time at about iteration "
                    f"{run.iteration:,}; it is not tried again. Most often the memory was used up: clone it with "
                    "fewer replicates, a smaller batch or smaller layers. To try it again as it is, rewind it."
                )
            else:
                recorder.apply_request(run)
            run_log.record_event(
                session, run, EventKind.LOST if died else EventKind.LEFT, times=run.lost_workers, error=run.error
            )
            return runs_service.read(run)

    def recover(self) -> list[RunRead]:
        """Requeue the runs that were in training when the previous server ended."""
        with self._store.write() as session:
            left = repository.with_status(session, RunStatus.RUNNING)
            for run in left:
                recorder.apply_request(run)
                run_log.record_event(session, run, EventKind.RECOVERED)
            return [runs_service.read(run) for run in left]

    def resume_held(self) -> list[RunRead]:
        """Requeue the runs held for storage if the artifacts can be written again."""
        with self._store.read() as session:
            size = queue_repository.most_bytes_held(session)
        if size is None:
            return []
        try:
            self._artifacts.probe(min(max(2 * size, _LEAST_PROBE), _MOST_PROBE))
        except OSError as error:
            log.warning("held runs wait until %s can be written again: %s", self._artifacts.url, error)
            return []
        with self._store.write() as session:
            held = queue_repository.held_for_storage(session)
            for run in held:
                runs_service.enqueue(session, run)
                run_log.record_event(session, run, EventKind.RESUMED_HELD)
            return [runs_service.read(run) for run in held]
