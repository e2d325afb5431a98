// Curves of a tape up to its cursor: loss of the batch and accuracy on all points, with axes, and the last rewards as
// lamps. Branches that were left stay as pale curves.
import { make } from "../core/dom.js";
import { colour } from "../core/theme.js";

/** @typedef {import("./tape.js").Tape} Tape */
/** @typedef {import("./svg_context.js").Context} Context */
/** Values of a curve that somebody predicted for an iteration.
 * @typedef {{iteration: number, axis: "validation" | "loss", least: number, below: number}} Predicted */
/** A curve left behind. @typedef {{iterations: number[], losses: number[]}} Pale */

const LEFT = 44;
const RIGHT = 44;
const BOTTOM = 20;
const TOP = 8;
const LAMPS = 32;

/** Losses of a tape at up to `most` places, evenly spaced. @param {Tape} tape @param {number} until @param {number} most
 * @returns {Pale} */
export function sampled(tape, until, most) {
  /** @type {Pale} */
  const found = { iterations: [], losses: [] };
  const every = Math.max(1, Math.floor(until / most));
  const first = tape.chunks.get(0);
  if (first) {
    found.iterations.push(0);
    found.losses.push(first.arrays.loss[0]);
  }
  for (let iteration = every; iteration <= until; iteration += every) {
    const chunk = tape.chunks.get(Math.ceil(iteration / tape.header.chunk) - 1);
    if (!chunk || iteration > chunk.stop) continue;
    found.iterations.push(iteration);
    found.losses.push(chunk.arrays.losses[iteration - 1 - chunk.start]);
  }
  return found;
}

