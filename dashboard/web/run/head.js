// The head of a run's page: its status, the actions on it, and its name, tags and notes in place.
import { navigate } from "../core/address.js";
import { call, messageOf, UNREACHED } from "../core/api.js";
import { openDialog } from "../core/dialog.js";
import { button, byId, findId, labelled, make, mayChange, text, within } from "../core/dom.js";
import * as format from "../core/format.js";
import { openMenu } from "../core/menu.js";
import { say } from "../core/news.js";
import { pageData } from "../core/page_data.js";
import { isFinal, statusWord } from "../core/status.js";
import { commaSeparated } from "../core/words.js";

/** @import { LearnedPolicy, LibraryPolicy, RunRead, RunStatus } from "../types/schemas.js" */
/** @import { RunView } from "./page.js" */

/** @typedef {Partial<RunRead>} Guess what the server will have made of the run */

/**
 * @typedef {object} HeadAction
 * @property {string} words
 * @property {(run: RunRead) => boolean} [when] otherwise it is offered if the server allows it
 * @property {(head: RunHead, run: RunRead) => void} act
 */

/**
 * An action that the server does at once; `guess` is what the run looks like from the click on until it has answered.
 *
 * @param {string} action
 * @param {string} words
 * @param {Guess} running of a run that trains
 * @param {Guess} resting of any other
 * @returns {HeadAction}
 */
function simple(action, words, running, resting) {
  const news = `${words} was asked for.`;
  return {
    words,
    act: (head, run) => void head.post(action, undefined, run.status === "running" ? running : resting, news),
  };
}

/** @type {Record<string, HeadAction>} in the order of the page */
const ACTIONS = {
  pause: simple("pause", "Pause", { requested: "pause" }, { status: "paused" }),
  resume: simple("resume", "Resume", { requested: null }, { status: "queued" }),
  stop: simple("stop", "Stop", { requested: "stop" }, { status: "stopped" }),
  extend: { words: "Extend", act: (head, run) => head.askLength(run) },
  clone: { words: "Clone", act: (_, run) => navigate(`/new?from=${encodeURIComponent(run.id)}`) },
};

/**
 * Behind "More": a click that was meant for a neighbour must not take a run away.
 *
 * @type {Record<string, HeadAction>}
 */
const MORE = {
  policy: {
    words: "Store its policy",
    when: (run) => run.config.method === "synaptic" && (learnsPolicy(run) || bringsPolicy()) && mayStore(run),
    act: (head, run) => void head.storePolicy(run, {}),
  },
  freeze: {
    words: "Store its policy, frozen",
    when: (run) => run.config.method === "synaptic" && learnsPolicy(run) && mayStore(run),
    act: (head, run) => void head.storePolicy(run, { frozen: true }),
  },
  archive: {
    words: "Archive",
    when: (run) => !run.archived && mayChange(run),
    act: (head, run) => void head.archive(run),
  },
  unarchive: {
    words: "Take back from the archive",
    when: (run) => run.archived && mayChange(run),
    act: (head, run) => void head.archive(run),
  },
  rewind: { words: "Rewind …", act: (head) => head.askRewind() },
  delete: { words: "Delete", act: (head) => void head.remove() },
};
const REQUESTED = { pause: "pausing", stop: "stopping" };

/** @param {RunRead} run */
const learnsPolicy = (run) => run.config.adaptive === true;

/** Whether the run uses a table that does not ship, as runs of bundles do. */
const bringsPolicy = () => byId("run-page").dataset.bringsPolicy === "true";

/**
 * Whether there is a learned table that the person who looks may store.
 *
 * @param {RunRead} run
 */
const mayStore = (run) => run.iteration > 0 && document.body.dataset.role !== "viewer";

