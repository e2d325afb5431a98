"""Measure uploads of 70,000 pictures by the API as IDX, NPZ and CSV: seconds to preview and to store, peak memory.

``python -m benchmarks.uploads`` starts a server of its own for each (two minutes; Linux). docs/decisions/data.md
quotes it.
"""

from __future__ import annotations

import io
import struct
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import psutil
from numpy.typing import NDArray

from synrl_core import datasets
from tests.server import Server, running

SAMPLES = 70_000


def main() -> None:
    letters = datasets.load("glyphs").features
    chosen = np.random.default_rng(0).integers(0, len(letters), SAMPLES)
    images = np.rint(letters * 255).astype(np.uint8)[chosen]
    for kind, write in (("IDX", _idx), ("NPZ", _npz), ("CSV", _csv)):
        brought = [("files", file) for file in write(images, np.arange(SAMPLES) % 10)]
        with tempfile.TemporaryDirectory() as folder, running(Path(folder), SYNRL_WORKERS="1") as server:
            measure(server, kind, brought)


Files = list[tuple[str, bytes]]


def _idx(images: NDArray[np.uint8], labels: NDArray[np.int64]) -> Files:
    header = bytes([0, 0, 8, 3]) + struct.pack(">3I", SAMPLES, 28, 28)
    partner = bytes([0, 0, 8, 1]) + struct.pack(">I", SAMPLES) + labels.astype(np.uint8).tobytes()
    return [("images", header + images.tobytes()), ("labels", partner)]


def _npz(images: NDArray[np.uint8], labels: NDArray[np.int64]) -> Files:
    file = io.BytesIO()
    np.savez_compressed(file, images=images.reshape(-1, 28, 28), labels=labels)
    return [("pictures.npz", file.getvalue())]


def _csv(images: NDArray[np.uint8], labels: NDArray[np.int64]) -> Files:
    names = ",".join(["label", *(f"pixel{i}" for i in range(images.shape[1]))])
    rows = (f"{label},{','.join(map(str, image.tolist()))}" for label, image in zip(labels, images, strict=True))
    return [("pictures.csv", "\n".join([names, *rows]).encode())]


def measure(server: Server, kind: str, brought: Any) -> None:
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    base, peak, done = process.memory_info().rss, 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.01):
            peak = max(peak, process.memory_info().rss)

    watching = threading.Thread(target=watch)
    watching.start()
    start = time.perf_counter()
    seen = httpx2.post(f"{server.url}/api/v1/datasets/preview", files=brought, timeout=120).json()
    previewed = time.perf_counter()
    kept = httpx2.post(f"{server.url}/api/v1/datasets", data={"upload": seen["upload"]}, timeout=120)
    stored = time.perf_counter()
    done.set()
    watching.join()
    assert kept.status_code == 201, kept.text
    print(
        f"{SAMPLES:,} x 784 as {kind}: previewed after {previewed - start:.1f} s, stored after {stored - start:.1f} s, "
        f"{(peak - base) / 2**20:.0f} MiB above the base of {base / 2**20:.0f} MiB",
        flush=True,
    )


if __name__ == "__main__":
    main()
