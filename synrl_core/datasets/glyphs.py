"""Load letters A to J rendered from free typefaces, a freely licensed alternative to notMNIST.

``glyphs.npz`` beside this file is written by scripts/render_glyphs.py; ``glyphs_fonts.json`` names each typeface with
the Debian package it came from and its licence.
"""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synrl_core.datasets.base import Dataset, DatasetInfo
from synrl_core.datasets.parameters import Parameters

INFO = DatasetInfo(
    name="glyphs",
    title="Glyphs",
    description="6,371 letters A to J from 262 typefaces, 28 x 28 pixels, each turned, slanted, scaled and shifted a "
    "little. A linear classifier tells about nine in ten apart.",
    licence="MIT for the pictures; the typefaces' own licences (OFL, Apache-2.0, MIT, BSD, Bitstream Vera, GUST, "
    "public domain, GPL with font exception) let pictures of letters be passed on and are listed in glyphs_fonts.json",
    source="drawn by SynRL's scripts/render_glyphs.py from fonts packaged by Debian, after the idea of Y. Bulatov's "
    "notMNIST",
    group="pictures",
)


def load(_: Parameters) -> Dataset:
    """Load the letters with pixels scaled from 0..255 to 0..1: (6371, 784), ten classes."""
    arrays = _arrays()
    images = arrays["images"]
    return Dataset(
        info=INFO,
        features=images.reshape(len(images), -1).astype(np.float32) / np.float32(255),
        labels=arrays["labels"].astype(np.int64),
        class_names=tuple(_fonts()["letters"]),
        sample_shape=(28, 28),
    )


def typefaces() -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the names of the typefaces, and for each sample the index of its own.

    Styles of one typeface (bold, italic) may stand on both sides of a run's split; a researcher who wants whole
    typefaces held back groups by this.
    """
    names = tuple(str(record["typeface"]) for record in _fonts()["typefaces"])
    return names, _arrays()["typefaces"].astype(np.int64)


def _arrays() -> dict[str, NDArray[Any]]:
    with as_file(files(__package__) / "glyphs.npz") as path, np.load(path, allow_pickle=False) as archive:
        return dict(archive)


def _fonts() -> dict[str, Any]:
    fonts: dict[str, Any] = json.loads((files(__package__) / "glyphs_fonts.json").read_text(encoding="utf-8"))
    return fonts
