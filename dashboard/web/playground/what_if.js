// What a loss would have been: the forward pass over a batch with other weights than those of the tape.
import { Forward, meanLoss } from "./forward.js";

/** @typedef {import("./decision.js").Decision} Decision */
/** @typedef {import("../tape/tape.js").Header} Header */

export class BatchLoss {
  /** @param {Header} header @param {number[]} numbers of points */
  constructor(header, numbers) {
    const { points, sizes, scene } = header;
    const inputs = [0, 1].map((axis) => Float32Array.from(numbers, (number) => points[number][axis]));
    this.scene = scene;
    this.labels = numbers.map((number) => points[number][2]);
    this.forward = new Forward(sizes, scene.activation, inputs);
  }

  /** @param {Float32Array} weights @returns {number} mean over the batch */
  of(weights) {
    return meanLoss(this.scene.loss, this.scene.loss_exponent, this.forward.run(weights), this.labels);
  }

  /** The loss had one synapse stayed and all others moved as they did. @param {Decision} decision
   * @param {number} synapse */
  hadItStayed(decision, synapse) {
    const weights = decision.weights.slice();
    weights[synapse] = decision.weightBefore;
    return this.of(weights);
  }
}
