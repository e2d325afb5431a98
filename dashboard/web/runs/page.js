// @ts-nocheck
// The page of the runs: a grid that fetches the rows in view and follows the feed of changes, and what stands around
// it. Thousands of runs are never here at once.

import { loadPlotly } from "../charts/plotly.js";
import { hasPage, inside, navigate } from "../core/address.js";
import { call } from "../core/api.js";
import { showConnection } from "../core/connection.js";
import { button, make, writing } from "../core/dom.js";
import { Feed } from "../core/feed.js";
import * as format from "../core/format.js";
import { openMenu, place } from "../core/menu.js";
import { statusWords } from "../core/status.js";
import { onChange, projector } from "../core/theme.js";
import { actOnRuns, deleteRuns, editRun, openRunMenu, purgeRuns, say, tagRuns } from "./actions.js";
import { onChanged } from "./changes.js";
import { chosen, comparisonOfChosen, mostCompared } from "./chosen.js";
import { RunsState } from "./state.js";

const GRID = "runs-grid";
const BLOCK = 60; // rows fetched at once
const PATIENCE = 1500; // ms without connection before the page says so
const REFRESH_PAUSE = 1000; // ms between two looks at the whole window; rows in view change at once
const FEED_PAUSE = 300; // ms that the first rows wait for the feed
const RETRY_PAUSE = 2000; // ms until rows that could not be had are asked for again
const PLOTLY_PAUSE = 1500; // ms until the figures' library is loaded, idle or not: before a click waits for it
const TYPING_PAUSE = 250; // ms after the last letter of a search
const CLOCK = 10000; // ms between two looks at the clock, for ages
// Columns in the order in which they get room; name, status and best come before all.
const PRIORITY = [
  "choose",
  "more",
  "progress",
  "curve",
  "validation_accuracy",
  "dataset_name",
  "network",
  "duration",
  "created_at",
  "tags",
  "method",
  "owner",
];
const VIEWS = { active: "Active", archived: "Archived", trash: "Trash" };
const GROUPS = { run: "Every run", configuration: "By configuration", sweep: "By sweep" };
const COMPARABLE = 2;
const ROW = 48; // px, for type of the usual size
const HEADER = 40;
const LARGE = 1.35; // as in dashboard/theme.py

// The grid can be reached before it is ready, and then Dash gives it a source of rows over ours.
async function gridReady() {
  const grid = await window.dash_ag_grid.getApiAsync(GRID);
  while (!grid.isDestroyed() && !grid.getGridOption("datasource")) await new Promise((again) => setTimeout(again, 5));
  return grid;
}

const whenIdle = (act) =>
  window.requestIdleCallback
    ? window.requestIdleCallback(act, { timeout: PLOTLY_PAUSE })
    : setTimeout(act, PLOTLY_PAUSE);

class RunsView {
  constructor() {
    this.state = new RunsState();
    this.grid = null;
    this.seen = new Map(); // id -> status that the feed last told
    this.total = null;
    this.anchor = null; // where a choice with shift begins
    this.generation = 0;
    this.tagged = false; // whether any run has a tag
    this.behind = false; // something changed that the rows on their way may not know
    // The rows are on their way while Dash still fetches the page: from when the feed is open, so that nothing falls
    // between them, unless it takes its time.
    const open = new Promise((begin) => (this.opened = begin));
    const soon = new Promise((begin) => setTimeout(begin, FEED_PAUSE));
    this.first = Promise.race([open, soon]).then(() => this.fetchRows(0, BLOCK));
    this.first.catch(() => {});
    this.feed = new Feed("/api/v1/runs/live", {
      message: (news) => this.take(news),
      state: (state) => this.connection(state),
    });
    this.clock = setInterval(() => this.refreshTimes(), CLOCK);
    this.stopLook = onChange(() => this.sizeChanged());
    this.stopChosen = chosen.subscribe(() => this.showBulk());
    this.readAddress = () => this.addressChanged();
    for (const event of ["popstate", "_dashprivate_pushstate"]) window.addEventListener(event, this.readAddress);
  }

  // -- the grid

