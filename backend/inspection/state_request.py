"""What the judging process computes for a picture of states over time: one validation sample, all steps."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.inspection.judge import JudgeRequest, read_case
from synrl_core.measuring.states import UnitStates, unit_states
from synrl_core.networks.blocks import hidden_name

#: Units of a layer and inputs of a step that are sent; classes to choose from; classes with probabilities.
MOST_UNITS, MOST_CHOICES, MOST_CLASSES = 128, 12, 30


def states_request(case: JudgeRequest) -> dict[str, Any]:
    """Compute the states of all hidden units for one validation sample of a run at one snapshot.

    Returns
    -------
    The fields of `states_schemas.StatesRead`, as JSON's own types; class names as the data set's file has them.

    Raises
    ------
    IndexError
        When the snapshot has no such replicate.
    ValueError
        When the network is feedforward, names no classes, or there is no such sample.
    """
    config, weights, dataset, parts = read_case(case)
    validation = parts.validation
    place = case.place or 0
    if place >= len(validation):
        raise ValueError(f"there is no validation sample {place}; there are {len(validation)}, counted from 0.")
    if 1 < weights[-1].shape[-1] < dataset.classes:
        raise ValueError(f"a network with {weights[-1].shape[-1]} outputs predicts values and names no class.")
    sample = validation[place : place + 1]
    features = dataset.inputs(parts).of(sample)
    layers = tuple(layer[case.replicate] for layer in weights)
    found = unit_states(config, layers, features, dataset.sample_shape)
    likely = found.probabilities[0]
    order = np.argsort(-likely, kind="stable")[:MOST_CLASSES]
    labels = dataset.labels[validation]
    classes, firsts = np.unique(labels, return_index=True)
    return {
        "iteration": case.iteration,
        "replicate": case.replicate,
        "architecture": config.architecture,
        "steps": len(found.inputs[0]),
        "samples": len(validation),
        "place": place,
        "sample": int(sample[0]),
        "label": int(labels[place]),
        "named": int(likely.argmax()),
        "classes": order.tolist(),
        "probabilities": [round(float(likely[label]), 4) for label in order],
        "choices": [
            (int(label), int(first)) for label, first in zip(classes[:MOST_CHOICES], firsts[:MOST_CHOICES], strict=True)
        ],
        "class_names": list(dataset.class_names),
        "inputs": _grid("inputs", found.inputs[0]),
        "layers": [_layer(found, layer) for layer in range(len(found.states))],
    }


def _layer(found: UnitStates, layer: int) -> dict[str, Any]:
    grid = _grid(hidden_name(layer), found.states[layer][0])
    if found.spikes is None:
        return grid | {"spikes": None, "rates": None}
    spikes = found.spikes[layer][0, :, :MOST_UNITS]
    rates = [round(float(rate), 4) for rate in spikes.mean(axis=0)]
    return grid | {"spikes": base64.b64encode(spikes.astype(np.uint8).tobytes()).decode(), "rates": rates}


def _grid(name: str, values: NDArray[np.float32]) -> dict[str, Any]:
    """Pack (steps, units) into a byte each."""
    shown = np.nan_to_num(values[:, :MOST_UNITS])
    scale = float(np.abs(shown).max(initial=0.0)) or 1.0
    codes = np.round(shown * (127.0 / scale)).astype(np.int8)
    return {
        "name": name,
        "units": values.shape[1],
        "shown": shown.shape[1],
        "scale": scale,
        "data": base64.b64encode(codes.tobytes()).decode(),
    }
