"""Activity in which a class's decisions in each state become a policy, which is trained beside two others.

The moves come from Be a synapse in the same session: a student's answers only, never what the table played for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from backend.classroom.activities.base import Activity, Job, State, Trained
from backend.classroom.activities.curves import mean_curve
from backend.classroom.activities.schemas import BoardTable, Curve, StudentTable, TableCreate, TeacherTable
from backend.classroom.activities.synapse import BeASynapse, default_scene
from backend.classroom.roster import Seat, Situation
from synrl_core.policies import derive
from synrl_core.policies.policy import CODES, UP
from synrl_core.tape import Scene

#: Own last two moves, last two lamps, actions.
_MOVES, _LAMPS = CODES**2, 4
#: The policies that are compared, in the order of the legend.
_LABELS = {"class": "the class", "win_stay_lose_shift": "win-stay, lose-shift", "random": "chance"}
#: A policy that always takes its best action explores, as an ordinary run lets it.
_EXPLORATION = {"win_stay_lose_shift": 0.1}


class Decision(NamedTuple):
    """One move of a student: who, and where it is counted."""

    seat_id: str
    cell: int
    """(own last two moves * 4 + last two lamps) * 3 + action."""


class RunOf(BaseModel):
    """A training that is done."""

    model_config = ConfigDict(extra="forbid")

    iterations: list[int]
    accuracy: list[float]
    loss: list[float]
    error: str | None = None


class TableState(State):
    """State of the class's own table."""

    phase: str = "counted"
    scene: dict[str, Any]
    cells: dict[str, list[int]] = Field(default_factory=dict)
    """Cells of the decisions of each seat."""
    runs: dict[str, RunOf] = Field(default_factory=dict)
    """By policy and seed."""
    policy_id: str | None = None
    policy: str | None = None


