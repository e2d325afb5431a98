// Tables of a comparison: groups with their numbers, which are the legend of all figures, and the settings that differ.
import { swatch } from "../charts/swatch.js";
import { make } from "../core/dom.js";
import { pageLink } from "../core/navigation.js";
import { statusBadge } from "../core/status.js";
import { tableHead } from "../core/table.js";

/** @import { ComparedGroupRow, ComparedRunRow, ComparisonView, DifferenceWords } from "../types/schemas.js" */

/**
 * @param {string} className
 * @param {string[]} heads
 * @param {HTMLTableRowElement[]} rows
 */
function table(className, heads, rows) {
  return make("table", className, undefined, {}, tableHead(heads), make("tbody", "", undefined, {}, ...rows));
}

// -- groups

/** @param {ComparisonView} view */
export function groupsTable({ groups, is_pinned: isPinned }) {
  const heads = ["Group", "Mean", ...(isPinned ? ["Difference, 95 % interval"] : []), ""];
  return table(
    "groups",
    heads,
    groups.map((group) => groupRow(group, isPinned)),
  );
}

/**
 * @param {ComparedGroupRow} group
 * @param {boolean} isPinned
 */
function groupRow(group, isPinned) {
  const row = make("tr", group.is_baseline ? "baseline" : "");
  row.append(
    make("th", "", undefined, { scope: "row" }, groupLabel(group)),
    make("td", "", undefined, {}, ...mean(group)),
  );
  if (isPinned) row.append(make("td", "", undefined, {}, ...difference(group.is_baseline, group.difference)));
  row.append(make("td", "", undefined, {}, make("div", "group-buttons", undefined, {}, ...buttons(group))));
  return row;
}

/** @param {ComparedGroupRow} group */
function groupLabel({ label, members, runs, style }) {
  const name =
    runs.length === 1
      ? pageLink(`/runs/${runs[0]}`, "group-name", label)
      : make("span", "group-name", label, { title: label });
  const words = make("div", "", undefined, {}, name, make("span", "now", members));
  return make("div", "group-label", undefined, {}, swatch(style), words);
}

/** @param {ComparedGroupRow} group */
function mean({ deviation, mean: words, samples }) {
  /** @type {Node[]} */
  const parts = [make("strong", "", words)];
  if (deviation) parts.push(make("span", "", ` ± ${deviation}`, { title: "standard deviation over replicates" }));
  return [...parts, make("div", "now", samples)];
}

/**
 * @param {boolean} isBaseline
 * @param {DifferenceWords | null} found
 * @returns {(Node | string)[]}
 */
function difference(isBaseline, found) {
  if (isBaseline) return [make("span", "now", "baseline")];
  if (!found) return ["–"];
  const interval = found.interval && ` ${found.interval}`;
  return [make("strong", "", found.mean), interval, make("div", "now", found.method)];
}

/** @param {ComparedGroupRow} group */
function buttons({ is_baseline: isBaseline, is_opened: isOpened, label, runs }) {
  const pin = toggle(isBaseline ? "Unpin" : "Pin", isBaseline, {
    title: "Compare the others with this group",
    "data-pin": runs[0],
    "aria-label": `${isBaseline ? "Unpin" : "Pin"} ${label} as the baseline`,
  });
  if (runs.length === 1) return [pin];
  const members = toggle(isOpened ? "Hide runs" : "Runs", isOpened, {
    title: "Draw each run of this group",
    "data-members": runs[0],
    "aria-label": `${isOpened ? "Hide" : "Draw"} each run of ${label}`,
  });
  return [pin, members];
}

/**
 * @param {string} words
 * @param {boolean} isPressed
 * @param {Record<string, string>} attributes
 */
function toggle(words, isPressed, attributes) {
  return make("button", "button-plain", words, { type: "button", "aria-pressed": String(isPressed), ...attributes });
}

// -- settings

/** @param {ComparisonView} view */
export function settingsTable({ result_title: result, runs, settings }) {
  const heads = ["Run", "Status", ...settings.map(({ title }) => title), result, "Iterations", ""];
  return table("differing", heads, runs.map(runRow));
}

/** @param {ComparedRunRow} run */
function runRow(run) {
  /** @type {Node[]} */
  const name = [pageLink(`/runs/${run.id}`, "run-name", run.name)];
  if (run.copy) name.push(make("span", "now", "copy", { title: run.copy }));
  const label = make("div", "group-label", undefined, {}, swatch(run.style), ...name);
  const remove = make("button", "icon-button", "×", {
    type: "button",
    title: "Leave out of the comparison",
    "data-remove": run.id,
    "aria-label": `Leave ${run.name} out of the comparison`,
  });
  return make(
    "tr",
    "",
    undefined,
    {},
    make("th", "", undefined, { scope: "row" }, label),
    make("td", "", undefined, {}, statusBadge(run.status)),
    ...[...run.settings, run.result, run.iterations].map((words) => make("td", "", words)),
    make("td", "", undefined, {}, remove),
  );
}
