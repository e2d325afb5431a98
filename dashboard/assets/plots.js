// Drawn figures that follow data. A trace says in its `meta` which series it draws and in which roles its colours
// stand (dashboard/figures/traces.py); nothing here knows a figure.
window.synrl = window.synrl || {};

(() => {
  const { format } = window.synrl;
  const { colour, projector, scheme, template } = window.synrl.look;

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
      const { iteration, values, deviation } = data.metrics;
      if (series.role === "ends") {
        curveEnds(data, series, set, view);
        return;
      }
      const column = values[series.y];
      if (!column) return;
      let y = column.view;
      if (series.role !== "mean") {
        const spread = deviation[series.y];
        const sign = series.role === "upper" ? 1 : -1;
        y = spread ? y.map((value, i) => value + sign * spread.array[i]) : new Float64Array(0);
      }
      set("x", iteration.view);
      set("y", y);
    },

    shares(data, series, set) {
      set("x", data.shares.iteration.view);
      set("y", data.shares[series.y].view);
    },

    layers(data, series, set) {
      if (data.layers.length) set("x", data.layers.map((layer) => layer[series.y]));
    },

    weights(data, series, set, view) {
      const layer = data.layerWeights(view.layer);
      const side = view.pictureSide(data);
      set("hovertemplate", HOVER[side ? "pictures" : series.part]);
      if (!layer || (side && series.part === "biases")) set("z", [[]]);
      else set("z", side ? mosaic(layer.weights, side, view.element._fullLayout._size) : layer[series.part]);
    },
  };

  const HOVER = {
    pictures: "%{z:.4f}<extra></extra>",
    weights: "input %{x} to unit %{y}: %{z:.4f}<extra></extra>",
    biases: "bias of unit %{y}: %{z:.4f}<extra></extra>",
  };
  const MOST_PICTURES = 128;

  // One picture for each unit out of its weights, side by side with a gap, in as many rows as make them largest.
  function mosaic(weights, side, { w: width, h: height }) {
    const units = weights.slice(0, MOST_PICTURES);
    const size = (rows) => Math.min(width / Math.ceil(units.length / rows), height / rows);
    const rows = units.reduce((best, _, i) => (size(i + 1) > size(best) ? i + 1 : best), 1);
    const columns = Math.ceil(units.length / rows);
    const cells = Array.from({ length: rows * (side + 1) - 1 }, () => new Array(columns * (side + 1) - 1).fill(null));
    units.forEach((unit, index) => {
      const top = Math.floor(index / columns) * (side + 1);
      const left = (index % columns) * (side + 1);
      unit.forEach((weight, input) => {
        cells[top + Math.floor(input / side)][left + (input % side)] = weight;
      });
    });
    return cells;
  }

  const largest = (most, value) => (value > most ? value : most); // passes over NaN
  const LABEL_HEIGHT = 16; // px

  // The word at the end of each curve; where two would touch they make room for each other, inside the axis.
  function curveEnds(data, series, set, view) {
    const ends = series.columns
      .map(([column, word]) => ({ word, value: data.metrics.values[column] ? data.metrics.values[column].last : NaN }))
      .filter((end) => format.known(end.value));
    if (!ends.length) {
      for (const attribute of ["x", "y", "text"]) set(attribute, []);
      return;
    }
    const say = series.format === "percent" ? format.percent : format.number;
    ends.sort((a, b) => a.value - b.value);
    const { bottom, top, perPixel } = view.yScale(series.columns.map(([column]) => data.metrics.values[column]));
    const gap = LABEL_HEIGHT * perPixel;
    ends.forEach((end, i) => (end.y = Math.max(end.value, i ? ends[i - 1].y + gap : bottom + gap / 2)));
    for (let i = ends.length - 1, limit = top; i >= 0; limit = ends[i].y - gap, i--) ends[i].y = Math.min(ends[i].y, limit);
    set("x", ends.map(() => data.metrics.iteration.last));
    set("y", ends.map((end) => end.y));
    set("text", ends.map((end) => `\u00a0${end.word} ${say(end.value)}`));
  }

  // Ceilings of the weights' scale, as in dashboard/figures/weights.py.
  const STEPS = [1, 1.5, 2, 3, 5, 7, 10];

  function scaleCeiling(largest) {
    if (!(largest > 0)) return 1;
    const power = 10 ** Math.floor(Math.log10(largest));
    return STEPS.map((step) => step * power).find((ceiling) => ceiling >= largest * (1 - 1e-9));
  }

  class Plot {
    // pause: least milliseconds between two drawings; more when drawing is slow, so that the page stays free.
    // wanted: called when the plot has something to draw that no frame of the feed brought.
    constructor(name, pause, wanted) {
      this.name = name;
      this.pause = pause;
      this.wanted = wanted;
      this.element = null;
      this.dirty = false;
      this.due = 0;
      this.zoomed = false;
      this.visible = true;
      this.held = false;
      this.ceiling = 0;
      this.layer = 0;
      this.layers = 1;
      this.pictures = false;
      this.arranged = null;
      this.xEnd = null;
    }

    // Find the drawn graph; false while Plotly or React is not done with it.
    ready() {
      if (this.element) return true;
      const element = document.querySelector(`#${this.name}-graph .js-plotly-plot`);
      if (!element || !element._fullLayout || !element._fullLayout._size) return false;
      this.element = element;
      this.series = element.data.map((trace) => (trace.meta ? trace.meta.series : null));
      this.sources = new Set(this.series.filter(Boolean).map((series) => series.of));
      this.followsIterations = this.sources.has("metrics") || this.sources.has("shares");
      element.on("plotly_relayout", (change) => this.userZoomed(change));
      element.on("plotly_doubleclick", () => this.unzoom());
      element.on("plotly_afterplot", () => this.element.layout !== this.layout && this.adopt());
      this.watchVisibility();
      this.watchPointer();
      this.adopt();
      element.closest(".graph-frame").classList.add("ready");
      return true;
    }

    // Take over the figure as it came from the server, in light colours: now, and whenever Dash draws it anew, which it
    // does after somebody zoomed. Plotly keeps the zoom then (uirevision).
    adopt() {
      this.layout = this.element.layout;
      this.xEnd = null;
      this.ceiling = 0;
      if (scheme() === "dark" || projector()) this.paint();
      this.arranged = null;
      this.dirty = true;
      this.due = 0;
      this.wanted();
    }

    userZoomed(change) {
      const end = change["xaxis.range[1]"] ?? (change["xaxis.range"] || [])[1];
      const start = change["xaxis.range[0]"] ?? (change["xaxis.range"] || [])[0];
      if (change["xaxis.autorange"] || (start === 0 && this.xEnd && end >= this.xEnd)) this.unzoom();
      else if (end !== undefined) this.zoomed = true;
    }

    unzoom() {
      this.zoomed = false;
      this.xEnd = null;
      this.dirty = true;
      this.wanted();
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
        for (const [attribute, role] of Object.entries((trace.meta || {}).paint || {})) {
          changes.set(index, attribute, colour(role));
        }
      });
      window.Plotly.update(this.element, changes.attributes, { template: template() }, this.indices());
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
        this.xEnd = end;
      }
      if (this.sources.has("weights")) {
        const ceiling = Math.max(this.ceiling, scaleCeiling(data.largestWeight));
        if (ceiling !== this.ceiling) Object.assign(changes, { "coloraxis.cmin": -ceiling, "coloraxis.cmax": ceiling });
        this.ceiling = ceiling;
        if (data.weights) Object.assign(changes, this.arrangement(data));
      }
      return changes;
    }

    // Show another layer, as pictures where its inputs are pixels and somebody wants to see them so.
    showWeights(layer, layers, pictures) {
      Object.assign(this, { layer, layers, pictures, arranged: null, dirty: true, due: 0 });
      this.wanted();
    }

    // Width of a unit's picture; 0 where there is none: only the first layer looks at pixels.
    pictureSide(data) {
      const layer = this.pictures && this.layer === 0 ? data.layerWeights(0) : null;
      const side = layer ? Math.sqrt(layer.weights[0].length) : 0;
      return Number.isInteger(side) ? side : 0;
    }

    // Axes for what is shown: changed when that changes, so that zoom is kept otherwise.
    arrangement(data) {
      const side = this.pictureSide(data);
      const shown = `${this.layer} ${side}`;
      if (shown === this.arranged) return {};
      this.arranged = shown;
      return {
        "xaxis.title.text": side ? "" : this.layer ? "unit of the layer before" : "input",
        "yaxis.title.text": side ? "" : this.layer === this.layers - 1 ? "output" : "unit",
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

  // The axis ends at the run's last iteration divided by the power of two that still holds the newest point: curves
  // use at least half of the width, and the axis moves seldom.
  function axisEnd(run) {
    if (!run) return 1;
    if (format.isFinal(run.status)) return Math.max(run.iteration, 1);
    let end = run.iterations;
    while (end / 2 > Math.max(run.iteration, 200)) end /= 2;
    return Math.max(1, Math.round(end));
  }

  Object.assign(window.synrl, { Plot });
})();
