// The head of a run's page: its status, and the actions on it as the server answers them.
import { call, messageOf, UNREACHED } from "../core/api.js";
import { button, byId, findId, make, text, within } from "../core/dom.js";
import * as format from "../core/format.js";
import { openMenu } from "../core/menu.js";
import { say } from "../core/news.js";
import { statusWord } from "../core/status.js";
import { ACTIONS, offered } from "./head_actions.js";
import { HeadFields } from "./head_fields.js";
import { progressWords } from "./progress_words.js";

/** @import { LearnedPolicy, LibraryPolicy, RunRead, RunStatus } from "../types/schemas.js" */
/** @import { Guess, HeadAction } from "./head_actions.js" */
/** @import { RunView } from "./page.js" */

const REQUESTED = { pause: "pausing", stop: "stopping" };

export class RunHead {
  /** @param {RunView} view */
  constructor(view) {
    this.view = view;
    /** @type {Guess | null} */
    this.guess = null;
    /** @type {RunStatus | null} */
    this.status = null;
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
    this.fields = new HeadFields(this);
  }

  close() {
    this.fields.close();
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
    this.fields.show(run);
  }

  /** @param {RunRead} run */
  sayStatus(run) {
    const page = byId("run-page");
    page.dataset.status = run.status;
    const badge = within(page, ".run-progress .status");
    badge.dataset.status = run.status;
    text(within(badge, ".word"), run.requested ? REQUESTED[run.requested] : statusWord(run.status));
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
    if (run.status === "paused" && run.error) this.showNote(run.error);
    if (this.guess) return; // it is said once the server has answered
    const before = this.status;
    this.status = run.status;
    if (before === null || before === run.status) return;
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
    const asked = this.view.data.states;
    try {
      /** @type {RunRead} */
      const run = await call("POST", `${this.view.api}/${action}`, body);
      this.guess = null;
      this.status = guess.status ?? this.status;
      this.view.takeRun(run, asked);
    } catch (error) {
      this.guess = null;
      this.showNote("");
      this.refuse(messageOf(error));
    }
    this.view.showWords();
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

  /**
   * Change name, tags or notes: shown at once, taken back if the server refuses.
   *
   * @param {Guess} body
   */
  async change(body) {
    this.refuse("");
    this.guess = { ...this.guess, ...body };
    this.view.showWords();
    const asked = this.view.data.states;
    try {
      /** @type {RunRead} */
      const run = await call("PATCH", this.view.api, body);
      this.guess = null;
      this.view.takeRun(run, asked);
    } catch (error) {
      this.guess = null;
      this.refuse(messageOf(error));
    }
    this.view.showWords();
  }
}
