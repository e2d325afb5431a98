// The choice of runs in the grid: by row, by group, from one row to another, or all that the filters match.
import { call, messageOf } from "../core/api.js";
import { say } from "../core/news.js";
import { pageData } from "../core/page_data.js";
import { BulkBar } from "./bulk.js";
import { chosen } from "./chosen.js";

/** @import { Row } from "../types/ag_grid.js" */
/** @import { GroupRow, RunRow } from "../types/schemas.js" */
/** @import { RunsView } from "./page.js" */

const HIDDEN_PAUSE = 200; // ms after the last change of choice or filters until the chosen that are not shown are counted

export class Selection {
  /** @param {RunsView} view */
  constructor(view) {
    this.view = view;
    /** @type {BulkBar | null} */
    this.bulk = null;
    this.matching = 0; // runs that the filters choose
    /** @type {string | null} row where a choice with shift begins */
    this.anchor = null;
    this.counting = 0; // the timer of `countHidden`
  }

  mount() {
    this.bulk = new BulkBar({ chooseAll: () => this.chooseAll(), chooseNone: () => this.chooseNone() });
    this.show();
  }

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
    const { state } = this.view;
    const query = state.filterQuery();
    query.set(state.get("by") === "sweep" ? "sweep" : "group", row.key);
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
    const { grid } = this.view;
    const from = grid?.getRowNode(this.anchor ?? "");
    const to = grid?.getRowNode(row.id);
    if (!from || !to || from === to) return;
    const [first, last] = [from.rowIndex, to.rowIndex].sort((a, b) => a - b);
    /** @type {RunRow[]} */
    const between = [];
    grid?.forEachNode(({ data, id, rowIndex }) => {
      if (data?.kind === "run" && rowIndex >= first && rowIndex <= last && id !== row.id) between.push(data);
    });
    chosen.set(between, true);
  }

  async chooseAll() {
    const ids = await fetchIds(this.view.state.filterQuery());
    const runs = ids.map((id) => ({ id, name: chosen.name(id) ?? "" }));
    if (runs.length) chosen.set(runs, true);
  }

  chooseNone() {
    chosen.clear();
    const { grid, toolbar } = this.view;
    const cell = grid?.getFocusedCell();
    if (cell) grid?.setFocusedCell(cell.rowIndex, cell.column);
    else toolbar?.search.focus();
  }

  show() {
    this.bulk?.show(this.matching);
    clearTimeout(this.counting);
    this.counting = setTimeout(() => void this.countHidden(), HIDDEN_PAUSE);
  }

  /** Count the chosen runs that are not among those that the filters choose, and say so. */
  async countHidden() {
    const { view } = this;
    const { generation } = view.rows;
    const ids = chosen.ids();
    const isHere = (/** @type {string} */ id) => view.mountedGrid?.getRowNode(id);
    let hidden = 0;
    if (!ids.every(isHere) && this.matching <= pageData().limits.at_once) {
      const shown = new Set(await fetchIds(view.state.filterQuery()));
      hidden = ids.filter((id) => !shown.has(id)).length;
    }
    if (generation === view.rows.generation && String(ids) === String(chosen.ids())) this.bulk?.showHidden(hidden);
  }

  close() {
    clearTimeout(this.counting);
  }
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
