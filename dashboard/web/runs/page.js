// The page of the runs: a grid that fetches the rows in view (rows.js) and follows the feed of changes, with its toolbar
// (toolbar.js), its columns (column_layout.js) and the choice of runs (selection.js) for actions (bulk.js). Thousands of
// runs are never here at once.

import { loadPlotly } from "../charts/plotly.js";
import { inside, navigate } from "../core/address.js";
import { showConnection } from "../core/connection.js";
import { byId, findId, writing } from "../core/dom.js";
import { Feed } from "../core/feed.js";
import * as format from "../core/format.js";
import { openMenu } from "../core/menu.js";
import { pause } from "../core/pause.js";
import { onChange, scale } from "../core/theme.js";
import { deleteRuns, editRun, openRunMenu } from "./actions.js";
import { onChanged } from "./changes.js";
import { chosen } from "./chosen.js";
import { ColumnLayout, GRID } from "./column_layout.js";
import { Rows } from "./rows.js";
import { Selection } from "./selection.js";
import { RunsState } from "./state.js";
import { Toolbar } from "./toolbar.js";

/** @import { ConnectionState } from "../core/connection.js" */
/** @import { ColumnEvent, GridApi, Row, RowsRequest } from "../types/ag_grid.js" */
/** @import { GroupRow, RunRow, RunsFrame, RunTable } from "../types/schemas.js" */
/** @import { Values } from "./state.js" */

const PATIENCE = 1500; // ms without connection before the page says so
const GROUPS_PAUSE = 3000; // ms between two fetches of groups, whose numbers change with each of their runs
const GRID_PAUSE = 5; // ms between two looks whether the grid is ready
const PLOTLY_PAUSE = 1500; // ms until the figures' library is loaded, idle or not: before a click waits for it
const CLOCK = 10000; // ms between two updates of ages

/** The grid can be reached before it is ready, and then Dash gives it a source of rows over ours. */
async function gridReady() {
  const grid = await window.dash_ag_grid.getApiAsync(GRID);
  while (!grid.isDestroyed() && !grid.getGridOption("datasource")) await pause(GRID_PAUSE);
  return grid;
}

/** @param {() => void} act */
function whenIdle(act) {
  if ("requestIdleCallback" in window) window.requestIdleCallback(act, { timeout: PLOTLY_PAUSE });
  else setTimeout(act, PLOTLY_PAUSE);
}

export class RunsView {
  constructor() {
    this.state = new RunsState();
    /** @type {GridApi | null} */
    this.grid = null;
    /** @type {Toolbar | null} */
    this.toolbar = null;
    this.columns = new ColumnLayout(this);
    this.selection = new Selection(this);
    /** @type {Map<string, string>} status that the feed last told, by id */
    this.seen = new Map();
    /** @type {number | null} rows of the whole table */
    this.total = null;
    this.isBehind = false; // something changed that the rows on their way may not know
    this.wasLost = false;
    this.rows = new Rows(this);
    /** @type {Feed<RunsFrame>} */
    this.feed = new Feed("/api/v1/runs/live", {
      message: (frame) => this.receive(frame),
      state: (state) => this.connectionChanged(state),
    });
    this.clock = setInterval(() => this.refreshTimes(), CLOCK);
    this.resize = new ResizeObserver(() => this.columns.fit());
    this.endings = [onChange(() => this.sizeChanged()), chosen.subscribe(() => this.selection.show())];
    this.readAddress = () => this.addressChanged();
    window.addEventListener("_dashprivate_pushstate", this.readAddress);
  }

  // -- the grid

  async mount() {
    this.state.writeAddress();
    this.buildToolbar();
    this.selection.mount();
    const start = byId("new-run");
    start.onclick = () => openMenu(byId("new-run-menu"), start);
    const grid = await gridReady();
    if (grid.isDestroyed()) return;
    this.grid = grid;
    this.arrange(grid);
    this.resize.observe(byId(GRID));
    await this.loadFacets();
  }

  /** The grid, if it is on the page. */
  get mountedGrid() {
    return this.grid && !this.grid.isDestroyed() && findId(GRID) ? this.grid : null;
  }

  /**
   * Set the columns, then the source of the rows, which needs to come last.
   *
   * @param {GridApi} grid
   */
  arrange(grid) {
    this.columns.arrange(grid);
    grid.setGridOption("datasource", { getRows: (/** @type {RowsRequest} */ request) => this.rows.answer(request) });
  }

  sizeChanged() {
    const grid = this.mountedGrid;
    if (grid && scale().type !== this.columns.scale) this.arrange(grid);
  }

