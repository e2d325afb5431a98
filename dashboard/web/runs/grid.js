// @ts-nocheck
// What the columns of the grid of runs compute and draw (dashboard/components/runs_grid.py names them). A row is a run
// or a group of runs, as backend.schemas.RunRow says.
import { navigate, url } from "../core/address.js";
import * as format from "../core/format.js";
import { statusWord } from "../core/status.js";
import { openRunMenu } from "./actions.js";
import { chosen } from "./chosen.js";
import { chooseRow, chooseUpTo, columnsChanged, isGroupOpen, runKey, toggleGroup } from "./page.js";

const element = (...args) => window.React.createElement(...args);
const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
const path = (run) => url(`/runs/${encodeURIComponent(run.id)}`);
const isGroup = (row) => row.kind === "group";
const CURVE = { width: 88, height: 28 };

Object.assign(functions, {
  synrlAgo: format.ago,
  synrlLocalTime: (text) => (text ? new Date(format.time(text)).toLocaleString() : ""),
  synrlDurationWords: (seconds) => (seconds ? format.duration(seconds) : "–"),
  synrlProgress: (row) => (row?.iterations ? row.iteration / row.iterations : 0),
  synrlTags: (row) => (row?.tags ? row.tags.join(", ") : ""),
  synrlIsGroup: (row) => Boolean(row) && isGroup(row),
  synrlIsMember: (row) => Boolean(row) && row.depth > 0,

  synrlNetwork(row) {
    if (!row?.config) return "";
    const { hidden_layers: layers, activation } = row.config;
    return layers.length ? `${layers.join("–")} ${activation === "relu" ? "ReLU" : activation}` : "no hidden layer";
  },

  synrlMethod(row) {
    if (!row?.config) return "";
    const { method, policy, adaptive, optimizer } = row.config;
    if (method === "gradient") return `gradient descent, ${optimizer}`;
    return policy.replaceAll("_", " ") + (adaptive ? ", adaptive" : "");
  },

  synrlGridTheme(base) {
    return base.withParams({
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
    });
  },

  // A click anywhere in a row opens its run, unless it was meant for a control, or to mark text.
  synrlOpenRun({ data, event }) {
    if (!data || event.target.closest("a, button, input, label") || String(window.getSelection())) return;
    if (isGroup(data)) toggleGroup(data);
    else navigate(path(data));
  },

  synrlRunKey({ data, event }) {
    if (data && runKey(data, event)) event.preventDefault();
  },

  synrlColumnsChanged(params) {
    columnsChanged(params);
  },
});

// A tick in the row, which follows the choice wherever it is changed.
components.RunChoose = ({ data }) => {
  const ids = data ? (isGroup(data) ? data.run_ids : [data.id]) : [];
  const state = () => {
    const on = ids.filter(chosen.has).length;
    return on === 0 ? "off" : on === ids.length ? "on" : "some";
  };
  const shown = window.React.useSyncExternalStore(chosen.subscribe, state);
  const box = window.React.useRef(null);
  window.React.useEffect(() => {
    if (box.current) box.current.indeterminate = shown === "some";
  });
  if (!ids.length) return null;
  return element(
    "label",
    { className: "choose" },
    element("input", {
      ref: box,
      type: "checkbox",
      checked: shown === "on",
      tabIndex: -1,
      "aria-label": isGroup(data) ? `Choose the runs of ${data.name}` : `Choose ${data.name}`,
      onChange: () => chooseRow(data),
      onClick: (event) => event.shiftKey && chooseUpTo(data),
    }),
  );
};

components.RunName = ({ data }) => {
  if (!data) return element("span", { className: "loading-row" });
  if (isGroup(data)) return groupName(data);
  const link = element(
    window.dash_core_components.Link,
    { href: path(data), title: data.name, className: "run-link" },
    data.name,
  );
  return data.depth ? twoLines(link, `seed ${data.config.seed}`) : link;
};

const twoLines = (first, second, title) =>
  element(
    "span",
    { className: "two-lines", title },
    element("span", { className: "first-line" }, first),
    second && element("span", { className: "quiet" }, second),
  );

// "Step size 0.001": what of a group's settings is not as by default, or what varies in a sweep.
function settings(differs) {
  const words = (value) => {
    if (Array.isArray(value)) return value.map(words).join(", ") || "none";
    if (typeof value === "number") return value.toLocaleString("en-US", { maximumSignificantDigits: 6 });
    if (typeof value === "boolean") return value ? "yes" : "no";
    return String(value ?? "–").replaceAll("_", " ");
  };
  return Object.entries(differs).map(([title, value]) => `${title} ${words(value)}`);
}

