// Functions and components of the grid's columns (dashboard/components/runs_grid.py names them). A row is a run or a group
// of runs; it is undefined while it is on its way.
import { navigate, url } from "../core/address.js";
import * as format from "../core/format.js";
import { statusWord } from "../core/status.js";
import { openRunMenu } from "./actions.js";
import { chosen } from "./chosen.js";
import { chooseRow, chooseUpTo, columnsChanged, isGroupOpen, runKey, toggleGroup } from "./page.js";
import {
  deviationWords,
  differingWords,
  groupCurve,
  methodWords,
  nameParts,
  networkWords,
  progressOf,
  settingWords,
  sizeWords,
  smallCurve,
} from "./row_words.js";

/** @import { ColumnEvent, Row } from "../types/ag_grid.js" */
/** @import { GridComponent, GridFunction, GroupRow, RunRow, RunStatus } from "../types/schemas.js" */

/** @typedef {{ data?: Row, value?: number }} CellProperties */
/** @typedef {ReactElement | string | null | undefined} Content */

const REQUESTED = { stop: "stopping …", pause: "pausing …" };

/** @type {typeof window.React.createElement} */
const element = (...inputs) => window.React.createElement(...inputs);

/** @param {RunRow} run */
const path = (run) => url(`/runs/${encodeURIComponent(run.id)}`);

const THEME = {
  browserColorScheme: "inherit",
  fontFamily: "var(--font)",
  fontSize: "var(--size-table)",
  backgroundColor: "var(--canvas)",
  foregroundColor: "var(--ink)",
  headerBackgroundColor: "var(--canvas)",
  headerTextColor: "var(--muted)",
  headerFontWeight: 500,
  borderColor: "var(--line)",
  rowHoverColor: "var(--faint)",
  oddRowBackgroundColor: "var(--canvas)",
  accentColor: "var(--focus)",
  chromeBackgroundColor: "var(--canvas)",
  wrapperBorder: false,
  wrapperBorderRadius: 0,
  headerColumnBorder: false,
  columnBorder: false,
  cellHorizontalPadding: 10,
};

/** @satisfies {Record<GridFunction, unknown>} */
const FUNCTIONS = {
  synrlAgo: (/** @type {string | undefined} */ text) => format.ago(text),
  synrlLocalTime: (/** @type {string | undefined} */ text) => (text ? format.moment(text) : ""),
  synrlDurationWords: (/** @type {number | undefined} */ seconds) => (seconds ? format.duration(seconds) : "–"),
  synrlProgress: progressOf,
  synrlTags: (/** @type {Row | undefined} */ row) => (row?.kind === "run" ? row.tags.join(", ") : ""),
  synrlIsGroup: (/** @type {Row | undefined} */ row) => row?.kind === "group",
  synrlIsMember: (/** @type {Row | undefined} */ row) => row?.kind === "run" && row.depth > 0,
  synrlNetwork: networkWords,
  synrlMethod: methodWords,
  synrlGridTheme: (/** @type {{ withParams(parameters: object): object }} */ base) => base.withParams(THEME),
  synrlOpenRun,
  synrlRunKey: (/** @type {{ data?: Row, event: KeyboardEvent }} */ { data, event }) => {
    if (data && runKey(data, event)) event.preventDefault();
  },
  synrlColumnsChanged: (/** @type {ColumnEvent} */ event) => columnsChanged(event),
};

/**
 * A click anywhere in a row opens its run, unless it was meant for a control, or to mark text.
 *
 * @param {{ data?: Row, event: Event }} clicked
 */
function synrlOpenRun({ data, event: { target } }) {
  const isControl = target instanceof Element && target.closest("a, button, input, label");
  if (!data || isControl || String(window.getSelection())) return;
  if (data.kind === "group") toggleGroup(data);
  else navigate(path(data));
}

/**
 * @param {Content} first
 * @param {Content} second
 * @param {string} [title]
 */
function twoLines(first, second, title) {
  return element(
    "span",
    { className: "two-lines", title },
    element("span", { className: "first-line" }, first),
    second && element("span", { className: "quiet" }, second),
  );
}

