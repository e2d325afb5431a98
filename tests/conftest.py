"""Fixtures that all tests share."""

from __future__ import annotations

import gc
import inspect
import os
import time
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from hypothesis import settings

from tests import cost, side_by_side, slowness
from tests.server import Server, running

# Before anything imports scipy: scikit-learn's checks of array namespaces need it.
os.environ.setdefault("SCIPY_ARRAY_API", "1")
# What Starlette's test client calls the server it talks to.
os.environ["SYNRL_ALLOWED_HOSTS"] = "testserver"
# A deadline of milliseconds for each example would only say how busy the machine is.
settings.register_profile("any machine", settings(), deadline=None)
settings.load_profile("any machine")


def pytest_configure(config: pytest.Config) -> None:
    """Measure the machine before pytest-xdist starts its processes, which inherit the factor."""
    slowness.slowness()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect tests without the garbage collector, and exempt from it what is there afterwards.

    Modules and tests stay until the end; to look through them over and over was nearly half of what collection costs.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_report_header() -> str:
    return f"slowness of this machine: {slowness.slowness():g} (limits of waits grow with it; tests/slowness.py)"


#: What a test that starts processes calls: itself, in its fixtures, or in functions of the tests that either calls.
#: Where our own code starts them for less, a module of tests is marked `processes` by hand.
STARTS = frozenset({"Breeder", "Pool", "Popen", "assemble", "create_api", "subprocess", "sync_playwright"})


def starts_processes(item: pytest.Item) -> bool:
    """Tell whether a test needs more than this process: found in its code, so that no list has to be kept."""
    fixtures = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    functions = [getattr(item, "function", None), *(found.func for all_ in fixtures.values() for found in all_)]
    database = any(isinstance(value, str) and value == "postgresql" for value in parameters.values())
    return database or any(map(_reaches_start, functions))


@cache
def _reaches_start(function: Any) -> bool:
    """Tell whether a function calls what starts processes, directly or through other functions of the tests."""
    seen: set[Any] = set()
    waiting = [function]
    while waiting:
        one = inspect.unwrap(waiting.pop())
        # Of a property hypothesis calls what stands inside of its own function.
        one = getattr(getattr(one, "hypothesis", None), "inner_test", one)
        code = getattr(one, "__code__", None)
        if code is None or one in seen or not one.__module__.startswith(("tests.", "benchmarks.")):
            continue
        seen.add(one)
        names = set(_names(code))
        if not STARTS.isdisjoint(names):
            return True
        called = [one.__globals__.get(name) for name in names]
        # Of a class of the tests all methods count.
        waiting += [each for found in called if inspect.isclass(found) for each in vars(found).values()]
        waiting += [found for found in called if inspect.isfunction(found)]
    return False


def _names(code: CodeType) -> Iterator[str]:
    """Names that a function uses, those of functions inside of it too."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Stretch pytest-timeout's limits to the machine; leave tests of time out where it is too slow to judge them."""
    reason = slowness.reason_to_skip_timed()
    for item in items:
        if starts_processes(item):
            item.add_marker(pytest.mark.processes)
        own = item.get_closest_marker("timeout")
        limit = own.args[0] if own is not None else float(config.getini("timeout"))
        item.add_marker(pytest.mark.timeout(slowness.patience(limit)), append=False)
        if reason and item.get_closest_marker("timed") is not None:
            item.add_marker(pytest.mark.skip(reason=reason))
    if side_by_side.is_worker():
        items.sort(key=lambda item: not side_by_side.needs_browser(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> side_by_side.FilesAndBrowser:
    """Let one process do all browser tests."""
    return side_by_side.FilesAndBrowser(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin to count what a file of tests costs, where `python -m tests.cost` is above."""
    _Meter.begin()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Record it before what the tests shared is ended: of processes that are gone nothing can be read."""
    _Meter.end(item, nextitem)


class _Meter:
    """Processor and wall time since the last record of this process."""

    began: tuple[float, float] | None = None
    tests = 0

    @classmethod
    def begin(cls) -> None:
        if cls.began is None and cost.FOLDER in os.environ:
            cls.began, cls.tests = (cost.processor_seconds(), time.monotonic()), 0

    @classmethod
    def end(cls, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        cls.tests += 1
        by_test = os.environ.get("COST") == "test"
        if cls.began is None or (nextitem is not None and nextitem.path == item.path and not by_test):
            return
        processor, wall = cls.began
        cls.began = None
        name = item.nodeid if by_test else item.nodeid.partition("::")[0]
        cost.record(cost.Cost(name, cost.processor_seconds() - processor, time.monotonic() - wall, cls.tests))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server with an empty data folder and one worker."""
    with running(tmp_path / "data", SYNRL_WORKERS="1") as started:
        yield started
