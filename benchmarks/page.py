"""Insert a generated table between its marks in docs/results.md, or in another page."""

from __future__ import annotations

from pathlib import Path

RESULTS_PAGE = Path(__file__).parents[1] / "docs" / "results.md"


def replace_between_marks(name: str, text: str, page: Path = RESULTS_PAGE) -> None:
    """Replace what stands between ``<!-- name: begin -->`` and ``<!-- name: end -->``."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise SystemExit(f"{page} has no marks '{begin}' .. '{end}' to write the table between.")
    page.write_text(f"{before}{begin}\n{text.strip()}\n{end}{after}", encoding="utf-8")
