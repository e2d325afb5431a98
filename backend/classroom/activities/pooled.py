"""Pooled experiment: each student trains the same scene with their own value of a setting, or their own seed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from backend.classroom.activities.base import Activity, Job, State, Trained
from backend.classroom.activities.curves import group, mean_curve
from backend.classroom.activities.schemas import (
    BoardPooled,
    Curve,
    Dot,
    OwnRun,
    PooledCreate,
    StudentPooled,
    TeacherPooled,
)
from backend.classroom.roster import Seat, Situation
from synrl_core.tape import Scene

#: Values that are dealt out where the teacher gave none: what a class sees a U of.
_STEP_SIZES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
_SHARES = (0.0, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
_RATES = (0.0, 0.0001, 0.001, 0.01, 0.1)
_DISCOUNTS = (0.0, 0.25, 0.5, 0.75, 0.9)
_VALUES: dict[str, tuple[float, ...]] = {
    "step_size": _STEP_SIZES, "exploration": _SHARES, "learning_rate": _RATES, "discount": _DISCOUNTS,
}  # fmt: skip
#: Slot with which a student starts their own run.
_RUN = "run"
#: Evaluations at the end whose mean is the result.
_LAST = 5


class Share(BaseModel):
    """A student's part."""

    model_config = ConfigDict(extra="forbid")

    value: float
    seed: int


class Result(BaseModel):
    """A run that is done."""

    model_config = ConfigDict(extra="forbid")

    iterations: list[int]
    accuracy: list[float]
    loss: list[float]
    error: str | None = None


class PooledState(State):
    """State of a pooled experiment."""

    phase: str = "ready"
    shares: dict[str, Share] = Field(default_factory=dict)
    """By seat."""
    results: dict[str, Result] = Field(default_factory=dict)


