"""What a generated data set can be asked for: parameters with ranges, refused by name, value and limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ConfigDict, ValidationError

from synrl_core.config import Strict
from synrl_core.validation_messages import allowed_in_words, described_at, sentence

P = TypeVar("P", bound="Parameters")


class Parameters(Strict):
    """No parameters: what a data set takes that is always the same. Those that take some extend it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


@dataclass(frozen=True)
class ParameterProblem:
    """One parameter that can't be used: its name, the value given, and what it should be."""

    parameter: str
    value: Any
    expected: str


class DatasetParameterError(ValueError):
    """A data set was asked for with parameters it can't take.

    Attributes
    ----------
    dataset
        Name of the data set.
    problems
        Each parameter that was refused.
    known
        Names of the parameters that there are.
    """

    def __init__(self, dataset: str, problems: tuple[ParameterProblem, ...], known: tuple[str, ...]) -> None:
        self.dataset, self.problems, self.known = dataset, problems, known
        said = "; ".join(f"'{p.parameter}' is {_short(p.value)}: {p.expected}" for p in problems)
        takes = f"It takes: {', '.join(known)}." if known else "It takes no parameters."
        super().__init__(f"data set '{dataset}' can't be made with these parameters: {said}. {takes}")

    def __reduce__(
        self,
    ) -> tuple[type[DatasetParameterError], tuple[str, tuple[ParameterProblem, ...], tuple[str, ...]]]:
        return type(self), (self.dataset, self.problems, self.known)


def validate(dataset: str, model: type[P], parameters: Mapping[str, Any]) -> P:
    """Check parameters against their model.

    Raises
    ------
    DatasetParameterError
        When one is unknown, of the wrong type or out of its range.
    """
    try:
        return model.model_validate(dict(parameters))
    except ValidationError as error:
        problems = tuple(
            ParameterProblem(
                parameter=_short(".".join(str(part) for part in one["loc"]), quote=False),
                value=one["input"],
                expected=_expected(model, one),
            )
            for one in error.errors()
        )
        raise DatasetParameterError(dataset, problems, tuple(model.model_fields)) from error


def _expected(model: type[Parameters], error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "there is no such parameter"
    described = described_at(model, error["loc"])
    return sentence(error, allowed_in_words(described[0]) if described else "")


def _short(value: Any, *, quote: bool = True) -> str:
    text = repr(value) if quote else str(value)
    return text if len(text) <= 80 else text[:79] + "…"