function groupName(group) {
  const differs = settings(group.differs);
  const open = isGroupOpen(group);
  return element(
    "span",
    { className: "group-name" },
    element(
      "button",
      {
        type: "button",
        className: "icon-button expander",
        "aria-expanded": open,
        "aria-label": `Runs of ${group.name}`,
        tabIndex: -1,
        onClick: () => toggleGroup(group),
      },
      element("span", { className: `glyph ${open ? "glyph-down" : "glyph-right"}` }),
    ),
    twoLines(
      element("span", { className: "run-link" }, group.name),
      [`${group.runs} ${group.runs === 1 ? "run" : "runs"}`, ...differs].join(" · "),
      [group.name, ...differs].join(" · "),
    ),
  );
}

const WISHES = { stop: "stopping …", pause: "pausing …" };

components.RunStatus = ({ data }) => {
  if (!data) return null;
  if (isGroup(data)) return element("span", { className: "quiet clamped" }, byStatus(data.by_status));
  const word = element(
    "span",
    { className: "status", "data-status": data.status },
    element("span", { className: "mark" }),
    element("span", { className: "word" }, WISHES[data.requested] || statusWord(data.status)),
  );
  const place = data.status === "queued" && data.queue_position;
  return place ? twoLines(word, place === 1 ? "next in the queue" : `${ordinal(place)} in the queue`) : word;
};

const byStatus = (counts) =>
  Object.entries(counts)
    .map(([status, count]) => `${count} ${statusWord(status)}`)
    .join(", ");

const ordinal = (n) => {
  const last = n % 100 > 10 && n % 100 < 14 ? 0 : n % 10;
  return `${format.count(n)}${["th", "st", "nd", "rd"][last] || "th"}`;
};

components.RunProgress = ({ data, value }) => {
  if (!data) return null;
  if (data.error) return element("span", { className: "reason", title: data.error }, data.error);
  if (data.status === "succeeded") return element("span", { className: "quiet" }, `${format.count(data.iteration)} it`);
  const words = `${Math.floor(100 * value)} %`;
  const speed = data.status === "running" ? format.speed(data.iterations_per_second) : "";
  return element(
    "span",
    { className: "cell-progress" },
    element("span", null, [words, speed].filter(Boolean).join(" · ")),
    element(
      "span",
      { className: "progress", "data-status": data.status },
      element("span", { className: "bar", style: { transform: `scaleX(${value})` } }),
    ),
  );
};

// Validation accuracy over the iterations asked for, from 0 to 1 in every row, so that rows can be compared.
components.RunCurve = ({ data }) => {
  if (!data?.curve || data.curve.length < 2) return null;
  const { width, height } = CURVE;
  const x = (iteration) => 1 + ((width - 4) * iteration) / Math.max(data.iterations, 1);
  const y = (accuracy) => 2 + (height - 4) * (1 - accuracy);
  const points = data.curve.map(([iteration, accuracy]) => `${x(iteration).toFixed(1)},${y(accuracy).toFixed(1)}`);
  const [lastX, lastY] = points.at(-1).split(",");
  return element(
    "svg",
    { className: "cell-curve", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
    element("path", { className: "floor", d: `M0 ${height - 1.5}H${width}` }),
    element("polyline", { className: "curve", points: points.join(" ") }),
    element("circle", { className: "end", cx: lastX, cy: lastY, r: 2 }),
  );
};

// Accuracies of a group are a mean and the standard deviation over its runs.
const spread = (deviation) => (format.known(deviation) ? `± ${(100 * deviation).toFixed(1)} %` : "");

components.RunAccuracy = ({ data }) =>
  data && twoLines(format.percent(data.validation_accuracy), spread(data.validation_accuracy_deviation));

components.RunBest = ({ data }) => {
  if (!data) return null;
  const at = format.known(data.best_iteration) ? `at ${format.count(data.best_iteration)}` : "";
  return twoLines(format.percent(data.best_validation_accuracy), spread(data.best_validation_accuracy_deviation) || at);
};

components.RunTags = ({ data }) =>
  data?.tags
    ? element(
        "span",
        { className: "tags", title: data.tags.join(", ") },
        data.tags.map((tag) => element("span", { className: "tag", key: tag }, tag)),
      )
    : null;

components.RunMore = ({ data }) =>
  data && !isGroup(data)
    ? element(
        "button",
        {
          type: "button",
          className: "icon-button",
          "aria-label": `More for ${data.name}`,
          "aria-haspopup": "menu",
          title: "More",
          tabIndex: -1,
          onClick: (event) => openRunMenu(data, event.currentTarget),
        },
        element("span", { className: "glyph glyph-more" }),
      )
    : null;
