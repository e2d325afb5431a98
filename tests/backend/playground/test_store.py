"""The bounded store of the playground."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend.playground.store import TapeStore


@given(puts=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 700), st.booleans())), capacity=st.integers(0, 5000))
def test_the_store_never_holds_more_than_its_capacity(puts: list[tuple[int, int, bool]], capacity: int) -> None:
    store = TapeStore(capacity)
    for key, size, read in puts:
        store.put(key, bytes(size))
        assert store.size <= capacity
        if read:
            assert store.get(key) in (None, bytes(size))
    for key in range(10):
        store.drop(key)
    assert (store.size, len(store)) == (0, 0)


def test_what_was_asked_for_is_kept_longest() -> None:
    store = TapeStore(2 * 400)
    store.put("a", bytes(100))
    store.put("b", bytes(100))
    store.get("a")
    store.put("c", bytes(100))
    assert [store.get(key) is not None for key in "abc"] == [True, False, True]
