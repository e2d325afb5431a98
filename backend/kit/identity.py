"""Identity: the person on whose behalf a request, a command or the server itself works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """Role of a person: what they may do."""

    TEACHER = "teacher"
    """Everything."""
    STUDENT = "student"
    """Start runs within limits, and change what is her own."""
    VIEWER = "viewer"
    """Look."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person with a role, on whose behalf code runs."""

    id: str
    name: str
    """Owner of what she makes."""
    role: Role
    signed_in: bool = True
    """False where nobody was asked who it is: on a server for one's own computer, and for the server's own work."""

    @property
    def is_teacher(self) -> bool:
        """Whether she may do everything."""
        return self.role is Role.TEACHER

    def may_change(self, owner: str) -> bool:
        """Whether she may change what belongs to ``owner``."""
        return self.is_teacher or (self.role is Role.STUDENT and owner == self.name)


#: Owner of what was made without a sign-in, and by the teacher.
TEACHER: Final = Person("teacher", "teacher", Role.TEACHER)
#: Whoever sits at a computer where nobody signs in.
LOCAL_USER: Final = replace(TEACHER, signed_in=False)
#: The server's own work: queue, recorder, upkeep.
SYSTEM: Final = Person("system", "system", Role.TEACHER, signed_in=False)

_acting: ContextVar[Person | None] = ContextVar("synrl_acting", default=None)


def current() -> Person | None:
    """Return who acts in this context; None where nobody was determined."""
    return _acting.get()


def current_person() -> Person:
    """Return who visits; on an open server, where nobody is asked who it is, everybody is the teacher."""
    return current() or TEACHER


@contextmanager
def acting(person: Person) -> Iterator[None]:
    """Have the block, and the tasks and threads that asyncio starts in it, act for a person."""
    token = _acting.set(person)
    try:
        yield
    finally:
        _acting.reset(token)
