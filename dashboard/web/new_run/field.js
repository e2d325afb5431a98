// One field of the form: its control, what it holds, what is wrong with it, and the way back to where it started.
import { button, make, text } from "../core/dom.js";
import * as format from "../core/format.js";
import { isRewritten, toText } from "./texts.js";

/** @import { FormField, Option as FieldOption } from "../types/schemas.js" */
/** @import { FieldProblem, FormState } from "./state.js" */
/** @import { Choice } from "./texts.js" */

/** @type {FieldOption[]} */
const OFF_AND_ON = [
  { value: "no", label: "off" },
  { value: "yes", label: "on" },
];

export class FieldView {
  /**
   * @param {FormField} field
   * @param {FormState} state
   * @param {() => void} changed called when someone typed or chose
   */
  constructor(field, state, changed) {
    this.field = field;
    this.state = state;
    this.changed = changed;
    this.id = `field-${field.key.replace(/\W/g, "-")}`;
    this.element = make("div", "form-field", undefined, { "data-field": field.name });
    this.error = make("p", "field-error", "", { id: `${this.id}-error`, role: "alert" });
    this.choices = make("div", "field-choices");
    this.choicesShown = "";
    this.takesSeveral = false; // several values can be chosen, though one is so far
    this.note = make("p", "field-note", "");
    this.meaning = make("p", "field-help", "", { id: `${this.id}-meaning` });
    this.undo = button("field-undo", "", () => this.write(toText(field, state.startOf(field))));
    /** @type {HTMLInputElement | HTMLSelectElement} */
    this.control = make("input");
    this.render();
  }

  get text() {
    return this.state.textOf(this.field);
  }

  /** @param {string} words that were typed or chosen */
  enter(words) {
    this.state.texts.set(this.field.key, words);
    this.changed();
  }

  /**
   * Put a text into the field, as if it had been typed.
   *
   * @param {string} words
   */
  write(words) {
    this.state.texts.set(this.field.key, words);
    this.render();
    this.changed();
    this.focus();
  }

  focus() {
    this.control.focus();
  }

  get hasOptions() {
    return Boolean(this.field.options) || this.field.kind === "switch";
  }

  get options() {
    return this.field.options ?? OFF_AND_ON;
  }

  /** Texts of the values. */
  get valueTexts() {
    return this.state.values(this.field).map((value) => toText(this.field, value));
  }

  // -- controls

  render() {
    const { field, id } = this;
    const areSeveral = this.hasOptions && (this.takesSeveral || this.state.values(field).length > 1);
    const label = areSeveral
      ? make("span", "field-label", field.title, { id: `${id}-label` })
      : make("label", "field-label", field.title, { for: id });
    if (field.symbol) label.append(" ", make("span", "symbol", field.symbol));
    const head = make("div", "field-head", undefined, {}, label, this.undo);
    const control = areSeveral ? this.checkboxes() : this.hasOptions ? this.select() : this.input();
    const range = field.range ? ` Allowed: ${field.range}.` : "";
    const help = make("p", "field-help", `${field.help}${range}`, { id: `${id}-help` });
    this.element.replaceChildren(head, control, this.error, this.choices, this.note, this.meaning, help);
    this.update();
  }

  get description() {
    return { "aria-describedby": `${this.id}-error ${this.id}-meaning ${this.id}-help` };
  }

  input() {
    const { field } = this;
    const input = make("input", "field", undefined, {
      id: this.id,
      type: "text",
      autocomplete: "off",
      spellcheck: "false",
      inputmode: field.kind === "text" ? "text" : "decimal",
      placeholder: field.optional ? "empty" : toText(field, field.default),
      ...this.description,
    });
    input.value = this.text;
    input.addEventListener("input", () => this.enter(input.value));
    this.control = input;
    const unit = field.unit ? [make("span", "unit", field.unit)] : [];
    return make("div", "field-control", undefined, {}, input, ...unit);
  }

