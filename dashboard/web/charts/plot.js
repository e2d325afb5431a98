// @ts-nocheck
// Drawn figures that follow data. A trace says in its `meta` which series it draws and in which roles its colours
// stand (dashboard/figures/traces.py); nothing here knows a figure.

import * as format from "../core/format.js";
import { isFinal } from "../core/status.js";
import { colour, hideDrawing, projector, scale, scheme, template } from "../core/theme.js";
import { ceilingOf, spread } from "./spread.js";

// Changes to several traces at once, as Plotly wants them: for each attribute one entry a trace, undefined: as it is.
class Changes {
  constructor(traces) {
    this.traces = traces;
    this.attributes = {};
  }

  set(trace, attribute, value) {
    const values = (this.attributes[attribute] = this.attributes[attribute] || new Array(this.traces).fill(undefined));
    values[trace] = value;
  }
}

const SERIES = {
  metrics(data, series, set, view) {
    if (series.role === "ends") {
      curveEnds(data, series, set, view);
      return;
    }
    const { iteration, values, deviation } = data.metrics;
    const column = values[series.y];
    if (!column) return;
    set(
      "x",
      refined(iteration.view, view.window, (window) => window.iteration),
    );
    let y = column.view;
    let fine = view.window?.values[series.y];
    if (series.role !== "mean") {
      const sign = series.role === "upper" ? 1 : -1;
      y = edge(y, deviation[series.y] && deviation[series.y].array, sign);
      fine = fine && edge(fine, view.window.deviation?.[series.y], sign);
    }
    set(
      "y",
      refined(iteration.view, view.window, () => fine, y),
    );
  },

  // One curve after the other in one trace: a gap parts them.
  replicates(data, series, set) {
    const singles = data.replicates ? data.replicates.values[series.y] : [];
    set(
      "x",
      singles.flatMap(() => [...data.replicates.iteration, null]),
    );
    set(
      "y",
      singles.flatMap((single) => [...single, null]),
    );
  },

  baseline(data, series, set) {
    const iterations = data.baseline ? data.baseline.iteration : [];
    const column = data.baseline ? data.baseline.values[series.y] : [];
    if (series.role === "curve") {
      set("x", iterations);
      set("y", column);
      return;
    }
    const [from, to, value] = [iterations.at(-1), data.run.iterations, column.at(-1)];
    const rest = from !== undefined && from < to;
    set("x", rest ? [from, to] : []);
    set("y", rest ? [value, value] : []);
  },

  shares(data, series, set, view) {
    const column = (shares) => {
      const columns = view.layer === null ? shares.all : shares.layers[view.layer];
      return columns ? columns[series.y].view : [];
    };
    const iterations = data.shares.iteration.view;
    set(
      "x",
      refined(iterations, view.window, (window) => window.iteration),
    );
    set(
      "y",
      refined(iterations, view.window, (window) => column(window.shares), column(data.shares)),
    );
  },

  layers(data, series, set) {
    if (data.layers.length)
      set(
        "x",
        data.layers.map((layer) => layer[series.y]),
      );
  },

  weights(data, series, set, view) {
    const layer = data.cells?.layer(view.layer);
    const shape = view.pictureShape(data);
    view.mosaic = shape && layer ? arrange(layer.weights.length, shape, view.element._fullLayout._size) : null;
    set("hovertemplate", HOVER[view.mosaic ? "pictures" : series.part]);
    if (!layer || (shape && series.part === "biases")) set("z", [[]]);
    else set("z", view.mosaic ? pictures(layer.weights, view.mosaic) : layer[series.part]);
  },
};

const HOVER = {
  pictures: "%{z:.4f}<extra></extra>",
  weights: "input %{x} to unit %{y}: %{z:.4f}<extra></extra>",
  biases: "bias of unit %{y}: %{z:.4f}<extra></extra>",
};
const MOST_PICTURES = 128;

