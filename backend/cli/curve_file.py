"""Write and read the curve of a run of `synrl train`: a CSV with a line for each evaluation."""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING, Any

from backend.exchange import csv_cells

if TYPE_CHECKING:  # the command line of the server doesn't wait for the science
    from synrl_core.measuring.events import Evaluation


def row_of(evaluation: Evaluation) -> dict[str, Any]:
    """Turn an evaluation into a line of the curve: means, and with replicates deviations and each one's values."""
    import numpy as np

    row: dict[str, Any] = {"iteration": evaluation.iteration, "forward_passes": evaluation.forward_passes}
    for name, measured in evaluation.metrics().items():
        values = np.asarray(measured, np.float64)
        row[name] = float(values.mean())
        if len(values) > 1:
            row[f"{name}_deviation"] = float(values.std(ddof=1))
            row |= {f"{name}_{replicate}": float(value) for replicate, value in enumerate(values)}
    return row


def curve_of(rows: dict[int, dict[str, Any]]) -> str:
    """Write the lines of a curve as CSV; what was not measured is empty."""
    ordered = [rows[iteration] for iteration in sorted(rows)]
    names = list(ordered[0]) if ordered else ["iteration"]
    return "".join(map(csv_cells.row, [names, *([row[name] for name in names] for row in ordered)]))


def rows_of(text: str) -> dict[int, dict[str, Any]]:
    """Read the lines that `curve_of` wrote."""
    whole = ("iteration", "forward_passes")
    return {
        int(line["iteration"]): {n: int(value) if n in whole else float(value or "nan") for n, value in line.items()}
        for line in csv.DictReader(io.StringIO(text))
    }


def json_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a line for JSON, which has no number that is not finite."""
    return {name: value if math.isfinite(value) else None for name, value in row.items()}


def describe(row: dict[str, Any]) -> str:
    """Say in words how well a network does at a line of its curve."""
    accuracy, loss = row["validation_accuracy"], row["validation_loss"]
    if not math.isfinite(accuracy):
        return f"validation loss {loss:.4g}"
    spread = row.get("validation_accuracy_deviation")
    return f"validation {100 * accuracy:.1f} %" + (f" ± {100 * spread:.1f}" if spread is not None else "")
