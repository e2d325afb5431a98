"""How slow this machine is: a factor measured once per session, by which the limits of all waits grow.

A wait is for a condition, so a limit that grows costs nothing where the condition comes true. The processes of
pytest-xdist inherit the factor through the environment. ``SYNRL_TEST_SLOWNESS=4`` says it instead of measuring.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache

import numpy as np

#: Holds the factor: given by hand, or measured by the first process of a session.
VARIABLE = "SYNRL_TEST_SLOWNESS"
#: No limit grows by more than this: a test that hangs must fail in the end.
GREATEST = 8.0
#: Above this factor, tests marked `timed` are left out under CI.
TOO_SLOW_FOR_TIMED = 2.0
#: Wall seconds of each piece of work where the factor is 1: the machine that the limits were chosen on, when idle.
REFERENCE = {"python": 0.012, "numpy": 0.005, "process": 0.009}


def _python() -> None:
    total = 0
    for number in range(400_000):
        total ^= number * 3


def _numpy() -> None:
    square = np.full((160, 160), 0.5)
    for _ in range(40):
        np.tanh(square @ square).sum()


def _process() -> None:
    subprocess.run([sys.executable, "-I", "-S", "-c", ""], check=True)


WORK: dict[str, Callable[[], None]] = {"python": _python, "numpy": _numpy, "process": _process}


def measure(repeats: int = 5) -> float:
    """Return the factor, between 1 and `GREATEST`: the slowest of the medians over the pieces of work.

    It takes half a second, longer on a slow machine. What else runs on the machine slows it as it slows the tests.
    """
    worst = 1.0
    for name, work in WORK.items():
        taken = []
        for _ in range(repeats):
            began = time.perf_counter()
            work()
            taken.append(time.perf_counter() - began)
        worst = max(worst, sorted(taken)[repeats // 2] / REFERENCE[name])
    return min(worst, GREATEST)


@cache
def slowness() -> float:
    """Return the session's factor; measure it, and leave it to child processes, if nobody has."""
    if (given := os.environ.get(VARIABLE)) is None:
        given = os.environ[VARIABLE] = f"{measure():.2f}"
    return min(max(float(given), 1.0), GREATEST)


def patience(seconds: float) -> float:
    """Return how long to wait on this machine for something that an ordinary one does well within ``seconds``."""
    return seconds * slowness()


def reason_to_skip_timed() -> str | None:
    """Return why tests that promise a time can't be judged here; None where they can."""
    factor = slowness()
    if os.environ.get("CI") and factor > TOO_SLOW_FOR_TIMED:
        return f"promises a time, and this machine is {factor:g} times as slow as an ordinary one ({VARIABLE})"
    return None
