"""Measure the first layer's product in other memory layouts and blockings: ``python -m benchmarks.products``.

One BLAS thread, float32, 784 inputs with a row of ones, 5,000 samples; milliseconds, the least of many turns.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.__main__ import least_seconds

INPUTS, SAMPLES = 785, 5000
ROWS = (8, 10, 12, 16, 40, 80)
BLOCKS = (320, 1250, 2500)


def ways(rows: int) -> dict[str, Callable[[], object]]:
    """Ways to multiply (rows, inputs) weights with the samples; the engine's is the first."""
    rng = np.random.default_rng(0)
    weights, samples = rng.random((rows, INPUTS), np.float32), rng.random((INPUTS, SAMPLES), np.float32)
    in_rows, out = np.ascontiguousarray(samples.T), np.empty((rows, SAMPLES), np.float32)
    out_in_rows = np.empty((SAMPLES, rows), np.float32)

    def turned() -> None:
        np.matmul(in_rows, weights.T, out=out_in_rows)
        np.copyto(out, out_in_rows.T)

    def blocks(size: int) -> Callable[[], None]:
        parts = [np.ascontiguousarray(samples[:, start : start + size]) for start in range(0, SAMPLES, size)]
        outs = [np.empty((rows, part.shape[1]), np.float32) for part in parts]

        def run() -> None:
            for part, block in zip(parts, outs, strict=True):
                np.matmul(weights, part, out=block)

        return run

    return {
        "weights @ columns": lambda: np.matmul(weights, samples, out=out),
        "rows @ weights": lambda: np.matmul(in_rows, weights.T, out=out_in_rows),
        "rows @ weights, turned": turned,
        **{f"blocks of {size}": blocks(size) for size in BLOCKS},
    }


def main() -> None:
    """Measure and print."""
    print(f"| rows | {' | '.join(ways(1))} | GFLOP/s of the first |\n|---{'|---' * (len(ways(1)) + 1)}|")
    for rows in ROWS:
        seconds = least_seconds(*ways(rows).values(), seconds=6)
        rate = 2e-9 * rows * INPUTS * SAMPLES / seconds[0]
        print(f"| {rows} | {' | '.join(f'{1e3 * each:.2f}' for each in seconds)} | {rate:.0f} |", flush=True)


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
