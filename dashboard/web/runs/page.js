// The page of the runs: a grid that fetches the rows in view and follows the feed of changes, with its toolbar
// (toolbar.js) and the actions on chosen runs (bulk.js). Thousands of runs are never here at once.

import { loadPlotly } from "../charts/plotly.js";
import { inside, navigate } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { showConnection } from "../core/connection.js";
import { byId, findId, writing } from "../core/dom.js";
import { Feed } from "../core/feed.js";
import * as format from "../core/format.js";
import { openMenu } from "../core/menu.js";
import { say } from "../core/news.js";
import { pageData } from "../core/page_data.js";
import { onChange, scale } from "../core/theme.js";
import { deleteRuns, editRun, openRunMenu } from "./actions.js";
import { BulkBar } from "./bulk.js";
import { onChanged } from "./changes.js";
import { chosen } from "./chosen.js";
import { PRIORITY, PRIORITY_OF_OWNERS, visibleColumns } from "./columns.js";
import { RunsState } from "./state.js";
import { Toolbar } from "./toolbar.js";

/** @import { ConnectionState } from "../core/connection.js" */
/** @import { ColumnEvent, GridApi, Row, RowsRequest } from "../types/ag_grid.js" */
/** @import { GroupRow, RunRow, RunsFrame, RunTable } from "../types/schemas.js" */
/** @import { Values } from "./state.js" */

const GRID = "runs-grid";
const BLOCK = 60; // rows fetched at once
const PATIENCE = 1500; // ms without connection before the page says so
const REFRESH_PAUSE = 1000; // ms between two fetches of the rows in view; rows that are there change at once
const GROUPS_PAUSE = 3000; // ms between two fetches of groups, whose numbers change with each of their runs
const FEED_PAUSE = 300; // ms that the first rows wait for the feed
const RETRY_PAUSE = 2000; // ms until rows that could not be had are asked for again
const GRID_PAUSE = 5; // ms between two looks whether the grid is ready
const PLOTLY_PAUSE = 1500; // ms until the figures' library is loaded, idle or not: before a click waits for it
const CLOCK = 10000; // ms between two updates of ages
const ROW = 48; // px, for type of the usual size
const HEADER = 40;
const HIDDEN_PAUSE = 200; // ms after the last change of choice or filters until the chosen that are not shown are counted

/** @param {number} milliseconds */
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

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

class RunsView {
  constructor() {
    this.state = new RunsState();
    /** @type {GridApi | null} */
    this.grid = null;
    /** @type {Toolbar | null} */
    this.toolbar = null;
    /** @type {BulkBar | null} */
    this.bulk = null;
    this.scale = 1;
    /** @type {Map<string, string>} status that the feed last told, by id */
    this.seen = new Map();
    /** @type {number | null} rows of the whole table */
    this.total = null;
    this.matching = 0; // runs that the filters choose
    /** @type {string | null} row where a choice with shift begins */
    this.anchor = null;
    this.generation = 0; // of the rows: those of an older one are not shown
    this.isTagged = false; // whether any run has a tag
    this.hasOwners = false; // whether runs have several owners
    this.isBehind = false; // something changed that the rows on their way may not know
    this.wasLost = false;
    /** @type {number | null} until the rows are fetched again */
    this.waiting = null;
    this.refreshed = 0;
    this.retry = 0;
    this.counting = 0; // the timer of `countHidden`
    this.opened = () => {};
    /** @type {Promise<RunTable> | null} the first rows */
    this.first = this.fetchFirst();
    /** @type {Feed<RunsFrame>} */
    this.feed = new Feed("/api/v1/runs/live", {
      message: (frame) => this.receive(frame),
      state: (state) => this.connectionChanged(state),
    });
    this.clock = setInterval(() => this.refreshTimes(), CLOCK);
    this.resize = new ResizeObserver(() => this.fit());
    this.endings = [onChange(() => this.sizeChanged()), chosen.subscribe(() => this.showBulk())];
    this.readAddress = () => this.addressChanged();
    window.addEventListener("_dashprivate_pushstate", this.readAddress);
  }

