"""Report of a reproduction: one HTML file, CSV, LaTeX or Markdown, with all that a second party needs to repeat it."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import Literal, NamedTuple

from sqlalchemy.orm import Session

from backend.reproduction import curves, reading, report_files, report_page, stored
from backend.reproduction.results import Results
from backend.reproduction.schemas import FigureRead, ReproductionRead

Format = Literal["html", "csv", "tex", "md"]
MEDIA_TYPES: dict[Format, str] = {
    "html": "text/html",
    "csv": "text/csv",
    "tex": "application/x-tex",
    "md": "text/markdown",
}


class Facts(NamedTuple):
    """Facts of a report beside the table.

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


class Report(NamedTuple):
    """A reproduction with the facts of its report."""

    found: ReproductionRead
    results: Results
    figures: list[FigureRead]
    facts: Facts


def write(session: Session, reproduction_id: str, format_: str, workers: int) -> str:
    """Write a report.

    Parameters
    ----------
    format_
        ``html``, ``csv``, ``tex`` or ``md``.

    Raises
    ------
    NotFoundError
        When there is no reproduction of this id.
    """
    report = gather(session, reproduction_id, workers)
    if format_ == "csv":
        return report_files.csv(report.found, report.results)
    if format_ == "tex":
        return report_files.latex(report.found)
    if format_ == "md":
        return report_files.markdown(report.found)
    return report_page.page(report.found, report.figures, report.facts)


def gather(session: Session, reproduction_id: str, workers: int) -> Report:
    """Read all that a report says."""
    found = reading.get(session, reproduction_id, workers)
    results = reading.results_of(session, stored.find(session, reproduction_id))
    rows = results.counted
    letters = [row for arm in found.arms if arm.part.startswith("784") for row in results.by_arm[arm.key].values()]
    facts = Facts(
        made_at=datetime.now(UTC),
        synrl=version("synrl"),
        programs=sorted({_program(row.provenance) for row in rows if row.provenance}),
        dataset_hash=next((row.dataset_hash for row in letters if row.dataset_hash), found.letters.content_hash),
        training_seconds=sum(row.seconds for row in rows),
    )
    return Report(found, results, curves.figures(session, reproduction_id), facts)


def _program(provenance: dict[str, str]) -> str:
    versions = [f"{name} {provenance[name]}" for name in ("synrl", "numpy", "python") if name in provenance]
    return ", ".join([*versions, *(provenance[name] for name in ("machine", "host") if name in provenance)])
