"""Names of seats: any name, brought to one short line; names that are alike get a number."""

from __future__ import annotations

from collections.abc import Container
from itertools import count

from backend.classroom.schemas import LONGEST_NAME
from backend.kit.text import name_key, one_line

_COLOURS = ("Blue", "Green", "Red", "Yellow", "Orange", "Violet", "White", "Brown")


def given_name(number: int) -> str:
    """Return a neutral name for a seat, such as ``'Blue 7'``."""
    return f"{_COLOURS[number % len(_COLOURS)]} {number}"


def seat_name(typed: str, number: int, taken: Container[str]) -> str:
    """Return the name of a seat for a typed name.

    Parameters
    ----------
    typed
        Anything; only its first printable line counts, cut to `LONGEST_NAME` letters.
    number
        Of the seat: where nothing printable was typed, the name is made of it.
    taken
        Keys (`name_key`) of the names that others have.
    """
    name = one_line(typed, LONGEST_NAME) or given_name(number)
    if name_key(name) not in taken:
        return name
    for repeated in count(2):
        suffix = f" {repeated}"
        other = name[: LONGEST_NAME - len(suffix)].rstrip() + suffix
        if name_key(other) not in taken:
            return other
    raise AssertionError("counting does not end")
