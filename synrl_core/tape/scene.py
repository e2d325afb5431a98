"""Scene: everything that determines one small training run, as an immutable value with a hash.

A scene holds data, network, rule, randomness, and a list of changes at iterations. The same scene gives the same tape.
Its *differences* are the settings that differ from the defaults; written as canonical JSON they are what the hash
covers and what a link carries.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationInfo, field_validator, model_validator

from synrl_core import policies
from synrl_core.checks import find_policies
from synrl_core.config import Activation, Initialisation, Loss, Method, Optimizer, QUpdate, TrainingConfig
from synrl_core.datasets import check_parameters, parameters_schema
from synrl_core.policies.policy import CODES, Policy
from synrl_core.tape.changes import EDITS, ITERATIONS, Change, SceneModel, Table, changed_table, check_index

#: Bounds of a scene, beside `ITERATIONS`.
SYNAPSES = 2_000
POINTS = 1_000
CHANGES = 200

#: Part of the hash: raise it when the same scene no longer gives the same tape.
VERSION = 1

#: Data set that starts without points.
DRAWN = "drawn"
DatasetName = Literal["gaussians", "xor", "circles", "moons", "spirals", "teacher", "drawn"]
Corrupted = Literal["none", "inverted", "delayed", "coin", "unreliable"]
#: Parameters of data sets that a scene has fields of its own for, or that the plane decides.
OWN_PARAMETERS = ("samples", "seed", "inputs")

Coordinate = Annotated[float, Field(ge=-4, le=4)]
Point = tuple[Coordinate, Coordinate, Annotated[int, Field(ge=0, le=1)]]
Layers = tuple[Annotated[int, Field(ge=1, le=32)], ...]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
#: Validation context of a scene's settings after a change.
_ON_THE_WAY = {"on_the_way": True}


class Scene(SceneModel):
    """Scene: data, network, learning rule, seed, and changes on the way.

    Raises
    ------
    pydantic.ValidationError
        When a value leaves its range, settings contradict each other, or a bound is passed: 20,000 iterations,
        2,000 synapses, 1,000 points, 200 changes.
    """

    dataset: DatasetName = Field(
        default="circles", title="Data", description="The points to tell apart; drawn: none but those added by hand."
    )
    samples: int = Field(default=400, ge=20, le=POINTS, title="Points", description="How many points are generated.")
    data_seed: Seed = Field(default=0, title="Seed of the points", description="The same seed gives the same points.")
    parameters: dict[str, int | float | str] = Field(
        default_factory=dict,
        max_length=8,
        title="Data set parameters",
        description="Noise, share of class B and what else the data set takes. Empty: its defaults.",
    )
    added: tuple[Point, ...] = Field(
        default=(), max_length=POINTS, title="Points added", description="(x, y, class) each, class 0 or 1."
    )
    removed: tuple[Annotated[int, Field(ge=0, lt=POINTS)], ...] = Field(
        default=(), max_length=POINTS, title="Points removed", description="Numbers of generated points."
    )
    validation_fraction: float = Field(
        default=0.5,
        ge=0.1,
        le=0.9,
        title="Validation share",
        description="Share of the points held back to measure what the network does with points it never saw.",
    )
    hidden_layers: Layers = Field(
        default=(4,), max_length=4, title="Hidden layers", description="Units of each hidden layer, from the input on."
    )
    activation: Activation = Field(
        default="tanh", title="Activation", description="What a hidden unit does with its input."
    )
    loss: Loss = Field(default="cross_entropy", title="Loss", description="What is to fall.")
    loss_exponent: float = Field(
        default=2.0, gt=0, le=16, title="Loss exponent", description="Exponent of the l_p loss."
    )
    initialisation: Initialisation = Field(
        default="uniform", title="First weights", description="Distribution of the first weights. Biases start at 0."
    )
    initial_scale: float = Field(
        default=0.5, gt=0, le=10, title="Scale of the first weights", description="Half width, or standard deviation."
    )
    method: Method = Field(
        default="synaptic", title="Method", description="Synaptic reinforcement learning, or gradient descent."
    )
    policy: Annotated[str, Field(min_length=1, max_length=200)] | Table = Field(
        default="bred_stochastic", title="Policy", description="Name of a policy that ships, or a whole table."
    )
    step_size: float = Field(
        default=0.02, gt=0, le=1, title="Step size", description="How far one action moves a weight."
    )
    bias_step_factor: float = Field(
        default=2.0, ge=0, le=100, title="Step factor of biases", description="A bias moves by this many step sizes."
    )
    exploration: float = Field(
        default=0.0, ge=0, le=1, title="Exploration", description="Probability that a synapse acts at random."
    )
    adaptive: bool = Field(
        default=False, title="Adaptive policy", description="The table learns by Q-learning while the network trains."
    )
    learning_rate: float = Field(
        default=1e-3, ge=0, le=1, title="Learning rate of the table", description="How far one update moves a cell."
    )
    discount: float = Field(
        default=0.5, ge=0, lt=1, title="Discount", description="How much the table counts later rewards."
    )
    q_update: QUpdate = Field(
        default="synchronous", title="Order of the updates", description="Synchronous, or the authors' sequential."
    )
    optimizer: Optimizer = Field(default="sgd", title="Optimizer", description="Of gradient descent.")
    gradient_learning_rate: float = Field(
        default=0.1, gt=0, le=100, title="Learning rate", description="How far a gradient moves the weights."
    )
    momentum: float = Field(default=0.0, ge=0, lt=1, title="Momentum", description="Of gradient descent (SGD).")
    batch_size: int = Field(
        default=POINTS, ge=1, le=POINTS, title="Batch size", description="Points on which the loss is measured."
    )
    batch_interval: int = Field(
        default=100, ge=1, le=ITERATIONS, title="Batch kept for", description="Iterations until the next is drawn."
    )
    seed: Seed = Field(default=7, title="Seed", description="Start of all randomness but that of the points.")
    corruption: Corrupted = Field(
        default="none",
        title="Corruption of the reward",
        description="None; inverted; delayed by one iteration; a coin instead; unreliable: true in a share of cases.",
    )
    truth: float = Field(
        default=0.8, ge=0, le=1, title="Share of true rewards", description="Of the unreliable reward, on average."
    )
    changes: tuple[Change, ...] = Field(
        default=(), max_length=CHANGES, title="Changes", description="(iteration, setting, value) each."
    )

    @field_validator("parameters")
    @classmethod
    def _only_what_differs(cls, given: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        """Refuse parameters that the data set lacks; drop default values, so that equal scenes are equal."""
        name = info.data.get("dataset")
        if name is None:
            return given
        known = {} if name == DRAWN else parameters_schema(name)["properties"]
        for key in given:
            if key not in known or key in OWN_PARAMETERS:
                takes = ", ".join(sorted(known.keys() - set(OWN_PARAMETERS))) or "none"
                raise ValueError(f"data set '{name}' takes no parameter '{key}' here; it takes: {takes}")
        if known:
            check_parameters(name, given)
        numbers = {key: _number(value, known[key]) for key, value in given.items()}
        return {key: value for key, value in numbers.items() if value != known[key].get("default")}

    @field_validator("removed")
    @classmethod
    def _each_once(cls, removed: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(set(removed)))

    @field_validator("changes")
    @classmethod
    def _in_order(cls, changes: tuple[Change, ...]) -> tuple[Change, ...]:
        """Sort by iteration; of changes of one thing at one iteration the last one counts."""
        last = {change.target: change for change in changes}
        return tuple(sorted(last.values(), key=lambda change: change.target))

    @model_validator(mode="after")
    def _can_be_trained(self, info: ValidationInfo) -> Scene:
        self._check_points()
        if self.synapses > SYNAPSES:
            raise ValueError(
                f"hidden_layers {list(self.hidden_layers)} make {self.synapses} synapses; the playground trains "
                f"{SYNAPSES} at most. Take fewer units, or train an ordinary run."
            )
        config = self.config()
        if info.context is _ON_THE_WAY:  # a policy that would not begin to move may well go on
            self.policy_in_force()
        elif self.method == "synaptic":
            find_policies(config, self.find_policy)
        object.__setattr__(self, "changes", tuple(self._checked_changes()))
        return self

    def _check_points(self) -> None:
        generated = 0 if self.dataset == DRAWN else self.samples
        if self.removed and self.removed[-1] >= generated:
            raise ValueError(f"removed names point {self.removed[-1]}; there are {generated}, numbered from 0 on")
        left = generated - len(self.removed) + len(self.added)
        if left > POINTS:
            raise ValueError(f"there are {left} points with those added; {POINTS} are allowed. Remove some.")
        if self.dataset == DRAWN:
            for label, name in enumerate("AB"):
                if sum(point[2] == label for point in self.added) < 2:
                    raise ValueError(f"drawn points need at least 2 of class {name}: one to train, one to validate")

    def _checked_changes(self) -> Iterator[Change]:
        """Hold every change against the settings that are in force when it comes; return it as its field reads it."""
        if not self.changes:
            return
        history, settings = self.policy_in_force().history, dict(self) | {"changes": ()}
        for change in self.changes:
            if change.setting == "weight":
                check_index(change, self.synapses, "synapses")
            elif change.setting == "cell":
                check_index(change, CODES ** (2 * history + 1), "cells")
            else:
                settings[change.setting] = change.value
                changed = Scene.model_validate(settings, context=_ON_THE_WAY)
                if changed.policy_in_force().history != history:
                    raise ValueError(
                        f"the change of the policy at iteration {change.iteration} asks for a history of "
                        f"{changed.policy_in_force().history}; the scene began with {history}. Begin a scene with it."
                    )
                change = change.model_copy(update={"value": getattr(changed, change.setting)})
            yield change

    # -- what follows from it ------------------------------------------------------------------------------

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, units of each hidden layer, outputs."""
        return (2, *self.hidden_layers, 1 if self.loss == "logistic" else 2)

    @property
    def synapses(self) -> int:
        """Weights and biases."""
        return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(self.sizes))

    def config(self) -> TrainingConfig:
        """Return the settings before any change as those of an ordinary run.

        A whole table goes by the name ``table``; points added or removed by hand are not in it.
        """
        drawn = self.dataset == DRAWN
        return TrainingConfig(
            dataset=self.dataset,
            dataset_parameters={} if drawn else {**self.parameters, "samples": self.samples, "seed": self.data_seed},
            policy=self.policy if isinstance(self.policy, str) else "table",
            iterations=ITERATIONS,
            step_size_schedule="constant",
            **{name: getattr(self, name) for name in _SHARED},
        )

    def find_policy(self, name: str, history: int | None = None) -> Policy:
        """Find a policy that ships, or the scene's own table."""
        if not isinstance(self.policy, str):
            return self.policy.policy()
        return policies.get(name, history)

    def policy_in_force(self) -> Policy:
        """Make the policy of the settings, without any change.

        Raises
        ------
        ValueError
            When no policy of this name ships.
        """
        try:
            return self.find_policy(self.policy if isinstance(self.policy, str) else "table")
        except policies.UnknownPolicyError as error:
            raise ValueError(str(error)) from error

    def settled(self, iteration: int) -> Scene:
        """Return the scene with the settings that hold after all changes before `iteration`, and none to come."""
        passed: dict[str, Any] = {"changes": ()}
        for change in self.changes:
            if change.iteration < iteration and change.setting not in EDITS:
                passed[change.setting] = change.value
        return self._with(passed)

    def table_at(self, iteration: int) -> NDArray[np.float64]:
        """Return the table before the changes of `iteration`, flat, as far as no synapse has changed it."""
        table = self.policy_in_force().q.ravel().copy()
        for change in self.changes:
            if change.iteration < iteration:
                table = changed_table(table, change)
        return table

    def changes_at(self, iteration: int) -> tuple[Change, ...]:
        """Return the changes that are made when `iteration` iterations are completed."""
        return tuple(change for change in self.changes if change.iteration == iteration)

    def until(self, iteration: int) -> Scene:
        """Return the scene without the changes from `iteration` on: whatever shares it shares the tape up to there."""
        kept = tuple(change for change in self.changes if change.iteration < iteration)
        return self if len(kept) == len(self.changes) else self._with({"changes": kept})

    def _with(self, update: dict[str, Any]) -> Scene:
        copied = self.model_copy(update=update)
        copied.__dict__.pop("hash", None)  # cached for the scene copied from
        return copied

    # -- as JSON ---------------------------------------------------------------------------------------------

    def differences(self) -> dict[str, Any]:
        """Return the settings that differ from the defaults, as JSON values; `Scene(**differences)` is the scene."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def canonical_json(self) -> str:
        """Write the differences so that equal scenes give equal text."""
        return json.dumps(self.differences(), sort_keys=True, separators=(",", ":"), allow_nan=False)

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the canonical JSON, the version of the format and the tables of the policies that it names."""
        digest = hashlib.sha256(f"synrl-scene {VERSION}\n{self.canonical_json()}\n".encode())
        named = {self.policy, *(c.value for c in self.changes if c.setting == "policy")}
        for name in sorted(name for name in named if isinstance(name, str)):
            policy = policies.get(name)
            digest.update(f"{name} {policy.temperature} {policy.exploration}\n".encode())
            digest.update(policy.q.astype("<f8").tobytes())
        return digest.hexdigest()


#: Fields that `TrainingConfig` has too.
_SHARED = tuple(
    sorted((Scene.model_fields.keys() & TrainingConfig.model_fields.keys()) - {"dataset", "policy", "iterations"})
)


def _number(value: float | str, schema: dict[str, Any]) -> int | float | str:
    """Write whole and broken numbers as the data set reads them, so that 1 and 1.0 are one scene."""
    if isinstance(value, str):
        return value
    return int(value) if schema.get("type") == "integer" else float(value) + 0.0