  // -- the feed

  /** @param {Partial<RunsFrame>} frame */
  receive({ runs = [], removed = [], queue }) {
    if (queue) this.putQueue(queue);
    for (const id of removed) this.seen.delete(id);
    let isStructural = removed.length > 0;
    for (const run of runs) {
      const before = this.seen.get(run.id);
      this.seen.set(run.id, run.status);
      isStructural = this.put(run) || before !== run.status || isStructural;
    }
    this.isBehind = this.isBehind || isStructural;
    if (!this.mountedGrid || this.total === null) return;
    if (isStructural) this.rows.refreshSoon();
    else if (this.state.get("by") !== "run" && runs.length) this.rows.refreshSoon(GROUPS_PAUSE);
  }

  /**
   * Renew the row of a run if it is here. True if more than its progress changed.
   *
   * @param {RunRow} run
   */
  put(run) {
    const node = this.mountedGrid?.getRowNode(run.id);
    const row = node?.data;
    if (!node || row?.kind !== "run") return false;
    const place = run.queue_position ?? (run.status === "queued" ? row.queue_position : null);
    node.setData({ ...row, ...run, depth: row.depth, copy_of: row.copy_of, queue_position: place });
    return row.name !== run.name || row.archived !== run.archived || String(row.tags) !== String(run.tags);
  }

  /**
   * Renew the places of the queued runs in view.
   *
   * @param {string[]} queue ids
   */
  putQueue(queue) {
    const places = new Map(queue.map((id, index) => [id, index + 1]));
    this.mountedGrid?.forEachNode((node) => {
      const row = node.data;
      if (row?.kind !== "run") return;
      const place = places.get(row.id) ?? null;
      if (row.queue_position !== place) node.setData({ ...row, queue_position: place });
    });
  }

  /** @param {ConnectionState} state */
  connectionChanged(state) {
    document.body.dataset.connection = state;
    showConnection(state, PATIENCE);
    if (state === "open") this.rows.opened();
    if (state === "open" && this.wasLost) this.rows.refresh();
    this.wasLost = state === "lost" || (this.wasLost && state !== "open");
  }

  // -- around the grid

  /**
   * Show the grid, or that there is no run at all or none that matches; and how many there are.
   *
   * @param {RunTable} table
   */
  show({ total, runs, stored }) {
    if (this.total === null) {
      whenIdle(loadPlotly);
      if (this.isBehind) this.rows.refreshSoon();
    }
    this.total = total;
    this.selection.matching = runs;
    const page = byId("runs-page");
    page.dataset.empty = stored || this.state.filtered ? "false" : "true";
    page.dataset.none = total ? "false" : "true";
    document.body.dataset.runs = String(runs);
    document.body.dataset.rows = String(total);
    const isAll = runs === stored || !stored;
    byId("runs-count").textContent = isAll ? format.count(runs) : `${format.count(runs)} of ${format.count(stored)}`;
    this.selection.show();
  }

  buildToolbar() {
    this.toolbar = new Toolbar(this.state, {
      filter: (changes) => this.filter(changes),
      clear: () => this.clearFilters(),
      fit: () => this.columns.fit(),
      columns: () => (this.grid?.getColumns() ?? []).filter((column) => !column.getColDef().lockVisible),
      showColumn: (id, isShown) => {
        this.state.setColumns({ shown: { ...this.state.columns.shown, [id]: isShown } });
        this.columns.fit();
      },
      resetColumns: () => this.columns.reset(),
    });
  }

  /** @param {Partial<Values>} changes */
  filter(changes) {
    if (changes.view) chosen.clear(); // the actions on runs depend on where they are
    // A word that is typed is one step, however many letters it has.
    const isTyping = Boolean(changes.search) && this.state.get("search") !== "";
    this.state.set(changes, { isStep: !isTyping });
    this.toolbar?.show();
    this.rows.reload();
    this.selection.show();
  }

  clearFilters() {
    this.toolbar?.forgetTyping();
    this.state.clearFilters();
    this.toolbar?.show();
    this.rows.reload();
    this.toolbar?.search.focus();
  }

  async loadFacets() {
    const facets = await this.toolbar?.loadFacets();
    if (!facets) return;
    this.columns.isTagged = facets.tags.length > 0;
    this.columns.hasOwners = facets.owners.length > 1;
    this.columns.fit();
  }

  addressChanged() {
    if (inside(location.pathname) !== "/" || !this.toolbar) return;
    const asked = new RunsState();
    if (location.search && asked.query().toString() !== this.state.query().toString()) this.adopt(asked);
    else this.state.writeAddress();
  }