// Coarse values with those of a window in their place, where somebody zoomed in: `part` takes them from the window.
function refined(iterations, window, part, values = iterations) {
  const fine = window && part(window);
  if (!fine?.length) return values;
  const first = iterations.findIndex((iteration) => iteration >= window.iteration[0]);
  const after = iterations.findIndex((iteration) => iteration > window.iteration.at(-1));
  const before = Array.from(values.subarray(0, first < 0 ? values.length : first));
  return before.concat(Array.from(fine), after < 0 ? [] : Array.from(values.subarray(after)));
}

function edge(values, spread, sign) {
  if (!spread) return new Float64Array(0);
  return Float64Array.from(values, (value, i) => (value === null ? NaN : value) + sign * spread[i]);
}

// Where the pictures of so many units stand: side by side with a gap, in as many rows as make them largest.
function arrange(units, [height, width], { w: room, h: roomBelow }) {
  const count = Math.min(units, MOST_PICTURES);
  const size = (rows) => Math.min(room / Math.ceil(count / rows) / (width + 1), roomBelow / rows / (height + 1));
  let rows = 1;
  for (let more = 2; more <= count; more++) if (size(more) > size(rows)) rows = more;
  const columns = Math.ceil(count / rows);
  return {
    count,
    columns,
    height,
    width,
    rows,
    // Cell of a unit's input, [row, column] from 0, and back: [unit, input], or null for a gap.
    cell: (unit, input) => [
      Math.floor(unit / columns) * (height + 1) + Math.floor(input / width),
      (unit % columns) * (width + 1) + (input % width),
    ],
    place(row, column) {
      const unit = Math.floor(row / (height + 1)) * columns + Math.floor(column / (width + 1));
      const [y, x] = [row % (height + 1), column % (width + 1)];
      return y < height && x < width && unit < count ? [unit, y * width + x] : null;
    },
  };
}

function pictures(weights, mosaic) {
  const across = mosaic.columns * (mosaic.width + 1) - 1;
  const cells = Array.from({ length: mosaic.rows * (mosaic.height + 1) - 1 }, () => new Array(across).fill(null));
  weights.slice(0, mosaic.count).forEach((unit, index) => {
    unit.forEach((weight, input) => {
      const [row, column] = mosaic.cell(index, input);
      cells[row][column] = weight;
    });
  });
  return cells;
}

const largest = (most, value) => (value > most ? value : most); // passes over NaN
const HOVER_GAP = 5; // px, as Plotly's
const LABEL_HEIGHT = 16; // px, of type at its usual size

// The word at the end of each curve; where two would touch they make room for each other, inside the axis.
function curveEnds(data, series, set, view) {
  const ends = series.columns
    .map(([column, word]) => ({ word, value: data.metrics.values[column] ? data.metrics.values[column].last : NaN }))
    .filter((end) => format.known(end.value));
  const baseline = data.baseline?.values[series.baseline];
  if (baseline && format.known(baseline.at(-1))) ends.push({ word: "gradient", value: baseline.at(-1) });
  if (!ends.length) {
    for (const attribute of ["x", "y", "text"]) set(attribute, []);
    return;
  }
  const say = series.format === "percent" ? format.percent : format.number;
  ends.sort((a, b) => a.value - b.value);
  const { bottom, top, perPixel } = view.yScale(series.columns.map(([column]) => data.metrics.values[column]));
  const gap = LABEL_HEIGHT * scale().type * perPixel;
  ends.forEach((end, i) => (end.y = Math.max(end.value, i ? ends[i - 1].y + gap : bottom + gap / 2)));
  for (let i = ends.length - 1, limit = top; i >= 0; limit = ends[i].y - gap, i--)
    ends[i].y = Math.min(ends[i].y, limit);
  set(
    "x",
    ends.map(() => data.metrics.iteration.last),
  );
  set(
    "y",
    ends.map((end) => end.y),
  );
  set(
    "text",
    ends.map((end) => `\u00a0${end.word} ${say(end.value)}`),
  );
}

