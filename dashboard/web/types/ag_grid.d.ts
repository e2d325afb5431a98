// The grid of the page of the runs (AG Grid with an infinite row model), as far as the modules use it.
import type { GroupRow, RunRow } from "./schemas.js";

export type Row = RunRow | GroupRow;

export interface ColumnDefinition {
  headerName: string;
  lockVisible?: boolean;
  flex?: number;
  width?: number;
}

export interface Column {
  getColId(): string;
  getColDef(): ColumnDefinition;
  isVisible(): boolean;
  getMinWidth(): number;
  getActualWidth(): number;
}

export interface ColumnState {
  colId: string;
  width?: number;
  flex?: number | null;
  sort?: "asc" | "desc" | null;
}

export interface RowNode {
  id: string;
  rowIndex: number;
  data?: Row;
  setData(row: Row): void;
}

export interface RowsRequest {
  startRow: number;
  endRow: number;
  sortModel: { colId: string; sort: "asc" | "desc" }[];
  successCallback(rows: Row[], total: number): void;
  failCallback(): void;
}

export interface ColumnEvent {
  type: string;
  source: string;
  finished?: boolean;
  columns?: Column[] | null;
}

export interface GridApi {
  applyColumnState(state: { state: ColumnState[]; applyOrder?: boolean; defaultState?: { sort: null } }): void;
  ensureIndexVisible(index: number): void;
  forEachNode(visit: (node: RowNode) => void): void;
  getColumns(): Column[];
  getColumnState(): ColumnState[];
  getFocusedCell(): { rowIndex: number; column: Column } | null;
  getGridOption(name: string): unknown;
  getRowNode(id: string): RowNode | undefined;
  isDestroyed(): boolean;
  purgeInfiniteCache(): void;
  refreshCells(which: { columns?: string[]; rowNodes?: RowNode[]; force: boolean }): void;
  refreshInfiniteCache(): void;
  resetColumnState(): void;
  setColumnsVisible(ids: string[], visible: boolean): void;
  setFocusedCell(rowIndex: number, column: Column): void;
  setGridOption(name: string, value: unknown): void;
}
