"""Measure an upload of 70,000 pictures by the API: seconds to preview and to store, peak memory.

``python -m benchmarks.uploads`` starts a server of its own (a minute; Linux). docs/decisions/data.md quotes it.
"""

from __future__ import annotations

import struct
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import psutil

from synrl_core import datasets
from tests.server import Server, running

SAMPLES = 70_000


def main() -> None:
    letters = datasets.load("glyphs").features
    chosen = np.random.default_rng(0).integers(0, len(letters), SAMPLES)
    images = np.rint(letters * 255).astype(np.uint8)[chosen]
    header = bytes([0, 0, 8, 3]) + struct.pack(">3I", SAMPLES, 28, 28)
    labels = bytes([0, 0, 8, 1]) + struct.pack(">I", SAMPLES) + (np.arange(SAMPLES) % 10).astype(np.uint8).tobytes()
    brought = [("files", ("images", header + images.tobytes())), ("files", ("labels", labels))]
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), SYNRL_WORKERS="1") as server:
        measure(server, brought)


def measure(server: Server, brought: Any) -> None:
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
        f"{SAMPLES:,} x 784 as IDX: previewed after {previewed - start:.1f} s, stored after {stored - start:.1f} s, "
        f"{(peak - base) / 2**20:.0f} MiB above the base of {base / 2**20:.0f} MiB"
    )


if __name__ == "__main__":
    main()