class ClassTable(Activity[TableCreate, TableState]):
    """The class's own table. Phases: counted, training, trained."""

    kind = "table"
    settings_type, state_type = TableCreate, TableState

    @classmethod
    def begin(cls, settings: TableCreate, situation: Situation, past: list[BeASynapse]) -> TableState:
        """Return the state at the start: the moves of all past rounds are counted.

        Parameters
        ----------
        past
            Every Be a synapse of the session.

        Raises
        ------
        ValueError
            When there are no moves, or the scene is none.
        """
        simulated = {seat.id for seat in situation.seats if seat.simulated}
        state = TableState(scene=_scene(settings, situation, past).differences())
        for activity in past:
            for seat_id, cell in decisions(activity):
                if settings.with_simulated or seat_id not in simulated:
                    state.cells.setdefault(seat_id, []).append(cell)
        if not state.cells:
            raise ValueError(
                "no student has moved in a third round of Be a synapse yet, where two moves and two lamps are known. "
                "Play some rounds first; to rehearse, count simulated students too (with_simulated)"
            )
        return state

    # -- how it goes on

    def actions(self) -> list[str]:
        """Return `train` until it was pressed."""
        return ["train"] if self.state.phase == "counted" else []

    def _act(self, action: str, value: int | None, situation: Situation) -> TableState:
        del action, value, situation
        state = self.draft()
        state.phase = "training"
        return state

    def jobs(self) -> Mapping[str, Job]:
        """Return the runs that are still to be trained: each policy with the same seeds, from the same starts."""
        if self.state.phase != "training":
            return {}
        return {key: job for key, job in self._jobs.items() if key not in self.state.runs}

    @cached_property
    def _jobs(self) -> dict[str, Job]:
        """All jobs: the counts never change within an activity."""
        return {
            key: Job(self._scene_of(policy, seed), self.settings.iterations, f"class {self.id}")
            for key, policy, seed in self._keys()
        }

    def _keys(self) -> list[tuple[str, str, int]]:
        # Seed by seed, so that the three curves grow together.
        seeds = range(1, self.settings.seeds + 1)
        return [(f"{policy} {seed}", policy, seed) for seed in seeds for policy in _LABELS]

    def _scene_of(self, policy: str, seed: int) -> Scene:
        given: dict[str, Any] = {"policy": policy, "exploration": _EXPLORATION.get(policy, 0.0)}
        if policy == "class":
            made = derive.from_counts("class", self.table())
            given["policy"] = {"q": made.q.ravel().tolist(), "temperature": made.temperature}
        return Scene.model_validate({**self.state.scene, **given, "seed": seed, "adaptive": False})

    def trained(self, key: str, result: Trained) -> TableState:
        """Keep a training; after the last one the curves are complete."""
        state = self.draft()
        state.runs[key] = RunOf(**vars(result))
        if len(state.runs) == len(self._keys()):
            state.phase = "trained"
        return state

    def kept(self, policy_id: str, name: str) -> TableState:
        """Return the state that names the policy in the library."""
        state = self.draft()
        state.policy_id, state.policy = policy_id, name
        return state

    # -- counts

    def counts(self, seat_id: str | None = None) -> NDArray[np.int64]:
        """Count the moves, of all or of one seat: (9, 4, 3) own last moves, last lamps, action."""
        lists = self.state.cells.values() if seat_id is None else [self.state.cells.get(seat_id, [])]
        cells = [cell for one in lists for cell in one]
        return np.bincount(cells, minlength=_MOVES * _LAMPS * CODES).reshape(_MOVES, _LAMPS, CODES)

    def table(self) -> NDArray[np.int64]:
        """Return the counts as a policy is laid out: (3,) * 5, action first; a lit lamp is the reward code 2."""
        table = np.zeros((CODES,) * 5, np.int64)
        counts = self.counts().reshape(CODES, CODES, 2, 2, CODES)
        table[:, :, :, ::UP, ::UP] = counts.transpose(4, 0, 1, 2, 3)
        return table

    # -- views

    def _shared(self) -> dict[str, Any]:
        return {
            **self._head(),
            "counts": self.counts().tolist(),
            "decisions": sum(map(len, self.state.cells.values())),
            "done": len(self.state.runs),
            "of": len(self._keys()),
            "curves": self._curves(),
            "policy": self.state.policy,
        }

    def _curves(self) -> list[Curve]:
        curves = []
        for policy, label in _LABELS.items():
            done = [
                self.state.runs[key] for key, named, _ in self._keys() if named == policy and key in self.state.runs
            ]
            good = [Trained(run.iterations, run.accuracy, run.loss) for run in done if run.error is None]
            if good:
                curves.append(mean_curve(label, good, "accuracy"))
        return curves

    def board(self, situation: Situation) -> BoardTable:
        """Return counts and curves."""
        del situation
        return BoardTable(**self._shared())

    def student(self, seat: Seat, situation: Situation) -> StudentTable:
        """Return the board's view and the student's own counts."""
        del situation
        return StudentTable(**self._shared(), own=self.counts(seat.id).tolist())

    def teacher(self, situation: Situation) -> TeacherTable:
        """Return the board's view, the scene, and the policy in the library."""
        del situation
        return TeacherTable(**self._shared(), policy_id=self.state.policy_id, scene=self.state.scene)

    def results(self) -> list[dict[str, Any]]:
        """Return a row a situation and action, then a row a training."""
        counted = [
            {"moves": moves, "lamps": lamps, "down": row[0], "stay": row[1], "up": row[2]}
            for moves, of_moves in enumerate(self.counts().tolist())
            for lamps, row in enumerate(of_moves)
        ]
        return counted + [{"run": key, **run.model_dump()} for key, run in self.state.runs.items()]


def decisions(activity: BeASynapse) -> list[Decision]:
    """Return the moves that students chose where two moves of their weight and two lamps were known."""
    rounds, found = activity.state.rounds, []
    for number in range(3, len(rounds) + 1):
        before, last = rounds[number - 3], rounds[number - 2]
        for seat_id, answer in activity.answers.get(str(number), {}).items():
            weight = activity.state.weights.get(seat_id)
            if weight is not None:
                moves = int(before.moves[weight]) * CODES + int(last.moves[weight])
                lamps = before.fell * 2 + last.fell
                found.append(Decision(seat_id, (moves * _LAMPS + lamps) * CODES + answer.value))
    return found


def _scene(settings: TableCreate, situation: Situation, past: list[BeASynapse]) -> Scene:
    if settings.scene is not None:
        return Scene.model_validate(settings.scene)
    return past[-1].scene if past else default_scene(len(situation.seats))
