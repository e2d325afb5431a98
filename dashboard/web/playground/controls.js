// Controls of a scene: what is needed for play in view, the rest behind "More".
import { labelled, make } from "../core/dom.js";

/** @typedef {import("./scene.js").Form} Form */
/** @typedef {import("./scene.js").Setting} Setting */

/** Settings that restart the scene stand first; then those that may be changed on the way. */
const RESTARTING = ["dataset", "hidden_layers", "activation"];
const ON_THE_WAY = ["policy", "step_size", "exploration", "corruption"];
const MORE = [
  "samples",
  "noise",
  "data_seed",
  "seed",
  "loss",
  "initial_scale",
  "method",
  "batch_size",
  "adaptive",
  "truth",
];

const WORDS = /** @type {Record<string, Record<string, string>>} */ ({
  dataset: {
    gaussians: "Two clouds",
    xor: "Exclusive or",
    circles: "Circles",
    moons: "Moons",
    spirals: "Spirals",
    teacher: "Teacher",
  },
  corruption: { none: "True", inverted: "Inverted", delayed: "One late", coin: "A coin", unreliable: "Often true" },
  method: { synaptic: "Synapses", gradient: "Gradient descent" },
  adaptive: { false: "Off", true: "On" },
});
const CHOICES = /** @type {Record<string, any[]>} */ ({
  hidden_layers: [[], [2], [4], [8], [4, 4], [8, 8], [8, 8, 8, 8]],
  step_size: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2],
  exploration: [0, 0.05, 0.1, 0.2, 0.3, 0.5, 1],
  noise: [0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5],
  initial_scale: [0.1, 0.2, 0.5, 1, 2],
  samples: [50, 100, 200, 400, 1000],
  batch_size: [10, 50, 100, 1000],
  truth: [0.5, 0.6, 0.7, 0.8, 0.9, 1],
  adaptive: [false, true],
});

export class Controls {
  /** @param {HTMLElement} place @param {Form} form @param {(setting: string, value: any) => void} changed */
  constructor(place, form, changed) {
    this.form = form;
    this.changed = changed;
    /** @type {Map<string, HTMLSelectElement | HTMLInputElement>} */
    this.fields = new Map();
    const more = make("details", "playground-more", undefined, {}, make("summary", "", "More"));
    more.append(...MORE.map((name) => this.field(name)));
    place.replaceChildren(
      make("h2", "", "Start anew with"),
      ...RESTARTING.map((name) => this.field(name)),
      make("h2", "", "Change on the way"),
      ...ON_THE_WAY.map((name) => this.field(name)),
      more,
    );
  }

  /** @param {string} name */
  field(name) {
    const setting = this.settingOf(name);
    const id = `playground-${name}`;
    const choices = this.choices(name);
    const field = choices
      ? make("select", "", undefined, { id })
      : make("input", "", undefined, { id, type: "number", min: "0", step: "1" });
    field.addEventListener("change", () => {
      this.changed(name, choices ? JSON.parse(field.value) : Number(field.value));
    });
    this.fields.set(name, field);
    return labelled(setting.title ?? name, field);
  }

  /** @param {string} name @returns {Setting} */
  settingOf(name) {
    return this.form.settings[name] ?? { title: "Noise", default: 0 };
  }

  /** @param {string} name @returns {any[] | null} */
  choices(name) {
    if (name === "policy") return this.form.policies.map((policy) => policy.name).filter((one) => one !== "blank");
    const known = CHOICES[name] ?? this.form.settings[name]?.enum ?? null;
    return name === "dataset" ? (known?.filter((one) => one !== "drawn") ?? null) : known;
  }

  /** Show the values in force. @param {(setting: string) => any} value */
  show(value) {
    for (const [name, field] of this.fields) {
      const now = value(name);
      if (field instanceof HTMLInputElement) {
        if (document.activeElement !== field) field.value = String(now);
        continue;
      }
      const choices = this.choices(name) ?? [];
      const text = JSON.stringify(now);
      const all = choices.some((choice) => JSON.stringify(choice) === text) ? choices : [...choices, now];
      field.replaceChildren(...all.map((choice) => this.option(name, choice)));
      field.value = text;
    }
  }

  /** @param {string} name @param {any} choice */
  option(name, choice) {
    const words = WORDS[name]?.[String(choice)] ?? this.words(name, choice);
    return make("option", "", words, { value: JSON.stringify(choice) });
  }

  /** @param {string} name @param {any} choice @returns {string} */
  words(name, choice) {
    if (name === "hidden_layers") return choice.length ? choice.join(" – ") : "None";
    if (name === "batch_size" && choice === this.form.points) return "All points";
    if (name !== "policy") return String(choice).replaceAll("_", " ");
    return typeof choice === "object"
      ? "Own table"
      : this.form.policies.find((one) => one.name === choice)?.title || choice;
  }
}
