"""Validation messages in plain words: given value, allowed values, an example."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError, model_validator

from backend.datasets.schemas import DatasetUpdate
from backend.kit.errors import InvalidError
from backend.kit.field_errors import describe_all, in_words
from backend.kit.settings import Settings
from backend.people.schemas import JoinLinkCreate
from backend.people.token_schemas import TokenCreate
from backend.runs.bulk_schemas import RunsAction
from backend.runs.planning.schemas import PlanRequest
from backend.runs.schemas import RunClone, RunCreate, RunExtend, RunUpdate
from backend.runs.sweeps.schemas import SweepCreate
from synrl_core.breeding.breeding import BreedingConfig
from synrl_core.config import TrainingConfig

MODELS: list[type[BaseModel]] = [
    TrainingConfig, BreedingConfig, Settings, RunCreate, RunUpdate, RunExtend, RunClone, RunsAction, SweepCreate,
    PlanRequest, DatasetUpdate, TokenCreate, JoinLinkCreate,
]  # fmt: skip
WRONG: list[Any] = [
    None, True, "", "x", "20.000", "1,250", "1_0", "0..9", "x" * 50_000, -1, 0, 1e300, 0.5, float("nan"), float("inf"),
    [], [1], ["x"], [None], [True], [[1]], [1] * 99, {}, {"x": 1}, {"x": [1]}, {"x": {"y": None}}, b"\xff", object(),
    "\x00", 2**70, "\ud83d",
]  # fmt: skip
#: How pydantic speaks.
LIBRARY = re.compile(
    r"Input should|[Uu]nable to|valid (integer|number|string|tuple|list|dictionary|boolean|enum|path)|"
    r"greater than|less than|String should|Value error|pydantic|Extra inputs|Field required|instance of|"
    r"Assertion|parse|fractional|match pattern|\{\w*\}|\^",
)


@pytest.mark.parametrize("model", MODELS)
def test_no_refusal_of_any_field_speaks_like_the_library(model: type[BaseModel]) -> None:
    refused = 0
    for name in [*model.model_fields, "no_such_field"]:
        for wrong in WRONG:
            try:
                model.model_validate({name: wrong})
            except ValidationError as error:
                refused += 1
                for known in (model, None):  # with and without the model at hand
                    for one in describe_all(error.errors(), known):
                        said = re.sub(r"\(given: .*\)", "", in_words({**one, "value": ""}))
                        assert not LIBRARY.search(said), (name, wrong, said)
                        assert one["message"], (name, wrong)
            except InvalidError as error:
                refused += "half a character" in error.detail
    assert refused > 20


class Pair(BaseModel):
    """Two fields that a validator compares."""

    words: str
    low: int
    high: int

    @model_validator(mode="after")
    def _in_order(self) -> Pair:
        if self.low > self.high:
            raise ValueError(f"low is {self.low}, and high {self.high}: write the smaller number first")
        return self


def test_a_refusal_of_several_fields_together_does_not_repeat_the_object() -> None:
    with pytest.raises(ValidationError) as refused:
        Pair.model_validate({"words": "far too many words " * 100, "low": 2, "high": 1})
    (described,) = describe_all(refused.value.errors(), Pair)
    assert in_words(described) == "low is 2, and high 1: write the smaller number first"


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("step_size", 7, "step_size: should be a number above 0 and at most 1, for example 0.004 (given: 7)"),
        ("iterations", "20.000", "iterations: '20.000' can be 20 or 20000: write 20 or 20000. It should be a whole"),
        ("hidden_layers", "32, x", "hidden_layers: should be a list of at most 16, each a whole number from 1 to "
         "4,096, for example 64-32 (given: '32, x')"),
        ("activation", "rely", "of relu, tanh, sigmoid, identity, step, sign; did you mean 'relu'? (given: 'rely')"),
        ("history", 9, "history: should be a whole number from 1 to 3, or empty, for example 2 (given: 9)"),
        ("target_accuracy", 97, "should be a number above 0 and at most 1, or empty, for example 0.95 (given: 97)"),
        ("adaptive", "maybe", "adaptive: should be true or false (given: 'maybe')"),
        ("stepsize", 1, "stepsize: is not known; did you mean 'step_size'?"),
        ("dataset_parameters", {"noise": [1]}, "dataset_parameters.noise: should be true or false, a whole number, "),
    ],
)  # fmt: skip
def test_a_refusal_names_the_value_the_limit_and_an_example(setting: str, value: Any, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TrainingConfig.model_validate({setting: value})
    [described] = describe_all(refused.value.errors(), TrainingConfig)
    assert said in in_words(described)


def test_a_nested_field_says_what_it_takes_too() -> None:
    with pytest.raises(ValidationError) as refused:
        RunCreate.model_validate({"name": "", "config": {"step_size": 7}, "tags": [""], "nmae": "x"})
    said = [in_words(one) for one in describe_all(refused.value.errors(), RunCreate)]
    assert said == [
        "name: should be text of 1 to 200 characters, or left out (given: '')",
        "tags[0]: should be text of 1 to 50 characters (given: '')",
        "config.step_size: should be a number above 0 and at most 1, for example 0.004 (given: 7)",
        "nmae: is not known; did you mean 'name'?",
    ]


def test_a_message_that_is_a_sentence_is_not_followed_by_the_value_again() -> None:
    assert InvalidError.of("loss", "'logistic' tells 2 classes apart.", value="logistic").detail == (
        "loss: 'logistic' tells 2 classes apart."
    )
    assert InvalidError.of("role", "should be student", value="king").detail == "role: should be student, not 'king'"
