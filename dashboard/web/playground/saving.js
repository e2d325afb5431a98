// What can be saved of the playground: curves as CSV, figures as SVG and PNG.
import { csv } from "../charts/csv.js";
import { colour } from "../core/theme.js";
import { escaped, SvgContext } from "../tape/svg_context.js";

/** @typedef {import("../tape/curves.js").Curves} Curves */
/** @typedef {import("./network.js").NetworkPicture} NetworkPicture */
/** @typedef {import("./surface.js").Surface} Surface */
/** @typedef {import("../tape/tape.js").Tape} Tape */

const SIZE = 640; // of a square picture
const SHARP = 2; // pixels of a PNG for each of the figure
const HEAD = [
  "iteration",
  "loss",
  "loss_fell",
  "reward_told",
  "training_loss",
  "training_accuracy",
  "validation_loss",
  "validation_accuracy",
];

/** Curves up to an iteration as CSV, a row an iteration; accuracies stand where they were measured.
 * @param {Tape} tape @param {number} until @returns {string} */
export function curvesCsv(tape, until) {
  const measured = new Map(tape.evaluations(until).map(({ iteration, values }) => [iteration, Array.from(values)]));
  const rows = [];
  for (let iteration = 0; iteration <= until; iteration++) {
    const deed = tape.deed(iteration);
    const start = iteration === 0 ? tape.chunks.get(0)?.arrays.loss[0] : undefined;
    if (!deed && start === undefined) continue;
    const lamps = deed ? [Number(deed.measured), Number(deed.told)] : [null, null];
    rows.push([iteration, deed?.loss ?? start, ...lamps, ...(measured.get(iteration) ?? [null, null, null, null])]);
  }
  return csv([HEAD, ...rows]);
}

/** @param {Surface} surface @param {Float32Array} weights @returns {string} */
export function surfaceSvg(surface, weights) {
  const context = new SvgContext(SIZE, SIZE);
  surface.drawInto(context, weights, SIZE);
  context.ground(surface.canvas.toDataURL());
  return context.svg(colour("canvas"));
}

/** @param {Curves} curves @param {() => void} draw draws them anew @returns {string} */
export function curvesSvg(curves, draw) {
  const { clientWidth, clientHeight } = curves.canvas;
  const context = new SvgContext(clientWidth, clientHeight);
  curves.into = context;
  try {
    draw();
  } finally {
    curves.into = null;
  }
  return context.svg(colour("canvas"));
}

/** The network, with the units' pictures in it. @param {NetworkPicture} network @returns {string} */
export function networkSvg(network) {
  const { width, height } = network.svg.viewBox.baseVal;
  const parts = [];
  for (const line of network.svg.querySelectorAll(".playground-edge")) {
    const { stroke, strokeWidth, strokeDasharray } = getComputedStyle(line);
    const ends = ["x1", "y1", "x2", "y2"].map((name) => `${name}="${line.getAttribute(name)}"`).join(" ");
    parts.push(
      `<line ${ends} stroke="${stroke}" stroke-width="${strokeWidth}" stroke-dasharray="${strokeDasharray}"/>`,
    );
  }
  const ink = colour("ink");
  for (const sign of network.svg.querySelectorAll("text")) {
    const place = ["x", "y"].map((name) => `${name}="${sign.getAttribute(name)}"`).join(" ");
    parts.push(
      `<text ${place} font-family="sans-serif" font-size="11" text-anchor="middle" fill="${ink}">${escaped(sign.textContent ?? "")}</text>`,
    );
  }
  const half = network.unit / 2;
  network.canvases.forEach((units, layer) =>
    units.forEach((canvas, unit) => {
      const [x, y] = network.centre(layer + 1, unit);
      const box = `x="${x - half}" y="${y - half}" width="${network.unit}" height="${network.unit}"`;
      parts.push(`<image ${box} href="${canvas.toDataURL()}"/><rect ${box} fill="none" stroke="${ink}"/>`);
    }),
  );
  for (const [input, name] of ["x", "y"].entries()) {
    const [x, y] = network.centre(0, input);
    parts.push(
      `<rect x="${x - half}" y="${y - half}" width="${network.unit}" height="${network.unit}" fill="${colour("surface")}" stroke="${ink}"/>`,
      `<text x="${x}" y="${y + 5}" font-family="sans-serif" font-size="14" text-anchor="middle" fill="${ink}">${name}</text>`,
    );
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<rect width="100%" height="100%" fill="${colour("canvas")}"/>${parts.join("\n")}</svg>\n`
  );
}

/** Draw an SVG as a PNG. @param {string} svg @returns {Promise<string>} data: */
export async function asPng(svg) {
  const picture = new Image();
  picture.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = SHARP * picture.naturalWidth;
  canvas.height = SHARP * picture.naturalHeight;
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(
    picture,
    0,
    0,
    canvas.width,
    canvas.height,
  );
  return canvas.toDataURL("image/png");
}
