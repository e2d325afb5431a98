"""Rate limiter: token buckets in memory, one for each key."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

#: Keys (addresses or people) in memory at once; the least recently used are evicted first.
MAX_KEYS = 20_000


@dataclass(slots=True)
class _Bucket:
    """Tokens left in a bucket at a time."""

    left: float
    at: float


class RateLimiter:
    """Limits the rate of events of each key: a token bucket, which refills evenly.

    Parameters
    ----------
    events
        Number of events allowed at once, and in each ``seconds``.
    clock
        Seconds on a clock that never goes back.
    """

    def __init__(self, events: int, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.events = events
        self.seconds = seconds
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def retry_after(self, key: str) -> float:
        """Return the seconds until the next event of this key is allowed; 0 if one is allowed now."""
        with self._lock:
            return max(0.0, (1.0 - self._refilled(key).left) * self.seconds / self.events)

    def acquire(self, key: str) -> float:
        """Count an event. Returns 0 if it was allowed, else the seconds to wait; refused events don't count."""
        with self._lock:
            bucket = self._refilled(key)
            if bucket.left < 1.0:
                return (1.0 - bucket.left) * self.seconds / self.events
            bucket.left -= 1.0
            return 0.0

    def reset(self, key: str) -> None:
        """Refill the bucket of a key."""
        with self._lock:
            self._buckets.pop(key, None)

    def _refilled(self, key: str) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(float(self.events), now)
            if len(self._buckets) > MAX_KEYS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
            bucket.left = min(self.events, bucket.left + (now - bucket.at) * self.events / self.seconds)
            bucket.at = now
        return bucket
