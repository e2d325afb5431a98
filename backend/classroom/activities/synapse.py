"""Activity in which each student moves one weight of the projected network; a table moves the remaining ones.

The engine does the step (`synrl_core.tape.DirectedScene`). The state keeps the moves of all weights of every round,
so that a server that was killed replays them and stands where it stood.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from random import Random
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from backend.classroom.activities.base import Activity, State
from backend.classroom.activities.schemas import BoardSynapse, Place, StudentSynapse, SynapseCreate, TeacherSynapse
from backend.classroom.roster import Seat, Situation
from backend.kit.errors import ConflictError
from synrl_core.policies.policy import CODES, UP
from synrl_core.tape import DirectedScene, Scene

#: Hidden units of the network where the teacher gave no scene: the first with a weight for everybody, and some spare.
_HIDDEN = (4, 6, 8, 10, 12, 16, 24)
_SPARE = 4
#: Settings of that scene: thirty rounds should show that the loss falls.
_DEFAULTS: dict[str, Any] = {"dataset": "gaussians", "step_size": 0.05, "policy": "win_stay_lose_shift",
                             "exploration": 0.1}  # fmt: skip
#: Share of simulated students who stay after a lit lamp and turn round after a dark one.
_SENSIBLE = 0.8
_WORDS = ("down", "stay", "up")


class Round(BaseModel):
    """A round that is over."""

    model_config = ConfigDict(extra="forbid")

    moves: str
    """An action code for each weight."""
    fell: bool
    loss: float
    accuracy: float
    by_table: int
    """Weights that the table moved."""


class SynapseState(State):
    """State of Be a synapse."""

    phase: str = "open"
    scene: dict[str, Any]
    automatic: bool
    weights: dict[str, int] = Field(default_factory=dict)
    """Number of the weight that each seat moves."""
    rounds: list[Round] = Field(default_factory=list)
    loss: float = 0.0
    """Before the first round, as `accuracy`."""
    accuracy: float = 0.0
    opens_at: datetime | None = None
    """When the next round opens by itself."""


class BeASynapse(Activity[SynapseCreate, SynapseState]):
    """Be a synapse. Phases: a round is open, closed (its lamp is shown), and over after the last."""

    kind = "synapse"
    settings_type, state_type = SynapseCreate, SynapseState

    @classmethod
    def begin(cls, settings: SynapseCreate, situation: Situation) -> SynapseState:
        """Return the state at the start: everybody has a weight, the first round is open.

        Raises
        ------
        pydantic.ValidationError, ValueError
            When the scene is none, or cannot be directed.
        """
        given = settings.scene
        scene = default_scene(len(situation.seats)) if given is None else Scene.model_validate(given)
        directed = DirectedScene(scene)
        state = SynapseState(
            scene=scene.differences(), automatic=settings.automatic, loss=directed.loss, accuracy=directed.accuracy
        )
        _assign(state, scene.synapses, situation)
        return _opened(state, settings, situation.now)

    _directed: DirectedScene | None = None
    _steps = 0

    def prepare(self) -> None:
        """Bring the network to where the stored rounds left it."""
        directed = DirectedScene(self.scene)
        for done in self.state.rounds:
            directed.step(dict(enumerate(map(int, done.moves))))
        self._directed, self._steps = directed, len(self.state.rounds)

    @cached_property
    def scene(self) -> Scene:
        """Data, network and table. They never change within an activity."""
        return Scene.model_validate(self.state.scene)

    @property
    def _network(self) -> DirectedScene:
        if self._directed is None or self._steps != len(self.state.rounds):
            self.prepare()
        assert self._directed is not None  # noqa: S101  just prepared
        return self._directed

    # -- how it goes on

    @property
    def _round(self) -> int:
        """Number of the open round, or of the last one."""
        return len(self.state.rounds) + (self.state.phase == "open")

    def actions(self) -> list[str]:
        """Return the actions of a phase: an open round is closed, a closed one followed by the next or the end."""
        if self.state.phase == "over":
            return []
        leads = "close_round" if self.state.phase == "open" else "open_round"
        clock = "stop_automatic" if self.state.automatic else "resume_automatic"
        return [leads, clock, "over", *super().actions()]

    def _act(self, action: str, value: int | None, situation: Situation) -> SynapseState:
        del value
        if action == "close_round":
            return self._closed(situation)
        if action == "open_round":
            return _opened(self.draft(), self.settings, situation.now)
        state = self.draft()
        if action == "over":
            state.phase, state.closes_at, state.opens_at = "over", None, None
        else:
            state.automatic = action == "resume_automatic"
            state.opens_at = situation.now if state.automatic and state.phase == "closed" else None
        return state

    def due(self, situation: Situation) -> SynapseState | None:
        """Close a round when its time is over or all have chosen; open the next where that goes by itself."""
        state = self.state
        if state.phase == "open":
            over = state.closes_at is not None and state.closes_at <= situation.now
            answered, asked = self._progress(situation)
            return self._closed(situation) if over or answered == asked > 0 else None
        if state.opens_at is not None and state.opens_at <= situation.now:
            return _opened(self.draft(), self.settings, situation.now)
        return None

    def next_due(self) -> datetime | None:
        """Return when the round closes, or the next one opens."""
        return self.state.closes_at or self.state.opens_at

    def admitted(self, situation: Situation) -> SynapseState | None:
        """Give a late student a weight: one that nobody moves, else one that the fewest share."""
        if all(seat.id in self.state.weights for seat in situation.seats):
            return None
        state = self.draft()
        _assign(state, self.scene.synapses, situation)
        return state

    def _closed(self, situation: Situation) -> SynapseState:
        """Make the moves, let the engine judge them, and light the lamp."""
        given = self._moves()
        network = self._network
        try:
            step = network.step(given)
        except ValueError as error:
            raise ConflictError(f"The network can't go on: {error}") from error
        self._steps += 1
        state = self.draft()
        state.rounds.append(
            Round(
                moves="".join(map(str, step.moves.tolist())), fell=step.fell, loss=step.loss, accuracy=step.accuracy,
                by_table=len(step.moves) - len(given),
            )
        )  # fmt: skip
        state.closes_at = state.remaining = None
        is_last = len(state.rounds) >= self.settings.rounds
        state.phase = "over" if is_last else "closed"
        if state.automatic and not is_last:
            state.opens_at = situation.now + timedelta(seconds=self.settings.rest_seconds)
        return state

    def _moves(self) -> dict[int, int]:
        """Return the moves of the open round by weight: of those who share one the majority's, or the first's."""
        chosen: dict[int, list[tuple[datetime, int]]] = {}
        for seat_id, answer in self.answers.get(str(self._round), {}).items():
            if seat_id in self.state.weights:
                chosen.setdefault(self.state.weights[seat_id], []).append((answer.at, answer.value))
        return {weight: _majority([code for _, code in sorted(codes)]) for weight, codes in chosen.items()}

    # -- answers

    def slot(self, seat: Seat) -> str | None:
        """Return the round that is open, for who has a weight."""
        return str(self._round) if self.state.phase == "open" and seat.id in self.state.weights else None

    def limit(self) -> int:
        """Return the code of up."""
        return UP

    def simulated_value(self, seat: Seat, chance: Random) -> int:
        """Mostly repeat a rewarded move and reverse an unrewarded one; else guess."""
        if not self.state.rounds or chance.random() > _SENSIBLE:
            return chance.randrange(CODES)
        last = self.state.rounds[-1]
        code = int(last.moves[self.state.weights[seat.id]])
        return code if last.fell else UP - code

    def in_words(self, slot: str, value: int) -> str:
        """Say the move."""
        return f"round {slot}: {_WORDS[value]}"

    # -- views

    def _shared(self, situation: Situation) -> dict[str, Any]:
        chosen, asked = self._progress(situation)
        return {
            **self._head(),
            "round": self._round,
            "rounds": self.settings.rounds,
            "sizes": list(self.scene.sizes),
            "synapses": self.scene.synapses,
            "chosen": chosen,
            "asked": asked,
        }

    def student(self, seat: Seat, situation: Situation) -> StudentSynapse:
        """Return the own weight, its last two moves and the last two lamps: all that a synapse knows."""
        weight = self.state.weights.get(seat.id)
        last = self.state.rounds[-2:]
        return StudentSynapse(
            **self._shared(situation),
            slot=self.slot(seat),
            synapse=weight,
            place=None if weight is None else place_of(weight, self.scene.sizes),
            shared_by=sum(one == weight for one in self.state.weights.values()),
            chosen_move=self.given(self.slot(seat), seat),
            last_moves=[] if weight is None else [int(one.moves[weight]) for one in last],
            last_lamps=[one.fell for one in last],
            played_for=bool(last) and weight is not None and weight not in self._moved_by_students(),
        )

    def _moved_by_students(self) -> set[int]:
        chosen = self.answers.get(str(len(self.state.rounds)), {})
        return {self.state.weights[seat_id] for seat_id in chosen if seat_id in self.state.weights}

    def _on_board(self, situation: Situation) -> dict[str, Any]:
        rounds = self.state.rounds
        moves = Counter(rounds[-1].moves if rounds else "")
        return {
            **self._shared(situation),
            "scene": self.state.scene,
            "taken": sorted(set(self.state.weights.values())),
            "weights": self._network.weights.tolist(),
            "losses": [self.state.loss, *(one.loss for one in rounds)],
            "lamps": [one.fell for one in rounds],
            "accuracy": [self.state.accuracy, *(one.accuracy for one in rounds)],
            "down_stay_up": [moves[str(code)] for code in range(CODES)],
        }

    def board(self, situation: Situation) -> BoardSynapse:
        """Return the network as it is, the lamps and the loss."""
        return BoardSynapse(**self._on_board(situation))

    def teacher(self, situation: Situation) -> TeacherSynapse:
        """Return the board's view, and how many weights the table moved."""
        by_table = self.state.rounds[-1].by_table if self.state.rounds else 0
        return TeacherSynapse(**self._on_board(situation), by_table=by_table)

    def results(self) -> list[dict[str, Any]]:
        """Return a row a round."""
        return [{"round": number, **one.model_dump()} for number, one in enumerate(self.state.rounds, 1)]