export class Plot {
  // pause: least milliseconds between two drawings; more when drawing is slow, so that the page stays free.
  // wanted: called when the plot has something to draw that no frame of the feed brought.
  // looked: called with the plot and the first and last iteration in view when somebody zoomed in; null: out again.
  constructor(name, pause, { wanted, looked }) {
    this.name = name;
    this.pause = pause;
    this.wanted = wanted;
    this.looked = looked;
    this.element = null;
    this.dirty = false;
    this.due = 0;
    this.zoomed = false;
    this.visible = true;
    this.held = false;
    this.ceiling = ""; // ends of the colour scales as drawn
    this.layer = null;
    this.layers = 1;
    this.pictures = false;
    this.mosaic = null;
    this.selected = null;
    this.arranged = null;
    this.xEnd = null; // end of the axis as drawn; null: not drawn since Dash drew the figure
    this.followed = null; // end of the axis when it last followed the run
    this.window = null; // points at full resolution of what is zoomed in on
    this.shapes = "";
  }

  // Find the drawn graph; false while Plotly or React is not done with it.
  ready() {
    if (this.element) return true;
    const element = document.querySelector(`#${this.name}-graph .js-plotly-plot`);
    if (!element?._fullLayout?._size) return false;
    this.element = element;
    this.series = element.data.map((trace) => (trace.meta ? trace.meta.series : null));
    this.sources = new Set(this.series.filter(Boolean).map((series) => series.of));
    this.followsIterations = this.sources.has("metrics") || this.sources.has("shares");
    element.on("plotly_relayout", (change) => this.userZoomed(change));
    element.on("plotly_doubleclick", () => this.unzoom());
    element.on("plotly_afterplot", () => this.element.layout !== this.layout && this.adopt());
    element.on("plotly_hover", () => this.keepEndsInView());
    this.watchVisibility();
    this.watchPointer();
    this.adopt();
    hideDrawing(element);
    element.closest(".graph-frame").classList.add("ready");
    return true;
  }

  // Take over the figure as it came from the server, in light colours: now, and whenever Dash draws it anew, which it
  // does after somebody zoomed. Plotly keeps the zoom then (uirevision).
  adopt() {
    this.layout = this.element.layout;
    this.margin = this.margin || { ...this.layout.margin };
    this.xEnd = null;
    this.ceiling = "";
    this.shapes = "";
    if (scheme() === "dark" || projector()) this.paint();
    this.arranged = null;
    this.dirty = true;
    this.due = 0;
    this.wanted();
  }

  userZoomed(change) {
    const end = change["xaxis.range[1]"] ?? (change["xaxis.range"] || [])[1];
    const start = change["xaxis.range[0]"] ?? (change["xaxis.range"] || [])[0];
    if (change["xaxis.autorange"] || this.zoomedOut(change, start, end)) this.unzoom();
    else if (end !== undefined) {
      this.zoomed = true;
      this.looked(this, [start, end]);
    }
  }

  // Whether a change of the axes is Plotly's way back, by double click or the button: to the range that the figure came
  // with, or to any that holds all there is.
  zoomedOut(change, start, end) {
    return (this.zoomed && Boolean(change["yaxis.autorange"])) || (start <= 0 && this.followed && end >= this.followed);
  }

  unzoom() {
    if (this.zoomed) this.looked(this, null);
    this.zoomed = false;
    this.window = null;
    this.xEnd = null;
    this.dirty = true;
    this.wanted();
  }

  // Plotly puts the numbers under the pointer where there is room, over the words at the curves' ends too: put them to
  // the pointer's left instead.
  keepEndsInView() {
    const box = this.element.querySelector(".hoverlayer > .legend");
    if (!box || !this.series.some((series) => series && series.role === "ends")) return;
    const { l: left, w: width } = this.element._fullLayout._size;
    const at = box.transform.baseVal.getItem(0).matrix;
    const room = box.querySelector(".bg").width.baseVal.value;
    if (at.e + room <= left + width) return;
    const pointer = this.element.querySelector(".hoverlayer > .spikeline");
    const x = pointer ? pointer.x1.baseVal.value : left + width;
    box.setAttribute("transform", `translate(${Math.max(0, x - room - HOVER_GAP)},${at.f})`);
  }

