"""Report of a reproduction: one HTML file, CSV, LaTeX or Markdown, with all that a second party needs to repeat it."""

from __future__ import annotations

from typing import Literal

from sqlalchemy.orm import Session

from backend.reproduction import curves, facts, reading, report_files, report_page, stored

Format = Literal["html", "csv", "tex", "md"]
MEDIA_TYPES: dict[Format, str] = {
    "html": "text/html",
    "csv": "text/csv",
    "tex": "application/x-tex",
    "md": "text/markdown",
}


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
    found = reading.get(session, reproduction_id, workers)
    results = reading.results_of(session, stored.find(session, reproduction_id))
    if format_ == "csv":
        return report_files.csv(found, results)
    known = facts.gather(found, results)
    if format_ == "tex":
        return report_files.latex(found, known)
    if format_ == "md":
        return report_files.markdown(found, known)
    return report_page.page(found, curves.figures(session, reproduction_id), known)
