// Picture of a recurrent or spiking network, unrolled over the steps of a sequence: a column for each step, a box for each
// layer. Arrows up pass signals to the next layer, arrows to the right pass a layer's state to the next step.
import { shape } from "../charts/svg.js";
import * as format from "../core/format.js";

/** @import { PlanNetwork } from "../types/schemas.js" */

/**
 * Places of the boxes: `steps` are the steps shown, null where some are left out; `layers` the layers from the inputs
 * up to the last hidden one; `outputAt` the columns that the output reads.
 *
 * @typedef {{ steps: (number | null)[], layers: { name: string, size: number }[], outputAt: number[] }} Unrolled
 */

const MOST_COLUMNS = 5;
const [WIDTH, LEFT, ROW, BOX_WIDTH, BOX_HEIGHT, BOTTOM] = [320, 8, 46, 42, 22, 22];

/**
 * What is drawn of a network: of many steps the first three and the last.
 *
 * @param {Pick<PlanNetwork, "architecture" | "sizes" | "steps">} network
 * @returns {Unrolled}
 */
export function unrolled({ architecture, sizes, steps }) {
  const all = Array.from({ length: Math.min(steps, MOST_COLUMNS) }, (_, i) => i + 1);
  const shown = steps > MOST_COLUMNS ? [1, 2, 3, null, steps] : all;
  const layers = sizes.slice(0, -1).map((size, i) => ({ name: i ? `hidden ${i}` : "inputs", size }));
  const last = shown.length - 1;
  const every = shown.flatMap((step, column) => (step === null ? [] : [column]));
  return { steps: shown, layers, outputAt: architecture === "spiking" ? every : [last] };
}

/**
 * @param {PlanNetwork} network of more than one step
 * @returns {SVGElement}
 */
export function unrolledPicture(network) {
  const { architecture, is_recurrent: isRecurrent, sizes, steps } = network;
  const plan = unrolled(network);
  const height = (plan.layers.length + 1) * ROW + BOTTOM;
  const gap = (WIDTH - 2 * LEFT - BOX_WIDTH) / Math.max(1, plan.steps.length - 1);
  const middle = (/** @type {number} */ column) => LEFT + BOX_WIDTH / 2 + column * gap;
  const top = (/** @type {number} */ layer) => height - BOTTOM - (layer + 1) * ROW + (ROW - BOX_HEIGHT) / 2;
  const outputTop = top(plan.layers.length);
  const columns = [...plan.steps.keys()].filter((column) => plan.steps[column] !== null);
  const boxes = columns.flatMap((column) =>
    plan.layers.flatMap(({ size }, layer) => box(middle(column), top(layer), BOX_WIDTH, format.count(size))),
  );
  const up = columns.flatMap((column) =>
    plan.layers.slice(1).map((_, i) => arrow(middle(column), top(i) - 1, middle(column), top(i + 1) + BOX_HEIGHT + 1)),
  );
  const across = columns.slice(0, -1).flatMap((column) =>
    plan.layers.slice(1).map((_, i) => {
      const y = top(i + 1) + BOX_HEIGHT / 2;
      // Without recurrent weights only the membrane's own charge goes on to the next step.
      const kind = isRecurrent ? "recurrent" : "own";
      const next = columns[columns.indexOf(column) + 1];
      return arrow(middle(column) + BOX_WIDTH / 2 + 1, y, middle(next) - BOX_WIDTH / 2 - 1, y, kind);
    }),
  );
  const read = plan.outputAt.map((column) => {
    const from = top(plan.layers.length - 1) - 1;
    return arrow(middle(column), from, middle(column), outputTop + BOX_HEIGHT + 1);
  });
  const outputWidth = architecture === "spiking" ? WIDTH - 2 * LEFT : BOX_WIDTH;
  const outputAt = architecture === "spiking" ? WIDTH / 2 : middle(plan.steps.length - 1);
  const outputs = format.count(sizes[sizes.length - 1]);
  const output = box(outputAt, outputTop, outputWidth, architecture === "spiking" ? `rates → ${outputs}` : outputs);
  const words = plan.steps.map((step, column) =>
    shape("text", { x: middle(column), y: height - 6, "text-anchor": "middle" }, step === null ? "…" : String(step)),
  );
  const state = isRecurrent ? "its layer's signals of one step before" : "its own membrane of one step before";
  const reads =
    architecture === "spiking" ? "The outputs read the rates over all steps" : "The outputs read the last step";
  const alternative = `Unrolled over ${format.count(steps)} steps: each hidden unit also gets ${state}. ${reads}.`;
  return shape(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": alternative, class: "net unrolled" },
    shape("g", { class: "unrolled-arrows" }, ...up, ...across, ...read),
    shape("g", { class: "unrolled-boxes" }, ...boxes, ...output),
    shape("g", { class: "net-words" }, ...words),
  );
}

/**
 * @param {number} x its middle
 * @param {number} y its top
 * @param {number} width
 * @param {string} words
 */
function box(x, y, width, words) {
  return [
    shape("rect", { x: x - width / 2, y, width, height: BOX_HEIGHT, rx: 4 }),
    shape("text", { x, y: y + BOX_HEIGHT / 2 + 4, "text-anchor": "middle" }, words),
  ];
}

const HEAD = 4;

/**
 * An arrow to the right or up.
 *
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 * @param {string} [kind]
 */
function arrow(x1, y1, x2, y2, kind = "forward") {
  const head =
    x1 === x2
      ? `M ${x2 - HEAD} ${y2 + HEAD} L ${x2} ${y2} L ${x2 + HEAD} ${y2 + HEAD}`
      : `M ${x2 - HEAD} ${y2 - HEAD} L ${x2} ${y2} L ${x2 - HEAD} ${y2 + HEAD}`;
  return shape("path", { d: `M ${x1} ${y1} L ${x2} ${y2} ${head}`, "data-kind": kind, fill: "none" });
}
