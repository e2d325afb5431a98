// Controls of a scene: what is needed for play in view, the rest behind "More".
import { messageOf } from "../core/api.js";
import { labelled, make } from "../core/dom.js";
import { actingBy, KEYS } from "../tape/scene.js";
import { Library } from "./library.js";

/** @typedef {import("../tape/scene.js").Form} Form */
/** @typedef {import("../tape/scene.js").Setting} Setting */

/** Words of the address by settings. */
const WORD_OF = Object.fromEntries(Object.entries(KEYS).map(([word, name]) => [name, word]));

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

/** Settings that a second network may have of its own. */
const SIDE = ["method", "policy", "step_size", "exploration", "corruption", "adaptive", "batch_size"];

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
    this.library = new Library();
    /** @type {any} the table whose name was looked for last */
    this.asked = undefined;
    /** @type {(words: string) => void} */
    this.failed = () => {};
    /** Value of a setting at the cursor. @type {(setting: string) => any} */
    this.inForce = (name) => this.settingOf(name).default;
    /** @type {Map<string, HTMLSelectElement | HTMLInputElement>} */
    this.fields = new Map();
    this.more = make("details", "playground-more", undefined, {}, make("summary", "", "More"));
    this.more.append(...MORE.map((name) => this.field(name)));
    this.side = make("details", "playground-more", undefined, {}, make("summary", "", "Side by side"));
    this.sideSetting = make("select", "", undefined, {
      id: "playground-side",
      "aria-label": "A second network with another",
    });
    this.sideValue = make("select", "", undefined, {
      id: "playground-side-value",
      "aria-label": "namely",
    });
    this.side.append(labelled("A second network with another", this.sideSetting), labelled("namely", this.sideValue));
    this.side.dataset.control = "side";
    this.preset = make("select", "", undefined, {
      id: "playground-preset",
      "aria-label": "Preset",
      "data-control": "presets",
    });
    place.replaceChildren(
      make("div", "playground-heading", undefined, {}, make("h2", "", "Start anew"), this.preset),
      ...RESTARTING.map((name) => this.field(name)),
      make("h2", "", "Change on the way"),
      ...ON_THE_WAY.map((name) => this.field(name)),
      this.more,
      this.side,
    );
  }

  /** Open what holds a control that is shown, and leave out what holds none. */
  reveal() {
    for (const box of [this.more, this.side]) {
      const shown = [...box.querySelectorAll("label")].some((label) => !label.closest(".playground-hidden"));
      box.classList.toggle("playground-without", !shown);
      box.open = shown;
    }
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
      this.take(choices ? JSON.parse(field.value) : Number(field.value), (value) => this.changed(name, value));
    });
    this.fields.set(name, field);
    const label = labelled(setting.title ?? name, field);
    label.dataset.control = WORD_OF[name] ?? name;
    return label;
  }

  /** @param {string} name @returns {Setting} */
  settingOf(name) {
    return this.form.settings[name] ?? { title: "Noise", default: 0 };
  }

  /** @param {string} name @returns {any[] | null} */
  choices(name) {
    if (name === "policy") {
      const shipped = this.form.policies.map((policy) => policy.name).filter((one) => one !== "blank");
      return [...shipped, ...this.library.entries(this.inForce("policy"))];
    }
    return CHOICES[name] ?? this.form.settings[name]?.enum ?? null;
  }

  /** Offer the policies of the library. @param {(words: string) => void} failed called where a table can't be had */
  async offerLibrary(failed) {
    this.failed = failed;
    try {
      await this.library.load();
      this.asked = undefined;
      this.show(this.inForce);
    } catch {
      // Those that ship are offered as before.
    }
  }

  /** Find the name of a table of an address in the library, once for each table. */
  async recognise() {
    const now = this.inForce("policy");
    if (now === this.asked) return;
    this.asked = now;
    const found = await this.library.recognise(now).catch(() => false);
    if (found) this.show(this.inForce);
  }

  /** Take what was chosen, of the library its table. @param {any} choice @param {(value: any) => void} taken */
  take(choice, taken) {
    if (choice?.library === undefined) taken(choice);
    else this.library.resolved(choice).then(taken, (error) => this.failed(messageOf(error)));
  }

  /** Offer scenes to begin with. @param {(scene: import("../tape/scene.js").Scene) => void} chosen */
  offerPresets(chosen) {
    const options = this.form.presets.map(({ name, title }) => make("option", "", title, { value: name }));
    this.preset.replaceChildren(make("option", "", "Presets …", { value: "" }), ...options);
    this.preset.addEventListener("change", () => {
      const preset = this.form.presets.find(({ name }) => name === this.preset.value);
      this.preset.value = "";
      if (preset) chosen(preset.scene);
    });
  }

  /** Offer a second network. @param {(own: Record<string, any> | null) => void} changed */
  offerSide(changed) {
    const none = make("option", "", "None", { value: "" });
    const settings = SIDE.map((name) => make("option", "", this.settingOf(name).title ?? name, { value: name }));
    this.sideSetting.replaceChildren(none, ...settings);
    this.sideSetting.addEventListener("change", () => {
      const name = this.sideSetting.value;
      if (!name) changed(null);
      else changed(this.own(name, (this.sideChoices(name) ?? [])[0]));
    });
    this.sideValue.addEventListener("change", () => {
      const name = this.sideSetting.value;
      this.take(JSON.parse(this.sideValue.value), (value) => changed(this.own(name, value)));
    });
  }

  /** What the second network has of its own. @param {string} name @param {any} value */
  own(name, value) {
    return name === "policy" ? actingBy(value, this.inForce("exploration"), this.form) : { [name]: value };
  }

  /** Values that differ from that in force. @param {string} name */
  sideChoices(name) {
    const now = JSON.stringify(this.inForce(name));
    return this.choices(name)?.filter((choice) => JSON.stringify(choice) !== now);
  }

  /** @param {Record<string, any> | null} own */
  showSide(own) {
    const [name, value] = Object.entries(own ?? {})[0] ?? ["", null];
    this.sideSetting.value = name;
    this.sideValue.disabled = !name;
    this.side.open ||= Boolean(name);
    const choices = name ? (this.sideChoices(name) ?? []) : [];
    const all =
      !name || choices.some((choice) => JSON.stringify(choice) === JSON.stringify(value))
        ? choices
        : [...choices, value];
    this.sideValue.replaceChildren(...all.map((choice) => this.option(name, choice)));
    if (name) this.sideValue.value = JSON.stringify(value);
  }

  /** A setting and its value in words. @param {Record<string, any>} own */
  describeSide(own) {
    return Object.entries(own)
      .map(([name, value]) => {
        const words = this.form.words[name]?.[String(value)] ?? this.words(name, value);
        return name === "method" || name === "policy" ? words : `${this.settingOf(name).title} ${words}`;
      })
      .join(", ");
  }

  /** Show the values in force. @param {(setting: string) => any} value */
  show(value) {
    this.inForce = value;
    void this.recognise();
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
    const words = this.form.words[name]?.[String(choice)] ?? this.words(name, choice);
    return make("option", "", words, { value: JSON.stringify(choice) });
  }

  /** @param {string} name @param {any} choice @returns {string} */
  words(name, choice) {
    if (name === "hidden_layers") return choice.length ? choice.join(" – ") : "None";
    if (name === "batch_size" && choice === this.form.points) return "All points";
    if (name !== "policy") return String(choice).replaceAll("_", " ");
    return typeof choice === "object"
      ? (this.library.nameOf(choice) ?? "Own table")
      : this.form.policies.find((one) => one.name === choice)?.title || choice;
  }
}
