"""Limits of runs and data, from the settings: for students, and for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.kit.settings import Settings


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one server. Limits of students don't bind the teacher."""

    run_bytes: int | None = None
    """Largest estimated memory of anybody's run; None: the machine's."""
    students_see_all: bool = False
    """Whether students may look at runs of others."""
    parameters: int = 1_000_000
    iterations: int = 1_000_000
    replicates: int = 20
    runs: int = 200
    bytes: int = 2**30
    name_length: int = 100

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Read the limits from the settings."""
        return cls(
            run_bytes=settings.max_run_bytes,
            students_see_all=settings.students_see_all,
            **{name: getattr(settings, f"student_{name}") for name in OF_STUDENTS},
        )


#: Those of students; the setting of each is SYNRL_STUDENT_<NAME>.
OF_STUDENTS: Final = ("parameters", "iterations", "replicates", "runs", "bytes", "name_length")