class PooledExperiment(Activity[PooledCreate, PooledState]):
    """A pooled experiment. Phases: ready, running, done."""

    kind = "pooled"
    settings_type, state_type = PooledCreate, PooledState

    @classmethod
    def begin(cls, settings: PooledCreate, situation: Situation) -> PooledState:
        """Return the state at the start: each seat has its value.

        Raises
        ------
        pydantic.ValidationError
            When the scene does not take one of the values.
        """
        for value in settings.values or _VALUES.get(settings.varied, (1.0,)):
            scene_of(settings, Share(value=value, seed=1))
        state = PooledState(phase="running" if settings.each_starts else "ready")
        return _dealt(state, settings, situation)

    # -- how it goes on

    def actions(self) -> list[str]:
        """Return `start` until it was pressed; where each student starts, it starts all that are left."""
        left = [seat_id for seat_id in self.state.shares if not self._is_started(seat_id)]
        return ["start"] if left else []

    def _act(self, action: str, value: int | None, situation: Situation) -> PooledState:
        del action, value, situation
        state = self.draft()
        state.phase = "started"
        return state

    def admitted(self, situation: Situation) -> PooledState | None:
        """Deal a value to who came late; an experiment that was done goes on for them."""
        if all(seat.id in self.state.shares for seat in situation.seats):
            return None
        state = _dealt(self.draft(), self.settings, situation)
        if state.phase == "done":
            state.phase = "running" if self.settings.each_starts else "started"
        return state

    def _is_started(self, seat_id: str) -> bool:
        return self.state.phase in ("started", "done") or seat_id in self.answers.get(_RUN, {})

    def jobs(self) -> Mapping[str, Job]:
        """Return the runs that were started and are not done, each in a turn of its own."""
        return {
            seat_id: self._job(seat_id)
            for seat_id in self.state.shares
            if seat_id not in self.state.results and self._is_started(seat_id)
        }

    @cached_property
    def _jobs(self) -> dict[str, Job]:
        """Jobs that were made: a share never changes, and its scene is validated once."""
        return {}

    def _job(self, seat_id: str) -> Job:
        if seat_id not in self._jobs:
            scene = scene_of(self.settings, self.state.shares[seat_id])
            self._jobs[seat_id] = Job(scene, self.settings.iterations, f"class {self.id} {seat_id}")
        return self._jobs[seat_id]

    def trained(self, key: str, result: Trained) -> PooledState:
        """Keep a run."""
        state = self.draft()
        state.results[key] = Result(**vars(result))
        if state.results.keys() >= state.shares.keys():
            state.phase = "done"
        return state

    # -- answers

    def slot(self, seat: Seat) -> str | None:
        """Return the slot that starts the own run, where students start theirs."""
        waits = self.state.phase == "running" and seat.id in self.state.shares and seat.id not in self.state.results
        return _RUN if waits and self.settings.each_starts else None

    def in_words(self, slot: str, value: int) -> str:
        """Say that the run was started."""
        del slot, value
        return "run started"

    # -- views

    def _y(self, result: Result) -> float:
        last = (result.accuracy if self.settings.measure == "accuracy" else result.loss)[-_LAST:]
        return sum(last) / len(last)

    def _good(self) -> dict[str, Result]:
        return {seat_id: one for seat_id, one in self.state.results.items() if one.error is None and one.iterations}

    def _shared(self) -> dict[str, Any]:
        good, by_value = self._good(), self._by_value()
        return {
            **self._head(),
            "phase": "running" if self.state.phase == "started" else self.state.phase,
            "varied": self.settings.varied,
            "measure": self.settings.measure,
            "values": sorted({share.value for share in self.state.shares.values()}),
            "done": len(self.state.results),
            "of": len(self.state.shares),
            "dots": sorted((Dot(x=self.state.shares[seat].value, y=self._y(one)) for seat, one in good.items()),
                           key=lambda dot: (dot.x, dot.y)),
            "groups": [group(x, [self._y(one) for one in results]) for x, results in by_value.items()],
            "curves": self._curves(by_value),
        }  # fmt: skip

    def _by_value(self) -> dict[float, list[Result]]:
        grouped: dict[float, list[Result]] = {}
        for seat_id, one in self._good().items():
            grouped.setdefault(self.state.shares[seat_id].value, []).append(one)
        return dict(sorted(grouped.items()))

    def _curves(self, by_value: dict[float, list[Result]]) -> list[Curve]:
        """Return a curve a value; for seeds one for all of them."""
        measure, runs = self.settings.measure, {x: [_trained(one) for one in ones] for x, ones in by_value.items()}
        if self.settings.varied == "seed":
            everything = [one for ones in runs.values() for one in ones]
            return [mean_curve(f"{len(everything)} seeds", everything, measure)] if everything else []
        return [mean_curve(f"{x:g}", ones, measure, x) for x, ones in runs.items()]

    def board(self, situation: Situation) -> BoardPooled:
        """Return dots, groups and curves."""
        del situation
        return BoardPooled(**self._shared())

    def student(self, seat: Seat, situation: Situation) -> StudentPooled:
        """Return the board's view and the student's own run."""
        del situation
        return StudentPooled(**self._shared(), slot=self.slot(seat), own=self._own(seat))

    def _own(self, seat: Seat) -> OwnRun | None:
        share, result = self.state.shares.get(seat.id), self.state.results.get(seat.id)
        if share is None:
            return None
        if result is None:
            status: Any = "running" if self._is_started(seat.id) else "ready"
            return OwnRun(**share.model_dump(), status=status, y=None, error=None, iterations=[], curve=[])
        curve = result.accuracy if self.settings.measure == "accuracy" else result.loss
        failed = result.error is not None
        return OwnRun(
            **share.model_dump(), status="failed" if failed else "done", y=None if failed else self._y(result),
            error=result.error, iterations=result.iterations, curve=curve,
        )  # fmt: skip

    def teacher(self, situation: Situation) -> TeacherPooled:
        """Return the board's view, the scene, and the number of failed runs."""
        del situation
        failed = len(self.state.results) - len(self._good())
        return TeacherPooled(**self._shared(), scene=self.settings.scene, failed=failed)

    def results(self) -> list[dict[str, Any]]:
        """Return a row a run, without whose it was."""
        return [
            {self.settings.varied: share.value, "seed": share.seed, **self.state.results[seat_id].model_dump()}
            for seat_id, share in self.state.shares.items()
            if seat_id in self.state.results
        ]


def scene_of(settings: PooledCreate, share: Share) -> Scene:
    """Return the scene of a share.

    Raises
    ------
    pydantic.ValidationError
        When the scene does not take the value.
    """
    value: Any = int(share.value) if settings.varied == "seed" else share.value
    seed = {} if settings.varied == "seed" else {"seed": share.seed}
    return Scene.model_validate({**settings.scene, **seed, settings.varied: value})


def _dealt(state: PooledState, settings: PooledCreate, situation: Situation) -> PooledState:
    """Deal values out in turn; each time around with another seed."""
    first = int(settings.scene.get("seed", 7))
    for seat in situation.seats:
        if seat.id in state.shares:
            continue
        dealt = len(state.shares)
        if settings.varied == "seed" and settings.values is None:
            state.shares[seat.id] = Share(value=dealt + 1, seed=dealt + 1)
            continue
        values = settings.values or _VALUES[settings.varied]
        turn, place = divmod(dealt, len(values))
        seed = int(values[place]) if settings.varied == "seed" else first + turn
        state.shares[seat.id] = Share(value=values[place], seed=seed)
    return state


def _trained(result: Result) -> Trained:
    return Trained(result.iterations, result.accuracy, result.loss)
