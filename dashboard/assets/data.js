// What a page holds of a run: columns of numbers that grow, and the newest weights.
window.synrl = window.synrl || {};

(() => {
  // Numbers one after the other in a typed array that doubles when full. `view` shares its memory.
  class Column {
    constructor() {
      this.array = new Float64Array(256);
      this.length = 0;
    }

    push(value) {
      if (this.length === this.array.length) {
        const larger = new Float64Array(2 * this.length);
        larger.set(this.array);
        this.array = larger;
      }
      this.array[this.length++] = value === null || value === undefined ? NaN : value;
    }

    get view() {
      return this.array.subarray(0, this.length);
    }

    get last() {
      return this.length ? this.array[this.length - 1] : NaN;
    }
  }

  const ACTIONS = ["down", "stay", "up"];

  window.synrl.RunData = class RunData {
    constructor() {
      this.clear();
    }

    clear() {
      this.run = null;
      this.metrics = { iteration: new Column(), values: {}, deviation: {} };
      this.shares = { iteration: new Column(), down: new Column(), stay: new Column(), up: new Column() };
      this.layers = []; // newest shares of each layer: { down, stay, up }
      this.weights = null; // { iteration, layers: [{ weights: rows, biases: rows }], largest }
      this.measuredAt = null;
    }

    // Take a frame (backend.schemas.Frame) and return what of it is new: names of `series.of`.
    take(frame) {
      if (frame.reset) this.clear();
      const changed = new Set();
      if (frame.run) this.run = frame.run;
      if (frame.progress && this.run) Object.assign(this.run, frame.progress);
      if (frame.metrics && this.takeMetrics(frame.metrics)) changed.add("metrics");
      if (frame.actions && this.takeActions(frame.actions)) changed.add("shares").add("layers");
      if (frame.weights) {
        this.weights = { iteration: frame.weights.iteration, coded: frame.weights.layers, decoded: [] };
        changed.add("weights");
      }
      if (frame.measured_at) this.measuredAt = 1000 * frame.measured_at;
      if (frame.reset) for (const of of ["metrics", "shares", "layers", "weights"]) changed.add(of);
      return changed;
    }

    get points() {
      return this.metrics.iteration.length;
    }

    takeMetrics(metrics) {
      const first = firstNew(metrics.iteration, this.metrics.iteration.last);
      for (let i = first; i < metrics.iteration.length; i++) this.metrics.iteration.push(metrics.iteration[i]);
      for (const part of ["values", "deviation"]) {
        for (const [name, column] of Object.entries(metrics[part] || {})) {
          const held = (this.metrics[part][name] = this.metrics[part][name] || new Column());
          for (let i = first; i < column.length; i++) held.push(column[i]);
        }
      }
      return first < metrics.iteration.length;
    }

    takeActions(actions) {
      const first = firstNew(actions.iteration, this.shares.iteration.last);
      for (let i = first; i < actions.iteration.length; i++) {
        const counts = ACTIONS.map((action) => sum(actions.layers.map((layer) => layer[action][i])));
        const total = sum(counts);
        if (!total) continue; // before the first action
        this.shares.iteration.push(actions.iteration[i]);
        ACTIONS.forEach((action, code) => this.shares[action].push(counts[code] / total));
        this.layers = actions.layers.map((layer) => {
          const all = sum(ACTIONS.map((action) => layer[action][i])) || 1;
          return Object.fromEntries(ACTIONS.map((action) => [action, layer[action][i] / all]));
        });
      }
      return first < actions.iteration.length;
    }

    // Largest weight of all layers, for their common scale.
    get largestWeight() {
      return this.weights ? Math.max(...this.weights.coded.map((layer) => layer.scale)) : 0;
    }

    // Cells of a layer: a row for each unit, its biases apart. Decoded when first looked at.
    layerWeights(index) {
      if (!this.weights || !this.weights.coded[index]) return null;
      this.weights.decoded[index] = this.weights.decoded[index] || decode(this.weights.coded[index]);
      return this.weights.decoded[index];
    }
  };

  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

  // Frames may overlap: only what lies beyond the last iteration is new.
  function firstNew(iterations, last) {
    const first = iterations.findIndex((iteration) => !(iteration <= last));
    return first < 0 ? iterations.length : first;
  }

  // weight = scale * int8 / 127, row by row; row 0 holds the biases (backend.schemas.LayerWeights).
  function decode({ rows, columns, scale, data }) {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const codes = new Int8Array(bytes.buffer);
    const weights = [];
    const biases = [];
    for (let unit = 0; unit < columns; unit++) {
      const row = new Float32Array(rows - 1);
      for (let input = 1; input < rows; input++) row[input - 1] = (codes[input * columns + unit] * scale) / 127;
      weights.push(row);
      biases.push([(codes[unit] * scale) / 127]);
    }
    return { weights, biases };
  }
})();
