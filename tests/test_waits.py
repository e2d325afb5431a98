"""No test waits for a fixed time: limits go through `tests.slowness.patience`, or to functions that stretch them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
#: Functions of ours that stretch the limit they are given.
STRETCHING = frozenset({"wait_for", "wait_until", "until", "wait_until_done", "start", "interrupt", "terminate"})
#: Calls whose first number is a time, with the place of that number.
TIMED_CALLS = {"wait": 0, "result": 0, "join": 0, "timeout": 0, "settimeout": 0, "sleep": 0, "wait_for_timeout": 0,
               "set_default_timeout": 0}  # fmt: skip
#: Keywords that are times.
KEYWORDS = frozenset({"timeout", "connect_timeout", "open_timeout", "deadline"})
#: Calls that wait for a network and give up after a time of their own unless they are told another.
IMPATIENT = frozenset({"urlopen", "httpx2.get", "httpx2.post", "httpx2.Client", "httpx2.AsyncClient"})
#: Shorter pauses are steps of a loop that looks again, not limits.
STEP = 0.25


def seconds(node: ast.expr | None) -> float | None:
    """Return the number that is written there, if one is."""
    value = getattr(node, "value", None)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def fixed_waits(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of each call that waits for a time which does not grow with the machine's slowness."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        name = called.rpartition(".")[2]
        stretched = name in STRETCHING or called == "pytest.mark.timeout"
        times = [one.value for one in node.keywords if one.arg in KEYWORDS]
        place = TIMED_CALLS.get(name)
        if place is not None and len(node.args) > place:
            times.append(node.args[place])
        if not stretched and any((seconds(time) or 0) > STEP for time in times):
            yield node.lineno, ast.unparse(node)
        if called.endswith(tuple(IMPATIENT)) and not any(one.arg == "timeout" for one in node.keywords):
            yield node.lineno, ast.unparse(node)


def test_no_test_waits_for_a_time_that_does_not_grow_with_slowness() -> None:
    found = [
        f"{path.relative_to(TESTS)}:{line}: {text}"
        for path in sorted(TESTS.rglob("*.py"))
        for line, text in fixed_waits(ast.parse(path.read_text()))
    ]
    assert found == [], "take tests.slowness.patience(seconds)"


def test_fixed_waits_are_found() -> None:
    """Else the test above would prove nothing."""
    bad = ("time.sleep(1)", "page.wait_for_timeout(500)", "process.wait(60)", "urlopen(address)", "get(timeout=5)",
           "httpx2.post(address, json={})", "future.result(timeout=30)", "asyncio.timeout(5)")  # fmt: skip
    good = ("time.sleep(0.02)", "process.wait(patience(60))", "wait_for(look, bool, timeout=120)", "thread.join()",
            "urlopen(address, timeout=patience(20))", "', '.join(names)")  # fmt: skip
    assert [line for line in bad if not list(fixed_waits(ast.parse(line)))] == []
    assert [line for line in good if list(fixed_waits(ast.parse(line)))] == []
