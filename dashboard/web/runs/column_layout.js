// The columns of the grid: their sizes and their order as they are remembered, and which of them have room.
import { findId } from "../core/dom.js";
import { scale } from "../core/theme.js";
import { PRIORITY, PRIORITY_OF_OWNERS, visibleColumns } from "./columns.js";

/** @import { ColumnEvent, GridApi } from "../types/ag_grid.js" */
/** @import { RunsView } from "./page.js" */

export const GRID = "runs-grid";
const ROW = 48; // px, for type of the usual size
const HEADER = 40;

export class ColumnLayout {
  /** @param {RunsView} view */
  constructor(view) {
    this.view = view;
    this.scale = 1;
    this.isTagged = false; // whether any run has a tag
    this.hasOwners = false; // whether runs have several owners
  }

  /**
   * Set sizes, columns and their order as they are remembered.
   *
   * @param {GridApi} grid
   */
  arrange(grid) {
    this.scale = scale().type;
    grid.setGridOption("rowHeight", Math.round(ROW * this.scale));
    grid.setGridOption("headerHeight", Math.round(HEADER * this.scale));
    this.restore(grid);
  }

  /** @param {GridApi} grid */
  restore(grid) {
    const { widths, order } = this.view.state.columns;
    const columns = grid.getColumns().map((column) => ({ id: column.getColId(), definition: column.getColDef() }));
    /** @param {{ id: string }} column */
    const placeOf = ({ id }) => (order.includes(id) ? order.indexOf(id) : order.length);
    if (order.length) columns.sort((one, other) => placeOf(one) - placeOf(other));
    const state = columns.map(({ id, definition }) => {
      if (widths[id]) return { colId: id, width: widths[id], flex: null };
      if (definition.flex) return { colId: id, flex: definition.flex };
      return { colId: id, width: Math.round((definition.width ?? 0) * this.scale) };
    });
    grid.applyColumnState({ state, applyOrder: order.length > 0 });
    this.showSort(grid);
    this.fit();
  }

  /** Forget order, widths and choice. */
  reset() {
    const { state, grid } = this.view;
    state.setColumns({ shown: {}, widths: {}, order: [] });
    grid?.resetColumnState();
    if (grid) this.restore(grid);
  }

  /** @param {GridApi} grid */
  showSort(grid) {
    const sort = this.view.state.get("sort");
    /** @type {"asc" | "desc"} */
    const direction = sort.startsWith("-") ? "desc" : "asc";
    grid.applyColumnState({
      state: [{ colId: sort.replace(/^-/, ""), sort: direction }],
      defaultState: { sort: null },
    });
  }

  /**
   * Columns were moved or widened by hand: remember it.
   *
   * @param {ColumnEvent} event
   */
  changed({ type, source, finished, columns }) {
    const grid = this.view.mountedGrid;
    const { state } = this.view;
    if (!grid || !finished || !String(source).startsWith("ui")) return;
    if (type === "columnMoved") {
      state.setColumns({ order: grid.getColumnState().map((column) => column.colId) });
      return;
    }
    const widths = { ...state.columns.widths };
    for (const column of columns ?? []) widths[column.getColId()] = column.getActualWidth();
    state.setColumns({ widths });
  }

  /** Show the columns that were chosen, and others as far as there is room. */
  fit() {
    const element = findId(GRID);
    const grid = this.view.mountedGrid;
    if (!grid || !element?.clientWidth) return;
    element.style.setProperty("--grid-top", `${Math.round(element.getBoundingClientRect().top + window.scrollY)}px`);
    const columns = new Map(grid.getColumns().map((column) => [column.getColId(), column]));
    const widths = new Map(
      [...columns].map(([id, column]) => [id, id === "name" ? column.getMinWidth() : column.getActualWidth()]),
    );
    const empty = new Set(this.isTagged ? [] : ["tags"]);
    const order = this.hasOwners ? PRIORITY_OF_OWNERS : PRIORITY;
    const visible = visibleColumns(widths, element.clientWidth, this.view.state.columns.shown, empty, order);
    for (const [id, isVisible] of visible) {
      if (columns.get(id)?.isVisible() !== isVisible) grid.setColumnsVisible([id], isVisible);
    }
  }
}
