// A question with its options: chosen, committed once where it is a prediction, explained afterwards.
import { button, make, text } from "../core/dom.js";

/** @import { Question, QuestionAnswer } from "../types/schemas.js" */

export class QuestionForm {
  /**
   * @param {Question} question
   * @param {string} act words on its button
   * @param {(option: string) => void} committed
   */
  constructor(question, act, committed) {
    this.question = question;
    this.form = make("form", "lesson-question");
    this.group = make("fieldset", "", undefined, {}, make("legend", "", question.question));
    /** @type {Map<string, HTMLInputElement>} */
    this.boxes = new Map();
    this.send = button("button", act, () => {}, { type: "submit" });
    for (const option of question.options) this.group.append(this.option(option));
    this.told = make("div", "lesson-told", undefined, { role: "status", tabindex: "-1" });
    this.form.append(this.group, this.send, this.told);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = this.chosen();
      if (chosen) committed(chosen);
      else text(this.told, "Choose one of them first.");
    });
  }

  /** @param {{id: string, words: string}} option */
  option({ id, words }) {
    const box = make("input", "", undefined, { type: "radio", name: this.question.id, value: id });
    this.boxes.set(id, box);
    return make("label", "lesson-option", undefined, {}, box, make("span", "", words));
  }

  chosen() {
    return [...this.boxes].find(([, box]) => box.checked)?.[0] ?? null;
  }

  /** Words of an option. @param {string} id */
  words(id) {
    return this.question.options.find((option) => option.id === id)?.words ?? "";
  }

  /** Show what was committed; it can't be changed any more. @param {string} option */
  close(option) {
    const box = this.boxes.get(option);
    if (box) box.checked = true;
    this.group.disabled = true;
    this.send.hidden = true;
  }

  /** Lead to the explanation. */
  read() {
    this.told.focus({ preventScroll: true });
    this.told.scrollIntoView({ block: "nearest" });
  }

  /** Explain the option that was chosen and, of a prediction, the one that is right.
   * @param {QuestionAnswer} answer @param {string} option @param {string} [happened] */
  explain(answer, option, happened = "") {
    const right = option === answer.right;
    const verdict = make("strong", "", right ? "✓ Yes. " : "✗ Not so. ");
    const parts = [make("p", "", undefined, {}, verdict, answer.explanations[option])];
    if (happened) parts.push(make("p", "", happened));
    if (!right && happened) parts.push(make("p", "", answer.explanations[answer.right]));
    this.told.replaceChildren(...parts);
    this.told.dataset.right = String(right);
  }
}
