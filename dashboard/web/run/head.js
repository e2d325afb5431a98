// @ts-nocheck
// The head of a run's page: where it stands, what can be done with it, and its name, tags and notes in place.
import { navigate, url } from "../core/address.js";
import { call, UNREACHED } from "../core/api.js";
import { button, labelled, make, mayChange, text } from "../core/dom.js";
import * as format from "../core/format.js";
import { openMenu } from "../core/menu.js";
import { isFinal, statusWord } from "../core/status.js";

// In the order of the page; `now` is what the run looks like from the click on, until the server has answered.
const ACTIONS = {
  pause: { words: "Pause", now: (run) => (run.status === "running" ? { requested: "pause" } : { status: "paused" }) },
  resume: { words: "Resume", now: (run) => (run.status === "running" ? { requested: null } : { status: "queued" }) },
  stop: { words: "Stop", now: (run) => (run.status === "running" ? { requested: "stop" } : { status: "stopped" }) },
  extend: { words: "Extend", asks: "askLength" },
  clone: { words: "Clone", goes: (run) => url(`/new?from=${encodeURIComponent(run.id)}`) },
};
// Behind "More": a click that was meant for a neighbour must not take a run away.
const MORE = {
  archive: { words: "Archive", asks: "archive", when: (run) => !run.archived && mayChange(run) },
  unarchive: { words: "Take back from the archive", asks: "archive", when: (run) => run.archived && mayChange(run) },
  rewind: { words: "Rewind …", asks: "askRewind" },
  delete: { words: "Delete", asks: "remove" },
};
const WISHES = { pause: "pausing", stop: "stopping" };

export class RunHead {
  constructor(view) {
    this.view = view;
    this.guess = null;
    this.said = null;
    this.status = null;
    this.buttons = {};
    this.makeButtons();
    const rename = document.getElementById("run-rename");
    this.rename = () => this.editName(rename);
    rename.addEventListener("click", this.rename);
    rename.hidden = true;
    this.tags = null;
    this.notes = null;
  }

  close() {
    const rename = document.getElementById("run-rename");
    if (rename) rename.removeEventListener("click", this.rename);
    if (this.dialog) this.dialog.remove();
  }

  // The run as it will be when the server has done what was just clicked.
  get run() {
    const { run } = this.view.data;
    return run && this.guess ? { ...run, ...this.guess } : run;
  }

  say() {
    const { run } = this;
    this.sayStatus(run);
    this.sayProgress(run);
    this.sayChange(run);
    for (const [action, shown] of Object.entries(this.buttons)) {
      shown.hidden = !(run.allowed_actions || []).includes(action);
    }
    this.more.hidden = !this.offered(run).length;
    if (!this.naming) document.getElementById("run-rename").hidden = !mayChange(run);
    this.sayTags(run);
    this.sayNotes(run);
  }

  sayStatus(run) {
    const page = document.getElementById("run-page");
    page.dataset.status = run.status;
    const badge = page.querySelector(".run-progress .status");
    badge.dataset.status = run.status;
    text(badge.querySelector(".word"), WISHES[run.requested] || statusWord(run.status));
    if (!this.naming) text("run-name", run.name);
    text("run-error", run.error || "");
    const progress = run.status === "running" ? `${Math.floor((100 * run.iteration) / run.iterations)} % · ` : "";
    document.title = `${progress}${run.name} – SynRL`;
  }

  sayProgress(run) {
    const share = run.iterations ? run.iteration / run.iterations : 0;
    const parts = [`${format.count(run.iteration)} of ${format.count(run.iterations)} iterations`];
    if (run.status === "queued") parts.unshift(inQueue(run.queue_position));
    if (run.status === "running" && run.iterations_per_second) {
      parts.unshift(`${Math.floor(100 * share)} %`);
      parts.push(format.speed(run.iterations_per_second));
      parts.push(`${format.duration(Math.ceil((run.iterations - run.iteration) / run.iterations_per_second))} left`);
    } else if (isFinal(run.status) || run.status === "paused") {
      parts.push(`${format.duration(run.training_seconds)} of training`);
    }
    text("run-progress-words", parts.filter(Boolean).join(" · "));
    document.getElementById("run-bar").style.transform = `scaleX(${share})`;
    const bar = document.getElementById("run-progress");
    bar.setAttribute("aria-valuenow", String(Math.floor(100 * share)));
    bar.setAttribute("aria-valuetext", parts.filter(Boolean).join(", "));
  }

  // What happened to the run while the page was open, whoever did it.
  sayChange(run) {
    const before = this.status;
    this.status = run.status;
    if (run.status === "paused" && run.error) this.tell(run.error);
    if (before === null || before === run.status || this.guess) return;
    const at = `at iteration ${format.count(run.iteration)}`;
    const happened = {
      paused: `Paused ${at}. Resume goes on from there.`,
      stopped: `Stopped ${at}. Extend trains it for longer.`,
      succeeded: `Finished ${at}.`,
      queued: run.iteration
        ? "Queued: it goes on as soon as a worker is free."
        : "Queued: it begins as soon as a worker is free.",
      running: run.iteration ? `Training goes on ${at}.` : "",
      failed: "",
    };
    this.tell(happened[run.status]);
  }

