"""Confusion matrix and worst mistakes of a run at any stored snapshot."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from backend.datasets import queries as datasets_repository
from backend.db.store import Store
from backend.inspection import judge, weights
from backend.inspection.judge import JudgeRequest
from backend.inspection.judging_schemas import Judged
from backend.inspection.state_request import states_request
from backend.kit import helper_process
from backend.kit.errors import BusyError, ConflictError, DomainError, NotFoundError
from backend.kit.helper_pool import HelperPool
from backend.runs import service as runs
from backend.runs.schemas import RunRead
from synrl_core import datasets

log = logging.getLogger(__name__)

#: Judgements that are kept: a person goes back and forth between snapshots.
KEPT = 64
#: Seconds that an answer may take; seconds without a question after which the process ends, more than that.
TIMEOUT, IDLE = 120.0, 180.0

_Key = tuple[str, str, int, int, int | None]


class Answer(NamedTuple):
    """Answer of a judging process, which may still be under way."""

    pool: HelperPool
    future: Future[dict[str, Any]]

    def wait(self) -> dict[str, Any]:
        """Wait until it is there, at most `TIMEOUT` seconds."""
        return self.pool.result_of(self.future, TIMEOUT)

    def has_failed(self) -> bool:
        """Return whether the process refused, died or was ended."""
        return self.future.cancelled() or (self.future.done() and self.future.exception() is not None)


def judged(store: Store, judges: Judges, run_id: str, iteration: int | None, replicate: int) -> Judged:
    """Judge a run's network; no session is held while that takes its time.

    Raises
    ------
    NotFoundError
        When there is no such run, snapshot or replicate.
    ConflictError, BusyError
        As `Judges.judged`.
    """
    with store.read() as session:
        run = runs.get(session, run_id)
        case = judges.request(session, run, iteration, replicate)
        names = class_names(session, run)
    found = judges.judged(run, case)
    return _called(found, names) if names is not None else found


def class_names(session: Session, run: RunRead) -> list[str] | None:
    """Return the class names of a stored data set; None for a built-in one."""
    stored = datasets_repository.find(session, run.config.dataset)
    return [one["name"] for one in stored.classes] if stored else None


def _called(found: Judged, names: list[str]) -> Judged:
    mistakes = [
        one.model_copy(update={"label_name": names[one.label], "named_name": names[one.named]})
        for one in found.mistakes
    ]
    return found.model_copy(update={"class_names": [names[label] for label in found.classes], "mistakes": mistakes})


def _compute(case: JudgeRequest) -> Callable[[JudgeRequest], dict[str, Any]]:
    """Return what the process is to call: all samples are judged, or one is followed over time."""
    return judge.judge_request if case.place is None else states_request


class Judges:
    """Pool of one judging process, started by the first request and ended when idle.

    It is not the server's own: judging loads the data, and scikit-learn with them, and would hold the live feeds.
    """

    def __init__(self, artifacts_url: str, idle: float = IDLE) -> None:
        self._artifacts_url = artifacts_url
        self._idle = idle
        self._lock = threading.Lock()
        self._answers: OrderedDict[_Key, Answer] = OrderedDict()
        self._pool: HelperPool | None = None
        self._timer: threading.Timer | None = None

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def request(self, session: Session, run: RunRead, iteration: int | None, replicate: int) -> JudgeRequest:
        """Build the request to judge a snapshot: the last one for None.

        Raises
        ------
        NotFoundError
            When there is no such snapshot.
        """
        snapshot = weights.find(session, run.id, iteration)
        stored = datasets_repository.find(session, run.config.dataset)
        return JudgeRequest(
            config=run.config.model_dump(mode="json"),
            artifacts_url=self._artifacts_url,
            dataset_hash=stored.content_hash if stored else None,
            trained_on=run.dataset_hash,
            snapshot=snapshot.path,
            iteration=snapshot.iteration,
            replicate=replicate,
        )

    def judged(self, run: RunRead, case: JudgeRequest) -> Judged:
        """Judge, or remember; waits for the answer, and raises as `answer`."""
        return Judged.model_validate(self.answer(run, case))

    def answer(self, run: RunRead, case: JudgeRequest) -> dict[str, Any]:
        """Ask the process, or remember; waits for the answer.

        Raises
        ------
        ConflictError
            When the network names no classes, or the data are no longer there.
        BusyError
            When it takes too long.
        """
        if run.config.dataset not in datasets.names() and case.dataset_hash is None:
            raise ConflictError(f"The data set '{run.dataset_name}' was deleted: its samples can't be judged any more.")
        # Begun again, a run has other snapshots under the same names; when it started tells them apart.
        key = (case.snapshot, str(run.started_at), case.iteration, case.replicate, case.place)
        try:
            return self._answer_for(key, case)
        except DomainError:
            raise
        except TimeoutError as error:
            raise BusyError(f"Judging took more than {TIMEOUT:g} s. Ask again in a while.") from error
        except IndexError as error:
            raise NotFoundError(f"Run '{run.id}' has no replicate {case.replicate}; they count from 0.") from error
        except ValueError as error:
            raise ConflictError(f"Run '{run.name}' can't be judged: {error}") from error
        except CancelledError as error:
            raise BusyError("The server is about to end. Ask again when it is back.") from error
        except BrokenProcessPool as error:
            raise BusyError("The process that looks at mistakes has ended, for lack of memory perhaps.") from error

    def _answer_for(self, key: _Key, case: JudgeRequest) -> dict[str, Any]:
        try:
            return self._answer(key, case).wait()
        except BrokenProcessPool:
            # Perhaps it had ended before it was asked, and nobody had noticed yet: another is asked, once.
            return self._answer(key, case).wait()

    def _answer(self, key: _Key, case: JudgeRequest) -> Answer:
        with self._lock:
            known = self._answers.get(key)
            if known is not None and not known.has_failed():
                self._answers.move_to_end(key)
                return known
            answer = self._submit(case)
            self._answers[key] = answer
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
            return answer

    def _submit(self, case: JudgeRequest) -> Answer:
        self._shutdown_when_idle()
        try:
            return self._ask(case)
        except BrokenProcessPool:
            log.warning("the judging process died; a new one is started")
            self._end()
            self._shutdown_when_idle()
            return self._ask(case)

    def _ask(self, case: JudgeRequest) -> Answer:
        pool = self._started()
        return Answer(pool, pool.submit(_compute(case), case))

    def _started(self) -> HelperPool:
        if self._pool is None:
            self._pool = HelperPool(1, helper_process.prepare)
        return self._pool

    def _shutdown_when_idle(self) -> None:
        """End the process a while after the last question."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(self._idle, self.close)
        self._timer.daemon = True
        self._timer.start()

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        pool, self._pool, self._timer = self._pool, None, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)
