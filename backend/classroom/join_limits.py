"""Limits of wrong session codes: counted by browser first, by address only where a browser has no mark yet.

A class behind one router is one address. A browser gets its mark with the answer to its first code, right or wrong, so
that further mistakes lock itself and nobody else. Attempts without a mark count for the address, so that nothing is
gained by deleting the mark; above its limit they are refused until the teacher lifts it or minutes have passed.
Browsers that have a mark are not touched by that.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from backend.kit.errors import TooManyError
from backend.kit.rate_limiter import MAX_KEYS, RateLimiter

#: Window of the limits, in seconds.
WINDOW: Final = 600.0
#: Wrong codes of one browser, and of the browsers without a mark of one address, in each window.
OF_BROWSER, OF_ADDRESS = 10, 100
#: Wrong codes from which on the teacher sees who types them.
_SHOWN_FROM: Final = 5


@dataclass(frozen=True, slots=True)
class CodeFailures:
    """Wrong codes of one browser, or of the browsers without a mark of one address."""

    key: str
    where: Literal["browser", "address"]
    address: str
    failures: int
    seconds_ago: float


class JoinLimits:
    """Counts wrong codes. Used on the event loop only."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._limits: dict[str, RateLimiter] = {
            "browser": RateLimiter(OF_BROWSER, WINDOW, clock=clock),
            "address": RateLimiter(OF_ADDRESS, WINDOW, clock=clock),
        }
        self._seen: OrderedDict[str, tuple[Literal["browser", "address"], str, str, int, float]] = OrderedDict()

    def check(self, browser: str | None, address: str) -> None:
        """Refuse an attempt of who gave too many wrong codes.

        Raises
        ------
        TooManyError
            Naming the seconds to wait.
        """
        where, counted = _counted(browser, address)
        wait = self._limits[where].retry_after(counted)
        if wait > 0:
            who = "this browser" if where == "browser" else f"new browsers of the address {address}"
            raise TooManyError(f"Too many wrong codes came from {who}. Your teacher can lift this at once.", wait)

    def failed(self, browser: str | None, address: str) -> None:
        """Count a wrong code."""
        where, counted = _counted(browser, address)
        self._limits[where].acquire(counted)
        key = _key(where, counted)
        now = self._clock()
        failures, last = self._seen.pop(key, ("", "", "", 0, now))[3:]
        self._seen[key] = (where, counted, address, 1 if now - last > WINDOW else failures + 1, now)
        if len(self._seen) > MAX_KEYS:
            self._seen.popitem(last=False)

    def recent(self) -> list[CodeFailures]:
        """Return who gave many wrong codes in the last minutes, the latest first."""
        now = self._clock()
        return [
            CodeFailures(key, where, address, failures, now - last)
            for key, (where, _, address, failures, last) in reversed(self._seen.items())
            if failures >= _SHOWN_FROM and now - last <= WINDOW
        ]

    def lift(self, key: str) -> None:
        """Let a browser or an address begin anew."""
        found = self._seen.pop(key, None)
        if found is not None:
            self._limits[found[0]].reset(found[1])


def _counted(browser: str | None, address: str) -> tuple[Literal["browser", "address"], str]:
    return ("address", address) if browser is None else ("browser", browser)


def _key(where: str, counted: str) -> str:
    """Return the key of a counter, without revealing the browser's mark."""
    return hashlib.sha256(f"{where} {counted}".encode()).hexdigest()[:16]
