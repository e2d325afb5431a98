"""Measure what a command costs in processor time: its own processes and all that they start.

`make test` runs through it. By hand::

    python -m tests.cost [--by folder|file|test] [--as NAME] COMMAND...

On Linux, descendants whose parents have ended are adopted and counted (a subreaper). Elsewhere only processes that
their own parents waited for are counted; on Windows none are. pytest, started below it, adds a row per test file.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

#: Names the folder that parts of a measured command write their records into.
FOLDER = "SYNRL_TEST_COSTS"
#: prctl's number for "adopt descendants whose parents have ended".
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Cost:
    """Processor and wall time of one part of a command, in seconds."""

    name: str
    """A file of tests, a test, or what the part was called on the command line."""
    processor: float
    wall: float
    tests: int = 0


def record(cost: Cost) -> None:
    """Append a record to this process's file; nothing outside of a measured command."""
    if folder := os.environ.get(FOLDER):
        with (Path(folder) / f"{os.getpid()}.jsonl").open("a") as file:
            file.write(json.dumps(asdict(cost)) + "\n")


def read(folder: Path) -> list[Cost]:
    """Return all records of a measured command."""
    return [Cost(**json.loads(line)) for path in folder.glob("*.jsonl") for line in path.read_text().splitlines()]


def processor_seconds() -> float:
    """Processor time of this process, of its descendants that live, and of those that were waited for, in seconds."""
    times = os.times()
    own = times.user + times.system + times.children_user + times.children_system
    return own + (_of_descendants(os.getpid()) if sys.platform == "linux" else 0.0)


def _of_descendants(root: int) -> float:
    """Sum what the living descendants of a process took, with their own children that ended. Reads /proc."""
    children: dict[int, list[int]] = defaultdict(list)
    took: dict[int, int] = {}
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            # The name is in brackets and may hold anything; what follows it are numbers.
            fields = Path(entry.path, "stat").read_bytes().rpartition(b") ")[2].split()
        except OSError:
            continue
        pid = int(entry.name)
        children[int(fields[1])].append(pid)
        took[pid] = sum(map(int, fields[11:15]))
    ticks, waiting = 0, list(children[root])
    while waiting:
        pid = waiting.pop()
        ticks += took[pid]
        waiting += children[pid]
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(command: Sequence[str], name: str, folder: Path) -> tuple[int, Cost]:
    """Run a command to its end, and to the end of all that it left behind; return its exit code and cost."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    before, began = os.times(), time.monotonic()
    code = subprocess.run(command, env=os.environ | {FOLDER: str(folder)}, check=False).returncode
    _wait_for_adopted()
    after = os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return code, Cost(name, processor, time.monotonic() - began)


def _wait_for_adopted(limit: float = 10) -> None:
    """Wait until the adopted processes have ended too; those that stay longer are told, and not counted."""
    if not hasattr(os, "WNOHANG"):
        return
    deadline = time.monotonic() + limit
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            if time.monotonic() > deadline:
                print(f"Some processes still run {limit:g} s after the command that started them.", file=sys.stderr)
                return
            time.sleep(0.05)


def table(whole: Cost, parts: Iterable[Cost], by: str = "folder") -> str:
    """Return lines: a row per folder, file or test, most expensive first, then what no test was charged with."""
    rows: dict[str, list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    for part in parts:
        row = rows[_group(part.name, by)]
        row[0] += part.tests
        row[1] += part.processor
        row[2] += part.wall
    rest = whole.processor - sum(row[1] for row in rows.values())
    lines = [f"{'processor s':>11}  {'wall s':>7}  {'tests':>5}"]
    for name, (tests, processor, wall) in sorted(rows.items(), key=lambda row: -row[1][1]):
        lines.append(f"{processor:11.1f}  {wall:7.1f}  {int(tests) or '':>5}  {name}")
    if rows:
        lines.append(f"{rest:11.1f}  {'':>7}  {'':>5}  start, collection and end")
    lines.append(f"{whole.processor:11.1f}  {whole.wall:7.1f}  {'':>5}  {whole.name}, in all")
    return "\n".join(lines)


def _group(name: str, by: str) -> str:
    path = name.partition("::")[0]
    if by == "test" or not path.endswith(".py"):
        return name
    return path if by == "file" else "/".join(path.split("/")[:2])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line says; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.cost", description="Measure a command's processor time.")
    parser.add_argument("--by", choices=("folder", "file", "test"), default=os.environ.get("COST") or "folder")
    parser.add_argument("--as", dest="name", help="what to call it in the table")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args(arguments)
    if not given.command:
        parser.error("name a command")
    os.environ["COST"] = given.by
    name = given.name or " ".join(given.command[:4])
    if outer := os.environ.get(FOLDER):
        code, cost = measure(given.command, name, Path(outer))
        record(cost)
        return code
    with tempfile.TemporaryDirectory(prefix="synrl-costs-") as folder:
        code, cost = measure(given.command, name, Path(folder))
        parts = read(Path(folder))
    print("\n" + table(cost, parts, given.by), flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
