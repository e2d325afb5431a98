"""Measure the difficulty of the letters and the cost of reading 70,000 pictures, for docs/decisions/data.md.

``python -m benchmarks.datasets glyphs`` fits linear classifiers (a minute); ``python -m benchmarks.datasets reading``
writes 70,000 letters in each format into a temporary folder and reads, previews and stores each in a process of its
own (three minutes, Linux).
"""

from __future__ import annotations

import gzip
import io
import re
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupShuffleSplit

from synrl_core import datasets
from synrl_core.datasets import glyphs, split, store
from synrl_core.datasets.preview import preview
from synrl_core.datasets.readers import read

SAMPLES = 70_000


def hardness() -> None:
    """Print the validation accuracy of a linear classifier under the runs' split and with whole typefaces held back."""
    letters = datasets.load("glyphs")
    parts = split(letters, 0.25, 0)
    _, typefaces = glyphs.typefaces()
    grouped = next(GroupShuffleSplit(1, test_size=0.25, random_state=0).split(letters.features, groups=typefaces))
    for name, (train, held) in {"runs' split": (parts.train, parts.validation), "by typeface": grouped}.items():
        for penalty in (1.0, 0.03):
            classifier = LogisticRegression(C=penalty, max_iter=300).fit(letters.features[train], letters.labels[train])
            train_score, score = (classifier.score(letters.features[i], letters.labels[i]) for i in (train, held))
            print(f"{name}, C={penalty}: training {train_score:.4f}, validation {score:.4f}", flush=True)


def reading() -> None:
    """Print for each format seconds, those that a core worked, and peak memory above the imports'."""
    letters = datasets.load("glyphs").features.reshape(-1, 28, 28)
    images = np.rint(letters[np.random.default_rng(0).integers(0, len(letters), SAMPLES)] * 255).astype(np.uint8)
    labels = (np.arange(SAMPLES) % 10).astype(np.uint8)
    with tempfile.TemporaryDirectory() as name:
        for path in _write_all(Path(name), images, labels):
            done = subprocess.run(  # noqa: S603 - this module
                [sys.executable, "-m", "benchmarks.datasets", "one", str(path)],
                capture_output=True,
                text=True,
                check=True,
            )
            print(f"{path.name} ({path.stat().st_size / 2**20:.0f} MiB): {done.stdout.strip()}", flush=True)


def one(path: Path) -> None:
    """Read, preview and store one file, and print what that cost."""
    base, start, worked = _peak(), time.perf_counter(), time.process_time()
    raw = read(path)
    preview(raw)
    with tempfile.TemporaryDirectory() as folder:
        store.save(raw, Path(folder))
        seconds, worked = time.perf_counter() - start, time.process_time() - worked
        print(f"{seconds:.1f} s ({worked:.1f} s of a core), {_peak() - base:.0f} MiB above the base")


def _write_all(folder: Path, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> list[Path]:
    idx = folder / "train-images-idx3-ubyte.gz"
    idx.write_bytes(gzip.compress(struct.pack(">4I", 2051, *images.shape) + images.tobytes(), 6))
    partner = struct.pack(">2I", 2049, len(labels)) + labels.tobytes()
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(partner))
    npz = folder / "compressed.npz"
    np.savez_compressed(npz, images=images, labels=labels)
    csv = folder / "pixels.csv"
    with csv.open("w") as file:
        file.write(",".join(["label", *(f"pixel{i}" for i in range(784))]) + "\n")
        file.writelines(
            f"{label}," + ",".join(map(str, image.ravel())) + "\n" for label, image in _pairs(labels, images)
        )
    pictures = folder / "pictures.zip"
    with zipfile.ZipFile(pictures, "w") as archive:
        for index, (label, image) in enumerate(_pairs(labels, images)):
            archive.writestr(f"{label}/{index}.png", _png(image))
    return [idx, npz, csv, pictures]


def _pairs(labels: NDArray[Any], images: NDArray[Any]) -> zip[tuple[int, NDArray[Any]]]:
    return zip(labels.tolist(), images, strict=True)


def _png(image: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def _peak() -> float:
    """Peak memory of this process in MiB; ru_maxrss would be the parent's."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else float("nan")


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        one(Path(sys.argv[2]))
    else:
        {"glyphs": hardness, "reading": reading}[sys.argv[1] if len(sys.argv) > 1 else "glyphs"]()
