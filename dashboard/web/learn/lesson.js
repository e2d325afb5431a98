// The page of a lesson: text beside the scene that it drives, step by step. A step is done when the learner did it; a
// prediction is committed before the scene goes on.
import { inside, url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { button, findId, make, text } from "../core/dom.js";
import { Task } from "./acts.js";
import { inWords } from "./measure.js";
import { keep, progressOf } from "./progress.js";
import { QuestionForm } from "./question.js";
import { placeOf, SceneView } from "./scene_view.js";
import { marked, paragraph } from "./words.js";

/** @import { Lesson, LessonAnswers, LessonStep, LessonSummary, Prediction, QuestionAnswer } from "../types/schemas.js" */
/** @typedef {import("./measure.js").Measure} Measure */
/** @typedef {import("../tape/scene.js").Form} Form */

const CHECK = "check";
const LEFT = "synrl-lesson-left"; // where somebody stood who left for free play

class LessonPage {
  /**
   * @param {HTMLElement} root
   * @param {Lesson} lesson
   * @param {LessonSummary[]} lessons all of them
   * @param {Form} form
   */
  constructor(root, lesson, lessons, form) {
    this.root = root;
    this.lesson = lesson;
    this.lessons = lessons;
    this.progress = progressOf(lesson.id);
    /** @type {Record<string, QuestionAnswer> | null} */
    this.answers = null;
    /** @type {Task | null} */
    this.task = null;
    /** @type {QuestionForm | null} */
    this.asked = null;
    this.wrong = 0; // wrong answers in a row to the check
    this.ids = [...lesson.steps.map((step) => step.id), CHECK];
    this.place = this.wanted();
    const asked = new URLSearchParams(location.search).get("step");
    const unknown = asked !== null && !this.ids.includes(asked);
    const stage = make("div", "playground lesson-scene", undefined, { id: "playground" });
    this.view = new SceneView(stage, form, this.left() ?? this.beginning());
    stage.addEventListener("playground-act", (event) => this.acted(/** @type {CustomEvent} */ (event).detail));
    this.steps = make("ol", "lesson-steps");
    this.heading = make("h2", "", "", { tabindex: "-1" });
    this.body = make("div", "lesson-body");
    this.doing = make("p", "lesson-task");
    this.news = make("p", "visually-hidden", undefined, { role: "status" });
    this.previous = button("button-plain", "Previous step", () => this.go(this.place - 1));
    this.next = button("button-plain", "Next step", () => this.go(this.place + 1));
    // Beside the buttons of the scene: whoever has just done the task there sees it, and need not go back to the text.
    this.onward = button("button lesson-onward", "✓ Done, go on", () => this.go(this.place + 1));
    this.view.playground.transport.element.append(this.onward);
    this.free = make("a", "", "Free play from here", { href: "" });
    this.free.addEventListener("click", () => this.leave());
    const panel = make("section", "lesson-panel", undefined, { "aria-label": "Lesson" });
    panel.append(
      make("p", "lesson-number", `Lesson ${lesson.number} of ${lessons.length}`),
      make("h1", "", lesson.title),
      make("nav", "", undefined, { "aria-label": "Steps" }, this.steps),
      ...(unknown
        ? [make("p", "refusal", `This lesson has no step “${asked}”; it begins here.`, { role: "alert" })]
        : []),
      this.heading,
      this.body,
      this.doing,
      make("div", "lesson-buttons", undefined, {}, this.previous, this.next),
      make("p", "caption", undefined, {}, this.free),
      make("p", "caption", lesson.paper),
      make("p", "caption", undefined, {}, make("a", "", "All lessons", { href: url("/learn") })),
      this.news,
    );
    root.replaceChildren(panel, stage);
    this.show();
  }

  /** The step in view; of the check, the last one before it. @returns {LessonStep} */
  get step() {
    return this.lesson.steps[Math.min(this.place, this.lesson.steps.length - 1)];
  }

  get checking() {
    return this.place === this.lesson.steps.length;
  }

  /** The step that the address asks for, else the one that was open last. */
  wanted() {
    const asked = new URLSearchParams(location.search).get("step") ?? this.progress.step ?? "";
    return Math.max(0, this.ids.indexOf(asked));
  }

  /** Where the scene stands when the step is opened: where its answer was seen, if it was. */
  beginning() {
    const { begins, prediction, id } = this.step;
    const seen = prediction && !this.checking && this.progress.done.includes(id);
    return placeOf(seen ? { ...begins, at: prediction.until } : begins);
  }

  // -- from step to step

  /** @param {number} place */
  go(place) {
    const goesOn =
      place === this.place + 1 && (place === this.ids.length - 1 || !this.lesson.steps[place].begins.fresh);
    this.place = place;
    if (!goesOn) void this.view.open(this.beginning());
    this.show();
    this.heading.focus();
    this.heading.scrollIntoView({ block: "nearest" });
  }

  show() {
    this.progress.step = this.ids[this.place];
    keep(this.lesson.id, this.progress);
    history.replaceState(history.state, "", `${location.pathname}?step=${this.progress.step}`);
    this.view.forget();
    this.view.playground.hold(false, false);
    this.asked = this.task = null;
    this.wrong = 0;
    if (this.checking) this.showCheck();
    else this.showStep();
    this.showSteps();
    this.onward.hidden ||= this.checking;
    this.previous.disabled = this.place === 0;
    this.next.hidden = this.checking;
    this.free.hidden = this.view.playground.frozen;
    this.root.dataset.step = this.ids[this.place];
    this.report();
  }

  /** Say where the learner stands: a class session, which shows the lesson in a frame, reads it. */
  report() {
    this.root.dataset.place = String(this.place);
    this.root.dataset.wrong = String(this.wrong);
  }

  showStep() {
    const { step } = this;
    text(this.heading, step.title);
    this.body.replaceChildren(...step.paragraphs.map((words) => paragraph(words)));
    this.view.arrange(step.show, step.light);
    this.doing.hidden = !step.task;
    this.doing.replaceChildren(...marked(step.task));
    if (step.done) this.task = new Task(step.done);
    if (step.prediction) this.ask(step.prediction);
    this.mark();
  }

  /** Links to the steps; those behind a prediction that is not committed yet are names. */
  showSteps() {
    let open = true;
    const items = this.ids.map((id, place) => {
      const step = this.lesson.steps[place];
      const title = step?.title ?? "Check";
      const current = place === this.place;
      const item =
        open || current
          ? make("a", "", String(place + 1), { href: `?step=${id}` })
          : make("span", "", String(place + 1));
      item.title = title;
      if (item.matches("a")) item.setAttribute("aria-label", `Step ${place + 1}: ${title}`);
      item.toggleAttribute("data-done", this.progress.done.includes(id));
      if (current) item.setAttribute("aria-current", "step");
      item.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || !item.matches("a")) return;
        event.preventDefault();
        this.go(place);
      });
      if (step?.prediction && !this.progress.answers[step.prediction.id]) open = false;
      return make("li", "", undefined, {}, item);
    });
    this.steps.replaceChildren(...items);
  }

  /** Show whether the step is done, and what holds the next one up. */
  mark() {
    const done = this.progress.done.includes(this.ids[this.place]);
    const waits = Boolean(this.step.prediction && !this.checking && !this.progress.answers[this.step.prediction.id]);
    this.doing.toggleAttribute("data-done", done);
    this.onward.hidden = this.checking || !done;
    this.next.disabled = waits;
    this.next.className = done || (!this.task && !this.asked) ? "button" : "button-plain";
    this.next.title = waits ? "Commit your prediction first" : "";
  }

  // -- doing

  /** @param {import("./acts.js").Act} act */
  acted(act) {
    if (this.task?.take(act)) {
      this.task = null;
      this.complete();
      text(this.news, "Done. Go on to the next step.");
    }
    if (act.act === "reach") this.tell();
  }

  complete() {
    const id = this.ids[this.place];
    if (!this.progress.done.includes(id)) this.progress.done.push(id);
    keep(this.lesson.id, this.progress);
    this.showSteps();
    this.mark();
  }

  // -- predicting

  /** @param {Prediction} prediction */
  ask(prediction) {
    const asked = new QuestionForm(prediction, "Commit my prediction", (option) => this.commit(prediction, option));
    this.asked = asked;
    this.body.append(asked.form);
    const committed = this.progress.answers[prediction.id];
    if (committed) void this.reveal(prediction, committed, false);
    else {
      this.view.playground.hold(true, true);
      this.body.append(
        make(
          "p",
          "caption lesson-locked",
          "Play, Step and the slider are locked until you have committed a prediction.",
        ),
      );
    }
  }

  /** @param {Prediction} prediction @param {string} option */
  async commit(prediction, option) {
    this.progress.answers[prediction.id] = option;
    keep(this.lesson.id, this.progress);
    this.body.querySelector(".lesson-locked")?.remove();
    this.showSteps();
    this.mark();
    await this.reveal(prediction, option, true);
  }

  /** Let the scene answer. @param {Prediction} prediction @param {string} option
   * @param {boolean} isNew else it was committed earlier */
  async reveal(prediction, option, isNew) {
    const { asked, view } = this;
    asked?.close(option);
    view.keep(prediction.figure, asked?.words(option) ?? "", "");
    view.playground.hold(false, true);
    const play = button("button lesson-play", `Play it, to iteration ${prediction.until.toLocaleString("en")}`, () => {
      view.playground.playTo(prediction.until);
      view.bringIntoView();
    });
    asked?.group.after(play);
    if (isNew) play.focus();
    const answers = await this.load();
    if (this.asked !== asked || !answers) return;
    view.draw(/** @type {any} */ (answers[prediction.id].measure), answers[prediction.id].ranges[option]);
    this.tell();
  }

  /** Say what happened, once the scene has got there. */
  tell() {
    const { asked, view } = this;
    const prediction = this.checking ? null : this.step.prediction;
    const answer = prediction && this.answers?.[prediction.id];
    if (!prediction || !answer || !asked || asked.told.childElementCount) return;
    if (view.playground.moment.shown < prediction.until) return;
    const measure = /** @type {Measure} */ (/** @type {unknown} */ (answer.measure));
    const value = view.measure(measure);
    if (value === null) return; // details are on their way
    const option = this.progress.answers[prediction.id];
    const happened = [asked.words(answer.right), ...(measure.what === "action" ? [] : [inWords(measure, value)])];
    view.keep(prediction.figure, asked.words(option), happened.join(" · "), () => asked.read());
    view.playground.hold(false, false);
    this.free.hidden = false;
    const here = happened[1] ? ` Here: ${happened[1]}.` : "";
    asked.explain(answer, option, answer.told + here);
    const play = this.body.querySelector(".lesson-play");
    if (play?.matches(":focus-visible")) asked.read(); // the focus is there by keyboard, and must not be lost
    play?.remove();
    this.complete();
  }

  /** The answers of the lesson, asked for when something was committed. */
  async load() {
    if (!this.answers) {
      try {
        /** @type {LessonAnswers} */
        const { answers } = await call("GET", `/api/v1/lessons/${this.lesson.id}/answers`);
        this.answers = Object.fromEntries(answers.map((answer) => [answer.id, answer]));
      } catch (error) {
        this.view.say(messageOf(error));
      }
    }
    return this.answers;
  }

  // -- checking

  showCheck() {
    text(this.heading, "Check");
    this.doing.hidden = true;
    this.view.arrange(this.step.show, []);
    const questions = this.lesson.checks.map((question) => {
      const form = new QuestionForm(question, "Check my answer", (option) => void this.check(form, option, true));
      const given = this.progress.answers[question.id];
      if (given) void this.check(form, given);
      return form.form;
    });
    this.ending = make("div", "lesson-ending");
    this.body.replaceChildren(...questions, this.ending);
    this.end();
  }

  /** @param {QuestionForm} asked @param {string} option @param {boolean} [isNew] else it was given earlier */
  async check(asked, option, isNew = false) {
    const box = asked.boxes.get(option);
    if (box) box.checked = true;
    this.progress.answers[asked.question.id] = option;
    const answers = await this.load();
    if (!answers) return;
    asked.explain(answers[asked.question.id], option);
    if (isNew) this.wrong = answers[asked.question.id].right === option ? 0 : this.wrong + 1;
    this.report();
    keep(this.lesson.id, this.progress);
    this.end();
  }

  /** Offer the next lesson when all questions are answered. */
  end() {
    const all = this.lesson.checks.every(({ id }) => this.answers?.[id]?.right === this.progress.answers[id]);
    if (!all || !this.ending) return;
    this.progress.finished = true;
    this.complete();
    const next = this.lessons.find(({ number }) => number === this.lesson.number + 1);
    const link = next
      ? make("a", "button", `Next lesson: ${next.title}`, { href: url(`/learn/${next.id}`) })
      : make("a", "button", "To the playground", { href: url("/playground") });
    this.ending.replaceChildren(make("p", "", "That was all of this lesson."), link);
  }

  // -- free play

  leave() {
    const id = `${this.lesson.id}.${this.ids[this.place]}`;
    this.free.href = this.view.freePlay(id);
    try {
      sessionStorage.setItem(LEFT, JSON.stringify({ id, place: this.view.place() }));
    } catch {
      // Then the step begins anew.
    }
  }

  /** Where somebody stood who comes back from free play. @returns {import("./scene_view.js").Place | null} */
  left() {
    try {
      const { id, place } = JSON.parse(sessionStorage.getItem(LEFT) ?? "{}");
      sessionStorage.removeItem(LEFT);
      const waits = this.step.prediction && !this.progress.done.includes(this.step.id);
      return id === `${this.lesson.id}.${this.ids[this.place]}` && !waits ? place : null;
    } catch {
      return null;
    }
  }
}

export async function mountLesson() {
  const root = findId("lesson");
  if (!root) return;
  const id = inside(location.pathname).split("/")[2];
  try {
    const [lesson, lessons, form] = await Promise.all([
      call("GET", `/api/v1/lessons/${encodeURIComponent(id)}`),
      call("GET", "/api/v1/lessons"),
      call("GET", "/api/v1/playground/form"),
    ]);
    new LessonPage(root, lesson, lessons, form);
  } catch (error) {
    root.replaceChildren(make("p", "refusal", messageOf(error), { role: "alert" }));
  }
}
