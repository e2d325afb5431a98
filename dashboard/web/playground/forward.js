// Forward pass over many points at once, layer by layer in float32: the drawing's own arithmetic, held to the engine's
// outputs by tests. It gives every unit's outputs with it, for their little surfaces.

/** @typedef {"relu" | "tanh" | "sigmoid" | "identity" | "step" | "sign"} Activation */
/** @typedef {"cross_entropy" | "l_p" | "logistic" | "squared_error"} Loss */

/** @type {Record<Activation, (sum: number) => number>} */
const ACTIVATIONS = {
  relu: (sum) => Math.max(0, sum),
  tanh: Math.tanh,
  sigmoid: (sum) => 0.5 * (1 + Math.tanh(0.5 * sum)),
  identity: (sum) => sum,
  step: (sum) => (sum > 0 ? 1 : 0),
  sign: Math.sign,
};

export class Forward {
  /** @param {number[]} sizes inputs, units of each hidden layer, outputs
   * @param {Activation} activation of the hidden units
   * @param {Float32Array[]} inputs of each input, its values at all points */
  constructor(sizes, activation, inputs) {
    this.sizes = sizes;
    this.activate = ACTIVATIONS[activation];
    this.inputs = inputs;
    this.points = inputs[0].length;
    /** Outputs of each unit at all points, a layer after the other; the last layer's are the logits.
     * @type {Float32Array[][]} */
    this.layers = sizes.slice(1).map((units) => Array.from({ length: units }, () => new Float32Array(this.points)));
  }

  /** Compute all layers. @param {Float32Array} weights in the engine's order: a unit's bias first, then its inputs'
   * @returns {Float32Array[]} the logits of each output at all points, valid until the next call */
  run(weights) {
    let sources = this.inputs;
    let at = 0;
    this.layers.forEach((units, layer) => {
      const hidden = layer < this.layers.length - 1;
      for (const unit of units) {
        unit.fill(weights[at++]);
        for (const source of sources) addScaled(unit, source, weights[at++]);
        if (hidden) for (let point = 0; point < unit.length; point++) unit[point] = this.activate(unit[point]);
      }
      sources = units;
    });
    return sources;
  }
}

/** @param {Float32Array} into @param {Float32Array} values @param {number} factor */
function addScaled(into, values, factor) {
  for (let point = 0; point < into.length; point++) into[point] += factor * values[point];
}

/** How far the outputs are for class B rather than A, at each point: above 0 they name B.
 * @param {Float32Array[]} logits @param {Float32Array} out @returns {Float32Array} */
export function margins(logits, out) {
  const [first, second] = logits;
  for (let point = 0; point < out.length; point++) out[point] = second ? second[point] - first[point] : first[point];
  return out;
}

/** Probability of class B for a margin, 0 to 1. Squared error has no probabilities: its outputs are cut to 0..1.
 * @param {Loss} loss @param {number} margin @returns {number} */
export function probability(loss, margin) {
  if (loss === "squared_error") return Math.min(1, Math.max(0, (margin + 1) / 2));
  return 0.5 * (1 + Math.tanh(0.5 * margin));
}

/** Mean loss. @param {Loss} loss @param {number} exponent of l_p @param {Float32Array[]} logits
 * @param {ArrayLike<number>} labels classes 0 and 1 @returns {number} */
export function meanLoss(loss, exponent, logits, labels) {
  let sum = 0;
  for (let point = 0; point < labels.length; point++) sum += lossOf(loss, exponent, logits, labels[point], point);
  return sum / labels.length;
}

/** @param {Loss} loss @param {number} exponent @param {Float32Array[]} logits @param {number} label
 * @param {number} point */
function lossOf(loss, exponent, logits, label, point) {
  if (loss === "squared_error") {
    return logits.reduce((sum, output, index) => sum + (output[point] - (index === label ? 1 : 0)) ** 2, 0);
  }
  const margin = logits.length > 1 ? logits[1][point] - logits[0][point] : logits[0][point];
  const entropy = softplus(label === 1 ? -margin : margin); // -log of the probability of the right class
  return loss === "l_p" ? (-Math.expm1(-entropy)) ** exponent : entropy;
}

/** log(1 + exp(x)) without overflow. @param {number} x */
function softplus(x) {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** Share of points whose class is named right. @param {Float32Array[]} logits @param {ArrayLike<number>} labels */
export function accuracy(logits, labels) {
  const [first, second] = logits;
  let right = 0;
  for (let point = 0; point < labels.length; point++) {
    const named = second ? second[point] > first[point] : first[point] > 0;
    if (named === (labels[point] === 1)) right += 1;
  }
  return right / labels.length;
}

/** Points of a square grid from -reach to reach, row by row from the top, as a picture is stored.
 * @param {number} side points a side @param {number} reach @returns {Float32Array[]} x and y */
export function grid(side, reach) {
  const place = (/** @type {number} */ index) => ((2 * index + 1) / side - 1) * reach;
  const x = Float32Array.from({ length: side * side }, (_, point) => place(point % side));
  const y = Float32Array.from({ length: side * side }, (_, point) => -place(Math.floor(point / side)));
  return [x, y];
}
