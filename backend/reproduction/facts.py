"""Facts that a second party needs to repeat a reproduction: command, data, seeds, versions, machines and time."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, NamedTuple

from backend.reproduction.arms import LETTERS, PARTS
from backend.reproduction.results import Results
from backend.reproduction.schemas import ArmRead, ReproductionRead

#: What each program and machine that trained says of itself.
_PROGRAMS, _MACHINES = ("synrl", "numpy", "python"), ("machine", "host")


class Facts(NamedTuple):
    """What a report says beside the table.

    Attributes
    ----------
    made_at
        When the report was written, UTC.
    programs
        Versions and machines that trained, each once: "synrl 1.2.0, numpy 2.1, Linux x86_64, host".
    dataset_hash
        Content hash of the letters; None before a run on them began.
    """

    made_at: datetime
    synrl: str
    programs: list[str]
    dataset_hash: str | None
    training_seconds: float


def gather(found: ReproductionRead, results: Results) -> Facts:
    """Gather the facts of a reproduction from its runs."""
    rows = results.counted
    letters = [row for arm in found.arms if arm.part in LETTERS for row in results.by_arm[arm.key].values()]
    return Facts(
        made_at=datetime.now(UTC),
        synrl=version("synrl"),
        programs=sorted({_program(row.provenance) for row in rows if row.provenance}),
        dataset_hash=next((row.dataset_hash for row in letters if row.dataset_hash), found.letters.content_hash),
        training_seconds=sum(row.seconds for row in rows),
    )


def told(found: ReproductionRead, facts: Facts) -> dict[str, str]:
    """Say the facts in words, each under its name."""
    return {
        "Command": command(found),
        "Letters": f"{found.letters.name}, {found.letters.samples:,} pictures: {found.letters.kind}",
        "Content hash of the letters": facts.dataset_hash or "no run has begun yet",
        "Table": f"{found.table.name} ({found.table.source})",
        "Content hash of the table": found.table.content_hash or "not known",
        "Seeds": f"trial t of {found.trials} holds back split seed t - 1 and trains from seed t - 1",
        "Lengths": "; ".join(dict.fromkeys(_length(arm) for arm in found.arms)),
        "Trained by": "; ".join(facts.programs) or "no run has begun yet",
        "Training time": f"{facts.training_seconds:,.0f} s, all runs together",
        "Begun": _minute(found.created_at),
        "Written": f"{_minute(facts.made_at)} by SynRL {facts.synrl}",
        "Reproduction": found.id,
    }


def _length(arm: ArmRead) -> str:
    """Say how long an arm is trained; the arms of a part beside the letters are alike."""
    name = f"{arm.part} {arm.title}" if arm.part in LETTERS else f"{arm.part}{', gradient' * (arm.step_size is None)}"
    step = f", step size {arm.step_size:g}" if arm.step_size else ""
    return f"{name}: {arm.iterations:,} iterations{step}"


def command(found: ReproductionRead) -> str:
    """Return the command that begins the same."""
    parts = "" if len(found.parts) == len(PARTS) else f" --parts {','.join(found.parts)}"
    limit = "" if found.most_iterations is None else f" --most-iterations {found.most_iterations}"
    table = f" --table {found.table.source}"
    begin = f"synrl reproduce --scale {found.scale} --trials {found.trials} --data {found.letters.id}"
    return begin + table + parts + limit


def programs_of(provenance: dict[str, Any] | None) -> dict[str, Any]:
    """Return the versions and the machine of a run, by name; None for what is not known."""
    return {name: (provenance or {}).get(name) for name in (*_PROGRAMS, *_MACHINES)}


def _program(provenance: dict[str, Any]) -> str:
    versions = [f"{name} {provenance[name]}" for name in _PROGRAMS if name in provenance]
    return ", ".join([*versions, *(str(provenance[name]) for name in _MACHINES if name in provenance)])


def _minute(when: datetime) -> str:
    return f"{when:%d %B %Y, %H:%M} UTC"
