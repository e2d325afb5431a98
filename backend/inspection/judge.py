"""Helper process that evaluates stored weights on validation samples; the server itself never loads data."""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from backend.wire import snapshots as snapshot_format
from backend.wire.artifacts import Artifacts
from backend.worker import stored_data
from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.datasets import Dataset, Split
from synrl_core.measuring.judging import Judgement, judge

#: Classes that a matrix shows, those with most mistakes; mistakes that are shown; inputs of a row that is a mistake.
MOST_CLASSES, MOST_MISTAKES, MOST_INPUTS = 30, 18, 64
#: A picture is sent no larger than this.
_LARGEST_PICTURE = 64


class JudgeRequest(NamedTuple):
    """Request to the judging process: plain values that can be pickled between our own processes."""

    config: dict[str, Any]
    artifacts_url: str
    dataset_hash: str | None
    """Of stored data; None for data sets that ship."""
    snapshot: str
    """Path among the artifacts."""
    iteration: int
    replicate: int
    trained_on: str | None = None
    """Content hash of the data that the run trained on: data sets that ship have versions."""
    place: int | None = None
    """The validation sample whose states over time are asked for; None: all are judged."""


def judge_request(case: JudgeRequest) -> dict[str, Any]:
    """Judge the validation samples of a run at one snapshot.

    Returns
    -------
    The fields of `judging_schemas.Judged`, as JSON's own types; class names as the data set's file has them.

    Raises
    ------
    IndexError
        When the snapshot has no such replicate.
    ValueError
        When the network names no classes.
    """
    config, weights, dataset, parts = read_case(case)
    validation = parts.validation
    features = dataset.inputs(parts).of(validation)
    judgement = judge(
        config,
        tuple(layer[case.replicate] for layer in weights),
        features,
        dataset.labels[validation],
        dataset.classes,
        dataset.sample_shape,
    )
    return {
        "iteration": case.iteration,
        "replicate": case.replicate,
        "samples": len(validation),
        "right": int((judgement.labels == judgement.named).sum()),
        "sample_shape": list(dataset.sample_shape),
        **_matrix(judgement, dataset),
        "mistakes": [
            _mistake(judgement, dataset, place, int(validation[place]), features[place])
            for place in judgement.worst(MOST_MISTAKES)
        ],
        "feature_names": list(dataset.feature_names[:MOST_INPUTS]),
    }


def read_case(case: JudgeRequest) -> tuple[TrainingConfig, tuple[NDArray[np.float32], ...], Dataset, Split]:
    """Return the configuration, the weights of each layer (replicates, rows, units), the data and their split."""
    config = TrainingConfig.model_validate(case.config)
    artifacts = Artifacts(case.artifacts_url)
    weights = snapshot_format.unpack(artifacts.read(case.snapshot), case.iteration).weights
    dataset = _load(case, config, artifacts)
    return config, weights, dataset, _split(dataset, config.validation_fraction, config.split_seed)


def _load(case: JudgeRequest, config: TrainingConfig, artifacts: Artifacts) -> Dataset:
    if case.dataset_hash is not None:
        return stored_data.load(case.dataset_hash, artifacts)
    return _built_in(config.dataset, tuple(sorted(config.dataset_parameters.items())), case.trained_on)


@lru_cache(maxsize=2)
def _built_in(name: str, parameters: tuple[tuple[str, Any], ...], trained_on: str | None) -> Dataset:
    return datasets.load(name, dict(parameters), content_hash=trained_on)


@lru_cache(maxsize=4)
def _split(dataset: Dataset, fraction: float, seed: int) -> Split:
    return datasets.split(dataset, fraction, seed)


def _matrix(judgement: Judgement, dataset: Dataset) -> dict[str, Any]:
    """Count samples by true and predicted class; of very many classes those with the most mistakes."""
    classes = dataset.classes
    wrong = judgement.named != judgement.labels
    mistaken = np.bincount(judgement.labels[wrong], minlength=classes) + np.bincount(
        judgement.named[wrong], minlength=classes
    )
    shown = np.sort(np.argsort(-mistaken, kind="stable")[:MOST_CLASSES])
    place = np.full(classes, -1)
    place[shown] = np.arange(len(shown))
    rows, columns = place[judgement.labels], place[judgement.named]
    inside = (rows >= 0) & (columns >= 0)
    counts = np.bincount(rows[inside] * len(shown) + columns[inside], minlength=len(shown) ** 2)
    return {
        "classes": shown.tolist(),
        "class_names": [dataset.class_names[label] for label in shown],
        "class_samples": np.bincount(judgement.labels, minlength=classes)[shown].tolist(),
        "counts": counts.reshape(len(shown), len(shown)).tolist(),
        "all_classes": classes,
    }


def _mistake(
    judgement: Judgement, dataset: Dataset, place: int, sample: int, features: NDArray[np.float32]
) -> dict[str, Any]:
    label, named = int(judgement.labels[place]), int(judgement.named[place])
    return {
        "sample": sample,
        "label": label,
        "named": named,
        "label_name": dataset.class_names[label],
        "named_name": dataset.class_names[named],
        "certainty": round(float(judgement.certainty[place]), 4),
        "certainty_of_truth": round(float(judgement.certainty_of_truth[place]), 4),
        "picture": _picture(features, dataset.sample_shape) if dataset.is_pictures else None,
        "values": None if dataset.is_pictures else [float(f"{x:.4g}") for x in features[:MOST_INPUTS].tolist()],
    }


def _picture(features: NDArray[np.float32], shape: tuple[int, ...]) -> str:
    """Return a sample as a PNG in a data URL."""
    shades = np.rint(np.clip(features, 0.0, 1.0) * 255.0).astype(np.uint8).reshape(shape)
    from PIL import Image  # put off: pictures are drawn by few requests, in a process of their own

    picture = Image.fromarray(shades)
    picture.thumbnail((_LARGEST_PICTURE, _LARGEST_PICTURE))
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
