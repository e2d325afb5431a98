// The scene beside a lesson's text: the playground with the controls that a step needs, some of them lit up, and the
// prediction kept in the figure that it is about.
import { url } from "../core/address.js";
import { button, make, text } from "../core/dom.js";
import { Playground } from "../playground/page.js";
import { writeSide } from "../playground/side.js";
import { KEYS, toAddress } from "../tape/scene.js";
import { SERVER } from "../tape/source.js";
import { measured } from "./measure.js";

/** @import { StepScene } from "../types/schemas.js" */
/** @typedef {import("../tape/scene.js").Form} Form */
/** @typedef {import("./measure.js").Measure} Measure */
/** Where somebody stands. @typedef {{scene: Record<string, any>, own: Record<string, any> | null, at: number, synapse: number}} Place */

const WORD_OF = Object.fromEntries(Object.entries(KEYS).map(([word, name]) => [name, word]));

export class SceneView {
  /**
   * @param {HTMLElement} root
   * @param {Form} form
   * @param {Place} place where it begins
   */
  constructor(root, form, place) {
    this.root = root;
    this.form = form;
    const query = [queryOf(place, form), place.at ? `at=${place.at}` : ""].filter(Boolean).join("&");
    this.playground = new Playground(root, form, SERVER, query, "");
    this.playground.chosen = place.synapse;
    this.mark = make("p", "lesson-mark");
  }

  /** @param {Place} place */
  open(place) {
    return this.playground.open(place);
  }

  /** Where the learner stands. @returns {Place} */
  place() {
    const { scene, own, cursor, chosen } = this.playground;
    return { scene, own, at: cursor, synapse: chosen };
  }

  /** Address of free play from here. @param {string} lesson lesson and step */
  freePlay(lesson) {
    const place = this.place();
    const query = [queryOf(place, this.form), `lesson=${lesson}`, `at=${place.at}`].filter(Boolean).join("&");
    return url(`/playground?${query}`);
  }

  /**
   * Show these controls and no others, and light up some.
   *
   * @param {string[]} show
   * @param {string[]} light
   */
  arrange(show, light) {
    const { locks, controls, root } = this.playground;
    const shown = new Set(show.map(wordOf));
    const there = [.../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-control]"))];
    const names = there.map((element) => element.dataset.control ?? "");
    locks.hidden = new Set(names.filter((name) => !shown.has(name) && name !== "curves"));
    locks.apply();
    root.toggleAttribute(
      "data-no-settings",
      !show.some((control) => control.startsWith("setting.") || control === "part.side"),
    );
    root.toggleAttribute("data-no-inspector", !shown.has("inspect"));
    root.toggleAttribute("data-only-lamps", !shown.has("curves"));
    controls.reveal();
    for (const element of root.querySelectorAll("[data-lit]")) element.removeAttribute("data-lit");
    for (const control of light) this.find(control)?.toggleAttribute("data-lit", true);
  }

  /** The element of a control. @param {string} control @returns {HTMLElement | null} */
  find(control) {
    const name = wordOf(control);
    return this.root.querySelector(`[data-control="${name}"]`) ?? this.root.querySelector(`[data-part="${name}"]`);
  }

  /**
   * Keep a prediction in the figure that it is about.
   *
   * @param {string} figure
   * @param {string} predicted in words
   * @param {string} happened in words; "": not yet
   * @param {() => void} [explain] lead to the explanation, which may be out of view on a phone
   */
  keep(figure, predicted, happened, explain) {
    const place = { lamps: "lamps", surface: "surface", network: "network" }[figure];
    const { inspector, curvesPlace } = this.playground;
    const beside = place
      ? this.find(`part.${place}`)
      : figure === "inspect"
        ? inspector.beats
        : /** @type {HTMLElement | null} */ (curvesPlace.firstElementChild);
    if (this.mark.previousElementSibling !== beside) beside?.after(this.mark);
    const parts = [make("span", "", `You predicted: ${predicted}`)];
    if (happened) parts.push(make("span", "", `What happened: ${happened}`));
    this.mark.replaceChildren(...parts);
    if (explain) this.mark.append(button("link-button lesson-why", "Read why", explain));
  }

  /** Scroll to the figure with the prediction, where it is not in view: below the text, on a phone. */
  bringIntoView() {
    const { top, bottom } = this.mark.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) this.mark.scrollIntoView({ block: "center" });
  }

  /** Draw the values that somebody predicted into the curves. @param {Measure} measure
   * @param {(number | null)[]} range from, below */
  draw({ what, of, until }, [least, below]) {
    if (of === "difference" || (what !== "validation" && what !== "loss")) return;
    this.playground.curves.predicted = { iteration: until, axis: what, least: least ?? 0, below: below ?? 1 };
    this.playground.moment.dirty = true;
  }

  forget() {
    this.mark.remove();
    this.playground.curves.predicted = null;
  }

  /** @param {Measure} measure @returns {number | null} */
  measure(measure) {
    const { source, details, second } = this.playground;
    return source && measured(measure, { tape: source.tape, details }, second?.source?.tape ?? null);
  }

  /** Say what could not be done. @param {string} words */
  say(words) {
    text(this.playground.status, words);
  }
}

/** The name of a control on the page. @param {string} control kind and name */
function wordOf(control) {
  const [kind, name] = control.split(".");
  if (kind === "button") return control;
  return kind === "setting" ? (WORD_OF[name] ?? name) : name;
}

/** @param {Place} place @param {Form} form */
function queryOf({ scene, own }, form) {
  return [toAddress(scene, form), own ? `vs=${writeSide(own, form)}` : ""].filter(Boolean).join("&");
}

/** Where a step begins. @param {StepScene} begins @returns {Place} */
export function placeOf({ scene, side, at, synapse }) {
  return { scene, own: side ?? null, at, synapse };
}
