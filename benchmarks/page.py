"""Put a table that a program wrote between its two marks in docs/results.md."""

from __future__ import annotations

from pathlib import Path

RESULTS_PAGE = Path(__file__).parents[1] / "docs" / "results.md"


def put_between_marks(name: str, text: str) -> None:
    """Replace what stands between ``<!-- name: begin -->`` and ``<!-- name: end -->``."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found, rest = RESULTS_PAGE.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise SystemExit(f"{RESULTS_PAGE} has no marks '{begin}' .. '{end}' to write the table between.")
    RESULTS_PAGE.write_text(f"{before}{begin}\n{text.strip()}\n{end}{after}", encoding="utf-8")