  async mount() {
    this.page = document.getElementById("runs-page");
    this.state.writeAddress();
    this.buildToolbar();
    this.buildBulk();
    const start = document.getElementById("new-run");
    start.onclick = () => openMenu(document.getElementById("new-run-menu"), start);
    const grid = await gridReady();
    this.grid = grid;
    this.arrange();
    this.resize = this.resize || new ResizeObserver(() => this.fit());
    this.resize.observe(document.getElementById(GRID));
    this.loadFacets();
  }

  get mounted() {
    return this.grid && !this.grid.isDestroyed?.() && document.getElementById(GRID);
  }

  async getRows({ startRow, endRow, sortModel, successCallback, failCallback }) {
    this.takeSort(sortModel);
    const generation = this.generation;
    const first = startRow === 0 && this.first;
    this.first = null;
    const answer = await (first || this.fetchRows(startRow, endRow - startRow)).catch(() => null);
    const stale = generation !== this.generation || !this.mounted;
    if (answer && !stale) {
      successCallback(answer.rows, answer.total);
      this.show(answer);
      return;
    }
    failCallback();
    if (!stale) this.retry = setTimeout(() => this.refresh(), RETRY_PAUSE);
  }

  // The grid asks at once for rows in the order that somebody clicked.
  takeSort([sorted]) {
    const sort = sorted ? `${sorted.sort === "desc" ? "-" : ""}${sorted.colId}` : "-created_at";
    if (sort === this.state.get("sort")) return;
    this.generation += 1;
    this.first = null;
    this.state.set({ sort });
  }

  fetchRows(offset, limit) {
    const query = this.filters();
    for (const key of ["by", "sort"]) query.set(key, this.state.get(key));
    query.set("offset", offset);
    query.set("limit", limit);
    if (this.state.get("by") !== "run") this.state.expanded.forEach((key) => query.append("expanded", key));
    return call("GET", `/api/v1/runs/table?${query}`);
  }

  filters() {
    const query = new URLSearchParams();
    for (const key of ["search", "status", "dataset", "owner", "tag", "sweep", "group", "view"]) {
      if (this.state.get(key)) query.set(key, this.state.get(key));
    }
    return query;
  }

  // Fetch anew what is in view: after a change of order or filters from the top, else where it is.
  reload() {
    this.generation += 1;
    this.first = null;
    if (!this.mounted) return;
    this.grid.ensureIndexVisible && this.total && this.grid.ensureIndexVisible(0);
    this.grid.purgeInfiniteCache();
  }

  refresh() {
    clearTimeout(this.waiting);
    this.waiting = null;
    this.refreshed = performance.now();
    if (this.mounted) this.grid.refreshInfiniteCache();
  }

  // At most once a second, however much happens.
  refreshSoon(pause = REFRESH_PAUSE) {
    if (this.waiting) return;
    const wait = Math.max(0, (this.refreshed || 0) + pause - performance.now());
    this.waiting = setTimeout(() => this.refresh(), wait);
  }

  // -- news

  take({ runs = [], removed = [], queue }) {
    if (queue && this.mounted) this.putQueue(queue);
    let structural = removed.some((id) => this.seen.delete(id)) || removed.length > 0;
    for (const run of runs) {
      const before = this.seen.get(run.id);
      this.seen.set(run.id, run.status);
      structural = this.put(run) || before !== run.status || structural;
    }
    this.behind = this.behind || structural;
    if (!this.mounted || this.total === null) return;
    if (structural) this.refreshSoon();
    else if (this.state.get("by") !== "run" && runs.length) this.refreshSoon(3000);
  }

  // Renew the row of a run if it is here; true if more than its progress changed.
  put(run) {
    const node = this.mounted && this.grid.getRowNode(run.id);
    if (!node?.data) return false;
    const { depth, queue_position: place, ...held } = node.data;
    const { depth: _, queue_position: __, ...told } = run;
    node.setData({
      ...held,
      ...told,
      depth,
      queue_position: run.queue_position ?? (run.status === "queued" ? place : null),
    });
    return held.name !== run.name || held.archived !== run.archived || String(held.tags) !== String(run.tags);
  }

  // Renew the places of the queued runs in view.
  putQueue(queue) {
    const places = new Map(queue.map((id, index) => [id, index + 1]));
    this.grid.forEachNode((node) => {
      const place = (node.data && places.get(node.data.id)) || null;
      if (node.data && node.data.kind === "run" && node.data.queue_position !== place) {
        node.setData({ ...node.data, queue_position: place });
      }
    });
  }