def place_of(weight: int, sizes: tuple[int, ...]) -> Place:
    """Return where a weight is: weights are numbered layer by layer, unit by unit, the bias of a unit first."""
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        if weight < fan_out * (fan_in + 1):
            unit, source = divmod(weight, fan_in + 1)
            return Place(layer=layer, source=source - 1 if source else None, unit=unit)
        weight -= fan_out * (fan_in + 1)
    raise IndexError(f"there is no weight {weight} beyond the last layer")


def default_scene(seats: int) -> Scene:
    """Return a scene whose loss falls within thirty rounds, with a weight for each of so many seats and some spare."""
    for hidden in _HIDDEN:
        scene = Scene(hidden_layers=(hidden,), **_DEFAULTS)
        if scene.synapses >= seats + _SPARE:
            break
    return scene


def _assign(state: SynapseState, synapses: int, situation: Situation) -> None:
    """Give each seat without a weight one that the fewest students move; of those the lowest number."""
    there = {seat.id for seat in situation.seats}
    for seat in situation.seats:
        if seat.id not in state.weights:
            crowd = Counter(weight for seat_id, weight in state.weights.items() if seat_id in there)
            state.weights[seat.id] = min(range(synapses), key=lambda weight: (crowd[weight], weight))


def _opened(state: SynapseState, settings: SynapseCreate, now: datetime) -> SynapseState:
    state.phase, state.opens_at = "open", None
    state.closes_at = None if settings.seconds is None else now + timedelta(seconds=settings.seconds)
    return state


def _majority(codes: list[int]) -> int:
    return max(codes, key=lambda code: (codes.count(code), -codes.index(code)))