  tell(words, ...more) {
    const target = document.getElementById("run-said");
    if (target) target.replaceChildren(words || "", ...more);
  }

  refuse(words) {
    text("run-message", words || "");
  }

  // The server is there again: what was said of its absence is no longer true.
  connected() {
    const said = document.getElementById("run-message");
    if (said && said.textContent === UNREACHED) this.refuse("");
  }

  // -- actions

  makeButtons() {
    const place = document.getElementById("run-actions");
    for (const [action, { words }] of Object.entries(ACTIONS)) {
      this.buttons[action] = button("button-plain", words, () => this.act(action), { id: `run-${action}` });
      this.buttons[action].hidden = true;
    }
    this.more = button("button-plain", "More", () => this.openMore(), {
      id: "run-more",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
    });
    this.more.hidden = true;
    place.replaceChildren(...Object.values(this.buttons), this.more);
  }

  // What "More" offers for a run as it stands.
  offered(run) {
    const allowed = run.allowed_actions || [];
    return Object.entries(MORE).filter(([action, { when }]) => (when ? when(run) : allowed.includes(action)));
  }

  openMore() {
    const menu = make("div", "menu", undefined, { role: "menu", "aria-label": "More for this run" });
    for (const [action, { words, asks }] of this.offered(this.run)) {
      const pressed = () => {
        this.refuse("");
        this[asks](this.run);
      };
      menu.append(button("menu-item", words, pressed, { id: `run-${action}`, role: "menuitem", tabindex: "-1" }));
    }
    document.body.append(menu);
    openMenu(menu, this.more, () => menu.remove());
  }

  async archive({ archived }) {
    await this.change({ archived: !archived });
    this.tell(archived ? "Taken back from the archive." : "Archived: kept, and no longer in the list of active runs.");
  }

  act(action) {
    this.refuse("");
    const { run } = this;
    const { asks, goes, now } = ACTIONS[action];
    if (goes) navigate(goes(run));
    else if (asks) this[asks](run);
    else this.post(action, undefined, now(run), `${ACTIONS[action].words} was asked for.`);
  }

  // Show at once what will be; take it back, with the reason, if the server refuses.
  async post(action, body, guess, said) {
    this.guess = { ...guess, allowed_actions: [] };
    this.tell(said);
    this.view.say();
    try {
      const run = await call("POST", `${this.view.api}/${action}`, body);
      this.guess = null;
      this.status = guess.status || this.status;
      this.view.takeRun(run);
      this.view.say();
      return run;
    } catch (error) {
      this.guess = null;
      this.tell("");
      this.refuse(error.message);
      this.view.say();
      return null;
    }
  }

  askLength(run) {
    const input = make("input", "field", undefined, {
      id: "run-extend-by",
      type: "number",
      min: "1",
      max: "100000000",
      step: "1",
    });
    input.value = run.config.schedule_iterations || run.config.iterations;
    this.ask("Train for longer", "Extend", [labelled("How many more iterations", input)], () => {
      const more = Number(input.value);
      if (!Number.isInteger(more) || more < 1) return "Give a whole number of iterations, 1 or more.";
      const ended = isFinal(run.status);
      const guess = {
        iterations: (ended ? run.iteration : run.iterations) + more,
        ...(ended ? { status: "queued" } : {}),
      };
      this.post(
        "extend",
        { iterations: more, from_iterations: run.iterations },
        guess,
        `Extended by ${format.count(more)} iterations.`,
      );
      return "";
    });
  }

  askRewind() {
    const words =
      "Training begins anew from the same first weights and seed. The curves, the snapshots and the mistakes of this run are cleared.";
    const rewind = () => {
      this.post("rewind", undefined, { status: "queued", iteration: 0 }, "Rewound to iteration 0.");
      return "";
    };
    this.ask("Rewind to iteration 0?", "Rewind", [make("p", "", words)], rewind, "button button-danger");
  }

  // A question in a dialog; `confirm` returns why it can't be, or nothing.
  ask(title, words, parts, confirm, look = "button") {
    const refusal = make("p", "refusal", "", { role: "alert" });
    const cancel = button("button-plain", "Cancel", () => dialog.close());
    const form = make(
      "form",
      "",
      undefined,
      { method: "dialog" },
      make("h2", "", title, { id: "run-dialog-title" }),
      ...parts,
      refusal,
      make("div", "dialog-actions", undefined, {}, cancel, make("button", look, words, { type: "submit" })),
    );
    const dialog = make("dialog", "dialog", undefined, { "aria-labelledby": "run-dialog-title" }, form);
    form.addEventListener("submit", (event) => {
      const problem = confirm();
      if (!problem) return;
      event.preventDefault();
      refusal.textContent = problem;
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      this.dialog = null;
    });
    this.dialog = dialog;
    document.body.append(dialog);
    dialog.showModal();
    const first = form.querySelector("input");
    if (first) first.select();
  }

