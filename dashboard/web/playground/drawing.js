// Points drawn by hand on the plane: a tool is chosen, then a click, a touch or a key adds a point of its class or takes
// the nearest one away. What was drawn is part of the scene (its settings "added" and "removed").
import { button, make } from "../core/dom.js";
import { REACH } from "./surface.js";

/** @typedef {import("../tape/scene.js").Scene} Scene */
/** @typedef {[number, number, number]} Point x, y, class */
/** @typedef {{added?: Point[], removed?: number[]}} Drawn */

const NEAR = 0.15; // how far from a point a press may be that takes it away
const KEY_STEP = 0.05;
const DIGITS = 2;
/** @type {[string, string, string][]} */
const TOOLS = [
  ["A", "● draw", "Draw points of class A"],
  ["B", "▲ draw", "Draw points of class B"],
  ["remove", "✕ remove", "Take points away"],
];

/** The points of a scene: generated ones that were not removed, then added ones. The header may still be that of the scene
 * before, while the answer is on its way; where it lacks points that this scene has again there are none to choose from.
 * @param {Scene} scene @param {import("../tape/tape.js").Header} header @returns {Point[]} */
export function pointsOf(scene, header) {
  const before = header.scene;
  const removed = new Set(scene.removed ?? []);
  if (before.removed.some((/** @type {number} */ number) => !removed.has(number))) return [];
  const generated = header.points.slice(0, header.points.length - before.added.length);
  const left = generated.filter((_, place) => !removed.has(numberOf(place, before.removed)));
  return [...left, ...(scene.added ?? [])];
}

/** Scene settings with a point more. @param {Scene} scene @param {Point} point @returns {Drawn} */
export function withPoint(scene, point) {
  return { added: [...(scene.added ?? []), point] };
}

/** Scene settings without the point nearest to a place; null where none is near.
 * @param {Scene} scene @param {Point[]} points all of the scene: generated ones that were not removed, then added ones
 * @param {number} x @param {number} y @returns {Drawn | null} */
export function withoutPoint(scene, points, x, y) {
  const distances = points.map((point) => Math.hypot(point[0] - x, point[1] - y));
  const place = distances.indexOf(Math.min(...distances));
  if (place < 0 || distances[place] > NEAR) return null;
  const added = scene.added ?? [];
  const generated = points.length - added.length;
  if (place >= generated) {
    return { added: added.filter((/** @type {Point} */ _, /** @type {number} */ one) => one !== place - generated) };
  }
  const removed = scene.removed ?? [];
  return { removed: [...removed, numberOf(place, removed)].sort((one, other) => one - other) };
}

/** Number of the generated point that stands at a place among those that were not removed.
 * @param {number} place @param {number[]} removed @returns {number} */
function numberOf(place, removed) {
  let number = place;
  for (const one of [...removed].sort((left, right) => left - right)) if (one <= number) number += 1;
  return number;
}

/** What a scene of drawn points lacks to be trained; "" if nothing. @param {Scene} scene */
export function lacks(scene) {
  if (scene.dataset !== "drawn") return "";
  const count = (/** @type {number} */ label) =>
    (scene.added ?? []).filter((/** @type {Point} */ point) => point[2] === label).length;
  const missing = [0, 1].map((label) => Math.max(0, 2 - count(label)));
  if (missing[0] + missing[1] === 0) return "";
  return `Draw ${missing[0]} more ● and ${missing[1]} more ▲ to begin: one of each class trains, one validates.`;
}

export class Drawing {
  /** @param {HTMLCanvasElement} canvas above the surface
   * @param {(tool: string, x: number, y: number) => void} act */
  constructor(canvas, act) {
    this.canvas = canvas;
    this.act = act;
    this.tool = "";
    this.at = [0, 0];
    this.cross = make("span", "playground-cross", "+", { "aria-hidden": "true" });
    this.cross.hidden = true;
    this.tools = make("div", "playground-tools", undefined, {
      role: "group",
      "aria-label": "Points",
      "data-control": "draw",
    });
    this.tools.append(
      ...TOOLS.map(([name, words, title]) =>
        button("link-button", words, () => this.choose(this.tool === name ? "" : name), {
          "data-tool": name,
          "aria-pressed": "false",
          title,
        }),
      ),
    );
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute(
      "aria-label",
      "Plane of points. Arrows move the cross; Enter draws with the chosen tool; Delete takes the nearest point away.",
    );
    canvas.addEventListener("click", (event) => this.pressed(event));
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => this.show(canvas.matches(":focus-visible")));
    canvas.addEventListener("blur", () => this.show(false));
  }

  /** @param {string} name */
  choose(name) {
    this.tool = name;
    this.canvas.toggleAttribute("data-drawing", name !== "");
    for (const one of this.tools.querySelectorAll("button")) {
      one.setAttribute("aria-pressed", String(one.dataset.tool === name));
    }
  }

  /** @param {MouseEvent} event */
  pressed(event) {
    if (!this.tool || this.tools.hasAttribute("data-locked")) return;
    const box = this.canvas.getBoundingClientRect();
    const x = ((2 * (event.clientX - box.left)) / box.width - 1) * REACH;
    const y = (1 - (2 * (event.clientY - box.top)) / box.height) * REACH;
    this.act(this.tool, rounded(x), rounded(y));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const step = event.shiftKey ? 5 * KEY_STEP : KEY_STEP;
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    const move = moves[event.key];
    if (this.tools.matches("[data-locked], .playground-hidden")) return;
    if (move) {
      this.at = this.at.map((value, axis) => rounded(Math.max(-REACH, Math.min(REACH, value + move[axis]))));
      this.show(true);
    } else if (event.key === "Delete") this.act("remove", this.at[0], this.at[1]);
    else if ((event.key === "Enter" || event.key === " ") && this.tool) this.act(this.tool, this.at[0], this.at[1]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {boolean} on */
  show(on) {
    this.cross.hidden = !on;
    this.cross.style.left = `${50 * (1 + this.at[0] / REACH)}%`;
    this.cross.style.top = `${50 * (1 - this.at[1] / REACH)}%`;
  }
}

/** @param {number} value */
function rounded(value) {
  return Number(value.toFixed(DIGITS));
}
