"""Small networks against an earlier engine, side by side in one run: `python -m benchmarks.small_networks [commit]`.

The engine of an earlier commit (650ede0 if none is named) is taken from the repository's history and measured in a
process of its own, in turns with the present one: microseconds of processor time that an iteration takes beyond its
bare products, the least of many turns. Both train 600 iterations first, and their weights, histories and counts must be
equal to the bit. `python -m benchmarks` prints the same rows; without the commit in the history it leaves them out.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.small_engine import CASES

BASE = "650ede0"
ROOT = Path(__file__).parents[1]
ENGINE = Path(__file__).with_name("small_engine.py")
SECONDS = 5.0
"""Of measuring, for each case."""
TARGETS = {"2-8-2 on 200 points": 0.65, "64-10 on digits": 0.7, "64-32-10 on digits": 0.7}


class Engine:
    """An engine in a process of its own, which answers a line with a line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, *words: str) -> Any:
        """Ask for the digest of a case, or for microseconds beyond its products in one turn."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(*words, sep="\t", file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())


@contextmanager
def engine(source: Path) -> Iterator[Engine]:
    """Start the engine whose package lies in a folder."""
    environment = os.environ | {"PYTHONPATH": str(source), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-P", str(ENGINE)]
    with subprocess.Popen(  # noqa: S603 (our own program)
        command, env=environment, cwd=source, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield Engine(process)
        assert process.stdin is not None
        process.stdin.close()


def unpacked(commit: str, folder: Path, *packages: str) -> Path | None:
    """Unpack a commit, or some packages of it, into a folder; None where there is no such history."""
    command = ["git", "archive", commit, *packages]
    packed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)  # noqa: S603 (arguments are ours)
    if packed.returncode != 0:
        return None
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def compare(commit: str = BASE, seconds: float = SECONDS) -> list[dict[str, Any]]:
    """Measure all cases.

    Returns
    -------
    Of each case: ``case``, ``policy``, ``before`` and ``now`` (microseconds beyond the products), ``ratio``,
    ``target``, ``equal`` (to the bit after 600 iterations). Nothing without the commit.
    """
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        source = unpacked(commit, Path(folder), "synrl_core")
        if source is None:
            return []
        engines = [stack.enter_context(engine(each)) for each in (source, ROOT)]
        return [_measured(engines, case, policy, seconds) for case, policy in CASES]


def _measured(engines: list[Engine], case: str, policy: str, seconds: float) -> dict[str, Any]:
    equal = len({each.ask("digest", case, policy) for each in engines}) == 1
    least = [float("inf")] * len(engines)
    spent = 0.0
    while spent < seconds:
        for place, each in enumerate(engines):
            found = each.ask("turn", case, policy)
            spent += found["spent"]
            least[place] = min(least[place], found["beyond"])
    before, now = least
    return {"case": case, "policy": policy, "before": before, "now": now, "ratio": now / before,
            "target": TARGETS[case], "equal": equal}  # fmt: skip


def main(commit: str = BASE) -> None:
    """Measure and print."""
    for row in compare(commit):
        print(
            "{case:22} {policy:22} {before:7.1f} -> {now:7.1f} us  {ratio:.3f} (<= {target})  equal: {equal}".format(
                **row
            )
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
