"""Settings of a scene for forms and URLs: ranges, choices and defaults, as JSON values."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

from synrl_core import policies
from synrl_core.checks import never_moves
from synrl_core.datasets import parameters_schema
from synrl_core.tape.changes import SETTINGS
from synrl_core.tape.presets import PRESETS
from synrl_core.tape.scene import CHANGES, DRAWN, OWN_PARAMETERS, POINTS, SYNAPSES, DatasetName, Scene

#: Choices in words, by setting and value, where the value itself does not say it.
WORDS: dict[str, dict[str, str]] = {
    "dataset": {
        "gaussians": "Two clouds",
        "xor": "Exclusive or",
        "circles": "Circles",
        "moons": "Moons",
        "spirals": "Spirals",
        "teacher": "Teacher",
        "drawn": "Drawn by hand",
    },
    "corruption": {
        "none": "True",
        "inverted": "Inverted",
        "delayed": "One late",
        "coin": "A coin",
        "unreliable": "Often true",
    },
    "method": {"synaptic": "Synapses", "gradient": "Gradient descent"},
    "adaptive": {"false": "Off", "true": "On"},
}
#: Offered with a policy under which no synapse would move without any: with it win-stay, lose-shift learns circles.
EXPLORATION = 0.3


@cache
def form() -> dict[str, Any]:
    """Describe the settings of a scene.

    Returns
    -------
    ``settings``, of each field its JSON schema without references; ``parameters``, of each data set its own;
    ``presets``, scenes to begin with; ``words``, choices in words, by setting and value;
    ``policies``, names, titles and histories of those that ship, and the exploration that each is offered with where
    the one in force is 0; ``changeable`` settings; ``points``, ``synapses`` and ``changes`` at most.
    """
    schema = Scene.model_json_schema()
    settings = {name: _flat(one, schema["$defs"]) for name, one in schema["properties"].items()}
    return {
        "settings": settings,
        "parameters": {name: _parameters(name) for name in get_args(DatasetName)},
        "policies": [_policy(name) for name in policies.names()],
        "presets": [{"name": one.name, "title": one.title, "scene": one.scene} for one in PRESETS],
        "changeable": list(SETTINGS),
        "words": WORDS,
        "points": POINTS,
        "synapses": SYNAPSES,
        "changes": CHANGES,
    }


def _policy(name: str) -> dict[str, Any]:
    policy = policies.get(name)
    return {
        "name": name,
        "title": policy.title,
        "history": policy.history,
        "exploration": EXPLORATION if never_moves(policy) else 0.0,
    }


def _parameters(name: str) -> dict[str, Any]:
    if name == DRAWN:
        return {}
    return {key: one for key, one in parameters_schema(name)["properties"].items() if key not in OWN_PARAMETERS}


def _flat(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Put what a field refers to in its place, but not what is a value of its own (tables, changes)."""
    reference = schema.get("$ref")
    return {**definitions[reference.rpartition("/")[2]], **schema} if reference else schema
