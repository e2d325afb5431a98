// The network of a session as SVG: units as circles, weights as lines; one's own, or those that students move, stand out.
import { shape } from "../charts/svg.js";
import { letter, placeOf } from "./words.js";

/**
 * @typedef {object} Drawn
 * @property {number[]} sizes
 * @property {number | null} [mine] number of the weight to mark
 * @property {number[]} [weights] of all synapses
 * @property {number[]} [taken] numbers of the weights that students move
 * @property {string} alternative
 */

const WIDTH = 420;
const HEIGHT = 260;
const THICKEST = 7;

/** @param {Drawn} drawn */
export function drawNetwork({ sizes, mine = null, weights, taken = [], alternative }) {
  const tallest = Math.max(...sizes);
  const radius = Math.max(7, Math.min(17, (0.38 * HEIGHT) / tallest));
  const centre = (/** @type {number} */ layer, /** @type {number} */ unit) => [
    30 + ((WIDTH - 60) * layer) / (sizes.length - 1),
    (HEIGHT * (unit + 1)) / (sizes[layer] + 1),
  ];
  const drawing = shape("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    class: "session-network",
    role: "img",
    "aria-label": alternative,
  });
  const count = sizes.slice(1).reduce((sum, units, layer) => sum + units * (sizes[layer] + 1), 0);
  const most = Math.max(0.5, ...(weights ?? []).map(Math.abs));
  const order = Array.from({ length: count }, (_, synapse) => synapse);
  if (mine !== null) order.push(...order.splice(mine, 1)); // above the others
  for (const synapse of order) {
    const { layer, source, unit } = placeOf(synapse, sizes);
    const [x2, y2] = centre(layer + 1, unit);
    const isBias = source === null || source === undefined;
    const [x1, y1] = isBias ? [x2 - 1.5 * radius, y2 - 1.7 * radius] : centre(layer, source);
    const weight = weights?.[synapse];
    const line = shape("line", { x1, y1, x2, y2, class: synapse === mine ? "edge mine" : "edge" });
    if (weight !== undefined) {
      line.setAttribute("data-sign", weight < 0 ? "negative" : "positive");
      line.setAttribute("stroke-width", (0.8 + (THICKEST * Math.abs(weight)) / most).toFixed(1));
    }
    drawing.append(line);
    if (taken.includes(synapse)) {
      const part = isBias ? 0.2 : 0.5 + 0.08 * (source % 4); // apart where lines cross
      const [cx, cy] = [x1 + part * (x2 - x1), y1 + part * (y2 - y1)];
      drawing.append(shape("circle", { cx, cy, r: 4.5, class: "taken" }));
    }
  }
  sizes.forEach((units, layer) => {
    for (let unit = 0; unit < units; unit++) {
      const [cx, cy] = centre(layer, unit);
      drawing.append(shape("circle", { cx, cy, r: radius, class: "unit" }));
      const name = layer === 0 ? "xy"[unit] : layer === sizes.length - 1 && units > 1 ? letter(unit) : "";
      if (name && units <= 2) {
        drawing.append(shape("text", { x: cx, y: cy + 5, "text-anchor": "middle", class: "unit-name" }, name));
      }
    }
  });
  return drawing;
}