  connection(state) {
    document.body.dataset.connection = state;
    showConnection(state, PATIENCE);
    if (state === "open") this.opened();
    if (state === "open" && this.wasLost) this.refresh();
    this.wasLost = state === "lost" || (this.wasLost && state !== "open");
  }

  // -- what stands around the grid

  // Turn the page's faces: no run at all, none that matches, or the grid; and say how many there are.
  show({ total, runs, stored }) {
    if (this.total === null) {
      whenIdle(() => loadPlotly());
      if (this.behind) this.refreshSoon();
    }
    this.total = total;
    this.matching = runs;
    const nothing = !stored && !this.state.filtered;
    this.page.dataset.empty = nothing ? "true" : "false";
    this.page.dataset.none = total ? "false" : "true";
    Object.assign(document.body.dataset, { runs, rows: total });
    const words = document.getElementById("runs-count");
    words.textContent =
      runs === stored || !stored ? format.count(runs) : `${format.count(runs)} of ${format.count(stored)}`;
    this.showBulk();
  }

  buildToolbar() {
    const bar = document.getElementById("runs-toolbar");
    this.search = make("input", "field search", undefined, {
      type: "search",
      id: "runs-search",
      placeholder: "Search",
      "aria-label": "Search in names, data sets, owners and tags",
      "aria-keyshortcuts": "/",
      autocomplete: "off",
    });
    this.search.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.filter({ search: this.search.value.trim() }), TYPING_PAUSE);
    });
    this.selects = {
      status: this.select("status", "Status", statusWords()),
      dataset: this.select("dataset", "Data set", []),
      owner: this.select("owner", "Owner", []),
      tag: this.select("tag", "Tag", []),
      sweep: this.select("sweep", "Sweep", []),
      view: this.select("view", "Place", Object.entries(VIEWS), ""),
      by: this.select("by", "Grouping", Object.entries(GROUPS), ""),
    };
    const { view, by, ...narrowing } = this.selects;
    const filters = make("div", "filters", undefined, { id: "runs-filters" }, ...Object.values(narrowing));
    const arrangement = make("div", "arrangement", undefined, {}, view, by, this.columnsButton());
    const toggle = button(
      "button-plain filters-toggle",
      "Filters",
      () => {
        const open = bar.classList.toggle("open");
        toggle.setAttribute("aria-expanded", open);
        this.fit();
      },
      { "aria-expanded": "false", "aria-controls": "runs-filters" },
    );
    this.clear = button("button-plain", "Clear filters", () => this.clearFilters());
    bar.replaceChildren(this.search, toggle, filters, arrangement, this.clear);
    document.getElementById("runs-none-clear").onclick = () => this.clearFilters();
    this.fillToolbar();
  }

  select(key, words, options, any = `Any ${words.toLowerCase()}`) {
    const select = make("select", "field", undefined, { id: `runs-${key}`, "aria-label": words });
    if (any) select.append(new Option(any, ""));
    options.forEach(([value, label]) => select.append(new Option(label, value)));
    select.addEventListener("change", () => this.filter({ [key]: select.value }));
    return select;
  }

  fillToolbar() {
    this.search.value = this.state.get("search");
    for (const [key, select] of Object.entries(this.selects)) {
      const value = this.state.get(key);
      // What was asked for is offered even where no run has it any more.
      if (![...select.options].some((option) => option.value === value)) select.append(new Option(value, value));
      select.value = value;
      select.dataset.set = value && !["by", "view"].includes(key) ? "yes" : "no";
    }
    this.clear.hidden = !this.state.filtered;
    this.fit();
    this.page.dataset.view = this.state.get("view");
  }

  filter(changes) {
    if (changes.view) chosen.clear(); // what is done with runs depends on where they are
    this.state.set(changes);
    this.fillToolbar();
    this.reload();
    this.showBulk();
  }

  clearFilters() {
    this.state.clearFilters();
    this.fillToolbar();
    this.reload();
    this.search.focus();
  }

  async loadFacets() {
    const facets = await call("GET", "/api/v1/runs/facets").catch(() => null);
    if (!facets) return; // the next change asks again
    const pairs = (list) => list.map((one) => (one.id === undefined ? [one, one] : [one.id, one.name]));
    for (const [key, list] of [
      ["dataset", "datasets"],
      ["owner", "owners"],
      ["tag", "tags"],
      ["sweep", "sweeps"],
    ]) {
      const select = this.selects[key];
      select.replaceChildren(
        select.options[0],
        ...pairs(facets[list]).map(([value, label]) => new Option(label, value)),
      );
      // A filter with one value narrows nothing.
      select.hidden = facets[list].length < (key === "owner" ? 2 : 1) && !this.state.get(key);
    }
    this.tagged = facets.tags.length > 0;
    this.hasOwners = facets.owners.length > 1;
    this.fillToolbar();
    this.fit();
  }

  addressChanged() {
    if (inside(location.pathname) !== "/" || !this.page) return;
    const asked = new RunsState();
    if (location.search && asked.query().toString() !== this.state.query().toString()) {
      this.state = asked;
      this.fillToolbar();
      this.reload();
    } else this.state.writeAddress();
  }

  // -- columns

  columnsButton() {
    const list = make("div", "menu columns-menu", undefined, {
      popover: "auto",
      role: "group",
      "aria-label": "Columns",
    });
    const open = button(
      "button-plain",
      "Columns",
      () => {
        this.listColumns(list);
        list.togglePopover();
        place(list, open.getBoundingClientRect());
        const first = list.querySelector("input");
        if (first) first.focus();
      },
      { "aria-haspopup": "true" },
    );
    list.addEventListener(
      "toggle",
      (event) => event.newState === "closed" && list.contains(document.activeElement) && open.focus(),
    );
    const frame = make("span");
    frame.append(open, list);
    return frame;
  }

  listColumns(list) {
    const boxes = this.choosable().map((column) => {
      const id = column.getColId();
      const box = make("input", "", undefined, { type: "checkbox", id: `column-${id}` });
      box.checked = column.isVisible();
      box.addEventListener("change", () => {
        this.state.setColumns({ shown: { ...this.state.columns.shown, [id]: box.checked } });
        this.fit();
      });
      return make("label", "check", undefined, { for: box.id }, box, make("span", "", column.getColDef().headerName));
    });
    const reset = button("button-plain", "Reset columns", () => {
      this.state.setColumns({ shown: {}, widths: {}, order: [] });
      this.grid.resetColumnState();
      this.restoreColumns();
      this.listColumns(list);
    });
    list.replaceChildren(...boxes, reset);
  }

  choosable() {
    return this.grid.getColumns().filter((column) => !column.getColDef().lockVisible);
  }

  // Sizes, columns and their order as they are remembered; then the rows come, which needs to be last.
  arrange() {
    this.scale = projector() ? LARGE : 1;
    this.grid.setGridOption("rowHeight", Math.round(ROW * this.scale));
    this.grid.setGridOption("headerHeight", Math.round(HEADER * this.scale));
    this.restoreColumns();
    this.grid.setGridOption("datasource", { getRows: (request) => this.getRows(request) });
  }

  sizeChanged() {
    const scale = projector() ? LARGE : 1;
    if (this.mounted && scale !== this.scale) this.arrange();
  }

  restoreColumns() {
    const { widths, order } = this.state.columns;
    const columns = this.grid.getColumns().map((column) => ({ id: column.getColId(), definition: column.getColDef() }));
    const place = ({ id }) => (order.includes(id) ? order.indexOf(id) : order.length);
    if (order.length) columns.sort((one, other) => place(one) - place(other));
    const state = columns.map(({ id, definition }) => {
      if (widths[id]) return { colId: id, width: widths[id], flex: null };
      return {
        colId: id,
        ...(definition.flex ? { flex: definition.flex } : { width: Math.round(definition.width * this.scale) }),
      };
    });
    this.grid.applyColumnState({ state, applyOrder: order.length > 0 });
    this.showSort();
    this.fit();
  }

  showSort() {
    const sort = this.state.get("sort");
    const state = [{ colId: sort.replace(/^-/, ""), sort: sort.startsWith("-") ? "desc" : "asc" }];
    this.grid.applyColumnState({ state, defaultState: { sort: null } });
  }

  // Somebody moved or widened columns: `type` is the grid's name of the event.
  columnsChanged({ type, source, finished, columns }) {
    if (!this.mounted || !finished || !String(source).startsWith("ui")) return;
    if (type === "columnMoved") {
      this.state.setColumns({ order: this.grid.getColumnState().map((column) => column.colId) });
      return;
    }
    const widths = { ...this.state.columns.widths };
    for (const column of columns || []) widths[column.getColId()] = column.getActualWidth();
    this.state.setColumns({ widths });
  }

  // What somebody chose to see is shown; else what has room, in the order of PRIORITY.
  fit() {
    const element = document.getElementById(GRID);
    if (!this.mounted || !element.clientWidth) return;
    element.style.setProperty("--grid-top", `${Math.round(element.getBoundingClientRect().top + window.scrollY)}px`);
    const { shown } = this.state.columns;
    const columns = new Map(this.grid.getColumns().map((column) => [column.getColId(), column]));
    const width = (id) => (id === "name" ? columns.get(id).getMinWidth() : columns.get(id).getActualWidth());
    let room = element.clientWidth;
    const hold = (id) => (room -= width(id));
    for (const id of columns.keys()) if (!PRIORITY.includes(id) || shown[id]) hold(id);
    // Whose a run is matters as soon as there are two.
    const wanted = this.hasOwners ? [...new Set(["choose", "more", "owner", ...PRIORITY])] : PRIORITY;
    for (const id of wanted) {
      const empty = id === "tags" && !this.tagged; // its room goes to the names
      const fits = room >= width(id) && !empty;
      if (!fits && !empty && shown[id] === undefined) room = 0; // the next ones are less wanted, even if they are narrow
      if (fits && shown[id] === undefined) hold(id);
      const visible = shown[id] ?? fits;
      if (visible !== columns.get(id).isVisible()) this.grid.setColumnsVisible([id], visible);
    }
  }

  refreshTimes() {
    if (this.mounted) this.grid.refreshCells({ columns: ["created_at"], force: true });
  }

  // -- the choice

  chooseRow(row) {
    const runs = row.kind === "group" ? row.run_ids.map((id) => ({ id, name: row.name })) : [row];
    const on = !runs.every((run) => chosen.has(run.id));
    if (row.kind === "group" && row.runs > row.run_ids.length) return this.chooseGroup(row, on);
    chosen.set(runs, on);
    this.anchor = row.id;
    return undefined;
  }

  async chooseGroup(row, on) {
    const query = this.filters();
    query.set(this.state.get("by") === "sweep" ? "sweep" : "group", row.key);
    const ids = await call("GET", `/api/v1/runs/ids?${query}`).catch((error) => say(error.message));
    if (ids)
      chosen.set(
        ids.map((id) => ({ id, name: row.name })),
        on,
      );
  }

  // All from the last choice to this row, as far as they are here.
  chooseUpTo(row) {
    const from = this.grid.getRowNode(this.anchor);
    const to = this.grid.getRowNode(row.id);
    if (!from || !to || from === to) return;
    const [first, last] = [from.rowIndex, to.rowIndex].sort((a, b) => a - b);
    const between = [];
    this.grid.forEachNode((node) => {
      const inside = node.rowIndex >= first && node.rowIndex <= last && node.id !== row.id;
      if (inside && node.data && node.data.kind === "run") between.push(node.data);
    });
    chosen.set(between, true);
  }

  async chooseAll() {
    const ids = await call("GET", `/api/v1/runs/ids?${this.filters()}`).catch((error) => say(error.message));
    if (ids)
      chosen.set(
        ids.map((id) => ({ id, name: chosen.name(id) || "" })),
        true,
      );
  }

  buildBulk() {
    const bar = document.getElementById("runs-bulk");
    const act = (action) => () => actOnRuns(action, chosen.ids());
    const put = (words, pressed, when, className = "button-plain") => {
      const made = button(className, words, pressed);
      made.dataset.view = when;
      return made;
    };
    this.chosenWords = make("strong", "", "");
    this.all = put("Choose all", () => this.chooseAll(), "active archived trash", "link-button");
    this.compare =
      hasPage("/compare") && put("Compare", () => navigate(comparisonOfChosen()), "active archived", "button");
    const parts = [
      this.chosenWords,
      this.all,
      this.compare,
      put("Pause", act("pause"), "active"),
      put("Resume", act("resume"), "active"),
      put("Stop", act("stop"), "active"),
      put("Tag …", () => tagRuns(chosen.ids()), "active archived"),
      put("Archive", act("archive"), "active"),
      put("Take back", act("unarchive"), "archived"),
      put("Delete", () => deleteRuns(chosen.ids()), "active archived"),
      put("Restore", act("restore"), "trash"),
      put("Delete for good", () => purgeRuns(chosen.ids()), "trash"),
      put("Choose none", () => this.chooseNone(), "active archived trash", "link-button"),
    ];
    bar.replaceChildren(...parts.filter(Boolean));
    this.showBulk();
  }

  chooseNone() {
    chosen.clear();
    this.focusGrid();
  }

  showBulk() {
    if (!this.chosenWords) return;
    this.chosenWords.textContent = `${format.count(chosen.size)} chosen`;
    const all = Math.min(this.matching || 0, 1000);
    this.all.textContent = `Choose all ${format.count(all)}`;
    this.all.hidden = chosen.size >= all;
    if (this.compare) {
      this.compare.disabled = chosen.size < COMPARABLE || chosen.size > mostCompared();
      this.compare.title = this.compare.disabled ? `From ${COMPARABLE} to ${mostCompared()} runs can be compared.` : "";
    }
  }

  focusGrid() {
    const cell = this.grid?.getFocusedCell();
    if (cell) this.grid.setFocusedCell(cell.rowIndex, cell.column);
    else this.search.focus();
  }

  // -- groups

  toggleGroup(group) {
    if (!this.state.expanded.delete(group.key)) this.state.expanded.add(group.key);
    const node = this.grid.getRowNode(group.id);
    if (node) this.grid.refreshCells({ rowNodes: [node], force: true });
    this.refresh();
  }

  // -- the keyboard

  // A key in a row; true if it meant something.
  key(row, event) {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || writing(event.target)) return false;
    const group = row.kind === "group";
    if (key === " ") this.chooseRow(row);
    else if (group && key === "Enter") this.toggleGroup(row);
    else if (key === "Enter" && event.target.closest("[col-id='more']")) openRunMenu(row, event.target);
    else if (key === "Enter") navigate(`/runs/${encodeURIComponent(row.id)}`);
    else if (!group && key === "F2") editRun(row);
    else if (!group && key === "ContextMenu") openRunMenu(row, event.target);
    else if (!group && key === "Delete") deleteRuns(chosen.has(row.id) ? chosen.ids() : [row.id]);
    else return false;
    return true;
  }

  close() {
    this.feed.close();
    [this.waiting, this.typing, this.retry].forEach(clearTimeout);
    clearInterval(this.clock);
    this.stopLook();
    this.stopChosen();
    for (const event of ["popstate", "_dashprivate_pushstate"]) window.removeEventListener(event, this.readAddress);
    if (this.resize) this.resize.disconnect();
    showConnection("open", 0);
    for (const key of ["runs", "rows", "connection"]) delete document.body.dataset[key];
  }
}

let view = null;

document.addEventListener("keydown", (event) => {
  if (!view?.search || event.key !== "/" || writing(event.target)) return;
  event.preventDefault();
  view.search.focus();
});

export function openRuns() {
  view = view || new RunsView();
}

export function closeRuns() {
  if (view) view.close();
  view = null;
}

export function mountRuns() {
  openRuns();
  view.mount();
}

onChanged(() => {
  if (!view?.mounted) return;
  view.refresh();
  view.loadFacets();
});

export const chooseRow = (row) => view?.chooseRow(row);
export const chooseUpTo = (row) => view?.chooseUpTo(row);
export const toggleGroup = (group) => view?.toggleGroup(group);
export const isGroupOpen = (group) => Boolean(view) && view.state.expanded.has(group.key);
export const runKey = (row, event) => Boolean(view) && view.key(row, event);
export const columnsChanged = (params) => view?.columnsChanged(params);