  // What nobody sees is not drawn until somebody does.
  watchVisibility() {
    const look = (entries) => {
      this.visible = entries.at(-1).isIntersecting;
      if (this.visible) this.wanted();
    };
    this.observer = new IntersectionObserver(look, { rootMargin: "100px" });
    this.observer.observe(this.element);
  }

  // Somebody who drags a frame to zoom in must not have the figure redrawn in the hand.
  watchPointer() {
    this.element.addEventListener("pointerdown", () => (this.held = true));
    this.release = () => (this.held = false);
    for (const end of ["pointerup", "pointercancel", "blur"]) window.addEventListener(end, this.release);
  }

  // Whether there is something to draw that somebody would see.
  get waits() {
    return this.dirty && this.visible;
  }

  paint() {
    const changes = new Changes(this.element.data.length);
    this.element.data.forEach((trace, index) => {
      for (const [attribute, role] of Object.entries(trace.meta?.paint || {})) {
        changes.set(index, attribute, colour(role));
      }
    });
    window.Plotly.update(this.element, changes.attributes, { template: template(), ...this.margins() }, this.indices());
    this.shapes = "";
    this.redraw();
  }

  // Room around the figure for type of this size. Figures come with what they need for the usual one.
  margins() {
    const sides = Object.entries(this.margin || {});
    return Object.fromEntries(sides.map(([side, pixels]) => [`margin.${side}`, Math.round(scale().type * pixels)]));
  }

  // Have it drawn again as soon as there is time.
  redraw() {
    this.dirty = true;
    this.due = 0;
    this.wanted();
  }

  draw(data) {
    const begun = performance.now();
    const changes = new Changes(this.series.length);
    this.series.forEach((series, index) => {
      if (series) SERIES[series.of](data, series, (name, value) => changes.set(index, name, value), this);
    });
    window.Plotly.update(this.element, changes.attributes, this.layoutChanges(data), this.indices());
    this.dirty = false;
    this.due = performance.now() + Math.max(this.pause, 5 * (performance.now() - begun));
  }

  indices() {
    return this.element.data.map((_, index) => index);
  }

  layoutChanges(data) {
    const changes = {};
    if (this.followsIterations && !this.zoomed) {
      const end = axisEnd(data.run);
      if (end !== this.xEnd) changes["xaxis.range"] = [0, end];
      this.xEnd = this.followed = end;
    }
    if (this.sources.has("weights") && data.cells) {
      Object.assign(changes, this.colours(data.cells.layer(this.layer)), this.arrangement(data));
    }
    const shapes = this.sources.has("weights") ? this.selection() : this.followsIterations ? moment(data) : [];
    if (JSON.stringify(shapes) !== this.shapes) changes.shapes = shapes;
    this.shapes = JSON.stringify(shapes);
    return changes;
  }

  // Show another layer, as pictures where its inputs are pixels and somebody wants to see them so.
  showWeights(layer, layers, pictures) {
    Object.assign(this, { layer, layers, pictures, arranged: null });
    this.redraw();
  }

  // Show the actions of one layer; null: of all.
  showLayer(layer) {
    this.layer = layer;
    this.redraw();
  }

  // Frame a synapse, { layer, input, unit }; input 0 is the bias.
  select(synapse) {
    this.selected = synapse;
    this.redraw();
  }

  // Height and width of a unit's picture; null where there is none: only the first layer looks at pixels.
  pictureShape(data) {
    const shape = data.run?.sample_shape;
    return this.pictures && this.layer === 0 && shape && shape.length === 2 ? shape : null;
  }

  // The synapse at a cell of the drawn heatmap, given a point as Plotly tells of it; null between pictures.
  synapseAt({ curveNumber, x, y }) {
    const part = this.series[curveNumber]?.part;
    if (part === "biases") return { layer: this.layer, input: 0, unit: y - 1 };
    if (!this.mosaic) return { layer: this.layer, input: x, unit: y - 1 };
    const place = this.mosaic.place(y - 1, x - 1);
    return place && { layer: this.layer, input: place[1] + 1, unit: place[0] };
  }

