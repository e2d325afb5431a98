// Words and points of a row of the table of runs.
import * as format from "../core/format.js";

/** @import { Row } from "../types/ag_grid.js" */
/** @import { GroupCurve } from "../types/schemas.js" */

const CURVE = { width: 88, height: 28 };

/** @param {Row | undefined} row */
export function networkWords(row) {
  const { architecture, hidden_layers: layers, activation } = row?.config ?? {};
  if (!Array.isArray(layers)) return "";
  if (architecture === "spiking") return `${layers.join("–")} spiking`;
  const units = `${layers.join("–")} ${activation === "relu" ? "ReLU" : activation}`;
  if (architecture === "recurrent") return `${units}, recurrent`;
  return layers.length ? units : "no hidden layer";
}

/** @param {Row | undefined} row */
export function methodWords(row) {
  const { method, policy, adaptive, optimizer } = row?.config ?? {};
  if (!method) return "";
  if (method === "gradient") return `gradient descent, ${optimizer}`;
  return String(policy).replaceAll("_", " ") + (adaptive ? ", adaptive" : "");
}

/**
 * Settings of a group that are not as by default, or that vary in a sweep: "Step size 0.001".
 *
 * @param {Record<string, unknown>} differs by title
 */
export function settingWords(differs) {
  return Object.entries(differs).map(([title, value]) => `${title} ${valueWords(value)}`);
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function valueWords(value) {
  if (Array.isArray(value)) return value.map(valueWords).join(", ") || "none";
  if (typeof value === "number") return value.toLocaleString("en-US", { maximumSignificantDigits: 6 });
  if (typeof value === "boolean") return value ? "yes" : "no";
  return String(value ?? "–").replaceAll("_", " ");
}

/**
 * Accuracies of a group are a mean and the standard deviation over its runs. Equal accuracies say nothing of how far
 * chance would move them: no "± 0".
 *
 * @param {number | null | undefined} deviation
 */
export function deviationWords(deviation) {
  if (!format.known(deviation)) return "";
  return deviation > 0 ? `± ${(100 * deviation).toFixed(deviation < 0.0005 ? 3 : 1)} %` : "all equal";
}

/**
 * How many runs a group has, and how many of them are not counted in its mean: copies of others.
 *
 * @param {{ runs: number, copies: number }} group
 */
export function sizeWords({ runs, copies }) {
  const words = format.plural(runs, "run");
  return copies ? `${words}, ${format.plural(copies, "copy", "copies")} not counted` : words;
}

/**
 * Share of the iterations that are done, from 0 to 1.
 *
 * @param {Row | undefined} row
 */
export function progressOf(row) {
  return row?.iterations ? row.iteration / row.iterations : 0;
}

/**
 * The name of a run in two parts: what tells it from the others of its sweep, and the sweep. The second is empty where
 * the name is not one that a sweep gave.
 *
 * @param {{ name: string, sweep_id?: string | null }} run
 * @returns {[string, string]}
 */
export function nameParts({ name, sweep_id: sweep }) {
  const at = sweep ? name.lastIndexOf(": ") : -1;
  return at < 1 || at + 2 >= name.length ? [name, ""] : [name.slice(at + 2), name.slice(0, at)];
}

/** Settings whose values say by themselves what they are. */
const PLAIN = /(^|, )(policy|dataset|architecture|activation|loss|method|optimizer|encoding) (?=[a-z_]+(,|$))/g;

/**
 * What a run of a sweep changes, in as few letters as tell it: "bred stochastic, seed 3".
 *
 * @param {string} differing as `nameParts` returns it
 */
export function differingWords(differing) {
  return differing.replace(PLAIN, "$1").replaceAll("_", " ");
}

/**
 * Points of a small curve: validation accuracy over the iterations asked for, from 0 to 1 in every row, so that rows can
 * be compared.
 *
 * @param {number[][]} curve iteration and accuracy of each point
 * @param {number} iterations
 * @returns {{ width: number, height: number, points: string[] }}
 */
export function smallCurve(curve, iterations) {
  const points = curve.map(([iteration, accuracy]) => placed(iteration, accuracy, iterations));
  return { ...CURVE, points };
}

/**
 * Points of the small curve of a group and of the band around it, which stays within 0 and 100 %.
 *
 * @param {GroupCurve} curve
 */
export function groupCurve({ points, iterations }) {
  const edge = (/** @type {number} */ sign) =>
    points.map(([at, mean, deviation]) => placed(at, Math.min(1, Math.max(0, mean + sign * deviation)), iterations));
  return {
    ...CURVE,
    points: points.map(([at, mean]) => placed(at, mean, iterations)),
    band: [...edge(1), ...edge(-1).reverse()],
  };
}

/**
 * @param {number} iteration
 * @param {number} accuracy
 * @param {number} iterations
 */
function placed(iteration, accuracy, iterations) {
  const x = 1 + ((CURVE.width - 4) * iteration) / Math.max(iterations, 1);
  const y = 2 + (CURVE.height - 4) * (1 - accuracy);
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}
