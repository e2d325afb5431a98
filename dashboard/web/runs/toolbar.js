// The toolbar over the grid of runs: search, filters, grouping and columns.
import { call } from "../core/api.js";
import { button, byId, checkLabel, findId, make } from "../core/dom.js";
import { place } from "../core/menu.js";
import { statusWords } from "../core/status.js";

/** @import { Column } from "../types/ag_grid.js" */
/** @import { RunFacets } from "../types/schemas.js" */
/** @import { Key, RunsState, Values } from "./state.js" */

/** @typedef {[string, string][]} Options value and label of each */

/**
 * @typedef {object} ToolbarListener
 * @property {(changes: Partial<Values>) => void} filter
 * @property {() => void} clear the filters are to be cleared
 * @property {() => void} fit the room for the grid has changed
 * @property {() => Column[]} columns those that can be chosen
 * @property {(id: string, isShown: boolean) => void} showColumn
 * @property {() => void} resetColumns
 */

const TYPING_PAUSE = 250; // ms after the last letter of a search
const VIEWS = { active: "Active", archived: "Archived", trash: "Trash" };
const GROUPS = { run: "Every run", configuration: "By configuration", sweep: "By sweep" };

/** @typedef {"status" | "dataset" | "owner" | "tag" | "sweep" | "view" | "by"} Selected */

export class Toolbar {
  /**
   * @param {RunsState} state
   * @param {ToolbarListener} listener
   */
  constructor(state, listener) {
    this.state = state;
    this.listener = listener;
    this.typing = 0;
    this.search = this.makeSearch();
    /** @type {Record<Selected, HTMLSelectElement>} */
    this.selects = {
      status: this.select("status", "Status", statusWords()),
      dataset: this.select("dataset", "Data set", []),
      owner: this.select("owner", "Owner", []),
      tag: this.select("tag", "Tag", []),
      sweep: this.select("sweep", "Sweep", []),
      view: this.select("view", "Place", Object.entries(VIEWS), false),
      by: this.select("by", "Grouping", Object.entries(GROUPS), false),
    };
    this.clear = button("button-plain", "Clear filters", () => this.listener.clear());
    const { view, by, ...filters } = this.selects;
    const filterBox = make("div", "filters", undefined, { id: "runs-filters" }, ...Object.values(filters));
    const arrangement = make("div", "arrangement", undefined, {}, view, by, this.columnsButton());
    byId("runs-toolbar").replaceChildren(this.search, this.filtersToggle(), filterBox, arrangement, this.clear);
    byId("runs-none-clear").onclick = () => this.listener.clear();
    this.show();
  }

  close() {
    clearTimeout(this.typing);
  }

  makeSearch() {
    const search = make("input", "field search", undefined, {
      type: "search",
      id: "runs-search",
      placeholder: "Search",
      "aria-label": "Search in names, data sets, owners and tags",
      "aria-keyshortcuts": "/",
      autocomplete: "off",
    });
    search.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => {
        this.typing = 0;
        this.listener.filter({ search: search.value.trim() });
      }, TYPING_PAUSE);
    });
    return search;
  }

  /** A button that opens the filters, where there is little room. */
  filtersToggle() {
    const attributes = { "aria-expanded": "false", "aria-controls": "runs-filters" };
    const toggle = button(
      "button-plain filters-toggle",
      "Filters",
      () => {
        const isOpen = byId("runs-toolbar").classList.toggle("open");
        toggle.setAttribute("aria-expanded", String(isOpen));
        this.listener.fit();
      },
      attributes,
    );
    return toggle;
  }

  /**
   * @param {Selected} key
   * @param {string} words
   * @param {Options} options
   * @param {boolean} offersAny whether nothing need be chosen
   */
  select(key, words, options, offersAny = true) {
    const select = make("select", "field", undefined, { id: `runs-${key}`, "aria-label": words });
    if (offersAny) select.append(new Option(`Any ${words.toLowerCase()}`, ""));
    for (const [value, label] of options) select.append(new Option(label, value));
    select.addEventListener("change", () => this.listener.filter({ [key]: select.value }));
    return select;
  }

  /** Leave out what is being typed: the filters come from elsewhere now. */
  forgetTyping() {
    clearTimeout(this.typing);
    this.typing = 0;
  }

  /** Show the state; what is being typed stays as it is. */
  show() {
    if (!this.typing) this.search.value = this.state.get("search");
    for (const key of /** @type {Selected[]} */ (Object.keys(this.selects))) {
      const select = this.selects[key];
      const value = this.state.get(key);
      // A value that was asked for is offered even where no run has it any more.
      if (![...select.options].some((option) => option.value === value)) select.append(new Option(value, value));
      select.value = value;
      select.dataset.set = value && key !== "by" && key !== "view" ? "yes" : "no";
    }
    this.clear.hidden = !this.state.filtered;
    byId("runs-page").dataset.view = this.state.get("view");
    this.listener.fit();
  }

  /** Fetch the values that the filters offer. Resolves to them; null if they can't be had: the next change asks again. */
  async loadFacets() {
    /** @type {RunFacets | null} */
    const facets = await call("GET", "/api/v1/runs/facets").catch(() => null);
    if (!facets || !findId("runs-page")) return null; // unreachable, or the page was left meanwhile
    /** @type {(list: string[]) => Options} */
    const same = (list) => list.map((value) => [value, value]);
    /** @type {(list: { id: string, name: string }[]) => Options} */
    const named = (list) => list.map(({ id, name }) => [id, name]);
    this.offer("dataset", named(facets.datasets));
    this.offer("owner", same(facets.owners), 2); // a filter with one value narrows nothing
    this.offer("tag", same(facets.tags));
    this.offer("sweep", named(facets.sweeps));
    this.show();
    return facets;
  }

  /**
   * @param {Selected & Key} key
   * @param {Options} options
   * @param {number} least as many as make the filter worth its room
   */
  offer(key, options, least = 1) {
    const select = this.selects[key];
    select.replaceChildren(select.options[0], ...options.map(([value, label]) => new Option(label, value)));
    select.hidden = options.length < least && !this.state.get(key);
  }

  // -- columns

  columnsButton() {
    const attributes = { popover: "auto", role: "group", "aria-label": "Columns" };
    const list = make("div", "menu columns-menu", undefined, attributes);
    const open = button(
      "button-plain",
      "Columns",
      () => {
        this.listColumns(list);
        list.togglePopover();
        place(list, open.getBoundingClientRect());
        list.querySelector("input")?.focus();
      },
      { "aria-haspopup": "true" },
    );
    list.addEventListener("toggle", (event) => {
      if (event.newState === "closed" && list.contains(document.activeElement)) open.focus();
    });
    return make("span", "", undefined, {}, open, list);
  }

  /** @param {HTMLElement} list */
  listColumns(list) {
    const boxes = this.listener.columns().map((column) => {
      const id = column.getColId();
      const box = make("input", "", undefined, { type: "checkbox", id: `column-${id}` });
      box.checked = column.isVisible();
      box.addEventListener("change", () => this.listener.showColumn(id, box.checked));
      return checkLabel(column.getColDef().headerName, box);
    });
    const reset = button("button-plain", "Reset columns", () => {
      this.listener.resetColumns();
      this.listColumns(list);
    });
    list.replaceChildren(...boxes, reset);
  }
}
