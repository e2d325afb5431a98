// The rows of the runs' grid: fetches blocks of them as the grid asks, and fetches them again when runs have changed.
import { call } from "../core/api.js";
import { pause } from "../core/pause.js";

/** @import { RowsRequest } from "../types/ag_grid.js" */
/** @import { RunTable } from "../types/schemas.js" */
/** @import { RunsView } from "./page.js" */

const BLOCK = 60; // rows fetched at once
const REFRESH_PAUSE = 1000; // ms between two fetches of the rows in view; rows that are there change at once
const FEED_PAUSE = 300; // ms that the first rows wait for the feed
const RETRY_PAUSE = 2000; // ms until rows that could not be had are asked for again

export class Rows {
  /** @param {RunsView} view */
  constructor(view) {
    this.view = view;
    this.generation = 0; // of the rows: those of an older one are not shown
    /** @type {number | null} until the rows are fetched again */
    this.waiting = null;
    this.refreshed = 0;
    this.retry = 0;
    this.opened = () => {};
    /** @type {Promise<RunTable> | null} the first rows */
    this.first = this.fetchFirst();
  }

  /**
   * Fetch the first rows while Dash still fetches the page: from when the feed is open, so that nothing falls between
   * them, unless it takes its time.
   */
  fetchFirst() {
    const isOpen = new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      this.opened = resolve;
    });
    const first = Promise.race([isOpen, pause(FEED_PAUSE)]).then(() => this.fetch(0, BLOCK));
    first.catch(() => {}); // told where the grid asks for them
    return first;
  }

  /**
   * Answer the grid, which asks for the rows in view.
   *
   * @param {RowsRequest} request
   */
  async answer({ startRow, endRow, sortModel, successCallback, failCallback }) {
    this.sort(sortModel[0]);
    const { generation } = this;
    const first = startRow === 0 ? this.first : null;
    this.first = null;
    const answer = await (first ?? this.fetch(startRow, endRow - startRow)).catch(() => null);
    const isStale = generation !== this.generation || !this.view.mountedGrid;
    if (answer && !isStale) {
      successCallback(answer.rows, answer.total);
      this.view.show(answer);
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
  sort(sorted) {
    const { state } = this.view;
    const sort = sorted ? `${sorted.sort === "desc" ? "-" : ""}${sorted.colId}` : "-created_at";
    if (sort === state.get("sort")) return;
    this.forget();
    state.set({ sort });
  }

  /**
   * @param {number} offset
   * @param {number} limit
   * @returns {Promise<RunTable>}
   */
  fetch(offset, limit) {
    const { state } = this.view;
    const query = state.filterQuery();
    query.set("by", state.get("by"));
    query.set("sort", state.get("sort"));
    query.set("offset", String(offset));
    query.set("limit", String(limit));
    if (state.get("by") !== "run") for (const key of state.expanded) query.append("expanded", key);
    return call("GET", `/api/v1/runs/table?${query}`);
  }

  /** Rows on their way are no longer wanted. */
  forget() {
    this.generation += 1;
    this.first = null;
  }

  /** Fetch the rows again from the top: order or filters have changed. */
  reload() {
    this.forget();
    const grid = this.view.mountedGrid;
    if (!grid) return;
    if (this.view.total) grid.ensureIndexVisible(0);
    grid.purgeInfiniteCache();
  }

  /** Fetch the rows in view again. */
  refresh() {
    if (this.waiting !== null) clearTimeout(this.waiting);
    this.waiting = null;
    this.refreshed = performance.now();
    this.view.mountedGrid?.refreshInfiniteCache();
  }

  /** Fetch them again soon, but not more often than a pause allows, however much happens. */
  refreshSoon(least = REFRESH_PAUSE) {
    if (this.waiting !== null) return;
    this.waiting = setTimeout(() => this.refresh(), Math.max(0, this.refreshed + least - performance.now()));
  }

  close() {
    for (const timer of [this.waiting, this.retry]) if (timer !== null) clearTimeout(timer);
  }
}
