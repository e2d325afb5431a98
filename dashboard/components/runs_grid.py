"""The grid of runs. Its rows are runs as the API gives them, cut to what is shown: the live feed updates them as is."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component
from dash_ag_grid import AgGrid

from backend.schemas import RunRead
from dashboard import ids

_FIELDS: dict[str, Any] = {
    **dict.fromkeys(("id", "name", "status", "iteration", "iterations", "iterations_per_second"), True),
    **dict.fromkeys(("validation_accuracy", "best_validation_accuracy", "best_iteration"), True),
    "dataset_name": True,
    **dict.fromkeys(("created_at", "started_at", "finished_at", "error"), True),
    "config": {"hidden_layers", "activation", "method", "policy", "adaptive", "optimizer", "replicates"},
}


def rows(runs: list[RunRead]) -> list[dict[str, Any]]:
    """Return the rows of the grid."""
    return [run.model_dump(mode="json", include=_FIELDS) for run in runs]


def grid(runs: list[RunRead]) -> Component:
    """Return the grid, newest run first."""
    return AgGrid(
        id=ids.RUNS_GRID,
        className="runs-grid",
        rowData=rows(runs),
        columnDefs=_columns(),
        defaultColDef={"resizable": True, "sortable": True, "suppressMovable": True, "minWidth": 90},
        getRowId="params.data.id",
        eventListeners={
            "cellClicked": ["synrlOpenRun(params)"],
            "cellKeyDown": ["synrlOpenRunByKey(params)"],
        },
        dashGridOptions={
            "theme": {"function": "synrlGridTheme(themeQuartz)"},
            "rowHeight": 48,
            "headerHeight": 40,
            "animateRows": False,
            "suppressCellFocus": False,
            "enableCellTextSelection": True,
        },
        style={"height": None, "width": "100%"},
    )


def _columns() -> list[dict[str, Any]]:
    """Columns; their functions are in assets/grid.js."""
    return [
        {"field": "name", "headerName": "Name", "flex": 1, "minWidth": 170, "cellRenderer": "RunName"},
        {"field": "status", "headerName": "Status", "width": 124, "cellRenderer": "RunStatus"},
        _computed("progress", "Progress", "synrlProgress(params.data)", width=150, cellRenderer="RunProgress"),
        {"field": "dataset_name", "headerName": "Data set", "width": 104, "tooltipField": "dataset_name"},
        _computed("network", "Network", "synrlNetwork(params.data)", width=146),
        _computed("method", "Method", "synrlMethod(params.data)", width=176),
        _percent("validation_accuracy", "Accuracy now", "Validation accuracy, last measured"),
        _percent("best_validation_accuracy", "Best", "Best validation accuracy so far") | {"width": 92},
        _computed("duration", "Duration", "synrlDuration(params.data)", width=116, type="rightAligned")
        | {"valueFormatter": {"function": "synrlDurationWords(params.value)"}},
        {
            "field": "created_at",
            "headerName": "Created",
            "width": 124,
            "valueFormatter": {"function": "synrlAgo(params.value)"},
            "tooltipValueGetter": {"function": "synrlLocalTime(params.value)"},
        },
        {
            "colId": "delete",
            "headerName": "",
            "width": 56,
            "minWidth": 56,
            "sortable": False,
            "resizable": False,
            "cellRenderer": "RunDelete",
            "cellClass": "cell-action",
        },
    ]


def _computed(column: str, title: str, function: str, **more: Any) -> dict[str, Any]:
    return {"colId": column, "headerName": title, "valueGetter": {"function": function}, **more}


def _percent(field: str, title: str, tooltip: str) -> dict[str, Any]:
    return {
        "field": field,
        "headerName": title,
        "headerTooltip": tooltip,
        "width": 132,
        "type": "rightAligned",
        "valueFormatter": {"function": "synrlPercent(params.value)"},
    }
