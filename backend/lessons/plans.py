"""Plans of whole sessions: lessons in their order, with the minutes of each part."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from backend.kit.field_errors import describe_all, in_words
from backend.lessons.loader import LessonFileError, shipped

FILE = Path(__file__).parent / "plans.toml"


class PlanPart(BaseModel):
    """A part of a session; with a lesson, its page for the teacher says more."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    minutes: int = Field(ge=1, le=60)
    title: str = Field(min_length=1, max_length=80)
    what: str = Field(min_length=1, max_length=600)
    lesson: str | None = None


class Plan(BaseModel):
    """A session."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    minutes: int = Field(ge=10, le=240)
    goal: str = Field(min_length=1, max_length=400)
    needs: str = Field(min_length=1, max_length=400)
    parts: tuple[PlanPart, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _adds_up(self) -> Plan:
        total = sum(part.minutes for part in self.parts)
        if total != self.minutes:
            raise ValueError(f"the parts take {total} minutes; the plan is for {self.minutes}")
        return self


class _Plans(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    plans: tuple[Plan, ...] = Field(min_length=1)


@cache
def shipped_plans() -> tuple[Plan, ...]:
    """Return the plans of the package."""
    return load_plans(FILE)


def load_plans(path: Path) -> tuple[Plan, ...]:
    """Read plans.

    Raises
    ------
    LessonFileError
        When a field is wrong, the minutes don't add up, or a lesson does not exist.
    """
    try:
        plans = _Plans.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).plans
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LessonFileError(f"{path.name}: it is no TOML file in UTF-8: {error}") from error
    except ValidationError as error:
        told = "; ".join(in_words(one) for one in describe_all(error.errors(include_url=False), _Plans))
        raise LessonFileError(f"{path.name}: {told}") from error
    known = [loaded.lesson.id for loaded in shipped()]
    for plan in plans:
        for part in plan.parts:
            if part.lesson is not None and part.lesson not in known:
                raise LessonFileError(f"{path.name}: there is no lesson '{part.lesson}'; there are {', '.join(known)}")
    return plans
