"""Failed attempts to sign in, limited per address and in all; in memory."""

from __future__ import annotations

import time
from collections.abc import Callable

from backend.kit.allowance import Allowance


class Attempts:
    """Failed attempts to sign in: so many from one address, and so many in all.

    Failures of the whole world are counted too, so that guessing from many addresses is no way around; who is signed
    in already is not touched by it.
    """

    def __init__(self, per_address: int, in_all: int, seconds: float, *,
                 clock: Callable[[], float] = time.monotonic) -> None:  # fmt: skip
        self._per_address = Allowance(per_address, seconds, clock=clock)
        self._in_all = Allowance(in_all, seconds, clock=clock)

    def wait(self, address: str) -> float:
        """Seconds until this address may try again; 0 if it may now."""
        return max(self._per_address.wait(address), self._in_all.wait(""))

    def failed(self, address: str) -> None:
        """Count a failed attempt."""
        self._per_address.spend(address)
        self._in_all.spend("")
