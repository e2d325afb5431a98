"""Header of a tape: description of the scene that a reader needs beside the chunks."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from synrl_core.policies.policy import Policy
from synrl_core.tape.changes import ITERATIONS
from synrl_core.tape.chunk import VERSION
from synrl_core.tape.details import no_gradient
from synrl_core.tape.points import points
from synrl_core.tape.recorder import CHUNK, EVALUATE_EVERY, is_adaptive
from synrl_core.tape.scene import Scene


def tape_id(scene: Scene) -> str:
    """Name the tape that this program makes of a scene, 40 hexadecimal digits.

    Unlike the scene's hash it covers what computes: another release of NumPy may round otherwise, and caches keep tapes
    for ever.
    """
    engine = f"chunks {VERSION}, NumPy {np.__version__}, {platform.machine()}"
    return hashlib.sha256(f"{scene.hash} {engine}".encode()).hexdigest()[:40]


def header(scene: Scene) -> dict[str, Any]:
    """Describe a scene for a reader, as JSON values.

    Returns
    -------
    ``tape``, its name; ``hash`` of the scene; ``scene``, all settings; ``differences``, those that differ from the
    defaults; ``sizes``; ``layers``, [offset, units, inputs + 1] of each layer's synapses in the flat order, the bias of
    a unit first; ``history``; ``adaptive``, whether the table learns at any time; ``points`` [[x, y, class]] (float32
    values), ``train`` and ``validation``, numbers of points; ``policies``, from which iteration on which table acts;
    ``chunk``, ``evaluate_every`` and ``iterations``; ``no_gradient``, why the network has none, or null;
    ``run``, the ``config`` of an ordinary run of these settings, and what of the scene it does not hold (``differs``).

    Raises
    ------
    ValueError
        When a class has no point left to train or validate on.
    """
    data = points(scene)
    layers, at = [], 0
    for fan_in, fan_out in pairwise(scene.sizes):
        layers.append([at, fan_out, fan_in + 1])
        at += fan_out * (fan_in + 1)
    first = scene.policy_in_force()
    changed = [(change.iteration, change.policy()) for change in scene.changes if change.setting == "policy"]
    return {
        "tape": tape_id(scene),
        "hash": scene.hash,
        "scene": scene.model_dump(mode="json"),
        "differences": scene.differences(),
        "sizes": list(scene.sizes),
        "layers": layers,
        "synapses": scene.synapses,
        "history": first.history,
        "adaptive": is_adaptive(scene),
        "points": [
            [*xy, label] for xy, label in zip(data.dataset.features.tolist(), data.dataset.labels.tolist(), strict=True)
        ],
        "train": data.parts.train.tolist(),
        "validation": data.parts.validation.tolist(),
        "policies": [_described(iteration, policy) for iteration, policy in [(0, first), *changed]],
        "chunk": CHUNK,
        "evaluate_every": EVALUATE_EVERY,
        "iterations": ITERATIONS,
        "no_gradient": no_gradient(scene),
        "run": {"config": _config(scene), "differs": list(beyond_a_run(scene))},
    }


def _config(scene: Scene) -> dict[str, Any]:
    """Return the settings of an ordinary run; a table of the scene's own gives way to the policy of the defaults."""
    named = scene if isinstance(scene.policy, str) else scene.model_copy(update={"policy": Scene().policy})
    return named.config().model_dump(mode="json", exclude_defaults=True)


def beyond_a_run(scene: Scene) -> Iterator[str]:
    """Name the parts of a scene that an ordinary run lacks."""
    if scene.changes:
        yield "the changes on the way"
    if scene.corruption != "none":
        yield "the corrupted reward"
    if scene.added or scene.removed:
        yield "the points drawn by hand"
    if not isinstance(scene.policy, str):
        yield "the table written into the scene"


def _described(iteration: int, policy: Policy) -> dict[str, Any]:
    return {
        "iteration": iteration,
        "name": policy.name,
        "title": policy.title,
        "q": policy.q.ravel().tolist(),
        "temperature": policy.temperature,
        "exploration": policy.exploration,
    }
