// The network drawn: units with their own surfaces, edges with thickness, colour and dash of their weights, and the last
// action on each. An edge or a bias is chosen by click, by key, or in the list.
import { make } from "../core/dom.js";
import { ACTION_SIGNS, judge, nameOf, placeOf } from "./decision.js";

/** @typedef {import("../tape/tape.js").Header} Header */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 420;
const HEIGHT = 330;
const SIGNS_UP_TO = 60; // synapses: of larger networks only the chosen one's action is written on its edge
const THICKEST = 7;
/** Marks of a move with the slope and against it. @type {Record<string, string>} */
const JUDGED = { right: "✓", wrong: "✗" };

export class NetworkPicture {
  /** @param {HTMLElement} place @param {Header} header @param {(synapse: number) => void} choose */
  constructor(place, header, choose) {
    this.header = header;
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    this.svg.setAttribute("role", "img");
    this.svg.setAttribute("aria-label", `Network ${header.sizes.join("-")} with ${header.synapses} synapses`);
    /** @type {SVGLineElement[]} */
    this.lines = [];
    /** @type {SVGTextElement[]} */
    this.signs = [];
    const tallest = Math.max(...header.sizes);
    this.unit = Math.max(16, Math.min(44, (0.78 * HEIGHT) / tallest));
    for (let synapse = 0; synapse < header.synapses; synapse++) this.addSynapse(synapse, choose);
    const units = make("div", "playground-units");
    this.canvases = header.sizes.slice(1).map((count, layer) => this.addUnits(units, count, layer + 1));
    this.addInputs(units);
    place.replaceChildren(this.svg, units);
  }

  /** Centre of a unit; layer 0 are the inputs. @param {number} layer @param {number} unit */
  centre(layer, unit) {
    const x = 34 + ((WIDTH - 68) * layer) / (this.header.sizes.length - 1);
    return [x, (HEIGHT * (unit + 1)) / (this.header.sizes[layer] + 1)];
  }

  /** @param {number} synapse @param {(synapse: number) => void} choose */
  addSynapse(synapse, choose) {
    const { layer, unit, source } = placeOf(this.header, synapse);
    const [x2, y2] = this.centre(layer + 1, unit);
    // A bias is a short edge from above its unit.
    const [x1, y1] = source === 0 ? [x2 - 0.9 * this.unit, y2 - 0.9 * this.unit] : this.centre(layer, source - 1);
    const line = svgLine(x1, y1, x2, y2, "playground-edge");
    const hit = svgLine(x1, y1, x2, y2, "playground-hit");
    hit.addEventListener("click", () => choose(synapse));
    const title = document.createElementNS(SVG, "title");
    title.textContent = nameOf(this.header, synapse);
    hit.append(title);
    const sign = document.createElementNS(SVG, "text");
    const along = source === 0 ? 0.15 : 0.3 + 0.12 * (unit % 3);
    sign.setAttribute("x", String(x1 + along * (x2 - x1)));
    sign.setAttribute("y", String(y1 + along * (y2 - y1) + 4));
    sign.setAttribute("class", "playground-sign");
    this.lines.push(line);
    this.signs.push(sign);
    this.svg.append(line, hit, sign);
  }

  /** @param {HTMLElement} place @param {number} count @param {number} layer */
  addUnits(place, count, layer) {
    return Array.from({ length: count }, (_, unit) => {
      const canvas = make("canvas", "playground-unit");
      this.put(canvas, layer, unit);
      place.append(canvas);
      return canvas;
    });
  }

  /** @param {HTMLElement} place */
  addInputs(place) {
    for (const [unit, name] of ["x", "y"].entries()) {
      const label = make("span", "playground-unit playground-input", name);
      this.put(label, 0, unit);
      place.append(label);
    }
  }

  /** @param {HTMLElement} element @param {number} layer @param {number} unit */
  put(element, layer, unit) {
    const [x, y] = this.centre(layer, unit);
    element.style.left = `${(100 * x) / WIDTH}%`;
    element.style.top = `${(100 * y) / HEIGHT}%`;
    element.style.width = `${(100 * this.unit) / WIDTH}%`;
  }

  /** @param {Float32Array} weights @param {Uint8Array | null} moves @param {number} chosen
   * @param {Float32Array | null} gradient to judge the moves by */
  draw(weights, moves, chosen, gradient = null) {
    const most = weights.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 0.5);
    this.lines.forEach((line, synapse) => {
      const weight = weights[synapse];
      line.style.strokeWidth = String(0.6 + (THICKEST * Math.abs(weight)) / most);
      line.dataset.sign = weight < 0 ? "negative" : "positive";
      line.toggleAttribute("data-chosen", synapse === chosen);
      const shown = moves?.length && (moves.length <= SIGNS_UP_TO || synapse === chosen);
      const code = shown ? /** @type {Uint8Array} */ (moves)[synapse] : 1;
      const judgement = gradient && shown ? judge(code, gradient[synapse]) : "stayed";
      const sign = shown ? ACTION_SIGNS[code] + (JUDGED[judgement] ?? "") : "";
      this.signs[synapse].toggleAttribute("data-chosen", synapse === chosen);
      if (this.signs[synapse].textContent !== sign) this.signs[synapse].textContent = sign;
    });
  }
}

/** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 @param {string} className */
function svgLine(x1, y1, x2, y2, className) {
  const line = document.createElementNS(SVG, "line");
  for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) line.setAttribute(name, String(value));
  line.setAttribute("class", className);
  return line;
}
