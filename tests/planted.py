"""Plant a fault in each tier and see that tests notice: ``python -m tests.planted [name ...]``.

Each fault is planted in a copy of the tracked files, where the tests that should notice it are run: first without the
fault, where they must be green, then with it, where one must fail. Run it after tests were merged, moved or made
quicker. Most are found by what `make check` runs, those with ``in_check=False`` by `make test` alone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests import slowness
from tests.server import ROOT

#: Factors by which limits of waits grow, tried in this order.
PATIENCE = (1.0, slowness.GREATEST)
NODE = Path(sys.prefix) / "bin" / "node"


@dataclass(frozen=True)
class Fault:
    """A change of one place, and the tests that must notice it."""

    path: str
    right: str
    """Text that stands in the file once."""
    wrong: str
    tests: str
    """A file of tests, with pytest's selection of one where the file is dear; JavaScript's run by node."""
    in_check: bool = True


FAULTS = {
    "engine: a reward of the wrong sign": Fault(
        "synrl_core/learning/synaptic.py", "np.less(loss, self._loss,", "np.greater(loss, self._loss,",
        "tests/core/test_oracle.py",
    ),
    "service: a stop that pauses": Fault(
        "backend/runs/transitions.py", "Action.STOP: {QUEUED: STOPPED, RUNNING: STOPPED,",
        "Action.STOP: {QUEUED: STOPPED, RUNNING: PAUSED,", "tests/backend/runs/test_transitions.py",
    ),
    "worker: seconds of earlier attempts forgotten": Fault(
        "backend/worker/task.py", "seconds_before=saved.training_seconds", "seconds_before=0.0",
        "tests/backend/worker/test_task.py", in_check=False,
    ),
    "migration: a shorter column than the code uses": Fault(
        "migrations/versions/0009_policy_library.py", 'sa.Column("content_hash", sa.String(length=64)',
        'sa.Column("content_hash", sa.String(length=6)', "tests/migrations/test_migrations.py::"
        "test_migrations_make_the_tables_that_the_code_uses",
    ),
    "script: percentages without their decimal": Fault(
        "dashboard/web/core/format.js", "(100 * share).toFixed(1)", "(100 * share).toFixed(0)",
        "tests/web/format.test.js",
    ),
    "page: curves one iteration to the right": Fault(
        "dashboard/web/run/data.js", "this.metrics.iteration.push(iteration[i])",
        "this.metrics.iteration.push(iteration[i] + 1)", "tests/browser/test_journey.py::"
        "test_a_first_visit_to_a_finished_run_that_outlives_the_server",
    ),
    "page: an undo that does nothing": Fault(
        "dashboard/web/run/head.js", "() => this.restore(undo)", "() => undo.focus()",
        "tests/browser/test_run_page.py::test_edits_reach_the_other_tab_and_a_deleted_run_is_restored_by_undo",
        in_check=False,
    ),
}  # fmt: skip


def copied(folder: Path) -> Path:
    """Copy the tracked files, as they are in the working tree; the tools for JavaScript are linked."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, tracked.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    return folder


def run(folder: Path, fault: Fault, patience: float) -> subprocess.CompletedProcess[str]:
    """Run the tests of a fault in a copy; limits of waits grow by the given factor instead of a measured one."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "not timed and not long", fault.tests]
    if fault.tests.endswith(".js"):
        command = [str(NODE), "--test", fault.tests]
    environment = os.environ | {slowness.VARIABLE: str(patience)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def plant(folder: Path, fault: Fault) -> str:
    """Run the tests without and with a fault; return what is wrong with them, nothing if they notice it.

    Many tests notice a fault by waiting in vain: minutes where limits have grown with a busy machine. So both runs have
    the least patience with which the tests are green.
    """
    for patience in PATIENCE:
        green = run(folder, fault, patience)
        if green.returncode == 0:
            break
    else:
        return f"red without the fault:\n{green.stdout[-2000:]}"
    file = folder / fault.path
    text = file.read_text()
    if text.count(fault.right) != 1:
        return f"{fault.right!r} does not stand once in {fault.path}: say anew where the fault is"
    file.write_text(text.replace(fault.right, fault.wrong))
    try:
        red = run(folder, fault, patience)
    finally:
        file.write_text(text)
    noticed = [line for line in red.stdout.splitlines() if line.startswith(("FAILED", "✖", "not ok"))]
    print(*noticed[:3], sep="\n")
    return "" if red.returncode == 1 else f"green with the fault:\n{red.stdout[-2000:]}"


def main() -> int:
    """Plant the faults that the command line names, or all; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description="Plant faults; tests must notice.")
    parser.add_argument("names", nargs="*", help="beginnings of the names of faults; all if there are none")
    names = tuple(parser.parse_args().names)
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="synrl-planted-") as temporary:
        folder = copied(Path(temporary))
        for name, fault in FAULTS.items():
            if names and not name.startswith(names):
                continue
            print(f"{name} (make {'check' if fault.in_check else 'test'}: {fault.tests})", flush=True)
            problem = plant(folder, fault)
            wrong += bool(problem)
            print(problem or "noticed", flush=True)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
