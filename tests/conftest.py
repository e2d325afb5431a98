"""Fixtures that all tests share."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import cost, slowness
from tests.server import Server, running

# Before anything imports scipy: scikit-learn's checks of array namespaces need it.
os.environ.setdefault("SCIPY_ARRAY_API", "1")
# What Starlette's test client calls the server it talks to.
os.environ["SYNRL_ALLOWED_HOSTS"] = "testserver"


def pytest_configure(config: pytest.Config) -> None:
    """Measure the machine before pytest-xdist starts its processes, which inherit the factor."""
    slowness.slowness()


def pytest_report_header() -> str:
    return f"slowness of this machine: {slowness.slowness():g} (limits of waits grow with it; tests/slowness.py)"


#: Fixtures behind which processes run, folders of tests that start them, and what other tests start them with.
PROCESS_FIXTURES = frozenset(
    {"broken", "browser", "client", "judges", "own", "postgres", "school", "server", "shared", "shared_server",
     "small_buffers"}
)  # fmt: skip
PROCESS_FOLDERS = ("tests/browser/", "tests/topology/", "tests/backend/system/", "tests/backend/cli/",
                   "tests/backend/playground/")  # fmt: skip
PROCESS_CALLS = frozenset({"closed", "create_api", "fuzz", "Judges", "Popen", "running", "subprocess"})


def starts_processes(item: pytest.Item) -> bool:
    """Tell whether a test needs more than this process."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    called = getattr(getattr(item, "function", None), "__code__", starts_processes.__code__).co_names
    return (
        item.nodeid.startswith(PROCESS_FOLDERS)
        or not PROCESS_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
        or not PROCESS_CALLS.isdisjoint(called)
        or parameters.get("store_url") == "postgresql"
    )


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