  /**
   * Fetch the first rows while Dash still fetches the page: from when the feed is open, so that nothing falls between
   * them, unless it takes its time.
   */
  fetchFirst() {
    const isOpen = new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      this.opened = resolve;
    });
    const first = Promise.race([isOpen, pause(FEED_PAUSE)]).then(() => this.fetchRows(0, BLOCK));
    first.catch(() => {}); // told where the grid asks for them
    return first;
  }

  // -- the grid

  async mount() {
    this.state.writeAddress();
    this.buildToolbar();
    this.bulk = new BulkBar({ chooseAll: () => this.chooseAll(), chooseNone: () => this.chooseNone() });
    this.showBulk();
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

  /** @param {RowsRequest} request */
  async getRows({ startRow, endRow, sortModel, successCallback, failCallback }) {
    this.takeSort(sortModel[0]);
    const { generation } = this;
    const first = startRow === 0 ? this.first : null;
    this.first = null;
    const answer = await (first ?? this.fetchRows(startRow, endRow - startRow)).catch(() => null);
    const isStale = generation !== this.generation || !this.mountedGrid;
    if (answer && !isStale) {
      successCallback(answer.rows, answer.total);
      this.show(answer);
      return;
    }
    failCallback();
    if (!isStale) this.retry = setTimeout(() => this.refresh(), RETRY_PAUSE);
  }

  /**
   * The grid asks at once for rows in the order that was clicked.
   *
   * @param {RowsRequest["sortModel"][number] | undefined} sorted
   */
  takeSort(sorted) {
    const sort = sorted ? `${sorted.sort === "desc" ? "-" : ""}${sorted.colId}` : "-created_at";
    if (sort === this.state.get("sort")) return;
    this.generation += 1;
    this.first = null;
    this.state.set({ sort });
  }

  /**
   * @param {number} offset
   * @param {number} limit
   * @returns {Promise<RunTable>}
   */
  fetchRows(offset, limit) {
    const query = this.state.filterQuery();
    query.set("by", this.state.get("by"));
    query.set("sort", this.state.get("sort"));
    query.set("offset", String(offset));
    query.set("limit", String(limit));
    if (this.state.get("by") !== "run") for (const key of this.state.expanded) query.append("expanded", key);
    return call("GET", `/api/v1/runs/table?${query}`);
  }

  /** Fetch the rows again from the top: order or filters have changed. */
  reload() {
    this.generation += 1;
    this.first = null;
    const grid = this.mountedGrid;
    if (!grid) return;
    if (this.total) grid.ensureIndexVisible(0);
    grid.purgeInfiniteCache();
  }

  /** Fetch the rows in view again. */
  refresh() {
    if (this.waiting !== null) clearTimeout(this.waiting);
    this.waiting = null;
    this.refreshed = performance.now();
    this.mountedGrid?.refreshInfiniteCache();
  }

  /** Fetch them again soon, but not more often than a pause allows, however much happens. */
  refreshSoon(least = REFRESH_PAUSE) {
    if (this.waiting !== null) return;
    this.waiting = setTimeout(() => this.refresh(), Math.max(0, this.refreshed + least - performance.now()));
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
    if (isStructural) this.refreshSoon();
    else if (this.state.get("by") !== "run" && runs.length) this.refreshSoon(GROUPS_PAUSE);
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
    if (state === "open") this.opened();
    if (state === "open" && this.wasLost) this.refresh();
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
      if (this.isBehind) this.refreshSoon();
    }
    this.total = total;
    this.matching = runs;
    const page = byId("runs-page");
    page.dataset.empty = stored || this.state.filtered ? "false" : "true";
    page.dataset.none = total ? "false" : "true";
    document.body.dataset.runs = String(runs);
    document.body.dataset.rows = String(total);
    const isAll = runs === stored || !stored;
    byId("runs-count").textContent = isAll ? format.count(runs) : `${format.count(runs)} of ${format.count(stored)}`;
    this.showBulk();
  }

  buildToolbar() {
    this.toolbar = new Toolbar(this.state, {
      filter: (changes) => this.filter(changes),
      clear: () => this.clearFilters(),
      fit: () => this.fit(),
      columns: () => (this.grid?.getColumns() ?? []).filter((column) => !column.getColDef().lockVisible),
      showColumn: (id, isShown) => {
        this.state.setColumns({ shown: { ...this.state.columns.shown, [id]: isShown } });
        this.fit();
      },
      resetColumns: () => {
        this.state.setColumns({ shown: {}, widths: {}, order: [] });
        this.grid?.resetColumnState();
        if (this.grid) this.restoreColumns(this.grid);
      },
    });
  }

  /** @param {Partial<Values>} changes */
  filter(changes) {
    if (changes.view) chosen.clear(); // the actions on runs depend on where they are
    // A word that is typed is one step, however many letters it has.
    const isTyping = Boolean(changes.search) && this.state.get("search") !== "";
    this.state.set(changes, { isStep: !isTyping });
    this.toolbar?.show();
    this.reload();
    this.showBulk();
  }

  clearFilters() {
    this.toolbar?.forgetTyping();
    this.state.clearFilters();
    this.toolbar?.show();
    this.reload();
    this.toolbar?.search.focus();
  }

  async loadFacets() {
    const facets = await this.toolbar?.loadFacets();
    if (!facets) return;
    this.isTagged = facets.tags.length > 0;
    this.hasOwners = facets.owners.length > 1;
    this.fit();
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
    if (this.grid) this.showSort(this.grid);
    this.showBulk();
  }

  /** @param {RunsState} state */
  adopt(state) {
    this.state = state;
    if (this.toolbar) this.toolbar.state = state;
    this.toolbar?.show();
    this.reload();
  }

  // -- columns

  /**
   * Set sizes, columns and their order as they are remembered; then the rows, which need to come last.
   *
   * @param {GridApi} grid
   */
  arrange(grid) {
    this.scale = scale().type;
    grid.setGridOption("rowHeight", Math.round(ROW * this.scale));
    grid.setGridOption("headerHeight", Math.round(HEADER * this.scale));
    this.restoreColumns(grid);
    grid.setGridOption("datasource", { getRows: (/** @type {RowsRequest} */ request) => this.getRows(request) });
  }

  sizeChanged() {
    const grid = this.mountedGrid;
    if (grid && scale().type !== this.scale) this.arrange(grid);
  }

  /** @param {GridApi} grid */
  restoreColumns(grid) {
    const { widths, order } = this.state.columns;
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

  /** @param {GridApi} grid */
  showSort(grid) {
    const sort = this.state.get("sort");
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
  columnsChanged({ type, source, finished, columns }) {
    const grid = this.mountedGrid;
    if (!grid || !finished || !String(source).startsWith("ui")) return;
    if (type === "columnMoved") {
      this.state.setColumns({ order: grid.getColumnState().map((column) => column.colId) });
      return;
    }
    const widths = { ...this.state.columns.widths };
    for (const column of columns ?? []) widths[column.getColId()] = column.getActualWidth();
    this.state.setColumns({ widths });
  }

  /** Show the columns that were chosen, and others as far as there is room. */
  fit() {
    const element = findId(GRID);
    const grid = this.mountedGrid;
    if (!grid || !element?.clientWidth) return;
    element.style.setProperty("--grid-top", `${Math.round(element.getBoundingClientRect().top + window.scrollY)}px`);
    const columns = new Map(grid.getColumns().map((column) => [column.getColId(), column]));
    const widths = new Map(
      [...columns].map(([id, column]) => [id, id === "name" ? column.getMinWidth() : column.getActualWidth()]),
    );
    const empty = new Set(this.isTagged ? [] : ["tags"]);
    const order = this.hasOwners ? PRIORITY_OF_OWNERS : PRIORITY;
    const visible = visibleColumns(widths, element.clientWidth, this.state.columns.shown, empty, order);
    for (const [id, isVisible] of visible) {
      if (columns.get(id)?.isVisible() !== isVisible) grid.setColumnsVisible([id], isVisible);
    }
  }

  refreshTimes() {
    this.mountedGrid?.refreshCells({ columns: ["created_at"], force: true });
  }

  // -- the choice

  /** @param {Row} row */
  chooseRow(row) {
    const runs = row.kind === "group" ? row.run_ids.map((id) => ({ id, name: row.name })) : [row];
    const on = !runs.every((run) => chosen.has(run.id));
    if (row.kind === "group" && row.runs > row.run_ids.length) {
      void this.chooseGroup(row, on);
      return;
    }
    chosen.set(runs, on);
    this.anchor = row.id;
  }

  /**
   * @param {GroupRow} row
   * @param {boolean} on
   */
  async chooseGroup(row, on) {
    const query = this.state.filterQuery();
    query.set(this.state.get("by") === "sweep" ? "sweep" : "group", row.key);
    const ids = await fetchIds(query);
    const runs = ids.map((id) => ({ id, name: row.name }));
    if (runs.length) chosen.set(runs, on);
  }

  /**
   * Choose all from the last choice to this row, as far as they are here.
   *
   * @param {Row} row
   */
  chooseUpTo(row) {
    const from = this.grid?.getRowNode(this.anchor ?? "");
    const to = this.grid?.getRowNode(row.id);
    if (!from || !to || from === to) return;
    const [first, last] = [from.rowIndex, to.rowIndex].sort((a, b) => a - b);
    /** @type {RunRow[]} */
    const between = [];
    this.grid?.forEachNode(({ data, id, rowIndex }) => {
      if (data?.kind === "run" && rowIndex >= first && rowIndex <= last && id !== row.id) between.push(data);
    });
    chosen.set(between, true);
  }

  async chooseAll() {
    const ids = await fetchIds(this.state.filterQuery());
    const runs = ids.map((id) => ({ id, name: chosen.name(id) ?? "" }));
    if (runs.length) chosen.set(runs, true);
  }

  chooseNone() {
    chosen.clear();
    const cell = this.grid?.getFocusedCell();
    if (cell) this.grid?.setFocusedCell(cell.rowIndex, cell.column);
    else this.toolbar?.search.focus();
  }

  showBulk() {
    this.bulk?.show(this.matching);
    clearTimeout(this.counting);
    this.counting = setTimeout(() => void this.countHidden(), HIDDEN_PAUSE);
  }

  /** Count the chosen runs that are not among those that the filters choose, and say so. */
  async countHidden() {
    const { generation } = this;
    const ids = chosen.ids();
    const isHere = (/** @type {string} */ id) => this.mountedGrid?.getRowNode(id);
    let hidden = 0;
    if (!ids.every(isHere) && this.matching <= pageData().limits.at_once) {
      const shown = new Set(await fetchIds(this.state.filterQuery()));
      hidden = ids.filter((id) => !shown.has(id)).length;
    }
    if (generation === this.generation && String(ids) === String(chosen.ids())) this.bulk?.showHidden(hidden);
  }

  // -- groups

  /** @param {GroupRow} group */
  toggleGroup(group) {
    if (!this.state.expanded.delete(group.key)) this.state.expanded.add(group.key);
    const node = this.grid?.getRowNode(group.id);
    if (node) this.grid?.refreshCells({ rowNodes: [node], force: true });
    this.refresh();
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
    if (key === " ") this.chooseRow(row);
    else if (row.kind === "group") {
      if (key !== "Enter") return false;
      this.toggleGroup(row);
    } else return keyOfRun(row, key, target);
    return true;
  }

  close() {
    this.feed.close();
    this.toolbar?.close();
    for (const timer of [this.waiting, this.retry]) if (timer !== null) clearTimeout(timer);
    clearInterval(this.clock);
    for (const end of this.endings) end();
    window.removeEventListener("_dashprivate_pushstate", this.readAddress);
    clearTimeout(this.counting);
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

/**
 * Ids of the runs that filters choose; none, with a message, where they can't be had.
 *
 * @param {URLSearchParams} query
 * @returns {Promise<string[]>}
 */
async function fetchIds(query) {
  try {
    return await call("GET", `/api/v1/runs/ids?${query}`);
  } catch (error) {
    say(messageOf(error));
    return [];
  }
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
  view.refresh();
  void view.loadFacets();
});

// -- what the grid's cells and events call

/** @param {Row} row */
export const chooseRow = (row) => view?.chooseRow(row);

/** @param {Row} row */
export const chooseUpTo = (row) => view?.chooseUpTo(row);

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
export const columnsChanged = (event) => view?.columnsChanged(event);
