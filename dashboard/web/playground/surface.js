// Pictures of what a network makes of the plane: its decision, and each unit's own little surface, from one forward pass.
import { colour } from "../core/theme.js";
import { Forward, grid, margins, probability } from "./forward.js";

/** @typedef {import("../tape/tape.js").Header} Header */
/** @typedef {import("../tape/svg_context.js").Context} Context */

export const REACH = 1.35; // the plane is drawn from -REACH to REACH
const FINE = 100; // points a side of a picture that is saved
const COLOURS = 256;
const THUMB = 25; // points a side of a unit's picture
const FULL_SCALE = { relu: 2, identity: 2, tanh: 1, sign: 1, sigmoid: 1, step: 1 };

/** Colours from class A over even to class B, as 32-bit pixels. */
function ramp() {
  const [low, middle, high] = ["down", "zero", "up"].map((role) => channels(colour(role)));
  return Uint32Array.from({ length: COLOURS }, (_, index) => {
    const at = (2 * index) / (COLOURS - 1) - 1;
    const end = at < 0 ? low : high;
    const share = Math.abs(at) * 0.75;
    const [red, green, blue] = middle.map((value, channel) => Math.round(value + share * (end[channel] - value)));
    return (255 << 24) | (blue << 16) | (green << 8) | red;
  });
}