export class RunHead {
  /** @param {RunView} view */
  constructor(view) {
    this.view = view;
    /** @type {Guess | null} */
    this.guess = null;
    /** @type {RunStatus | null} */
    this.status = null;
    /** @type {HTMLInputElement | null} field for the name, while it is edited */
    this.naming = null;
    /** @type {string | null} tags as shown */
    this.tags = null;
    /** @type {string | null} notes as shown */
    this.notes = null;
    /** @type {HTMLDialogElement | null} */
    this.dialog = null;
    /** @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map();
    this.more = button("button-plain", "More", () => this.openMore(), {
      id: "run-more",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
    });
    this.makeButtons();
    this.rename = () => this.editName();
    byId("run-rename").addEventListener("click", this.rename);
    byId("run-rename").hidden = true;
  }

  close() {
    findId("run-rename")?.removeEventListener("click", this.rename);
    this.dialog?.remove();
  }

  /** The run as it will be when the server has done what was just clicked. */
  get run() {
    const { run } = this.view.data;
    return run && this.guess ? { ...run, ...this.guess } : run;
  }

  showWords() {
    const { run } = this;
    if (!run) return;
    this.sayStatus(run);
    this.sayProgress(run);
    this.sayChange(run);
    for (const [action, shown] of this.buttons) shown.hidden = !run.allowed_actions.includes(action);
    this.more.hidden = !offered(run).length;
    if (!this.naming) byId("run-rename").hidden = !mayChange(run);
    this.sayTags(run);
    this.sayNotes(run);
  }

  /** @param {RunRead} run */
  sayStatus(run) {
    const page = byId("run-page");
    page.dataset.status = run.status;
    const badge = within(page, ".run-progress .status");
    badge.dataset.status = run.status;
    text(within(badge, ".word"), run.requested ? REQUESTED[run.requested] : statusWord(run.status));
    if (!this.naming) text("run-name", run.name);
    text("run-error", run.error || "");
    const progress = run.status === "running" ? `${Math.floor((100 * run.iteration) / run.iterations)} % · ` : "";
    document.title = `${progress}${run.name} – SynRL`;
  }

  /** @param {RunRead} run */
  sayProgress(run) {
    const share = run.iterations ? run.iteration / run.iterations : 0;
    const words = progressWords(run, share);
    text("run-progress-words", words.join(" · "));
    byId("run-bar").style.transform = `scaleX(${share})`;
    const bar = byId("run-progress");
    bar.setAttribute("aria-valuenow", String(Math.floor(100 * share)));
    bar.setAttribute("aria-valuetext", words.join(", "));
  }

  /**
   * Say what happened to the run while the page was open, whether by this person or another.
   *
   * @param {RunRead} run
   */
  sayChange(run) {
    const before = this.status;
    this.status = run.status;
    if (run.status === "paused" && run.error) this.showNote(run.error);
    if (before === null || before === run.status || this.guess) return;
    const at = `at iteration ${format.count(run.iteration)}`;
    const happened = {
      paused: `Paused ${at}. Resume goes on from there.`,
      stopped: `Stopped ${at}. Extend lets it go on to its goal, or for longer.`,
      succeeded: `Finished ${at}.`,
      queued: `Queued: it ${run.iteration ? "goes on" : "begins"} as soon as a worker is free.`,
      running: run.iteration ? `Training goes on ${at}.` : "",
      failed: "",
    };
    this.showNote(happened[run.status]);
  }

  /** @param {(Node | string)[]} parts */
  showNote(...parts) {
    findId("run-note")?.replaceChildren(...parts);
  }

  /** @param {string} words */
  refuse(words) {
    text("run-message", words);
  }

  /** The server is there again: remarks on its absence are no longer true. */
  connected() {
    if (findId("run-message")?.textContent === UNREACHED) this.refuse("");
  }

  // -- actions

  makeButtons() {
    for (const [name, action] of Object.entries(ACTIONS)) {
      const made = button("button-plain", action.words, () => this.act(action), { id: `run-${name}` });
      made.hidden = true;
      this.buttons.set(name, made);
    }
    this.more.hidden = true;
    byId("run-actions").replaceChildren(...this.buttons.values(), this.more);
  }

  /** @param {HeadAction} action */
  act(action) {
    this.refuse("");
    if (this.run) action.act(this, this.run);
  }

  openMore() {
    if (!this.run) return;
    const menu = make("div", "menu", undefined, { role: "menu", "aria-label": "More for this run" });
    for (const [name, action] of offered(this.run)) {
      const attributes = { id: `run-${name}`, role: "menuitem", tabindex: "-1" };
      menu.append(button("menu-item", action.words, () => this.act(action), attributes));
    }
    document.body.append(menu);
    openMenu(menu, this.more, () => menu.remove());
  }

  /**
   * Store the table that the run has learned so far, or brought along, in the policy library, and say where it is.
   *
   * @param {RunRead} run
   * @param {LearnedPolicy} body
   */
  async storePolicy(run, body) {
    try {
      /** @type {LibraryPolicy} */
      const stored = await call("POST", `/api/v1/runs/${run.id}/policy`, body);
      say(`Stored as the policy “${stored.name}”. The page Policies shows it, and runs can be trained with it.`);
    } catch (error) {
      text("run-note", messageOf(error));
    }
  }

  /** @param {RunRead} run */
  async archive({ archived }) {
    await this.change({ archived: !archived });
    this.showNote(
      archived ? "Taken back from the archive." : "Archived: kept, and no longer in the list of active runs.",
    );
  }

  /**
   * Show at once what will be; take it back, with the reason, if the server refuses.
   *
   * @param {string} action
   * @param {object | undefined} body
   * @param {Guess} guess
   * @param {string} news
   */
  async post(action, body, guess, news) {
    this.guess = { ...guess, allowed_actions: [] };
    this.showNote(news);
    this.view.showWords();
    try {
      /** @type {RunRead} */
      const run = await call("POST", `${this.view.api}/${action}`, body);
      this.guess = null;
      this.status = guess.status ?? this.status;
      this.view.takeRun(run);
    } catch (error) {
      this.guess = null;
      this.showNote("");
      this.refuse(messageOf(error));
    }
    this.view.showWords();
  }

  /** @param {RunRead} run */
  askLength(run) {
    const input = make("input", "field", undefined, {
      id: "run-extend-by",
      type: "number",
      min: "1",
      max: String(pageData().limits.iterations),
      step: "1",
    });
    const from = isFinal(run.status) ? run.iteration : run.iterations;
    // A run that was stopped goes on to its goal, unless somebody says otherwise; where somebody did, its schedules still
    // have the length that was asked for first.
    const goal = Math.max(run.iterations, run.config.schedule_iterations ?? 0);
    const left = goal - from;
    input.value = String(left > 0 ? left : run.config.schedule_iterations || run.config.iterations);
    const words = "How many more iterations";
    const end = make("p", "caption", "", { id: "run-extend-end", "aria-live": "polite" });
    const toGoal = button("button-plain", `To its goal: ${format.count(left)} more`, () => {
      input.value = String(left);
      sayEnd();
    });
    toGoal.hidden = left <= 0;
    const sayEnd = () => {
      const more = Number(input.value);
      const ending =
        Number.isInteger(more) && more > 0 ? `It then ends at iteration ${format.count(from + more)}. ` : "";
      end.textContent = ending + (left > 0 ? `Its goal was ${format.count(goal)}.` : "");
    };
    input.addEventListener("input", sayEnd);
    sayEnd();
    const save = () => {
      const more = Number(input.value);
      if (!Number.isInteger(more) || more < 1) throw new Error("Give a whole number of iterations, 1 or more.");
      const isOver = isFinal(run.status);
      /** @type {Guess} */
      const guess = { iterations: (isOver ? run.iteration : run.iterations) + more };
      if (isOver) guess.status = "queued";
      const body = { iterations: more, from_iterations: run.iterations };
      void this.post("extend", body, guess, `Extended by ${format.count(more)} iterations.`);
    };
    const parts = [labelled(words, input), end, toGoal];
    this.dialog = openDialog({ title: "Train for longer", parts, verb: "Extend", save });
  }

  askRewind() {
    const words =
      "Training begins anew from the same first weights and seed. " +
      "The curves, the snapshots and the mistakes of this run are cleared.";
    this.dialog = openDialog({
      title: "Rewind to iteration 0?",
      parts: [make("p", "", words)],
      verb: "Rewind",
      className: "button button-danger",
      save: () => {
        void this.post("rewind", undefined, { status: "queued", iteration: 0 }, "Rewound to iteration 0.");
      },
    });
  }

  /** Move the run into the trash. */
  async remove() {
    this.guess = { allowed_actions: [] };
    this.view.showWords();
    try {
      await call("DELETE", this.view.api);
      this.view.gone(true);
    } catch (error) {
      this.refuse(messageOf(error));
    }
    this.guess = null;
    if (document.body.dataset.status !== "gone") this.view.showWords();
  }

  /** @param {boolean} restorable */
  gone(restorable) {
    for (const one of [...this.buttons.values(), this.more]) one.hidden = true;
    if (!restorable) {
      this.refuse("This run was deleted. What you see is what was left.");
      return;
    }
    const undo = button("button-plain", "Undo", () => this.restore(undo), { id: "run-restore" });
    this.showNote("This run is in the trash. ", undo);
    undo.focus();
  }

  /** @param {HTMLButtonElement} undo */
  async restore(undo) {
    undo.disabled = true;
    try {
      /** @type {RunRead} */
      const run = await call("POST", `${this.view.api}/restore`);
      this.showNote("Taken back from the trash.");
      this.view.back(run);
    } catch (error) {
      undo.disabled = false;
      this.refuse(messageOf(error));
    }
  }

  // -- name, tags, notes: changed in place, taken back if the server refuses

  /** @param {Guess} body */
  async change(body) {
    this.refuse("");
    this.guess = { ...this.guess, ...body };
    this.view.showWords();
    try {
      /** @type {RunRead} */
      const run = await call("PATCH", this.view.api, body);
      this.guess = null;
      this.view.takeRun(run);
    } catch (error) {
      this.guess = null;
      this.refuse(messageOf(error));
    }
    this.view.showWords();
  }

  editName() {
    if (this.naming || !this.run) return;
    const [heading, pen] = [byId("run-name"), byId("run-rename")];
    const { name } = this.run;
    const attributes = { "aria-label": "Name of this run", maxlength: String(pageData().limits.name) };
    const input = make("input", "field name-field", undefined, attributes);
    input.value = name;
    this.naming = input;
    /** @param {boolean} keep */
    const done = (keep) => {
      if (this.naming !== input) return;
      this.naming = null;
      input.remove();
      heading.hidden = false;
      pen.hidden = false;
      const typed = input.value.trim();
      if (keep && typed && typed !== name) void this.change({ name: typed });
    };
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      // The key ends the editing and no more: the pen, which gets the focus, must not be pressed by it.
      event.preventDefault();
      done(event.key === "Enter");
      pen.focus();
    });
    input.addEventListener("blur", () => done(true));
    heading.hidden = true;
    pen.hidden = true;
    heading.after(input);
    input.select();
  }

  /** @param {RunRead} run */
  sayTags(run) {
    const { tags } = run;
    const place = byId("run-tags");
    const shown = JSON.stringify(tags);
    if (this.tags === shown && place.childElementCount) return;
    this.tags = shown;
    const isTyping = place.contains(document.activeElement);
    const isMine = mayChange(run);
    const chips = tags.map((tag) => {
      const chip = make("span", "tag", undefined, {}, make("span", "", tag));
      if (isMine) chip.append(this.tagRemover(tag, tags));
      return chip;
    });
    const input = make("input", "tag-field", undefined, {
      "aria-label": "Add a tag",
      placeholder: "Add a tag",
      maxlength: String(pageData().limits.tag),
    });
    input.addEventListener("keydown", (event) => {
      const added = commaSeparated(input.value).filter((tag) => !tags.includes(tag));
      if (event.key === "Enter" && added.length) void this.change({ tags: [...tags, ...new Set(added)] });
    });
    place.replaceChildren(...chips, ...(isMine ? [input] : []));
    if (isTyping) input.focus();
  }

  /**
   * @param {string} tag
   * @param {string[]} tags
   */
  tagRemover(tag, tags) {
    const remove = () => this.change({ tags: tags.filter((other) => other !== tag) });
    return button("tag-remove", "×", remove, { "aria-label": `Remove tag ${tag}` });
  }

  /** @param {RunRead} run */
  sayNotes(run) {
    const place = byId("run-notes");
    if (place.querySelector("textarea") || (this.notes === run.notes && place.childElementCount)) return;
    this.notes = run.notes;
    const edit = button("notes-edit", run.notes ? "Edit notes" : "Add notes", () => this.editNotes(place));
    place.replaceChildren(...(run.notes ? [make("p", "notes", run.notes)] : []), ...(mayChange(run) ? [edit] : []));
  }

  /** @param {HTMLElement} place */
  editNotes(place) {
    const maxlength = String(pageData().limits.notes);
    const area = make("textarea", "field", undefined, { "aria-label": "Notes", rows: "4", maxlength });
    const before = this.run?.notes ?? "";
    area.value = before;
    /** @param {boolean} keep */
    const done = (keep) => {
      const typed = area.value.trim();
      place.replaceChildren();
      if (keep && typed !== before) void this.change({ notes: typed });
      else if (this.run) this.sayNotes(this.run);
      place.querySelector("button")?.focus();
    };
    area.addEventListener("keydown", (event) => {
      if (event.key === "Escape") done(false);
    });
    const save = button("button-plain", "Save notes", () => done(true));
    const cancel = button("button-plain", "Cancel", () => done(false));
    place.replaceChildren(area, make("div", "dialog-actions", undefined, {}, cancel, save));
    area.focus();
  }
}

/**
 * What "More" offers for a run as it stands.
 *
 * @param {RunRead} run
 */
function offered(run) {
  return Object.entries(MORE).filter(([name, { when }]) => (when ? when(run) : run.allowed_actions.includes(name)));
}

/**
 * @param {RunRead} run
 * @param {number} share of the iterations that are done
 */
function progressWords(run, share) {
  const iterations = `${format.count(run.iteration)} of ${format.count(run.iterations)} iterations`;
  if (run.status === "queued") return [queueWords(run.queue_position), iterations];
  if (run.status === "running" && run.iterations_per_second) {
    const left = Math.ceil((run.iterations - run.iteration) / run.iterations_per_second);
    const speed = format.speed(run.iterations_per_second);
    return [`${Math.floor(100 * share)} %`, iterations, speed, `${format.duration(left)} left`];
  }
  if (isFinal(run.status) || run.status === "paused") {
    return [iterations, `${format.duration(run.training_seconds)} of training`];
  }
  return [iterations];
}

/** @param {number | null | undefined} position */
function queueWords(position) {
  if (!position) return "waits for a free worker";
  return position === 1 ? "next in the queue" : `number ${position} in the queue`;
}
