"""Controls of the playground as lessons name them, and the words that the page shows for them.

A lesson names a control by kind and name, as in ``setting.step_size`` or ``button.play``. Words of settings and of
their values are the scene's own (`synrl_core.tape.form`); those of buttons and parts stand here, and a browser test
holds them to the page.
"""

from __future__ import annotations

from typing import Any, Final

from synrl_core.tape import form

#: Words on the buttons of the page.
BUTTONS: Final = {
    "reset": "Reset",
    "back": "Back",
    "play": "Play",
    "step": "Step",
    "slow": "Slow motion",
}
#: Words on parts of the page that are no setting; "": it has none, so that no text can name it.
PARTS: Final = {
    "network": "",
    "surface": "",
    "inspect": "One decision",
    "words": "",
    "table": "",
    "curves": "",
    "lamps": "",
    "judge": "Was the reward deserved?",
    "side": "A second network with another",
    "speed": "as fast as it goes",
    "list": "All synapses",
}
KINDS: Final = ("button", "part", "setting")


def settings() -> tuple[str, ...]:
    """Names of the settings that have a control on the page."""
    return ("noise", *form()["settings"])


def title(control: str) -> str:
    """Return the words that the page shows for a control.

    Parameters
    ----------
    control
        Kind and name, as in ``button.play``.

    Raises
    ------
    ValueError
        When there is no such control.
    """
    kind, _, name = control.partition(".")
    known: dict[str, dict[str, str]] = {"button": BUTTONS, "part": PARTS, "setting": _titles()}
    if name not in known.get(kind, {}):
        names = "; ".join(f"{one}: {', '.join(sorted(known[one]))}" for one in ([kind] if kind in known else KINDS))
        raise ValueError(f"there is no control '{control}' on the page; it is kind.name, of {names}")
    return known[kind][name]


def _titles() -> dict[str, str]:
    return {name: form()["settings"].get(name, {}).get("title", "Noise") for name in settings()}


def words(setting: str, value: Any) -> str:
    """Return a value of a setting as its control on the page writes it.

    Raises
    ------
    ValueError
        When the scene has no such setting.
    """
    title(f"setting.{setting}")
    if setting == "policy" and not isinstance(value, str):
        return "Own table"
    if setting == "policy":
        return str(next((one["title"] for one in form()["policies"] if one["name"] == value), value))
    if setting == "hidden_layers":
        return " – ".join(map(str, value)) or "None"
    if setting == "batch_size" and value == form()["points"]:
        return "All points"
    key = str(value).lower() if isinstance(value, bool) else str(value)
    written = form()["words"].get(setting, {}).get(key, key.replace("_", " "))
    return str(written.removesuffix(".0"))