  select() {
    const select = make("select", "field", undefined, { id: this.id, ...this.description });
    const [chosen] = this.valueTexts;
    /** @type {Map<string, HTMLOptGroupElement>} */
    const groups = new Map();
    if (!this.options.some(({ value }) => value === chosen)) select.append(new Option(chosen, chosen, true, true));
    for (const { group, label, value } of this.options) {
      const entry = new Option(label, value, false, value === chosen);
      if (!group) {
        select.append(entry);
        continue;
      }
      const box = groups.get(group) ?? make("optgroup", "", undefined, { label: group });
      groups.set(group, box);
      box.append(entry);
    }
    select.append(...groups.values());
    select.addEventListener("change", () => this.enter(select.value));
    this.control = select;
    const several = button(
      "field-several",
      "several",
      () => {
        this.takesSeveral = true;
        this.render();
        this.focus();
      },
      { "aria-label": `Choose several values of ${this.field.title}` },
    );
    return make("div", "field-control", undefined, {}, select, several);
  }

  checkboxes() {
    const chosen = new Set(this.valueTexts);
    const inputs = this.options.map(({ value }) => {
      const input = make("input", "", undefined, { type: "checkbox", value });
      input.checked = chosen.has(value);
      input.addEventListener("change", () => {
        const all = inputs.filter((one) => one.checked).map((one) => one.value);
        if (all.length === 0)
          input.checked = true; // the last one stays
        else if (all.length === 1) {
          this.takesSeveral = false;
          this.write(all[0]);
        } else this.enter(all.join(","));
      });
      return input;
    });
    const labels = inputs.map((input, i) => make("label", "field-option", undefined, {}, input, this.options[i].label));
    [this.control] = inputs;
    const attributes = { role: "group", "aria-labelledby": `${this.id}-label`, ...this.description };
    return make("div", "field-options", undefined, attributes, ...labels);
  }

  // -- what follows from the state

  /** Show whether the field has a meaning, is changed, and how its text is read. */
  update() {
    const { field, state } = this;
    this.element.hidden = !state.applies(field);
    const isChanged = state.isChanged(field);
    this.element.classList.toggle("changed", isChanged);
    this.undo.hidden = !isChanged;
    const start = toText(field, state.startOf(field));
    const option = this.hasOptions ? this.options.find(({ value }) => value === start) : undefined;
    this.undo.textContent = `back to ${option?.label || start || "empty"}`;
    this.note.textContent = this.noteOf(state.values(field));
    if (this.hasOptions) this.meaning.textContent = this.meaningOf(this.valueTexts);
  }

  /** @param {unknown[]} values */
  noteOf(values) {
    if (this.hasOptions) return "";
    if (values.length > 1) return `${values.length} values`;
    const [value] = values;
    if (!isRewritten(this.field, this.text, values)) return "";
    return `Read as ${this.field.kind === "integer" ? format.count(Number(value)) : value}.`;
  }

  /**
   * What the options mean that are chosen, where they have something to say; of several each with its name.
   *
   * @param {string[]} chosen
   */
  meaningOf(chosen) {
    const told = this.options.filter(({ help, value }) => help && chosen.includes(value));
    return told.map(({ help, label }) => (chosen.length > 1 ? `${label}: ${help}` : help)).join(" ");
  }

  // -- problems

  /** @param {FieldProblem[]} problems of this field */
  refuse(problems) {
    const areSeveral = this.state.values(this.field).length > 1;
    text(this.error, problems.map((problem) => sentence(problem, areSeveral)).join(" "));
    const choices = problems.flatMap((problem) => problem.choices ?? []);
    const shown = choices.map((choice) => choice.text).join("\n");
    if (this.choicesShown !== shown)
      this.choices.replaceChildren(...choices.map((choice) => this.choiceButton(choice)));
    this.choicesShown = shown;
    this.element.classList.toggle("refused", problems.length > 0);
    if (problems.length) this.control.setAttribute("aria-invalid", "true");
    else this.control.removeAttribute("aria-invalid");
  }

  get isRefused() {
    return this.element.classList.contains("refused");
  }

  /** Open the settings that the field stands among, so that it can be seen. */
  reveal() {
    const more = this.element.closest("details");
    if (more) more.open = true;
  }

  /**
   * A button that writes what was meant into the field.
   *
   * @param {Choice} choice
   */
  choiceButton({ label, text: meant }) {
    return button("field-choice", label, () => this.write(meant));
  }
}

/**
 * @param {FieldProblem} problem
 * @param {boolean} namesValue whether the field holds several values
 */
function sentence({ message, value }, namesValue) {
  const names = namesValue && value !== undefined && value !== null;
  // What was typed stays as it was typed.
  const words = names ? `${value}: ${message}` : `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
  return /[.!?]$/.test(words) ? words : `${words}.`;
}
