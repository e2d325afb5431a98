// The parts of the playground in their places.
import { url } from "../core/address.js";
import { checkLabel, make } from "../core/dom.js";

/** @typedef {import("./page.js").Playground} Playground */

const CURVES =
  "Loss of the batch (dark, left axis); accuracy on validation points (green) and training points (pale), right axis.";

/** Put the parts of the page into its root, and name those that lessons point to. @param {Playground} page */
export function layOut(page) {
  const { root, drawing, inspector, curves, curvesPlace } = page;
  const part = { "data-part": "surface" };
  const pictures = make("div", "playground-picture", undefined, part, page.canvas, page.above, drawing.cross);
  const question = checkLabel("Was the reward deserved? (teacher's knowledge)", page.judging);
  question.dataset.control = "judge";
  curvesPlace.dataset.control = "curves";
  curves.strip.prepend(question, page.moment.praise);
  curvesPlace.append(make("p", "caption", CURVES));
  root.replaceChildren(
    make("div", "playground-messages", undefined, {}, page.status, page.notes, ...wayBack(page)),
    page.settingsPlace,
    figure(page.networkPlace, "Edge: thick large, dashed below zero; click one to follow it."),
    figure(pictures, "● class A, ▲ class B; hollow: validation; line: 50 %.", drawing.tools),
    inspector.element,
    inspector.telling,
    page.transport.element,
    curvesPlace,
    page.list.element,
    page.locks.panel,
    page.moment.spoken,
  );
  nameParts(page);
}

/** @param {Playground} page */
function nameParts({ networkPlace, curves, transport, inspector }) {
  const parts = {
    network: networkPlace,
    lamps: curves.lamps,
    "button.back": transport.back,
    "button.play": transport.play,
    "button.reset": transport.reset,
    "button.slow": inspector.slow,
    "button.step": transport.step,
  };
  for (const [name, element] of Object.entries(parts)) element.dataset.part = name;
}

/** From free play back to the step of the lesson. @param {Playground} page @returns {HTMLElement[]} */
function wayBack({ lesson, page }) {
  if (!lesson || !page) return [];
  const [name, step] = lesson.split(".");
  const link = make("a", "", "Back to the lesson", { href: url(`/learn/${name}?step=${step}`) });
  return [make("p", "playground-way-back", undefined, {}, "You left a lesson for free play. ", link)];
}

/** @param {HTMLElement} content @param {string} caption @param {HTMLElement[]} more */
function figure(content, caption, ...more) {
  return make("figure", "playground-figure", undefined, {}, content, make("figcaption", "caption", caption), ...more);
}