/** @param {string} hex */
function channels(hex) {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

export class Surface {
  /** @param {HTMLCanvasElement} canvas of the decision @param {HTMLCanvasElement} above of line and points
   * @param {Header} header */
  constructor(canvas, above, header) {
    this.canvas = canvas;
    this.above = above;
    this.header = header;
    this.colours = ramp();
    /** @type {HTMLCanvasElement | null} */
    this.points = null;
    /** Forward passes by the points a side. @type {Map<number, Forward>} */
    this.passes = new Map();
  }

  recolour() {
    this.points = null;
    this.colours = ramp();
  }

  /** @param {number} side */
  pass(side) {
    const { sizes, scene } = this.header;
    let pass = this.passes.get(side);
    if (!pass) {
      pass = new Forward(sizes, scene.activation, grid(side, REACH));
      this.passes.set(side, pass);
    }
    return pass;
  }

  /** Draw the decision, its 50 % line and the points. @param {Float32Array} weights @param {number} side */
  draw(weights, side) {
    const { loss } = this.header.scene;
    const margin = margins(this.pass(side).run(weights), new Float32Array(side * side));
    paint(this.canvas, side, this.colours, (point) => probability(loss, margin[point]));
    this.drawAbove(margin, side);
  }

  /** Draw each unit's outputs. @param {Float32Array} weights @param {(HTMLCanvasElement | null)[][]} canvases */
  drawUnits(weights, canvases) {
    const pass = this.pass(THUMB);
    pass.run(weights);
    const full = FULL_SCALE[/** @type {keyof typeof FULL_SCALE} */ (this.header.scene.activation)];
    canvases.forEach((units, layer) =>
      units.forEach((canvas, unit) => {
        const outputs = pass.layers[layer][unit];
        const scale = layer === canvases.length - 1 ? 3 : full;
        if (canvas) paint(canvas, THUMB, this.colours, (point) => 0.5 + (0.5 * outputs[point]) / scale);
      }),
    );
  }

  /** Draw points without a network. @param {[number, number, number][]} points */
  drawPoints(points) {
    const context = this.cleared();
    this.canvas.width = this.canvas.height; // empties it
    for (const [x, y, label] of points) this.drawPoint(context, this.above.width, x, y, label, false);
  }

  cleared() {
    const context = /** @type {CanvasRenderingContext2D} */ (this.above.getContext("2d"));
    context.clearRect(0, 0, this.above.width, this.above.height);
    return context;
  }

  /** @param {Float32Array} margin @param {number} side */
  drawAbove(margin, side) {
    const context = this.cleared();
    this.drawLine(context, this.above.width, margin, side);
    context.drawImage(this.drawnPoints(), 0, 0);
  }

  /** The points, which stay the same: drawn once. @returns {HTMLCanvasElement} */
  drawnPoints() {
    if (!this.points) {
      this.points = document.createElement("canvas");
      this.points.width = this.above.width;
      this.points.height = this.above.height;
      this.drawAllPoints(/** @type {CanvasRenderingContext2D} */ (this.points.getContext("2d")), this.above.width);
    }
    return this.points;
  }

  /** Draw the 50 % line and the points into another context. @param {Context} context @param {Float32Array} weights
   * @param {number} size */
  drawInto(context, weights, size) {
    const margin = margins(this.pass(FINE).run(weights), new Float32Array(FINE * FINE));
    this.drawLine(context, size, margin, FINE);
    this.drawAllPoints(context, size);
  }

  /** @param {Context} context @param {number} size @param {Float32Array} margin @param {number} side */
  drawLine(context, size, margin, side) {
    context.strokeStyle = colour("ink");
    context.lineWidth = size / 150;
    context.beginPath();
    contour(margin, side, (x1, y1, x2, y2) => {
      context.moveTo(((x1 + 0.5) * size) / side, ((y1 + 0.5) * size) / side);
      context.lineTo(((x2 + 0.5) * size) / side, ((y2 + 0.5) * size) / side);
    });
    context.stroke();
  }

  /** @param {Context} context @param {number} size */
  drawAllPoints(context, size) {
    const validates = new Set(this.header.validation);
    this.header.points.forEach(([x, y, label], number) =>
      this.drawPoint(context, size, x, y, label, validates.has(number)),
    );
  }

  /** A circle for class A, a triangle for B; hollow where it validates.
   * @param {Context} context @param {number} size @param {number} x @param {number} y @param {number} label
   * @param {boolean} hollow */
  drawPoint(context, size, x, y, label, hollow) {
    const [px, py] = [((x / REACH + 1) * size) / 2, ((1 - y / REACH) * size) / 2];
    const r = size / 110;
    context.beginPath();
    if (label === 0) context.arc(px, py, r, 0, 2 * Math.PI);
    else {
      context.moveTo(px, py - 1.3 * r);
      context.lineTo(px + 1.15 * r, py + 0.8 * r);
      context.lineTo(px - 1.15 * r, py + 0.8 * r);
      context.closePath();
    }
    context.fillStyle = hollow ? colour("canvas") : colour(label === 0 ? "down" : "up");
    context.fill();
    context.lineWidth = size / 400;
    context.strokeStyle = hollow ? colour(label === 0 ? "down" : "up") : colour("ink");
    context.stroke();
  }
}

/** @param {HTMLCanvasElement} canvas @param {number} side @param {Uint32Array} colours
 * @param {(point: number) => number} share of class B, cut to 0..1 */
function paint(canvas, side, colours, share) {
  if (canvas.width !== side) {
    canvas.width = side;
    canvas.height = side;
  }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  for (let point = 0; point < pixels.length; point++) {
    pixels[point] = colours[Math.max(0, Math.min(COLOURS - 1, Math.round(share(point) * (COLOURS - 1))))];
  }
  context.putImageData(image, 0, 0);
}

/** Pieces of the line on which values are 0, square by square (marching squares), in units of grid points.
 * @param {Float32Array} values @param {number} side
 * @param {(x1: number, y1: number, x2: number, y2: number) => void} piece */
export function contour(values, side, piece) {
  const cut = (/** @type {number} */ one, /** @type {number} */ other) => one / (one - other);
  for (let y = 0; y < side - 1; y++) {
    for (let x = 0; x < side - 1; x++) {
      const at = y * side + x;
      const [a, b, c, d] = [values[at], values[at + 1], values[at + side + 1], values[at + side]];
      /** @type {number[]} */
      const ends = [];
      if (a > 0 !== b > 0) ends.push(x + cut(a, b), y);
      if (b > 0 !== c > 0) ends.push(x + 1, y + cut(b, c));
      if (d > 0 !== c > 0) ends.push(x + cut(d, c), y + 1);
      if (a > 0 !== d > 0) ends.push(x, y + cut(a, d));
      for (let end = 0; end + 3 < ends.length; end += 4) piece(ends[end], ends[end + 1], ends[end + 2], ends[end + 3]);
    }
  }
}
