"""Rate limits of failed attempts to sign in, and who guesses; in memory, and never more than so much of it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from backend.kit.allowance import MOST_REMEMBERED, Allowance


class Attempts:
    """Failed passwords: so many at full speed from one address, and so many in all; beyond that the check is slow.

    Nothing is closed: a class is one address behind its router, and one of it who guesses must not lock out the others.
    What an address fails beyond its own allowance does not use up everybody's.
    """

    def __init__(self, per_address: int, in_all: int, seconds: float, *,
                 clock: Callable[[], float] = time.monotonic) -> None:  # fmt: skip
        self._per_address = Allowance(per_address, seconds, clock=clock)
        self._in_all = Allowance(in_all, seconds, clock=clock)

    def slow_key(self, address: str) -> str | None:
        """Return whose turn a check has to wait for: the address's own or everybody's; None: nobody's."""
        if self._per_address.wait(address) > 0:
            return address
        return "" if self._in_all.wait("") > 0 else None

    def failed(self, address: str) -> None:
        """Count a failed attempt."""
        if self._per_address.spend(address) == 0:
            self._in_all.spend("")

    def forget(self, address: str) -> None:
        """Give an address its allowance back."""
        self._per_address.forget(address)


class Turns:
    """One check at a time and so many a second for each key; who comes while too many wait is refused.

    Parameters
    ----------
    interval
        Seconds between two checks of a key.
    most
        Checks that wait at once, of all keys together: each holds a thread.
    """

    def __init__(self, interval: float, most: int, *, clock: Callable[[], float] = time.monotonic,
                 sleep: Callable[[float], None] = time.sleep) -> None:  # fmt: skip
        self._interval, self._most = interval, most
        self._clock, self._sleep = clock, sleep
        self._next: OrderedDict[str, float] = OrderedDict()
        self._waiting = 0
        self._lock = threading.Lock()

    def wait(self, key: str) -> float:
        """Wait for one's turn. Returns 0, or the seconds after which to try again where too many wait."""
        with self._lock:
            now = self._clock()
            start = max(now, self._next.pop(key, now))
            self._next[key] = start
            if self._waiting >= self._most:
                return start - now + self._interval
            self._next[key] = start + self._interval
            if len(self._next) > MOST_REMEMBERED:
                self._next.popitem(last=False)
            self._waiting += 1
        try:
            self._sleep(start - now)
        finally:
            with self._lock:
                self._waiting -= 1
        return 0.0


@dataclass(frozen=True, slots=True)
class Guessing:
    """Wrong passwords and codes from one address."""

    address: str
    failures: int
    seconds_ago: float
    """Since the last one."""


class Guesses:
    """Remembers from which addresses many wrong passwords and codes came lately, for the teacher to see."""

    def __init__(self, least: int, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._least, self._seconds = least, seconds
        self._clock = clock
        self._seen: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def failed(self, address: str) -> None:
        """Count a wrong password or code."""
        with self._lock:
            now = self._clock()
            failures, last = self._seen.pop(address, (0, now))
            self._seen[address] = (1 if now - last > self._seconds else failures + 1, now)
            if len(self._seen) > MOST_REMEMBERED:
                self._seen.popitem(last=False)

    def recent(self) -> list[Guessing]:
        """Return the addresses with many, the latest first."""
        with self._lock:
            now = self._clock()
            return [
                Guessing(address, failures, now - last)
                for address, (failures, last) in reversed(self._seen.items())
                if failures >= self._least and now - last <= self._seconds
            ]

    def forget(self, address: str) -> None:
        """Count anew for an address."""
        with self._lock:
            self._seen.pop(address, None)
