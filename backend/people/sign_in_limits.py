"""Rate limits of failed sign-ins, and a log of the addresses they come from; both in bounded memory."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from backend.kit.rate_limiter import MAX_KEYS, RateLimiter


class FailedAttemptLimiter:
    """Limits failed passwords per address and in total; above a limit, checks are throttled.

    Nobody is locked out: a class is one address behind its router, and one student who guesses must not lock out the
    others. Failures above the limit of an address do not count towards the total.
    """

    def __init__(self, per_address: int, in_all: int, seconds: float, *,
                 clock: Callable[[], float] = time.monotonic) -> None:  # fmt: skip
        self._per_address = RateLimiter(per_address, seconds, clock=clock)
        self._in_all = RateLimiter(in_all, seconds, clock=clock)

    def throttle_key(self, address: str) -> str | None:
        """Return the key under which to throttle a check: the address, "" for all addresses, None for full speed."""
        if self._per_address.retry_after(address) > 0:
            return address
        return "" if self._in_all.retry_after("") > 0 else None

    def record_failure(self, address: str) -> None:
        """Count a failed attempt."""
        if self._per_address.acquire(address) == 0:
            self._in_all.acquire("")

    def reset(self, address: str) -> None:
        """Reset the limit of an address."""
        self._per_address.reset(address)


class Throttle:
    """Throttles checks to one per interval for each key; refuses when too many wait.

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
        """Wait until the next check of the key is due. Returns 0, or the seconds to retry after if too many wait."""
        with self._lock:
            now = self._clock()
            start = max(now, self._next.pop(key, now))
            self._next[key] = start
            if self._waiting >= self._most:
                return start - now + self._interval
            self._next[key] = start + self._interval
            if len(self._next) > MAX_KEYS:
                self._next.popitem(last=False)
            self._waiting += 1
        try:
            self._sleep(start - now)
        finally:
            with self._lock:
                self._waiting -= 1
        return 0.0


@dataclass(frozen=True, slots=True)
class AddressFailures:
    """Number of wrong passwords and codes from one address, and the time of the last."""

    address: str
    failures: int
    seconds_ago: float
    """Since the last one."""


class FailureLog:
    """Counts recent wrong passwords and codes by address, for the teacher's page."""

    def __init__(self, least: int, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._least, self._seconds = least, seconds
        self._clock = clock
        self._seen: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def record(self, address: str) -> None:
        """Count a wrong password or code."""
        with self._lock:
            now = self._clock()
            failures, last = self._seen.pop(address, (0, now))
            self._seen[address] = (1 if now - last > self._seconds else failures + 1, now)
            if len(self._seen) > MAX_KEYS:
                self._seen.popitem(last=False)

    def recent(self) -> list[AddressFailures]:
        """Return the addresses with many recent failures, the latest first."""
        with self._lock:
            now = self._clock()
            return [
                AddressFailures(address, failures, now - last)
                for address, (failures, last) in reversed(self._seen.items())
                if failures >= self._least and now - last <= self._seconds
            ]

    def reset(self, address: str) -> None:
        """Set the count of an address to zero."""
        with self._lock:
            self._seen.pop(address, None)