export class Curves {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.canvas = make("canvas", "playground-curves", undefined, { role: "img" });
    this.lamps = make("div", "playground-lamps", undefined, { role: "img" });
    this.strip = make("div", "playground-strip", undefined, {}, this.lamps);
    place.append(this.strip, this.canvas);
    /** @type {Pale[]} */
    this.pale = [];
    /** @type {Predicted | null} */
    this.predicted = null;
    /** Where to draw instead of the canvas. @type {Context | null} */
    this.into = null;
    /** Draws once more what is on the canvas, whose picture is stretched where its width changes. */
    this.redraw = () => {};
    this.drawnWidth = 0;
    new ResizeObserver(() => {
      const { clientWidth: width } = this.canvas;
      if (width && width !== this.drawnWidth) this.redraw();
    }).observe(this.canvas);
  }

  /** @param {Tape} tape @param {number} cursor
   * @param {{tape: Tape, cursor: number} | null} second another tape, drawn with dashes */
  draw(tape, cursor, second = null) {
    this.drawLamps(tape, cursor);
    const { canvas } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!this.into) {
      this.redraw = () => this.draw(tape, cursor, second);
      this.drawnWidth = width;
    }
    const context = this.into ?? this.cleared(width, height);
    const now = sampled(tape, cursor, width);
    const until = this.predicted?.iteration ?? 0;
    const longest = Math.max(
      cursor,
      until,
      100,
      ...this.pale.map((pale) => pale.iterations[pale.iterations.length - 1] ?? 0),
    );
    const other = second && sampled(second.tape, second.cursor, width);
    const beside = other?.losses ?? [];
    const highest =
      1.05 * Math.max(0.1, ...now.losses, ...beside, ...this.pale.flatMap((pale) => pale.losses.slice(0, 400)));
    const x = (/** @type {number} */ iteration) => LEFT + ((width - LEFT - RIGHT) * iteration) / longest;
    const y = (/** @type {number} */ share) => TOP + (height - TOP - BOTTOM) * (1 - share);
    this.axes(context, width, height, longest, highest, y);
    for (const pale of this.pale) {
      stroke(
        context,
        colour("stay"),
        1,
        pale.iterations.map((at, place) => [x(at), y(pale.losses[place] / highest)]),
      );
    }
    stroke(
      context,
      colour("ink"),
      1.5,
      now.iterations.map((at, place) => [x(at), y(now.losses[place] / highest)]),
    );
    if (this.predicted) this.drawPredicted(context, this.predicted, x, y, highest);
    const measured = tape.evaluations(cursor);
    const accuracies = [1, 3].map((column) =>
      measured.map(({ iteration, values }) => /** @type {[number, number]} */ ([x(iteration), y(values[column])])),
    );
    stroke(context, colour("run/0.5"), 1.5, accuracies[0]);
    stroke(context, colour("run"), 2, accuracies[1]);
    if (second && other) {
      context.setLineDash([5, 4]);
      stroke(
        context,
        colour("ink"),
        1.5,
        other.iterations.map((at, place) => [x(at), y(other.losses[place] / highest)]),
      );
      const validation = second.tape.evaluations(second.cursor);
      stroke(
        context,
        colour("run"),
        2,
        validation.map(({ iteration, values }) => [x(iteration), y(values[3])]),
      );
      context.setLineDash([]);
    }
    for (const change of tape.header.scene.changes) {
      if (change.iteration > 0 && change.iteration <= longest) {
        stroke(context, colour("muted"), 1, [
          [x(change.iteration), TOP],
          [x(change.iteration), height - BOTTOM],
        ]);
      }
    }
    stroke(context, colour("ink"), 1, [
      [x(cursor), TOP],
      [x(cursor), height - BOTTOM],
    ]);
    const last = measured[measured.length - 1];
    canvas.setAttribute(
      "aria-label",
      `Loss ${now.losses[now.losses.length - 1]?.toFixed(4)} at iteration ${cursor}` +
        (last ? `; accuracy on validation points ${(100 * last.values[3]).toFixed(0)} %` : ""),
    );
  }

  /** A bracket around the values that were predicted. @param {Context} context @param {Predicted} predicted
   * @param {(iteration: number) => number} x @param {(share: number) => number} y @param {number} highest loss */
  drawPredicted(context, { iteration, axis, least, below }, x, y, highest) {
    const share = (/** @type {number} */ value) => y(Math.min(1, axis === "loss" ? value / highest : value));
    const [at, top, bottom] = [x(iteration), share(below), share(least)];
    stroke(context, colour("accent"), 3, [
      [at - 8, top],
      [at, top],
      [at, bottom],
      [at - 8, bottom],
    ]);
    context.fillStyle = colour("accent");
    context.textAlign = "right";
    context.fillText("predicted", at - 12, (top + bottom) / 2 + 4);
  }

  /** @param {number} width @param {number} height */
  cleared(width, height) {
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    context.scale(ratio, ratio);
    return context;
  }

  /** @param {Context} context @param {number} width @param {number} height @param {number} longest
   * @param {number} highest @param {(share: number) => number} y */
  axes(context, width, height, longest, highest, y) {
    context.font = getComputedStyle(this.canvas).font;
    context.fillStyle = colour("muted");
    for (const share of [0, 0.5, 1]) {
      stroke(context, colour("line"), 1, [
        [LEFT, y(share)],
        [width - RIGHT, y(share)],
      ]);
      context.textAlign = "right";
      context.fillText((share * highest).toFixed(2), LEFT - 6, y(share) + 4);
      context.textAlign = "left";
      context.fillText(`${100 * share} %`, width - RIGHT + 6, y(share) + 4);
    }
    context.fillText("0", LEFT, height - 4);
    context.textAlign = "right";
    context.fillText(`${longest.toLocaleString("en")} iterations`, width - RIGHT, height - 4);
  }

  /** The last rewards: filled if the loss fell; under it what was told, where it is corrupted.
   * @param {Tape} tape @param {number} cursor */
  drawLamps(tape, cursor) {
    const deeds = [];
    for (let iteration = Math.max(1, cursor - LAMPS + 1); iteration <= cursor; iteration++) {
      const deed = tape.deed(iteration);
      if (deed) deeds.push(deed);
    }
    const corrupted = tape.setting("corruption", cursor + 1) !== "none";
    const { history } = tape.header;
    this.lamps.replaceChildren(
      ...deeds.map((deed) => {
        const ago = cursor - deed.iteration; // 0: the last reward; 1 to history: those of the state before it
        const part = ago === 0 ? "last" : ago <= history ? "state" : "";
        const lamp = make("span", "playground-lamp", undefined, {
          "data-on": String(deed.measured),
          "data-part": part,
        });
        if (corrupted) lamp.append(make("span", "playground-lamp", undefined, { "data-on": String(deed.told) }));
        return lamp;
      }),
    );
    const on = deeds.filter((deed) => deed.measured).length;
    const lies = corrupted ? "; below: as told to the synapses" : "";
    this.lamps.setAttribute("aria-label", `Of the last ${deeds.length} rewards ${on} were on${lies}`);
  }
}

/** @param {Context} context @param {string} style @param {number} width @param {number[][]} points */
function stroke(context, style, width, points) {
  context.strokeStyle = style;
  context.lineWidth = width;
  context.beginPath();
  for (const [x, y] of points) if (Number.isFinite(y)) context.lineTo(x, y);
  context.stroke();
}
