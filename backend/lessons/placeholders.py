"""Placeholders of lesson texts: names of controls and numbers of the scene, so that no text is out of date.

``{button.play}``, ``{part.judge}``, ``{setting.step_size}``: the words on the page. ``{value.step_size}``: the value in
the step's scene; ``{side.step_size}``: in the second network. ``{words.policy.random}``: one choice of a setting.
``{synapses}``, ``{points}``, ``{at}``, ``{until}``: numbers of the scene and the step. ``{done}``: what completes the
step, a number of times, an iteration or a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from backend.lessons import controls
from backend.lessons.schemas import Done
from synrl_core.tape import DRAWN, Scene

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class Filler:
    """Fills in the placeholders of one step.

    Parameters
    ----------
    scene
        The scene of the step.
    side
        Settings of the second network of its own; None: there is none.
    numbers
        Numbers of the step by name, ``at`` and ``until``.
    done
        What completes the step.
    """

    def __init__(
        self, scene: Scene, side: Mapping[str, Any] | None, numbers: Mapping[str, int], done: Done | None = None
    ) -> None:
        self._scene = scene
        self._second = None if side is None else Scene(**{**scene.differences(), **side})
        self._numbers = {**_counts(scene), **numbers}
        self._done = done

    def text(self, text: str, strong: bool = False) -> str:
        """Return a text with its placeholders filled in.

        Parameters
        ----------
        strong
            Whether names of controls are put between two pairs of asterisks.

        Raises
        ------
        ValueError
            When a placeholder is unknown.
        """
        return _PLACEHOLDER.sub(lambda found: self._filled(found.group(1), strong), text)

    def _filled(self, placeholder: str, strong: bool) -> str:
        kind, _, name = placeholder.partition(".")
        if kind in controls.KINDS:
            found = controls.title(placeholder)
            if not found:
                raise ValueError(f"'{placeholder}' has no words on the page; describe it instead of naming it")
            return f"**{found}**" if strong else found
        if kind == "value":
            return controls.words(name, _value(self._scene, name))
        if kind == "side" and self._second is not None:
            return controls.words(name, _value(self._second, name))
        if kind == "words":
            setting, _, value = name.partition(".")
            return controls.words(setting, value)
        if placeholder == "done" and self._done:
            return _completing(self._done)
        if placeholder in self._numbers:
            return f"{self._numbers[placeholder]:,}"
        raise ValueError(
            f"{{{placeholder}}} is no placeholder; there are button, part, setting, value, side and words with a name "
            f"after a point, and {', '.join(sorted(self._numbers))}"
        )


def _completing(done: Done) -> str:
    if done.iteration is not None:
        return f"{done.iteration:,}"
    if done.setting is not None and done.value is not None:
        return controls.words(done.setting, done.value)
    return f"{done.times}"


def _value(scene: Scene, name: str) -> Any:
    if name == "noise":
        return scene.parameters.get("noise", "the default")
    if name not in Scene.model_fields:
        raise ValueError(f"a scene has no setting '{name}'")
    return getattr(scene, name)


def _counts(scene: Scene) -> dict[str, int]:
    generated = 0 if scene.dataset == DRAWN else scene.samples
    return {"synapses": scene.synapses, "points": generated - len(scene.removed) + len(scene.added)}
