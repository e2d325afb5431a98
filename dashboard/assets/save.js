// Take a figure along: SVG and PNG are drawn by Plotly here in the browser, CSV holds the numbers that are drawn.
window.synrl = window.synrl || {};

(() => {
  const SCALE = 2; // pixels of a PNG for each of the screen

  // A cell that begins like a formula would be run by a spreadsheet: an apostrophe in front makes it words.
  function cell(value) {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
    let words = String(value);
    if (/^[=+\-@\t\r]/.test(words)) words = `'${words}`;
    return /[",\n\r]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
  }

  const row = (cells) => `${cells.map(cell).join(",")}\r\n`;

  // Numbers of a trace as they are drawn; Plotly keeps what came as bytes decoded in its own copy.
  function rowsOf(trace) {
    const { label, role } = (trace.meta && trace.meta.series) || {};
    const name = label || trace.name || "";
    if (role === "end" || role === "ends" || role === "ticks") return [];
    if (trace.type === "heatmap") {
      const z = Array.from(trace.z || []);
      const at = (axis, start, i) => (trace[axis] ? trace[axis][i] : (start ?? 0) + i);
      return z.flatMap((line, y) =>
        Array.from(line, (value, x) => [name, role, at("x", trace.x0, x), at("y", trace.y0, y), value]),
      );
    }
    const y = Array.from(trace.y || []);
    const x = trace.x ? Array.from(trace.x) : y.map((_, i) => trace.x0 + i * trace.dx);
    const flat = trace.orientation === "h" ? [y, x] : [x, y];
    return x.map((_, i) => [name, role || "", flat[0][i], flat[1][i]]);
  }

  function csv(graph) {
    const traces = graph._fullData.filter((trace) => trace.visible !== false);
    const cells = traces.some((trace) => trace.type === "heatmap");
    const head = cells ? ["series", "role", "column", "row", "value"] : ["series", "role", "x", "y"];
    return row(head) + traces.flatMap(rowsOf).map(row).join("");
  }

  function download(name, url) {
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
  }

  async function save(graph, name, format) {
    if (format === "csv") {
      const url = URL.createObjectURL(new Blob(["\ufeff", csv(graph)], { type: "text/csv" }));
      download(`${name}.csv`, url);
      setTimeout(() => URL.revokeObjectURL(url), 1000);
      return;
    }
    const Plotly = await window.Plotly;
    const { clientWidth: width, clientHeight: height } = graph;
    const scale = format === "png" ? SCALE : 1;
    download(`${name}.${format}`, await Plotly.toImage(graph, { format, width, height, scale }));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-save]");
    const open = [...document.querySelectorAll("details.save[open]")];
    open.filter((menu) => !menu.contains(event.target) || button).forEach((menu) => (menu.open = false));
    if (!button) return;
    const graph = button.closest(".panel").querySelector(".js-plotly-plot");
    if (graph) save(graph, `synrl-${button.dataset.figure}`, button.dataset.save);
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest && event.target.closest("details.save[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  Object.assign(window.synrl, { figureAsCsv: csv });
})();