  // A frame around the selected synapse, where it is in view.
  selection() {
    const { selected, mosaic } = this;
    if (!selected || selected.layer !== this.layer) return [];
    let [x, y, xref] = [selected.input, selected.unit + 1, "x"];
    if (mosaic) {
      if (selected.input === 0 || selected.unit >= mosaic.count) return [];
      const [row, column] = mosaic.cell(selected.unit, selected.input - 1);
      [x, y] = [column + 1, row + 1];
    } else if (selected.input === 0) [x, xref] = [0, "x2"];
    const line = { color: colour("ink"), width: 2 };
    return [{ type: "rect", xref, yref: "y", x0: x - 0.5, x1: x + 0.5, y0: y - 0.5, y1: y + 0.5, line }];
  }

  // Ends of the colour scales of the layer in view: of its weights, and of its biases, which move by larger steps.
  colours(layer) {
    if (!layer) return {};
    const weights = ceilingOf(spread(layer.weights));
    const biases = ceilingOf(spread(layer.biases, 1));
    const drawn = `${weights} ${biases}`;
    if (this.ceiling === drawn) return {};
    this.ceiling = drawn;
    return {
      "coloraxis.cmin": -weights,
      "coloraxis.cmax": weights,
      "coloraxis2.cmin": -biases,
      "coloraxis2.cmax": biases,
    };
  }

  // Axes for what is shown: changed when that changes, so that zoom is kept otherwise.
  arrangement(data) {
    const side = this.pictureShape(data);
    const shown = `${this.layer} ${Boolean(side)}`;
    if (shown === this.arranged) return {};
    this.arranged = shown;
    return {
      "xaxis.title.text": side ? "" : this.layer ? "unit of the layer before" : "input",
      "yaxis.title.text": side ? "" : this.layer === this.layers - 1 ? "output" : "unit",
      "xaxis.dtick": side ? null : whole(data.look.coded[this.layer].rows - 1),
      "yaxis.dtick": side ? null : whole(data.look.coded[this.layer].columns),
      "xaxis.autorange": true,
      "yaxis.autorange": "reversed",
      "xaxis.showticklabels": !side,
      "yaxis.showticklabels": !side,
      "xaxis.domain": side ? [0, 1] : [0, 0.955],
      "xaxis2.visible": !side,
      "yaxis.scaleanchor": side ? "x" : false,
    };
  }

  // Ends of the y axis, and how much of it a pixel is. An axis that follows its data will reach from 0 to the largest.
  yScale(columns) {
    const { range, autorange, _length: pixels } = this.element._fullLayout.yaxis;
    let [bottom, top] = [Math.min(...range), Math.max(...range)];
    if (autorange) {
      bottom = 0;
      top = 1.05 * columns.reduce((most, column) => (column ? column.view.reduce(largest, most) : most), 0);
    }
    return { bottom, top, perPixel: (top - bottom) / pixels };
  }

  close() {
    if (!this.element) return;
    this.observer.disconnect();
    for (const end of ["pointerup", "pointercancel", "blur"]) window.removeEventListener(end, this.release);
  }
}

// A tick for each of few; Plotly would put some between them.
const whole = (count) => (count <= 12 ? 1 : null);

// Where in time the weights in view are from, if that is the past.
function moment(data) {
  if (!data.past) return [];
  const { iteration } = data.past;
  const line = { color: colour("ink"), width: 1, dash: "dot" };
  return [{ type: "line", xref: "x", yref: "paper", x0: iteration, x1: iteration, y0: 0, y1: 1, line }];
}

// The axis ends at the run's last iteration divided by the power of two that still holds the newest point: curves
// use at least half of the width, and the axis moves seldom.
function axisEnd(run) {
  if (!run) return 1;
  if (isFinal(run.status)) return Math.max(run.iteration, 1);
  let end = run.iterations;
  while (end / 2 > Math.max(run.iteration, 200)) end /= 2;
  return Math.max(1, Math.round(end));
}
