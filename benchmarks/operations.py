"""Store measurements of the server's operation, and write them into docs/operations.md."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parents[1] / "docs" / "operations.md"


def row(name: str, value: float, target: float | None) -> dict[str, Any]:
    """Return a figure; with a target, whether it holds: at most so much."""
    return {"name": name, "value": value, "target": target, "holds": None if target is None else value <= target}


def show(rows: list[dict[str, Any]]) -> None:
    """Print figures."""
    width = max(len(one["name"]) for one in rows)
    for one in rows:
        print(f"{one['name']:<{width}}  {one['value']:>9.3g}  {_target(one)}")


def publish(name: str, rows: list[dict[str, Any]]) -> None:
    """Print figures, store them, and put them into the page between its two marks."""
    show(rows)
    result = {"load_average": round(os.getloadavg()[0], 1), "cores": os.cpu_count(), "rows": rows}
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    text = PAGE.read_text()
    before, after = text.split(begin)[0], text.split(end)[1]
    lines = ["| | measured | aimed at |", "|---|---|---|"]
    lines += [f"| {one['name']} | {one['value']:.3g} | {_target(one)} |" for one in rows]
    PAGE.write_text(f"{before}{begin}\n{chr(10).join(lines)}\n{end}{after}")


def _target(one: dict[str, Any]) -> str:
    if one["target"] is None:
        return ""
    aim = "0" if one["target"] == 0 else f"at most {one['target']:g}"
    return aim if one["holds"] else f"{aim} (missed)"
