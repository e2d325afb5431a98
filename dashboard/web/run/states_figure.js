// Figure of the states of hidden units over the steps of a sequence: a panel for the inputs and for each hidden layer, a
// line for each unit, a mark for each spike.

import { plural } from "../core/format.js";

/** @import { Rows } from "../charts/csv.js" */
/** @import { LayerStates, PlotlyFigure, StatesRead, StepGrid } from "../types/schemas.js" */
/** @import { Trace } from "../types/plotly.js" */

const [LINE, LEAST_PANEL, MOST_PANEL, MOST_INPUTS, GAP, TOP, BOTTOM] = [8, 56, 360, 140, 26, 22, 48]; // px
const LEAST_WIDTH = 300;
const FAINT = 0.5;
const RATES_FROM = 0.86; // of the width: the bars of the rates stand beside the raster

/**
 * Values of a grid: a row for each step.
 *
 * @param {StepGrid} grid
 * @returns {Float32Array[]}
 */
export function valuesOf({ data, scale, shown }) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const codes = new Int8Array(bytes.buffer);
  return Array.from({ length: shown ? codes.length / shown : 0 }, (_, step) =>
    Float32Array.from(codes.subarray(step * shown, (step + 1) * shown), (code) => (code * scale) / 127),
  );
}

/**
 * Places of spikes, from 1 on: the step and the unit of each.
 *
 * @param {LayerStates} layer
 */
export function spikesOf({ shown, spikes }) {
  const places = { steps: /** @type {number[]} */ ([]), units: /** @type {number[]} */ ([]) };
  const fired = spikes ? atob(spikes) : "";
  for (let i = 0; i < fired.length; i += 1) {
    if (!fired.charCodeAt(i)) continue;
    places.steps.push(Math.floor(i / shown) + 1);
    places.units.push((i % shown) + 1);
  }
  return places;
}

/** @param {string} name as blocks are called: inputs, hidden_1 */
const title = (name) => (name === "inputs" ? "input" : name.replace("hidden_", "hidden "));

/** @param {StatesRead} states */
export function rowsOfStates({ inputs, layers, steps }) {
  /** @type {Rows} */
  const rows = [["group", "unit", "step", "value", "spike"]];
  /** @type {[StepGrid, string | null | undefined][]} */
  const grids = [
    [inputs, null],
    ...layers.map((layer) => /** @type {[StepGrid, string | null]} */ ([layer, layer.spikes])),
  ];
  for (const [grid, spikes] of grids) {
    const values = valuesOf(grid);
    const fired = spikes ? atob(spikes) : null;
    for (let unit = 0; unit < grid.shown; unit += 1) {
      for (let step = 0; step < steps; step += 1) {
        const spike = fired ? fired.charCodeAt(step * grid.shown + unit) : null;
        rows.push([title(grid.name), unit + 1, step + 1, Number(values[step][unit].toPrecision(4)), spike]);
      }
    }
  }
  return rows;
}

/**
 * The figure, with the last hidden layer at the top and the inputs at the bottom.
 *
 * @param {StatesRead} states
 * @returns {PlotlyFigure}
 */
export function statesFigure(states) {
  const { architecture, steps } = states;
  const isSpiking = architecture === "spiking";
  const groups = [...states.layers].reverse();
  const panels = [...groups, states.inputs];
  const heights = panels.map(({ shown }, i) =>
    Math.min(i < groups.length ? MOST_PANEL : MOST_INPUTS, Math.max(LEAST_PANEL, LINE * shown)),
  );
  const inner = heights.reduce((sum, height) => sum + height, 0) + GAP * (panels.length - 1);
  const width = isSpiking ? [0, RATES_FROM - 0.03] : [0, 1];
  /** @type {Trace[]} */
  const data = [];
  /** @type {Record<string, unknown>} */
  const layout = {
    margin: { l: 52, r: isSpiking ? 40 : 84, t: TOP, b: BOTTOM },
    hovermode: "closest",
    coloraxis: stateColours(isSpiking),
    coloraxis2: { cmin: -1, cmax: 1, showscale: false, colorscale: null },
    annotations: [],
  };
  let below = inner;
  for (const [i, grid] of panels.entries()) {
    const axis = i ? String(i + 1) : "";
    const [top, bottom] = [below, below - heights[i]];
    below = bottom - GAP;
    layout[`yaxis${axis}`] = {
      domain: [bottom / inner, top / inner],
      range: [grid.shown + 0.5, 0.5],
      title: { text: grid.name === "inputs" ? "input" : "unit" },
      tickformat: "d",
      nticks: 4,
      showgrid: false,
      fixedrange: true,
    };
    const layer = groups[i] ?? null;
    data.push(heatmap(grid, axis, layer !== null, isSpiking));
    if (layer?.spikes) data.push(raster(layer, axis), ...(layer.rates ? [bars(layer, axis, layer.rates)] : []));
    /** @type {unknown[]} */ (layout.annotations).push(caption(grid, top / inner));
  }
  const last = panels.length > 1 ? `y${panels.length}` : "y";
  layout.xaxis = {
    domain: width,
    range: [0.5, steps + 0.5],
    title: { text: "step" },
    tickformat: "d",
    ...(steps <= 12 ? { dtick: 1 } : { nticks: 8 }),
    anchor: last,
  };
  if (isSpiking) {
    layout.xaxis2 = {
      domain: [RATES_FROM, 1],
      range: [0, 1],
      title: { text: "spikes / step" },
      anchor: panels.length > 2 ? `y${panels.length - 1}` : "y",
      tickvals: [0, 1],
      fixedrange: true,
    };
  }
  return { data, layout, height: inner + TOP + BOTTOM, least: LEAST_WIDTH, alternative: inWords(states) };
}

