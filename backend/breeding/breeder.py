"""Breeder: a thread of the server that carries out queued breedings, one at a time, each in a process of its own."""

from __future__ import annotations

import logging
import multiprocessing
import threading
from multiprocessing.connection import Connection, wait
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from backend.breeding import process, service
from backend.breeding.schemas import Claim
from backend.db.store import Store
from backend.kit.errors import DomainError
from backend.kit.identity import SYSTEM, acting
from synrl_core.policies.files import PolicyFileError

log = logging.getLogger(__name__)

#: Seconds between two looks at whether a breeding is still wanted, while a step takes its time.
_LOOK = 1.0
#: Seconds after which a database that takes nothing is asked again.
_RETRY = 5.0

#: Error of a breeding whose process was killed.
_ENDED = "The process that bred it ended without a word; its memory may have run out."


class Breeder:
    """Carry out breedings. Its process starts with the first one and ends with each."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="breeder", daemon=True)

    def start(self) -> None:
        """Requeue breedings that another server left running, and begin to carry out the queue."""
        with acting(SYSTEM), self._store.write() as session:
            service.requeue(session)
        self._wake.set()
        self._thread.start()

    def wake(self) -> None:
        """Read the queue again: a breeding was queued, paused or stopped."""
        self._wake.set()

    def close(self) -> None:
        """End the process and the thread; what was running goes on with the next start."""
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        with acting(SYSTEM):
            while not self._closing.is_set():
                self._wake.wait()
                self._wake.clear()
                try:
                    while not self._closing.is_set() and (claim := self._claim()) is not None:
                        self._carry_out(claim)
                except SQLAlchemyError as error:
                    log.warning("breedings wait until the database can be used: %s", error)
                    if not self._closing.wait(_RETRY):
                        self._wake.set()

    def _claim(self) -> Claim | None:
        with self._store.write() as session:
            return service.claim(session)

    def _carry_out(self, claim: Claim) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        worker = context.Process(
            target=process.main, args=(theirs, claim.config, claim.steps), name=f"breeding {claim.id}", daemon=True
        )
        worker.start()
        theirs.close()
        try:
            self._follow(claim, ours)
        finally:
            worker.kill()
            worker.join()
            ours.close()

    def _follow(self, claim: Claim, connection: Connection) -> None:
        """Store the messages of the process until it ends or is no longer wanted."""
        number = len(claim.steps)
        lines: list[str] = []
        curve: list[tuple[str, int, float]] = []
        while not self._closing.is_set():
            if not wait([connection], timeout=_LOOK):
                if not self._record(claim, None, lines, curve):
                    return
                lines, curve = [], []
                continue
            try:
                kind, *told = connection.recv()
            except (EOFError, OSError):  # the latter: killed while it sent a message
                self._finish(claim, [], _ENDED)
                return
            if kind == "line":
                lines.append(told[0])
            elif kind == "scored":
                curve.append((told[0], told[1], told[2]))
            elif kind == "step":
                name, data, passes = told
                if not self._record(claim, (number, name, data, passes), lines, curve):
                    return
                number, lines, curve = number + 1, [], []
                try:
                    connection.send("stored")
                except OSError:
                    self._finish(claim, [], _ENDED)
                    return
            else:
                self._record(claim, None, lines, curve)
                self._finish(claim, told[0] if kind == "done" else [], None if kind == "done" else told[0])
                return

    def _record(self, claim: Claim, step: Any, lines: list[str], curve: list[tuple[str, int, float]]) -> bool:
        if step is None and not lines and not curve:
            with self._store.read() as session:
                return service.is_running(session, claim.id)
        with self._store.write() as session:
            return service.record(session, claim.id, step, lines, curve)

    def _finish(self, claim: Claim, bred: list[str], error: str | None) -> None:
        """Store the end; a breeding whose policies the library refuses has failed, and those after it go on."""
        try:
            with self._store.write() as session:
                service.finish(session, claim.id, bred, error)
        except (DomainError, PolicyFileError) as refused:
            with self._store.write() as session:
                service.finish(session, claim.id, [], f"Its policies can't be stored: {refused}")