/** @satisfies {Record<GridComponent, unknown>} */
const COMPONENTS = {
  RunChoose: (/** @type {CellProperties} */ { data }) => {
    const ids = data ? (data.kind === "group" ? data.run_ids : [data.id]) : [];
    const state = () => {
      const on = ids.filter(chosen.has).length;
      return on === 0 ? "off" : on === ids.length ? "on" : "some";
    };
    // Follows the choice wherever it is changed.
    const shown = window.React.useSyncExternalStore(chosen.subscribe, state);
    const box = window.React.useRef(/** @type {HTMLInputElement | null} */ (null));
    window.React.useEffect(() => {
      if (box.current) box.current.indeterminate = shown === "some";
    });
    if (!data || !ids.length) return null;
    const input = element("input", {
      ref: box,
      type: "checkbox",
      checked: shown === "on",
      tabIndex: -1,
      "aria-label": data.kind === "group" ? `Choose the runs of ${data.name}` : `Choose ${data.name}`,
      onChange: () => chooseRow(data),
      onClick: (/** @type {MouseEvent} */ event) => {
        if (event.shiftKey) chooseUpTo(data);
      },
    });
    return element("label", { className: "choose" }, input);
  },

  RunName: (/** @type {CellProperties} */ { data }) => {
    if (!data) return element("span", { className: "loading-row" });
    if (data.kind === "group") return groupName(data);
    const properties = { href: path(data), title: data.name, className: "run-link" };
    const [differing, sweep] = nameParts(data);
    const told = sweep ? differingWords(differing) : differing;
    const link = element(window.dash_core_components.Link, properties, told);
    const seed = differing.includes(`seed ${data.config.seed}`) ? "" : `seed ${data.config.seed}`;
    const notes = data.depth ? [seed, data.copy_of ? "a copy: not counted" : ""].filter(Boolean).join(", ") : sweep;
    return notes ? twoLines(link, notes, data.name) : link;
  },

  RunStatus: (/** @type {CellProperties} */ { data }) => {
    if (!data) return null;
    if (data.kind === "group") return element("span", { className: "quiet clamped" }, statusCounts(data.by_status));
    const word = element(
      "span",
      { className: "status", "data-status": data.status },
      element("span", { className: "mark" }),
      element("span", { className: "word" }, data.requested ? REQUESTED[data.requested] : statusWord(data.status)),
    );
    const place = data.status === "queued" ? data.queue_position : null;
    if (!place) return word;
    return twoLines(word, place === 1 ? "next in the queue" : `${format.ordinal(place)} in the queue`);
  },

  RunProgress: (/** @type {CellProperties} */ { data, value = 0 }) => {
    if (!data) return null;
    const run = data.kind === "run" ? data : null;
    if (run?.error) return element("span", { className: "reason", title: run.error }, run.error);
    if (run?.status === "succeeded") {
      return element("span", { className: "quiet" }, `${format.count(run.iteration)} it`);
    }
    const speed = run?.status === "running" ? format.speed(run.iterations_per_second) : "";
    const words = [`${Math.floor(100 * value)} %`, speed].filter(Boolean).join(" · ");
    const bar = element("span", { className: "bar", style: { transform: `scaleX(${value})` } });
    return element(
      "span",
      { className: "cell-progress" },
      element("span", null, words),
      element("span", { className: "progress", "data-status": run?.status }, bar),
    );
  },

  RunCurve: (/** @type {CellProperties} */ { data }) => {
    if (data?.kind === "group") return data.curve ? curveOf(groupCurve(data.curve)) : null;
    if (!data || data.curve.length < 2) return null;
    return curveOf(smallCurve(data.curve, data.iterations));
  },

  RunAccuracy: (/** @type {CellProperties} */ { data }) => {
    if (!data) return null;
    const deviation = data.kind === "group" ? data.validation_accuracy_deviation : null;
    return twoLines(format.percent(data.validation_accuracy), deviationWords(deviation));
  },

  RunBest: (/** @type {CellProperties} */ { data }) => {
    if (!data) return null;
    const best = format.percent(data.best_validation_accuracy);
    if (data.kind === "group") return twoLines(best, deviationWords(data.best_validation_accuracy_deviation));
    return twoLines(best, format.known(data.best_iteration) ? `at ${format.count(data.best_iteration)}` : "");
  },

  RunTags: (/** @type {CellProperties} */ { data }) => {
    if (data?.kind !== "run") return null;
    const tags = data.tags.map((tag) => element("span", { className: "tag", key: tag }, tag));
    return element("span", { className: "tags", title: data.tags.join(", ") }, tags);
  },

  RunMore: (/** @type {CellProperties} */ { data }) => {
    if (data?.kind !== "run") return null;
    const properties = {
      type: "button",
      className: "icon-button",
      "aria-label": `More for ${data.name}`,
      "aria-haspopup": "menu",
      title: "More",
      tabIndex: -1,
      onClick: (/** @type {{ currentTarget: HTMLElement }} */ event) => openRunMenu(data, event.currentTarget),
    };
    return element("button", properties, element("span", { className: "glyph glyph-more" }));
  },
};

/** @param {{ width: number, height: number, points: string[], band?: string[] }} drawn */
function curveOf({ width, height, points, band }) {
  const [cx, cy] = points[points.length - 1].split(",");
  return element(
    "svg",
    { className: "cell-curve", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
    element("path", { className: "floor", d: `M0 ${height - 1.5}H${width}` }),
    band && element("polygon", { className: "band", points: band.join(" ") }),
    element("polyline", { className: "curve", points: points.join(" ") }),
    element("circle", { className: "end", cx, cy, r: 2 }),
  );
}

/** @param {GroupRow} group */
function groupName(group) {
  const differs = settingWords(group.differs);
  const isOpen = isGroupOpen(group);
  const expander = {
    type: "button",
    className: "icon-button expander",
    "aria-expanded": isOpen,
    "aria-label": `Runs of ${group.name}`,
    tabIndex: -1,
    onClick: () => toggleGroup(group),
  };
  return element(
    "span",
    { className: "group-name" },
    element("button", expander, element("span", { className: `glyph ${isOpen ? "glyph-down" : "glyph-right"}` })),
    twoLines(
      element("span", { className: "run-link" }, group.name),
      [sizeWords(group), ...differs].join(" · "),
      [group.name, ...differs].join(" · "),
    ),
  );
}

/** @param {Partial<Record<RunStatus, number>>} counts */
function statusCounts(counts) {
  const entries = Object.entries(counts);
  return entries.map(([status, count]) => `${count} ${statusWord(/** @type {RunStatus} */ (status))}`).join(", ");
}

/** Define what the columns name: dash-ag-grid finds functions and components on the window. */
export function defineColumns() {
  window.dashAgGridFunctions = { ...window.dashAgGridFunctions, ...FUNCTIONS };
  window.dashAgGridComponentFunctions = { ...window.dashAgGridComponentFunctions, ...COMPONENTS };
}