/** @param {boolean} isSpiking */
function stateColours(isSpiking) {
  // The blue of negative states and the orange of positive ones; a membrane is shown up to twice its threshold.
  const bar = { title: { text: "state" }, tickvals: [-1, 0, 1], len: 0.6 };
  return isSpiking ? { cmin: -2, cmax: 2, showscale: false } : { cmin: -1, cmax: 1, colorbar: bar };
}

/**
 * @param {StepGrid} grid
 * @param {string} axis
 * @param {boolean} isLayer
 * @param {boolean} isSpiking
 * @returns {Trace}
 */
function heatmap(grid, axis, isLayer, isSpiking) {
  const steps = valuesOf(grid);
  const scale = isLayer ? 1 : grid.scale;
  const z = Array.from({ length: grid.shown }, (_, unit) => steps.map((values) => values[unit] / scale));
  const what = isLayer ? "unit" : "input";
  const value = isSpiking && isLayer ? "%{z:.2f} of the threshold" : "%{customdata:.3g}";
  return {
    type: "heatmap",
    x0: 1,
    y0: 1,
    z,
    customdata: Array.from({ length: grid.shown }, (_, place) => steps.map((values) => values[place])),
    xaxis: "x",
    yaxis: `y${axis}`,
    coloraxis: isLayer ? "coloraxis" : "coloraxis2",
    opacity: isSpiking && isLayer ? FAINT : 1, // spikes stand on it
    hovertemplate: `step %{x}, ${what} %{y}: ${value}<extra></extra>`,
    meta: { series: { of: "states", label: title(grid.name) }, paint: {} },
  };
}

/**
 * @param {LayerStates} layer
 * @param {string} axis
 * @returns {Trace}
 */
function raster(layer, axis) {
  const { steps, units } = spikesOf(layer);
  return {
    type: "scatter",
    mode: "markers",
    x: steps,
    y: units,
    xaxis: "x",
    yaxis: `y${axis}`,
    marker: { symbol: "line-ns", size: LINE - 3, line: { width: 2.6 } },
    hoverinfo: "skip",
    meta: { series: { of: "states", role: "spikes", label: title(layer.name) }, paint: { "marker.line.color": "ink" } },
  };
}

/**
 * @param {LayerStates} layer
 * @param {string} axis
 * @param {number[]} rates
 * @returns {Trace}
 */
function bars(layer, axis, rates) {
  return {
    type: "bar",
    orientation: "h",
    x: rates,
    y: rates.map((_, i) => i + 1),
    xaxis: "x2",
    yaxis: `y${axis}`,
    hovertemplate: "unit %{y}: %{x:.2f} spikes per step<extra></extra>",
    meta: { series: { of: "states", role: "rates", label: title(layer.name) }, paint: { "marker.color": "muted" } },
  };
}

/**
 * @param {StepGrid} grid
 * @param {number} top
 */
function caption(grid, top) {
  const cut = grid.shown < grid.units ? ` (the first ${grid.shown} of ${grid.units})` : "";
  const text = grid.name === "inputs" ? `inputs${cut}` : `${title(grid.name)}${cut}`;
  const place = { xref: "paper", yref: "paper", x: 0, xanchor: "left", y: top, yanchor: "bottom" };
  return { ...place, text, showarrow: false, font: { size: 12 } };
}

/**
 * Share of units that never fire, and the mean rate: what a spiking network can do wrong.
 *
 * @param {LayerStates} layer
 */
export function firing({ rates }) {
  if (!rates?.length) return null;
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  return { mean, silent: rates.filter((rate) => rate === 0).length, units: rates.length };
}

/** @param {StatesRead} states */
export function inWords({ architecture, layers, steps }) {
  if (architecture === "recurrent") {
    const units = layers.reduce((sum, layer) => sum + layer.units, 0);
    return `${plural(units, "hidden unit")} over ${plural(steps, "step")}.`;
  }
  const words = layers.map((layer) => {
    const { mean, silent, units } = firing(layer) ?? { mean: 0, silent: 0, units: 0 };
    if (silent === units) return `no unit of ${title(layer.name)} fires for this sample`;
    return `${title(layer.name)} has ${mean.toFixed(2)} spikes per unit and step, ${silent} of ${units} units are silent`;
  });
  const colours = "Marks are spikes; colours are membranes, orange near the threshold and above, blue below 0.";
  return `Over ${plural(steps, "step")}, ${words.join("; ")}. ${colours}`;
}
