"""Changes of a scene: one setting, weight or table cell takes another value from an iteration on."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from synrl_core import policies
from synrl_core.policies.policy import CODES, Policy
from synrl_core.text_input import InputModel

#: Most iterations of a scene.
ITERATIONS = 20_000

Setting = Literal[
    "step_size",
    "exploration",
    "policy",
    "adaptive",
    "learning_rate",
    "discount",
    "gradient_learning_rate",
    "corruption",
    "truth",
    "weight",
    "cell",
]

#: Settings that name one number among many: their value is (index, number).
EDITS: tuple[Setting, ...] = ("weight", "cell")
#: Settings that may be changed on the way, in the order of a form.
SETTINGS: tuple[Setting, ...] = get_args(Setting)


class SceneModel(InputModel):
    """Base model that normalises negative zero, which equals zero but is serialised differently."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_number_as_truth_value(cls, value: Any, info: ValidationInfo) -> Any:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and cls.model_fields[str(info.field_name)].annotation is bool:
            raise ValueError("should be true or false, not a number")
        return value

    @field_validator("*")
    @classmethod
    def _no_negative_zero(cls, value: Any) -> Any:
        return positive_zero(value)


class Table(SceneModel):
    """A whole policy written into a scene.

    Attributes
    ----------
    q
        Values ``Q[a_t, a_{t-h}, .., a_{t-1}, R_{t-h}, .., R_{t-1}]``, flat in this order: 27, 243 or 2187 of them for
        a history of 1, 2 or 3.
    temperature
        0: the highest value acts; above 0: actions are drawn by softmax(q / temperature).
    exploration
        Least probability of a random action.
    """

    q: tuple[Annotated[float, Field(ge=-1e6, le=1e6)], ...] = Field(min_length=27, max_length=2187)
    temperature: float = Field(default=0.0, ge=0, le=1000)
    exploration: float = Field(default=0.0, ge=0, le=1)

    @field_validator("q")
    @classmethod
    def _whole(cls, q: tuple[float, ...]) -> tuple[float, ...]:
        if len(q) not in (27, 243, 2187):
            raise ValueError(f"a table has 27, 243 or 2187 values (history 1, 2 or 3), not {len(q)}")
        return q

    def policy(self) -> Policy:
        """Make the policy."""
        h = {27: 1, 243: 2, 2187: 3}[len(self.q)]
        q = np.array(self.q).reshape((CODES,) * (2 * h + 1))
        return Policy("table", q, exploration=self.exploration, temperature=self.temperature)


class Change(SceneModel):
    """Change of one setting from an iteration on.

    Attributes
    ----------
    iteration
        Completed iterations before the change: 0 changes the start.
    setting
        Name of a field of `Scene`; or ``weight``, one weight or bias; or ``cell``, one cell of the table.
    value
        The new value; for weight and cell (index, number), the index counting all synapses in the engine's order,
        or all cells in the order of `Table.q`.
    """

    iteration: int = Field(ge=0, lt=ITERATIONS)
    setting: Setting
    value: bool | float | str | tuple[int, float] | Table

    @model_validator(mode="after")
    def _fits(self) -> Change:
        if (self.setting in EDITS) != isinstance(self.value, tuple):
            wanted = "(index, number)" if self.setting in EDITS else "one value, no pair"
            raise ValueError(f"the value of a change of '{self.setting}' is {wanted}")
        if isinstance(self.value, tuple) and (self.value[0] < 0 or abs(self.value[1]) > 1e6):
            raise ValueError(f"{self.value} has to be (index from 0 on, number from -1000000 to 1000000)")
        return self

    @property
    def edit(self) -> tuple[int, float]:
        """(index, number) of a changed weight or cell."""
        assert isinstance(self.value, tuple)  # noqa: S101  validated
        return self.value

    def policy(self) -> Policy:
        """Make the policy that a change of the policy names or holds."""
        if isinstance(self.value, Table):
            return self.value.policy()
        return policies.get(str(self.value))

    @property
    def target(self) -> tuple[int, int, int]:
        """What a later change of the same iteration would override; sorts a policy before the cells edited in it."""
        return self.iteration, SETTINGS.index(self.setting), self.edit[0] if self.setting in EDITS else -1


def changed_table(table: NDArray[np.float64], change: Change) -> NDArray[np.float64]:
    """Return a flat table after a change: another policy's, or with one cell edited, or as it was."""
    if change.setting == "policy":
        return change.policy().q.ravel().copy()
    if change.setting == "cell":
        table = table.copy()
        table[change.edit[0]] = change.edit[1]
    return table


def positive_zero(value: Any) -> Any:
    """Replace -0.0 by 0.0, in tuples too."""
    if isinstance(value, float):
        return value + 0.0
    return tuple(map(positive_zero, value)) if isinstance(value, tuple) else value


def check_index(change: Change, count: int, what: str) -> None:
    """Refuse a change of a weight or cell whose index is `count` or more."""
    if change.edit[0] >= count:
        raise ValueError(
            f"the change of a {change.setting} at iteration {change.iteration} names number {change.edit[0]}; there "
            f"are {count} {what}, numbered from 0 on"
        )
