"""Grid of runs. The page's script fetches rows (`backend.runs.table.schemas`) as they scroll into view."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component
from dash_ag_grid import AgGrid

from dashboard import ids


def grid() -> Component:
    """Return the grid, without rows: web/runs/page.js gives it a source of them."""
    return AgGrid(
        id=ids.RUNS_GRID,
        className="runs-grid",
        rowModelType="infinite",
        columnDefs=_columns(),
        defaultColDef={"resizable": True, "sortable": False, "minWidth": 80, "sortingOrder": ["desc", "asc"]},
        getRowId="params.data.id",
        rowClassRules={"row-group": "synrlIsGroup(params.data)", "row-member": "synrlIsMember(params.data)"},
        eventListeners={
            "cellClicked": ["synrlOpenRun(params)"],
            "cellKeyDown": ["synrlRunKey(params)"],
            "columnMoved": ["synrlColumnsChanged(params)"],
            "columnResized": ["synrlColumnsChanged(params)"],
        },
        dashGridOptions={
            "theme": {"function": "synrlGridTheme(themeQuartz)"},
            "rowHeight": 48,
            "headerHeight": 40,
            "cacheBlockSize": 60,
            # A look at the whole window fetches every block that is here.
            "maxBlocksInCache": 4,
            "infiniteInitialRowCount": 1,
            "maxConcurrentDatasourceRequests": 2,
            "blockLoadDebounceMillis": 30,
            "animateRows": False,
            "enableCellTextSelection": True,
            "suppressDragLeaveHidesColumns": True,
            "suppressColumnVirtualisation": False,
        },
        style={"height": None, "width": "100%"},
    )


def _columns() -> list[dict[str, Any]]:
    """Columns; their functions and renderers are in web/runs/grid.js, what sorts is in backend.runs.table.queries."""
    fixed = {"resizable": False, "lockVisible": True, "suppressMovable": True}
    return [
        {"colId": "choose", "headerName": "Choose", "headerClass": "header-hidden", "width": 44, "minWidth": 44}
        | {"cellRenderer": "RunChoose", "cellClass": "cell-action", "lockPosition": "left"}
        | fixed,
        _column("name", "Name", flex=1, minWidth=200, cellRenderer="RunName", sortable=True, lockVisible=True),
        _column("status", "Status", width=118, minWidth=100, cellRenderer="RunStatus", sortable=True, lockVisible=True),
        _column("progress", "Progress", width=136, cellRenderer="RunProgress", sortable=True)
        | {"valueGetter": {"function": "synrlProgress(params.data)"}},
        _column("curve", "Curve", width=108, cellRenderer="RunCurve", cellClass="cell-drawing")
        | {"headerTooltip": "Validation accuracy over the iterations asked for, from 0 to 100 %"},
        _accuracy("best_validation_accuracy", "Best", "Best validation accuracy so far, and at which iteration", 98)
        | {"cellRenderer": "RunBest", "lockVisible": True},
        _accuracy("validation_accuracy", "Last", "Validation accuracy, last measured", 88)
        | {"cellRenderer": "RunAccuracy"},
        _column(
            "dataset_name", "Data set", field="dataset_name", width=100, sortable=True, tooltipField="dataset_name"
        ),
        _column("network", "Network", width=116, valueGetter={"function": "synrlNetwork(params.data)"}),
        _column("method", "Policy", width=168, valueGetter={"function": "synrlMethod(params.data)"}),
        _column("duration", "Duration", field="training_seconds", width=92, sortable=True, type="rightAligned")
        | {"valueFormatter": {"function": "synrlDurationWords(params.value)"}}
        | {"headerTooltip": "Time spent training and measuring, waiting not counted"},
        _column("tags", "Tags", width=132, cellRenderer="RunTags", valueGetter={"function": "synrlTags(params.data)"}),
        _column("owner", "Owner", field="owner", width=96, sortable=True, tooltipField="owner"),
        _column("created_at", "Created", field="created_at", width=108, sortable=True)
        | {"valueFormatter": {"function": "synrlAgo(params.value)"}}
        | {"tooltipValueGetter": {"function": "synrlLocalTime(params.value)"}},
        {"colId": "more", "headerName": "More", "headerClass": "header-hidden", "width": 48, "minWidth": 48}
        | {"cellRenderer": "RunMore", "cellClass": "cell-action", "lockPosition": "right"}
        | fixed,
    ]


def _column(column: str, title: str, **more: Any) -> dict[str, Any]:
    return {"colId": column, "headerName": title, **more}


def _accuracy(column: str, title: str, tooltip: str, width: int) -> dict[str, Any]:
    return _column(column, title, field=column, headerTooltip=tooltip, width=width, type="rightAligned", sortable=True)
