"""Feed of the list of runs: tells subscribers which runs are new, changed or deleted, and the order of the queue."""

from __future__ import annotations

from backend.kit.identity import Person, Role
from backend.live.schemas import RunsFrame
from backend.live.subscribers import Subscriber, publish
from backend.runs.schemas import RunRead
from backend.runs.service import read_for
from backend.runs.table import service as run_table


class Overview:
    """Subscribers of the list of runs, and the changes that are to be sent to them."""

    def __init__(self) -> None:
        self._subscribers: set[Subscriber[str]] = set()
        self._runs: dict[str, RunRead] = {}
        self._removed: list[str] = []
        self._queue: list[str] = []
        self._queue_changed = False

    def subscribe(self, person: Person, owner: str | None = None) -> Subscriber[str]:
        """Subscribe a page to the list of runs: to all, or to those of one owner."""
        subscriber: Subscriber[str] = Subscriber(person, owner=owner)
        self._subscribers.add(subscriber)
        return subscriber

    def unsubscribe(self, subscriber: Subscriber[str]) -> None:
        """End a subscription to the list of runs."""
        self._subscribers.discard(subscriber)

    def __len__(self) -> int:
        return len(self._subscribers)

    @property
    def has_changes(self) -> bool:
        """Whether something is to be sent."""
        return bool(self._runs or self._removed or self._queue_changed)

    def update(self, run: RunRead) -> None:
        """Show a run that is new or has changed."""
        self._runs[run.id] = run

    def remove(self, run_id: str) -> None:
        """Show that a run was deleted."""
        self._runs.pop(run_id, None)
        self._removed.append(run_id)

    def reorder(self, queue: list[str]) -> bool:
        """Show the order of the queued runs; return whether it is another than before."""
        if queue == self._queue:
            return False
        self._queue, self._queue_changed = queue, True
        return True

    def send(self) -> None:
        """Send all changes since the last call."""
        runs, self._runs = self._runs, {}
        removed, self._removed = self._removed, []
        queue, self._queue_changed = self._queue if self._queue_changed else None, False
        # One text for all who may read of the same runs and do the same with them.
        alike: dict[tuple[str | None, Person | Role], list[Subscriber[str]]] = {}
        for subscriber in self._subscribers:
            person = subscriber.person
            key = person if person.role is Role.STUDENT else person.role
            alike.setdefault((subscriber.owner, key), []).append(subscriber)
        for (owner, _), viewers in alike.items():
            visible = [run for run in runs.values() if owner is None or run.owner == owner]
            if visible or removed or queue is not None:
                rows = [run_table.row(read_for(viewers[0].person, run)) for run in visible]
                publish(viewers, RunsFrame(runs=rows, removed=removed, queue=queue).model_dump_json())