  /**
   * Back or Forward within this page: the filters of that address hold again. Dash must not hear of it, which would
   * build the page anew.
   *
   * @param {Event} event
   */
  steppedBack(event) {
    if (inside(location.pathname) !== "/" || !this.toolbar) return;
    event.stopImmediatePropagation();
    this.toolbar.forgetTyping();
    const asked = new RunsState({ exactly: true });
    if (asked.get("view") !== this.state.get("view")) chosen.clear(); // as when the view is changed by hand
    asked.expanded = this.state.expanded;
    this.adopt(asked);
    asked.keep();
    if (this.grid) this.columns.showSort(this.grid);
    this.selection.show();
  }

  /** @param {RunsState} state */
  adopt(state) {
    this.state = state;
    if (this.toolbar) this.toolbar.state = state;
    this.toolbar?.show();
    this.rows.reload();
  }

  refreshTimes() {
    this.mountedGrid?.refreshCells({ columns: ["created_at"], force: true });
  }

  // -- groups

  /** @param {GroupRow} group */
  toggleGroup(group) {
    if (!this.state.expanded.delete(group.key)) this.state.expanded.add(group.key);
    const node = this.grid?.getRowNode(group.id);
    if (node) this.grid?.refreshCells({ rowNodes: [node], force: true });
    this.rows.refresh();
  }

  // -- the keyboard

  /**
   * A key in a row. True if it meant something.
   *
   * @param {Row} row
   * @param {KeyboardEvent} event
   */
  key(row, event) {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || writing(target)) return false;
    if (key === " ") this.selection.chooseRow(row);
    else if (row.kind === "group") {
      if (key !== "Enter") return false;
      this.toggleGroup(row);
    } else return keyOfRun(row, key, target);
    return true;
  }

  close() {
    this.feed.close();
    this.toolbar?.close();
    this.rows.close();
    this.selection.close();
    clearInterval(this.clock);
    for (const end of this.endings) end();
    window.removeEventListener("_dashprivate_pushstate", this.readAddress);
    this.resize.disconnect();
    showConnection("open", 0);
    for (const key of ["runs", "rows", "connection"]) delete document.body.dataset[key];
  }
}

/**
 * @param {RunRow} run
 * @param {string} key
 * @param {EventTarget | null} target
 */
function keyOfRun(run, key, target) {
  const cell = target instanceof HTMLElement ? target : document.body;
  const isMore = key === "ContextMenu" || (key === "Enter" && cell.closest("[col-id='more']"));
  if (isMore) openRunMenu(run, cell);
  else if (key === "Enter") navigate(`/runs/${encodeURIComponent(run.id)}`);
  else if (key === "F2") void editRun(run);
  else if (key === "Delete") void deleteRuns(chosen.has(run.id) ? chosen.ids() : [run.id]);
  else return false;
  return true;
}

/** @type {RunsView | null} */
let view = null;

/** Listens on the document for the key that leads to the search. */
export function watchSearchKey() {
  document.addEventListener("keydown", (event) => {
    const search = view?.toolbar?.search;
    if (!search || event.key !== "/" || writing(event.target)) return;
    event.preventDefault();
    search.focus();
  });
}

/** Listens on the window for Back and Forward; before Dash does, which is called after it and must not hear of filters. */
export function watchSteps() {
  window.addEventListener("popstate", (event) => view?.steppedBack(event));
}

export function openRuns() {
  view ??= new RunsView();
  return view;
}

export function closeRuns() {
  view?.close();
  view = null;
}

export function mountRuns() {
  void openRuns().mount();
}

onChanged(() => {
  if (!view?.mountedGrid) return;
  view.rows.refresh();
  void view.loadFacets();
});

// -- what the grid's cells and events call

/** @param {Row} row */
export const chooseRow = (row) => view?.selection.chooseRow(row);

/** @param {Row} row */
export const chooseUpTo = (row) => view?.selection.chooseUpTo(row);

/** @param {GroupRow} group */
export const toggleGroup = (group) => view?.toggleGroup(group);

/** @param {GroupRow} group */
export const isGroupOpen = (group) => view?.state.expanded.has(group.key) ?? false;

/**
 * @param {Row} row
 * @param {KeyboardEvent} event
 */
export const runKey = (row, event) => view?.key(row, event) ?? false;

/** @param {ColumnEvent} event */
export const columnsChanged = (event) => view?.columns.changed(event);
