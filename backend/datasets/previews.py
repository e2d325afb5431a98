"""Preview data sets: a few samples as pictures, points or rows, with the size of each class."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.datasets.schemas import DatasetClass, DatasetPreview, DatasetRead, DatasetRow
from backend.kit.errors import InvalidError
from backend.wire.artifacts import Artifacts, dataset_path
from synrl_core import datasets
from synrl_core.datasets import RawDataset
from synrl_core.datasets import store as files
from synrl_core.datasets.built_in_previews import shipped_preview
from synrl_core.datasets.preview import Preview, preview

#: A picture is shown no larger than this.
_LARGEST_TILE = 64
_MOST_POINTS = 400
_MOST_ROWS = 8


def read_preview(
    artifacts: Artifacts, dataset: DatasetRead, parameters: Mapping[str, Any] | None = None
) -> DatasetPreview:
    """Return some samples of a data set, under the names that its classes have here.

    Parameters
    ----------
    parameters
        Of a generated data set; its defaults where left out.

    Raises
    ------
    InvalidError
        When it can't be made with these parameters.
    """
    if dataset.content_hash is None:
        return _preview_generated(dataset.id, parameters) if parameters else _preview_built_in(dataset.id)
    seen = _preview_stored(artifacts, dataset.content_hash)
    names = [one.name for one in dataset.classes]
    called = dict(zip((one.name for one in seen.classes), names, strict=True))
    return seen.model_copy(
        update={
            "classes": [one.model_copy(update={"name": name}) for one, name in zip(seen.classes, names, strict=True)],
            "rows": [row.model_copy(update={"class_name": called[row.class_name]}) for row in seen.rows],
        }
    )


# Samples of stored data never change, and reading them means reading the whole file.
@lru_cache(maxsize=128)
def _preview_stored(artifacts: Artifacts, content_hash: str) -> DatasetPreview:
    with artifacts.reading(dataset_path(content_hash)) as file:
        raw, _ = files.read(file)
    return make_preview(raw)


def make_preview(raw: RawDataset) -> DatasetPreview:
    """Return some samples of a data set that was read."""
    points = None
    if raw.sample_shape == (2,):
        chosen = np.linspace(0, len(raw.labels) - 1, min(_MOST_POINTS, len(raw.labels))).astype(np.int64)
        points = _points(raw.values[chosen], raw.labels[chosen])
    return _shown(preview(raw), points)


@lru_cache(maxsize=32)
def _preview_built_in(name: str) -> DatasetPreview:
    seen = shipped_preview(name)
    points = None
    if seen.sample_shape == (2,):
        loaded = datasets.load(name)
        points = _points(loaded.features[:_MOST_POINTS], loaded.labels[:_MOST_POINTS])
    return _shown(seen, points)


def _preview_generated(name: str, parameters: Mapping[str, Any]) -> DatasetPreview:
    try:
        loaded = datasets.load(name, parameters)
    except datasets.DatasetParameterError as error:
        problems = [
            {"field": f"dataset_parameters.{one.parameter}", "message": one.expected, "value": one.value}
            for one in error.problems
        ]
        raise InvalidError(str(error), errors=problems) from error
    counts = np.bincount(loaded.labels, minlength=loaded.classes)
    seen = _preview_built_in(name)
    classes = [one.model_copy(update={"samples": int(n)}) for one, n in zip(seen.classes, counts, strict=True)]
    points = None
    if loaded.sample_shape == (2,):
        chosen = slice(0, _MOST_POINTS)
        points = _points(loaded.features[chosen], loaded.labels[chosen])
    changes = {"samples": len(loaded.labels), "sample_shape": list(loaded.sample_shape), "classes": classes}
    return seen.model_copy(update={**changes, "points": points, "rows": [] if points is None else seen.rows})


def _shown(seen: Preview, points: list[tuple[float, float, int]] | None) -> DatasetPreview:
    names = [one.name for one in seen.classes]
    strips = [] if seen.pictures is None else [_strip(*one) for one in zip(seen.pictures, seen.classes, strict=False)]
    return DatasetPreview(
        samples=seen.samples,
        sample_shape=list(seen.sample_shape),
        classes=[
            DatasetClass(name=name, samples=one.samples, picture=strips[place] if place < len(strips) else None)
            for place, (name, one) in enumerate(zip(names, seen.classes, strict=True))
        ],
        scaling=seen.scaling,
        remarks=list(seen.remarks),
        feature_names=list(seen.feature_names),
        rows=[] if seen.rows is None else _rows(seen.rows, names),
        points=points,
    )


def _rows(rows: NDArray[np.float32], names: Sequence[str]) -> list[DatasetRow]:
    """Choose a few rows, one class after the other."""
    chosen = [
        DatasetRow(class_name=names[label], values=[float(f"{value:.6g}") for value in rows[label, place]])
        for place in range(rows.shape[1])
        for label in range(len(rows))
        if not np.isnan(rows[label, place]).all()
    ]
    return chosen[:_MOST_ROWS]


def _points(values: NDArray[Any], labels: NDArray[np.int64]) -> list[tuple[float, float, int]]:
    return [
        (float(f"{x:.4g}"), float(f"{y:.4g}"), int(label))
        for (x, y), label in zip(values.tolist(), labels, strict=True)
    ]


def _strip(pictures: NDArray[np.uint8], about: Any) -> str:
    """Put pictures of one class side by side: a PNG as a data URL, see-through between the samples."""
    tiles = [_tile(picture) for picture in pictures[: about.samples]]
    height, width = tiles[0].shape
    gap = max(1, width // 8)
    strip = np.zeros((height, len(tiles) * (width + gap) - gap, 2), dtype=np.uint8)
    for place, tile in enumerate(tiles):
        left = place * (width + gap)
        strip[:, left : left + width, 0] = tile
        strip[:, left : left + width, 1] = 255
    from PIL import Image  # put off: the server starts without it

    file = io.BytesIO()
    Image.fromarray(strip).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def _tile(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if max(picture.shape) <= _LARGEST_TILE:
        return picture
    from PIL import Image

    small = Image.fromarray(picture)
    small.thumbnail((_LARGEST_TILE, _LARGEST_TILE))
    return np.asarray(small)