  async remove() {
    this.guess = { allowed_actions: [] };
    this.view.say();
    try {
      await call("DELETE", this.view.api);
      this.view.gone(true);
    } catch (error) {
      this.refuse(error.message);
    }
    this.guess = null;
    if (document.body.dataset.status !== "gone") this.view.say();
  }

  gone(restorable) {
    [...Object.values(this.buttons), this.more].forEach((one) => (one.hidden = true));
    if (!restorable) {
      this.refuse("This run was deleted. What you see is what was left.");
      return;
    }
    const undo = button("button-plain", "Undo", () => this.restore(undo), { id: "run-restore" });
    this.tell("This run is in the trash. ", undo);
    undo.focus();
  }

  async restore(undo) {
    undo.disabled = true;
    try {
      const run = await call("POST", `${this.view.api}/restore`);
      this.tell("Taken back from the trash.");
      this.view.back(run);
    } catch (error) {
      undo.disabled = false;
      this.refuse(error.message);
    }
  }

  // -- name, tags, notes: changed in place, taken back if the server refuses

  async change(body) {
    this.refuse("");
    this.guess = { ...this.guess, ...body };
    this.view.say();
    try {
      const run = await call("PATCH", this.view.api, body);
      this.guess = null;
      this.view.takeRun(run);
    } catch (error) {
      this.guess = null;
      this.refuse(error.message);
    }
    this.view.say();
  }

  editName(pen) {
    if (this.naming) return;
    const heading = document.getElementById("run-name");
    const { name } = this.run;
    const input = make("input", "field name-field", undefined, { "aria-label": "Name of this run", maxlength: "200" });
    input.value = name;
    this.naming = input;
    const done = (keep) => {
      if (this.naming !== input) return;
      this.naming = null;
      input.remove();
      heading.hidden = pen.hidden = false;
      const wanted = input.value.trim();
      if (keep && wanted && wanted !== name) this.change({ name: wanted });
    };
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      // The key ends the editing and no more: the pen, which gets the focus, must not be pressed by it.
      event.preventDefault();
      done(event.key === "Enter");
      pen.focus();
    });
    input.addEventListener("blur", () => done(true));
    heading.hidden = pen.hidden = true;
    heading.after(input);
    input.select();
  }

  sayTags(run) {
    const tags = run.tags || [];
    const place = document.getElementById("run-tags");
    const shown = JSON.stringify(tags);
    if (this.tags === shown && place.childElementCount) return;
    this.tags = shown;
    const typing = place.contains(document.activeElement);
    const chips = tags.map((tag) =>
      make(
        "span",
        "tag",
        undefined,
        {},
        make("span", "", tag),
        ...(mayChange(run) ? [this.tagRemover(tag, tags)] : []),
      ),
    );
    const input = make("input", "tag-field", undefined, {
      "aria-label": "Add a tag",
      placeholder: "Add a tag",
      maxlength: "50",
    });
    input.addEventListener("keydown", (event) => {
      const tag = input.value.trim();
      if (event.key === "Enter" && tag && !tags.includes(tag)) this.change({ tags: [...tags, tag] });
    });
    place.replaceChildren(...chips, ...(mayChange(run) ? [input] : []));
    if (typing) input.focus();
  }

  tagRemover(tag, tags) {
    const remove = () => this.change({ tags: tags.filter((other) => other !== tag) });
    return button("tag-remove", "×", remove, { "aria-label": `Remove tag ${tag}` });
  }

  sayNotes(run) {
    const place = document.getElementById("run-notes");
    if (place.querySelector("textarea") || (this.notes === run.notes && place.childElementCount)) return;
    this.notes = run.notes;
    const edit = button("notes-edit", run.notes ? "Edit notes" : "Add notes", () => this.editNotes(place));
    place.replaceChildren(...(run.notes ? [make("p", "notes", run.notes)] : []), ...(mayChange(run) ? [edit] : []));
  }

  editNotes(place) {
    const area = make("textarea", "field", undefined, { "aria-label": "Notes", rows: "4", maxlength: "10000" });
    area.value = this.run.notes || "";
    const done = (keep) => {
      const wanted = area.value.trim();
      place.replaceChildren();
      if (keep && wanted !== (this.run.notes || "")) this.change({ notes: wanted });
      else this.sayNotes(this.run);
      const edit = place.querySelector("button");
      if (edit) edit.focus();
    };
    area.addEventListener("keydown", (event) => event.key === "Escape" && done(false));
    const save = button("button-plain", "Save notes", () => done(true));
    const cancel = button("button-plain", "Cancel", () => done(false));
    place.replaceChildren(area, make("div", "dialog-actions", undefined, {}, cancel, save));
    area.focus();
  }
}

function inQueue(position) {
  if (!position) return "waits for a free worker";
  return position === 1 ? "next in the queue" : `number ${position} in the queue`;
}
