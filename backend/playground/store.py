"""Bounded in-memory LRU cache of chunks and engine states."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

#: Bytes that an entry costs beside its own.
_OVERHEAD = 300


class TapeStore:
    """LRU cache of bytes by key, bounded in size.

    Parameters
    ----------
    capacity
        Bytes kept, with what the entries themselves cost.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[Hashable, bytes] = OrderedDict()
        self.size = 0
        """Bytes in use."""

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> bytes | None:
        """Return the item of a key, None if it is not kept."""
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def put(self, key: Hashable, value: bytes) -> None:
        """Keep a value; forget those not asked for longest, where there is no room."""
        self.drop(key)
        self._entries[key] = value
        self.size += len(value) + _OVERHEAD
        while self.size > self._capacity:
            _, forgotten = self._entries.popitem(last=False)
            self.size -= len(forgotten) + _OVERHEAD

    def drop(self, key: Hashable) -> None:
        """Forget a key."""
        dropped = self._entries.pop(key, None)
        if dropped is not None:
            self.size -= len(dropped) + _OVERHEAD
