// Picture of a network: its layers as columns of dots, joined. A layer of many units is cut in its middle.
import { shape } from "../charts/svg.js";
import { make } from "../core/dom.js";
import * as format from "../core/format.js";
import { unrolledPicture } from "./unrolled_picture.js";

/** @import { PlanNetwork } from "../types/schemas.js" */
/** @typedef {{ size: number, x: number, ys: number[], gap: number }} Column places of dots; gap: the one left out, or -1 */

const [WIDTH, HEIGHT, BOTTOM, SIDE] = [320, 168, 24, 24];
const MOST_DOTS = 9;
const MIDDLE = Math.floor(MOST_DOTS / 2);
const STEP = Math.min(16, (HEIGHT - BOTTOM - 16) / MOST_DOTS);

/**
 * Where the dots of each layer stand.
 *
 * @param {number[]} sizes units of each layer, the inputs first
 * @returns {Column[]}
 */
export function columnsOf(sizes) {
  return sizes.map((size, layer) => {
    const x = sizes.length === 1 ? WIDTH / 2 : SIDE + (layer * (WIDTH - 2 * SIDE)) / (sizes.length - 1);
    const shown = Math.min(size, MOST_DOTS);
    const top = (HEIGHT - BOTTOM) / 2 - ((shown - 1) * STEP) / 2;
    return {
      size,
      x,
      ys: Array.from({ length: shown }, (_, i) => top + i * STEP),
      gap: size > MOST_DOTS ? MIDDLE : -1,
    };
  });
}

/** @param {Column} column */
function dotsOf({ gap, x, ys }) {
  return ys.flatMap((y, i) =>
    i === gap
      ? [-3, 0, 3].map((d) => shape("circle", { cx: x, cy: y + d, r: 0.9 }))
      : [shape("circle", { cx: x, cy: y, r: 4 })],
  );
}

/**
 * @param {Column} from
 * @param {Column | undefined} to
 */
function linesBetween(from, to) {
  if (!to) return [];
  const ends = to.ys.filter((_, j) => j !== to.gap);
  const starts = from.ys.filter((_, i) => i !== from.gap);
  return starts.flatMap((y1) => ends.map((y2) => shape("line", { x1: from.x, y1, x2: to.x, y2 })));
}

/**
 * A loop above a hidden layer: its units also get their own signals of one step before.
 *
 * @param {Column} column
 */
function loopOver({ x, ys }) {
  const y = ys[0] - 5;
  return shape("path", { d: `M ${x - 3} ${y} C ${x - 22} ${y - 22} ${x + 22} ${y - 22} ${x + 3} ${y}`, fill: "none" });
}

/** @param {PlanNetwork} network */
function picture({ is_recurrent: isRecurrent, sizes, synapses }) {
  const columns = columnsOf(sizes);
  const loops = isRecurrent ? columns.slice(1, -1).map(loopOver) : [];
  const words = columns.map(({ size, x }) =>
    shape("text", { x, y: HEIGHT - 4, "text-anchor": "middle" }, format.count(size)),
  );
  const alternative = `Network: ${sizes.map(format.count).join(" → ")} units, ${format.count(synapses)} synapses.`;
  return shape(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": alternative, class: "net" },
    shape(
      "g",
      { class: "net-lines" },
      ...columns.flatMap((column, i) => linesBetween(column, columns[i + 1])),
      ...loops,
    ),
    shape("g", { class: "net-dots" }, ...columns.flatMap(dotsOf)),
    shape("g", { class: "net-words" }, ...words),
  );
}

/**
 * The picture of a network, and its numbers in words.
 *
 * @param {PlanNetwork} network
 */
export function networkWithWords(network) {
  const { is_recurrent: isRecurrent, samples, sizes, steps, synapses, validation_samples: held } = network;
  const own = isRecurrent ? ", with hidden units that see themselves one step before" : "";
  const pictures = [picture(network), ...(steps > 1 ? [unrolledPicture(network)] : [])];
  const read = steps > 1 ? `Each sample is read in ${format.count(steps)} steps${own}. ` : "";
  const words =
    `${sizes.map(format.count).join(" → ")}: ${format.plural(synapses, "synapse")}, each an agent. ${read}` +
    `${format.count(samples)} samples train, ${format.count(held)} are held back.`;
  return [...pictures, make("p", "caption", words)];
}
