// What the columns of the grid of runs compute and draw (dashboard/components/runs_grid.py names them).
(() => {
  const { format } = window.synrl;
  const element = (...args) => window.React.createElement(...args);
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const path = (run) => `/runs/${encodeURIComponent(run.id)}`;

  Object.assign(functions, {
    synrlPercent: format.percent,
    synrlAgo: format.ago,
    synrlLocalTime: (text) => (text ? new Date(format.time(text)).toLocaleString() : ""),
    synrlDurationWords: (seconds) => (format.known(seconds) ? format.duration(seconds) : "–"),
    synrlProgress: (run) => (run && run.iterations ? run.iteration / run.iterations : 0),

    synrlNetwork(run) {
      const { hidden_layers: layers, activation } = run.config;
      return layers.length ? `${layers.join("–")} ${activation === "relu" ? "ReLU" : activation}` : "no hidden layer";
    },

    synrlMethod(run) {
      const { method, policy, adaptive, optimizer } = run.config;
      if (method === "gradient") return `gradient descent, ${optimizer}`;
      return policy.replaceAll("_", " ") + (adaptive ? ", adaptive" : "");
    },

    synrlDuration(run) {
      if (!run.started_at) return null;
      const end = run.finished_at ? format.time(run.finished_at) : Date.now();
      return Math.max(0, (end - format.time(run.started_at)) / 1000);
    },

    synrlGridTheme(base) {
      return base.withParams({
        fontFamily: "var(--font)",
        fontSize: 14,
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
        headerColumnBorder: false,
        columnBorder: false,
        cellHorizontalPadding: 12,
      });
    },

    // A click anywhere in a row opens its run, unless it was meant for a button, a link, or to mark text.
    synrlOpenRun({ data, event }) {
      if (!data || event.target.closest("a, button") || String(window.getSelection())) return;
      window.synrl.navigate(path(data));
    },

    synrlOpenRunByKey({ data, column, event }) {
      if (!data || event.key !== "Enter") return;
      if (column.getColId() === "delete") window.synrl.requestDeleteOf(data);
      else window.synrl.navigate(path(data));
    },
  });

  components.RunName = ({ data }) =>
    element(window.dash_core_components.Link, { href: path(data), title: data.name, className: "run-link" }, data.name);

  components.RunStatus = ({ data }) =>
    element(
      "span",
      { className: "status", "data-status": data.status, title: data.error || undefined },
      element("span", { className: "mark" }),
      element("span", { className: "word" }, format.STATUS[data.status]),
    );

  components.RunProgress = ({ data, value }) => {
    const done = data.status === "succeeded";
    if (done) return element("span", { className: "quiet" }, `${format.count(data.iteration)} it`);
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

  components.RunDelete = ({ data }) =>
    data.status === "running"
      ? null
      : element(
          "button",
          {
            type: "button",
            className: "icon-button",
            "aria-label": `Delete ${data.name}`,
            title: "Delete",
            tabIndex: -1,
            onClick: () => window.synrl.requestDeleteOf(data),
          },
          element("span", { className: "glyph glyph-trash" }),
        );
})();
