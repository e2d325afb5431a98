"""The form of a new run says of each setting what TrainingConfig says, and no less."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend.datasets import service as datasets
from backend.runs import service as runs
from backend.runs.presets import presets
from backend.runs.schemas import RunCreate
from dashboard.components import form
from dashboard.pages.new import new_page
from synrl_core import datasets as core_datasets
from synrl_core import policies
from synrl_core.config import TrainingConfig
from tests.dashboard.conftest import Pages


def fields() -> dict[str, form.Field]:
    return {field["key"]: field for field in form.fields(datasets.built_in())}


def test_every_setting_has_one_field_with_its_help_default_and_range() -> None:
    made = fields()
    for name, field in TrainingConfig.model_fields.items():
        if name == "dataset_parameters":
            continue
        own = made[name]
        default = field.get_default(call_default_factory=True)
        assert own["title"] == field.title
        assert own["help"].startswith(field.description or "?")
        assert own["default"] == (list(default) if isinstance(default, tuple) else default)
    assert len({field["key"] for field in form.fields(datasets.built_in())}) == len(made)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("step_size", "above 0, at most 1"),
        ("exploration", "0 to 1"),
        ("momentum", "from 0, below 1"),
        ("iterations", "1 to 100,000,000"),
        ("hidden_layers", "1 to 4,096"),
        ("target_accuracy", "above 0, at most 1"),
        ("seed", "0 to 2³² − 1"),
        ("activation", ""),
    ],
)
def test_a_range_is_described_in_words(name: str, words: str) -> None:
    assert fields()[name]["range"] == words


def test_fields_know_when_they_have_a_meaning() -> None:
    made = fields()
    assert made["step_size"]["applies_to"] == {"method": ["synaptic"]}
    assert made["learning_rate"]["applies_to"] == {"method": ["synaptic"], "adaptive": [True]}
    assert made["momentum"]["applies_to"] == {"method": ["gradient"], "optimizer": ["sgd"]}
    assert made["spirals/turns"]["applies_to"] == {"dataset": ["spirals"]}


def test_every_data_set_and_policy_can_be_chosen() -> None:
    made = fields()
    assert [option["value"] for option in made["dataset"]["options"]] == list(core_datasets.names())
    assert [option["value"] for option in made["policy"]["options"]] == list(policies.names())
    assert made["bias_policy"]["options"][0] == {"value": "none", "label": "as the weights"}


def test_every_policy_says_what_choosing_it_means() -> None:
    made = fields()
    for name in ("policy", "bias_policy"):
        told = {option["value"]: option.get("help") for option in made[name]["options"] if option["value"] != "none"}
        assert told == {one: policies.get(one).description for one in policies.names()}
        assert all(told.values())


def test_parameters_of_each_generated_data_set_have_their_own_ranges() -> None:
    made = fields()
    assert made["gaussians/noise"]["range"] == "0.01 to 2"
    assert made["spirals/noise"]["range"] == "0 to 2"
    assert made["spirals/noise"]["name"] == "data.noise"
    for name in core_datasets.names():
        wanted = core_datasets.parameters_schema(name).get("properties", {})
        assert [key.split("/")[1] for key in made if key.startswith(f"{name}/")] == list(wanted)


def attribute(page: Any, name: str) -> Any:
    return json.loads(getattr(page, f"data-{name}"))


def test_the_page_starts_from_a_run_that_the_address_names(pages: Pages) -> None:
    with pages.store.write() as session:
        run = runs.create(session, RunCreate(name="Mine", config=TrainingConfig(step_size=0.01, hidden_layers=())))
    page = pages.open(f"/new?from={run.id}")
    assert "starts from Mine" in page
    with pages.store.read() as session:
        made = new_page(datasets.listing(session), presets(), run)
    assert attribute(made, "base") == {"step_size": 0.01, "hidden_layers": []}


def test_a_missing_run_is_reported_and_the_defaults_stand(pages: Pages) -> None:
    page = pages.open("/new?from=nothing")
    assert "There is no run" in page
    assert "starts from the defaults" in page


def test_presets_are_offered_as_what_they_change(pages: Pages) -> None:
    made = new_page(datasets.built_in(), presets(), None)
    by_title = {preset["title"]: preset["config"] for preset in attribute(made, "presets")}
    assert by_title["Digits"] == {}
    assert by_title["Letters"] == {"dataset": "glyphs", "hidden_layers": [], "iterations": 10_000}
