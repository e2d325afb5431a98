"""Hooks of schemathesis: bodies with unpaired surrogates, which JSON can write and no text encoding can hold."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import schemathesis
from hypothesis import strategies as st

#: Halves of a character in UTF-16, alone, beside text and in the wrong order.
SURROGATES = ("\ud83d", "\udc00", "a\udfffb", "\udc00\ud800", "\u00e9\ud83d")


@schemathesis.hook
def flatmap_body(context: Any, body: Any) -> st.SearchStrategy[Any]:
    """Put an unpaired surrogate into a text or a key of a JSON body, or leave the body as it is."""
    if not any(one.media_type == "application/json" for one in context.operation.body):
        return st.just(body)
    places = [((), None), *_places(body, ())]
    changed = st.builds(
        lambda place, text, as_key: _changed(body, place, text, as_key=as_key),
        st.sampled_from(places),
        st.sampled_from(SURROGATES),
        st.booleans(),
    )
    return st.just(body) | changed


def _places(body: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Paths to the containers of a body, with each of their keys or positions."""
    inside = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in inside:
        yield path, name
        yield from _places(value, (*path, name))


def _changed(body: Any, place: tuple[tuple[Any, ...], Any], text: str, *, as_key: bool) -> Any:
    """Return a body with ``text`` as the value at a place, or as a key instead of the one there."""
    path, name = place
    if name is None:
        return text
    changed = copy.deepcopy(body)
    container = changed
    for part in path:
        container = container[part]
    if as_key and isinstance(container, dict):
        container[text] = container.pop(name)
    else:
        container[name] = text
    return changed
