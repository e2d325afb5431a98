"""Read and write the address of a playground: the scene, the second network beside it, and the moment.

The page writes and reads addresses itself (dashboard/web/playground/scene.js); this is for programs that are given
one. The page sets unknown and excessive values to the nearest; here they are refused.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from synrl_core.datasets import names, parameters_schema
from synrl_core.tape.changes import EDITS, ITERATIONS
from synrl_core.tape.scene import DRAWN, OWN_PARAMETERS, Scene

#: Words of an address, and the settings that they stand for.
WORDS = {
    "data": "dataset", "n": "samples", "points": "data_seed", "add": "added", "remove": "removed",
    "held": "validation_fraction", "hidden": "hidden_layers", "act": "activation", "loss": "loss", "p": "loss_exponent",
    "init": "initialisation", "scale": "initial_scale", "method": "method", "policy": "policy", "step": "step_size",
    "bias": "bias_step_factor", "explore": "exploration", "adaptive": "adaptive", "lr": "learning_rate",
    "discount": "discount", "order": "q_update", "optimizer": "optimizer", "rate": "gradient_learning_rate",
    "momentum": "momentum", "batch": "batch_size", "keep": "batch_interval", "seed": "seed", "lie": "corruption",
    "truth": "truth",
}  # fmt: skip
#: Words about the page that leave the numbers as they are.
PAGE_WORDS = ("syn", "speed", "view", "hide", "lock", "projector", "lesson", "sound")
#: Settings that a second network may not have of its own: data and first weights are the first one's.
SHARED = (
    "dataset", "samples", "data_seed", "added", "removed", "parameters", "validation_fraction", "hidden_layers",
    "activation", "loss", "loss_exponent", "initialisation", "initial_scale", "seed", "changes",
)  # fmt: skip
_ITEM, _PART, _OF_DATA = "*", "_", "data_"
DEFAULT_DATASET = str(Scene.model_fields["dataset"].default)


class Address(NamedTuple):
    """Scene and moment that an address names.

    Attributes
    ----------
    scene
        Of the first network.
    second
        Of the network beside it, None without one.
    at
        Completed iterations at the moment that is shown.
    """

    scene: Scene
    second: Scene | None
    at: int


def read_address(address: str) -> Address:
    """Read an address: a whole one, or the part after the question mark.

    Raises
    ------
    ValueError
        When a word is unknown or a value out of its range; pydantic's ValidationError is one.
    """
    words = dict(parse_qsl(address.rpartition("?")[2], keep_blank_values=True))
    side, at = words.pop("vs", ""), words.pop("at", "0")
    if not (at.isascii() and at.isdecimal() and int(at) <= ITERATIONS):
        raise ValueError(f"at={at} is no iteration: 0 to {ITERATIONS}")
    settings = _settings({word: value for word, value in words.items() if word not in PAGE_WORDS})
    own = _settings(dict(item.partition(_PART)[::2] for item in side.split(_ITEM) if item))
    for name in own:
        if name in SHARED:
            raise ValueError(f"vs={side} names {name}, which both networks have alike; leave it out")
    scene = Scene(**settings)
    return Address(scene, second_scene(scene, own) if own else None, int(at))


def write_address(scene: Scene, own: dict[str, Any] | None = None, at: int = 0) -> str:
    """Write the part of an address after the question mark; `read_address` reads the same scene from it.

    Parameters
    ----------
    own
        Settings that the second network has of its own; None: there is no second network.
    at
        Completed iterations at the moment that is shown.
    """
    differences = scene.differences()
    changes, parameters = differences.pop("changes", []), differences.pop("parameters", {})
    words = _written(differences)
    words |= {(_OF_DATA if name in WORDS else "") + name: str(value) for name, value in parameters.items()}
    if changes:
        words["changes"] = _ITEM.join(_written_change(change) for change in changes)
    if own:
        words["vs"] = _ITEM.join(f"{word}{_PART}{value}" for word, value in _written(own).items())
    if at:
        words["at"] = str(at)
    return urlencode(words, safe=_ITEM)


def _written(settings: dict[str, Any]) -> dict[str, str]:
    by_name = {name: word for word, name in WORDS.items()}
    return {by_name[name]: _written_value(name, value) for name, value in settings.items()}


def _written_value(name: str, value: Any) -> str:
    if name == "policy" and not isinstance(value, str):
        return _PART.join(map(str, ["table", value.get("temperature", 0), value.get("exploration", 0), *value["q"]]))
    if name == "added":
        return _ITEM.join(_PART.join(map(str, point)) for point in value)
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, list | tuple):
        return (_ITEM if name == "removed" else _PART).join(map(str, value))
    return str(value)


def _written_change(change: dict[str, Any]) -> str:
    name = change["setting"]
    value = _written_value(name, change["value"])
    return _PART.join([str(change["iteration"]), *(_written({name: ""}) if name not in EDITS else [name]), value])


def word_of(field: str) -> str:
    """Name a field of a scene, such as ``hidden_layers[1]``, by its word in the address."""
    name, rest = re.match(r"([a-z_]*)(.*)", field).groups()  # type: ignore[union-attr]  # matches anything
    if name == "parameters":
        return rest.removeprefix(".") or "data"
    return next((word for word, setting in WORDS.items() if setting == name), name) + rest


def second_scene(scene: Scene, own: dict[str, Any]) -> Scene:
    """Make the scene of a second network: the first one's with settings of its own, and the changes of the others.

    Cells of another table are other cells: where the policy or the method differs, their changes are left out.
    """
    tables = "policy" in own or "method" in own
    kept = [
        change for change in scene.changes if change.setting not in own and not (tables and change.setting == "cell")
    ]
    return Scene(**{**dict(scene), **own, "changes": kept})


def _settings(words: dict[str, str]) -> dict[str, Any]:
    """Read words and values as settings of a scene, whose ranges the scene checks itself."""
    settings: dict[str, Any] = {}
    parameters: dict[str, Any] = {}
    for word, value in words.items():
        if word == "changes":
            settings["changes"] = [_change(item) for item in value.split(_ITEM) if item]
        elif word in WORDS:
            settings[WORDS[word]] = _value(word, WORDS[word], value)
        else:
            parameters[_parameter(word, words.get("data", DEFAULT_DATASET))] = _number_or_text(value)
    return settings | ({"parameters": parameters} if parameters else {})


def _parameter(word: str, dataset: str) -> str:
    """Return the parameter of the data set that a word stands for.

    Raises
    ------
    ValueError
        When an address has no such word, naming the nearest one.
    """
    known = parameters_schema(dataset)["properties"] if dataset in names() else {}
    taken = {name for name in known if name not in OWN_PARAMETERS}
    name = word.removeprefix(_OF_DATA)
    if name in taken or dataset not in (*names(), DRAWN):  # an unknown data set is refused by the scene
        return name
    by_name = {setting: known_word for known_word, setting in WORDS.items()}
    if name in by_name:
        meant = f" Did you mean '{by_name[name]}'?"
    else:
        near = difflib.get_close_matches(name, [*WORDS, *PAGE_WORDS, "vs", "at", "changes", *by_name, *taken], n=1)
        meant = f" Did you mean '{by_name.get(near[0], near[0])}'?" if near else ""
    raise ValueError(
        f"'{word[:40]}' is no word of an address.{meant} Its words are {', '.join(WORDS)}, and for data set "
        f"'{dataset}': {', '.join(sorted(taken)) or 'none of its own'}"
    )


def _value(word: str, name: str, text: str) -> Any:
    if name == "policy":
        return _policy(text)
    read = _READERS.get(name)
    try:
        return read(text) if read else _number_or_text(text)
    except ValueError as error:
        raise ValueError(f"{word}={text[:80]} can't be read: {error}") from error


def _policy(text: str) -> Any:
    if not text.startswith(f"table{_PART}"):
        return text
    try:
        temperature, exploration, *q = map(float, text.split(_PART)[1:])
    except ValueError as error:
        raise ValueError(
            f"policy={text[:80]} is no table: table_temperature_exploration and 27, 243 or 2187 numbers"
        ) from error
    return {"q": q, "temperature": temperature, "exploration": exploration}


def _change(item: str) -> dict[str, Any]:
    iteration, word, *rest = item.split(_PART)
    name = WORDS.get(word, word)
    if name in EDITS:
        value: Any = tuple(map(_number_or_text, rest))
    else:
        value = _value(word, name, _PART.join(rest))
    return {"iteration": _number_or_text(iteration), "setting": name, "value": value}


def _number_or_text(text: str) -> int | float | str:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def _truth(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("it is 0 or 1")
    return text == "1"


def _list(between: str) -> Callable[[str], list[Any]]:
    return lambda text: [_number_or_text(item) for item in text.split(between) if item]


_READERS: dict[str, Callable[[str], Any]] = {
    "adaptive": _truth,
    "hidden_layers": _list(_PART),
    "removed": _list(_ITEM),
    "added": lambda text: [[_number_or_text(part) for part in item.split(_PART)] for item in text.split(_ITEM) if item],
}
