"""Validate parameters of generated data sets; errors name parameter, value and limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ConfigDict, ValidationError

from synrl_core.text_input import InputModel
from synrl_core.validation_messages import allowed_in_words, described_at, sentence

P = TypeVar("P", bound="Parameters")


class Parameters(InputModel):
    """Base of parameters; by itself, a data set without any."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


@dataclass(frozen=True)
class ParameterProblem:
    """A problem of one parameter: name, given value, expected value."""

    parameter: str
    value: Any
    expected: str


class DatasetParameterError(ValueError):
    """Invalid parameters of a data set.

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
        listed = "; ".join(f"'{p.parameter}' is {_short(p.value)}: {p.expected}" for p in problems)
        takes = f"It takes: {', '.join(known)}." if known else "It takes no parameters."
        super().__init__(f"data set '{dataset}' can't be made with these parameters: {listed}. {takes}")

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
