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
    """Start runs within limits, and change their own."""
    VIEWER = "viewer"
    """Read."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person with a role, on whose behalf code runs."""

    id: str
    name: str
    """Shown name, and owner of what the person makes."""
    role: Role
    signed_in: bool = True
    """False without authentication: on a server for one's own computer, and for the server's own work."""
    is_seat: bool = False
    """A seat in a class session, nobody who signed in: it sees nobody's runs and changes nothing."""

    @property
    def is_teacher(self) -> bool:
        """Whether the person is the teacher, who may do everything."""
        return self.role is Role.TEACHER

    def may_change(self, owner: str) -> bool:
        """Whether the person may change objects of ``owner``."""
        return self.is_teacher or (self.role is Role.STUDENT and not self.is_seat and owner == self.name)


#: Owner of what was made without a sign-in, and by the teacher.
TEACHER: Final = Person("teacher", "teacher", Role.TEACHER)
#: The user of a server without sign-in.
LOCAL_USER: Final = replace(TEACHER, signed_in=False)
#: The server's own work: queue, recorder, upkeep.
SYSTEM: Final = Person("system", "system", Role.TEACHER, signed_in=False)

_acting: ContextVar[Person | None] = ContextVar("synrl_acting", default=None)


def current() -> Person | None:
    """Return the person of this context; None if none was set."""
    return _acting.get()


def current_person() -> Person:
    """Return the person of the request; on a server without sign-in, everybody is the teacher."""
    return current() or TEACHER


@contextmanager
def acting(person: Person) -> Iterator[None]:
    """Set the person of the block, and of the tasks and threads that asyncio starts in it."""
    token = _acting.set(person)
    try:
        yield
    finally:
        _acting.reset(token)
