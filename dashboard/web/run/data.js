// @ts-nocheck
// What a page holds of a run: columns of numbers that grow, and looks at its weights: the newest, and one of the past.
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
const threeColumns = () => Object.fromEntries(ACTIONS.map((action) => [action, new Column()]));

// Weights and table at one iteration (backend.schemas.Weights and PolicyRead). Layers are decoded when looked at.
export class Look {
  constructor(weights, policy) {
    this.iteration = weights.iteration;
    this.replicate = weights.replicate;
    this.coded = weights.layers;
    this.decoded = [];
    this.policy = policy || null;
  }

  // Cells of a layer: a row for each unit, its biases apart.
  layer(index) {
    if (!this.coded[index]) return null;
    this.decoded[index] = this.decoded[index] || decode(this.coded[index]);
    return this.decoded[index];
  }

  // Largest weight of all layers, for their common scale.
  get largest() {
    return Math.max(...this.coded.map((layer) => layer.scale));
  }
}

// What changed between two looks, as a look.
class Change {
  constructor(first, now) {
    Object.assign(this, { first, now, coded: now.coded, decoded: [] });
  }

  layer(index) {
    if (!this.decoded[index]) {
      const [before, after] = [this.first.layer(index), this.now.layer(index)];
      if (!before || !after) return null;
      const minus = (rows, others) => rows.map((row, unit) => row.map((weight, place) => weight - others[unit][place]));
      this.decoded[index] = {
        weights: minus(after.weights, before.weights),
        biases: minus(after.biases, before.biases),
      };
    }
    return this.decoded[index];
  }

  get largest() {
    let most = 0;
    this.coded.forEach((_, index) => {
      const { weights, biases } = this.layer(index);
      for (const rows of [weights, biases])
        for (const row of rows) for (const value of row) most = Math.max(most, Math.abs(value));
    });
    return most;
  }
}

export class RunData {
  constructor() {
    this.clear();
    this.past = null; // a Look somebody chose; null: now
    this.first = null; // the Look at iteration 0, once asked for
    this.showsChange = false;
    this.replicates = null; // { iteration: [...], values: { column: [[...] a replicate] } }
    this.baseline = null; // { iteration: [...], values: { column: [...] } }
  }

  clear() {
    this.run = null;
    this.metrics = { iteration: new Column(), values: {}, deviation: {} };
    this.shares = { iteration: new Column(), all: threeColumns(), layers: [] };
    this.layers = []; // newest shares of each layer: { down, stay, up }
    this.live = null;
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
      this.live = new Look(frame.weights, frame.policy);
      if (!this.past) changed.add("weights");
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
    actions.layers.forEach((_, layer) => (this.shares.layers[layer] = this.shares.layers[layer] || threeColumns()));
    for (let i = first; i < actions.iteration.length; i++) {
      const counts = ACTIONS.map((action) => sum(actions.layers.map((layer) => layer[action][i])));
      if (!sum(counts)) continue; // before the first action
      this.shares.iteration.push(actions.iteration[i]);
      pushShares(this.shares.all, counts);
      actions.layers.forEach((layer, index) =>
        pushShares(
          this.shares.layers[index],
          ACTIONS.map((action) => layer[action][i]),
        ),
      );
      this.layers = this.shares.layers.map((columns) =>
        Object.fromEntries(ACTIONS.map((action) => [action, columns[action].last])),
      );
    }
    return first < actions.iteration.length;
  }

  // Actions of a window (backend.schemas.Actions) as shares: { iteration: [...], shares }.
  static windowOfShares(actions) {
    const held = new RunData();
    held.takeActions(actions);
    const { shares } = held;
    return { iteration: shares.iteration.view, shares };
  }

  // The look in view: somebody's choice of the past, or the newest.
  get look() {
    return this.past || this.live;
  }

  // What the heatmap shows of it: the weights, or their change since the start once the start is known.
  get cells() {
    const { look } = this;
    if (!look || !this.showsChange) return look;
    if (!this.first || this.first.replicate !== look.replicate) return null;
    if (!this.change || this.change.now !== look || this.change.first !== this.first)
      this.change = new Change(this.first, look);
    return this.change;
  }
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

function pushShares(columns, counts) {
  const total = sum(counts) || 1;
  ACTIONS.forEach((action, code) => columns[action].push(counts[code] / total));
}

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
