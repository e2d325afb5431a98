// The teacher's page Class: starts a session, leads it, and shows who is where. Below it is who has an account here.
import { url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { findId, flags, make } from "../core/dom.js";
import { say } from "../core/news.js";
import { renew } from "../core/renew.js";
import { fromAddress } from "../tape/scene.js";
import { Live, POLL_MS } from "./live.js";
import { mountPeople } from "./people.js";
import { activityOf, pathOf, preparePart } from "./prepare.js";
import { clockOffset, lineWords, newer, secondsLeft } from "./seat_state.js";
import { nowPart } from "./teacher_activities.js";
import { done, earlier, forAll, lockParts, roster, wayIn } from "./teacher_parts.js";
import { countdown } from "./words.js";

/** @import { JoinLock, Lesson, LessonSummary, SessionRead, TeacherView } from "../types/schemas.js" */
/** @import { LessonChoice } from "./prepare.js" */
/** @import { LineState } from "./live.js" */

const CLOCK_MS = 250;
const LOCKS_MS = 5000;
const SESSIONS = "/api/v1/class-sessions";

class Classroom {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    /** @type {SessionRead[] | null} */
    this.sessions = null;
    /** @type {TeacherView | null} */
    this.view = null;
    /** @type {Live<TeacherView> | null} */
    this.live = null;
    /** @type {LineState} */
    this.line = "connecting";
    /** @type {JoinLock[]} */
    this.locks = [];
    /** @type {LessonChoice[]} */
    this.lessons = [];
    this.kinds = (place.dataset.kinds ?? "").split(" ");
    this.kind = this.kinds[0];
    this.lesson = "";
    this.refusal = "";
    this.prepareRefusal = "";
    this.isBusy = false;
    /** @type {Set<string>} */
    this.chosen = new Set();
    /** @type {import("./teacher_parts.js").Queued} */
    this.queued = new Map();
    this.offset = 0;
    place.addEventListener("click", (event) => this.clicked(event));
    place.addEventListener("submit", (event) => this.submitted(event));
    place.addEventListener("change", (event) => this.changed(event));
    this.clock = setInterval(() => this.tick(), CLOCK_MS);
    this.looking = setInterval(() => void this.lookAtLocks(), LOCKS_MS);
    void this.load();
  }

  async load() {
    await this.attempt(async () => {
      this.sessions = await call("GET", SESSIONS);
      const open = this.sessions?.find(({ closed_at: closed }) => !closed);
      if (open) this.follow(open.id);
    });
    this.draw();
    await this.attempt(async () => {
      this.lessons = await lessonChoices();
    });
    this.draw();
  }

  /** @param {string} session */
  follow(session) {
    this.live?.close();
    this.live = new Live(
      { socket: `${SESSIONS}/${session}/live`, poll: `${SESSIONS}/${session}` },
      {
        message: (view) => this.came(view),
        state: (line) => {
          this.line = line;
          this.draw();
        },
      },
    );
  }

  /** @param {TeacherView} view */
  came(view) {
    if (!this.place.isConnected) {
      this.end();
      return;
    }
    this.offset = clockOffset(view.now, Date.now());
    this.view = newer(this.view, view);
    const here = new Set(view.seats.filter(({ address }) => address).map(({ id }) => id));
    this.chosen = new Set([...this.chosen].filter((seat) => here.has(seat)));
    this.draw();
  }

  end() {
    this.live?.close();
    clearInterval(this.clock);
    clearInterval(this.looking);
  }

  draw() {
    const refusal = make("p", "refusal", this.refusal, { role: "alert", "data-key": "refusal" });
    const { view, sessions } = this;
    if (view && !view.closed) renew(this.place, refusal, ...this.leading(view));
    else if (sessions) renew(this.place, refusal, startForm(), earlier(sessions));
    else renew(this.place, refusal, make("p", "quiet", "Asking the server …"));
    this.tick();
  }

  /** @param {TeacherView} view */
  leading(view) {
    const line = lineWords(this.line, POLL_MS);
    const lost = make("p", "class-lost", line, {
      role: "status",
      ...flags({ hidden: !line, "data-lost": this.line === "lost" }),
    });
    const { kind, lesson, prepareRefusal: refusal, isBusy } = this;
    return [
      lost,
      make(
        "div",
        "class-lead",
        undefined,
        { "data-key": "lead" },
        nowPart(view, lesson, this.queued),
        wayIn(view.session),
      ),
      forAll(view),
      ...lockParts(this.locks),
      preparePart(kind, this.kinds, this.lessons, {
        lesson,
        refusal,
        isBusy,
        replaces: view.activity !== null && view.activity !== undefined,
      }),
      roster(view, this.chosen),
      done(view, this.queued),
    ];
  }

  /** Do something that was asked for; what goes wrong is said at the top. @param {() => Promise<unknown>} act */
  async attempt(act) {
    this.refusal = "";
    try {
      await act();
    } catch (error) {
      this.refusal = messageOf(error);
      this.draw();
      this.place.querySelector(".refusal")?.scrollIntoView({ block: "nearest" });
    }
  }

  get path() {
    return `${SESSIONS}/${this.view?.session_id}`;
  }

  /** Send a change and show what became of it. @param {string} method @param {string} rest @param {unknown} [body] */
  async change(method, rest, body) {
    await this.attempt(async () => {
      /** @type {TeacherView | null} */
      const view = await call(method, this.path + rest, body);
      if (view?.seats) this.came(view);
      else this.draw();
    });
  }

  /** @param {Event} event */
  clicked(event) {
    const pressed = event.target instanceof Element ? event.target.closest("[data-act]") : null;
    if (pressed instanceof HTMLElement) void this.act(pressed.dataset, pressed);
  }

  /** @param {DOMStringMap} data @param {HTMLElement} pressed */
  async act({ act, field, value, action, phase, seat, name, hand, lock, session, address, kind, activity }, pressed) {
    switch (act) {
      case "kind":
        this.kind = kind ?? "vote";
        this.prepareRefusal = "";
        if (this.kind === "lesson") this.lesson ||= this.lessons[0]?.id ?? "";
        return this.chooseLesson(this.lesson);
      case "update":
        return this.change("PATCH", "", {
          [String(field)]: value === "true" ? true : value === "false" ? false : value,
        });
      case "gather":
        return this.change("POST", "/gather");
      case "action":
        return this.change("POST", `/activities/${this.view?.activity?.id}/actions`, { action, phase });
      case "runs":
        return this.attempt(async () => {
          this.queued.set(String(activity), await call("POST", `${this.path}/activities/${activity}/runs`));
          this.draw();
        });
      case "close":
        return this.close();
      case "lower":
        return this.change("DELETE", `/hands/${hand}`);
      case "rename":
        return this.rename(String(seat), String(name));
      case "out":
        if (!window.confirm(`Send ${name} out? They can come in again with the code.`)) return;
        return this.change("DELETE", `/seats/${seat}`);
      case "show":
        return this.change("PUT", "/showing", { seats: [...this.chosen].slice(0, 6) });
      case "hide":
        return this.change("PUT", "/showing", { seats: [] });
      case "lift":
        return this.attempt(async () => {
          await call("DELETE", `/api/v1/class-locks/${encodeURIComponent(String(lock))}`);
          await this.lookAtLocks();
        });
      case "delete":
        return this.remove(String(session));
      case "copy":
        return copy(String(address), pressed);
    }
  }

  async close() {
    if (!window.confirm("Close the session? The code ends; names are deleted within a day.")) return;
    await this.attempt(async () => {
      await call("POST", `${this.path}/close`);
      this.live?.close();
      this.view = null;
      this.sessions = await call("GET", SESSIONS);
      this.draw();
    });
  }

  /** @param {string} session */
  async remove(session) {
    if (!window.confirm("Delete this session with its answers and results?")) return;
    await this.attempt(async () => {
      await call("DELETE", `${SESSIONS}/${session}`);
      this.sessions = await call("GET", SESSIONS);
      this.draw();
    });
  }

  /** @param {string} seat @param {string} name */
  async rename(seat, name) {
    const wanted = window.prompt("New name", name);
    if (wanted) await this.change("PATCH", `/seats/${seat}`, { name: wanted });
  }

  /** @param {Event} event */
  submitted(event) {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    event.preventDefault();
    const given = new FormData(form);
    if (form.dataset.submit === "start") void this.start(String(given.get("title") ?? ""));
    else if (form.dataset.submit === "begin") void this.begin(given);
    else if (form.dataset.submit === "keep") void this.keep(String(given.get("name") ?? ""));
  }

  /** @param {string} title */
  async start(title) {
    await this.attempt(async () => {
      /** @type {SessionRead} */
      const session = await call("POST", SESSIONS, { title });
      this.follow(session.id);
    });
  }

  /** @param {FormData} given */
  async begin(given) {
    this.isBusy = true;
    this.prepareRefusal = "";
    this.draw();
    try {
      const body = await activityOf(this.kind, given, sceneOf);
      this.came(await call("POST", `${this.path}/activities`, body));
    } catch (error) {
      this.prepareRefusal = messageOf(error).replace(/^body: /, "");
    }
    this.isBusy = false;
    this.draw();
  }

  /** @param {string} name */
  async keep(name) {
    await this.change("POST", `/activities/${this.view?.activity?.id}/policy`, { name });
  }

  /** @param {string} id "": none */
  async chooseLesson(id) {
    this.lesson = id;
    const lesson = this.lessons.find((one) => one.id === id);
    if (lesson && !lesson.questions.length) {
      await this.attempt(async () => {
        lesson.questions = await questionsOf(id);
      });
    }
    this.draw();
  }

  /** @param {Event} event */
  changed({ target }) {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return;
    const { change, seat } = target.dataset;
    if (change === "simulated") void this.change("PUT", "/simulated", { students: Number(target.value) });
    else if (change === "lesson") void this.chooseLesson(target.value);
    else if (change === "scene" && target instanceof HTMLInputElement) {
      if (target.checked) this.chosen.add(String(seat));
      else this.chosen.delete(String(seat));
    } else return;
    this.draw();
  }

  tick() {
    if (!this.place.isConnected) {
      this.end();
      return;
    }
    for (const clock of this.place.querySelectorAll("[data-until]")) {
      const left = secondsLeft(clock.getAttribute("data-until"), this.offset, Date.now());
      clock.textContent = left === null ? "" : `closes in ${countdown(left)}`;
    }
  }

  async lookAtLocks() {
    if (!this.view || document.hidden) return;
    const found = await call("GET", "/api/v1/class-locks").catch(() => this.locks);
    this.locks = /** @type {JoinLock[]} */ (found);
    this.draw();
  }
}

function startForm() {
  return make(
    "form",
    "class-start",
    undefined,
    { "data-submit": "start", "data-key": "start" },
    make("h2", "", "Start a class session"),
    make(
      "p",
      "caption",
      "Students come in with a code of six signs and any name, on a phone or a laptop, without an account. You lead " +
        "from here; the board is for the projector. To see it alone first, start one and add simulated students.",
    ),
    make(
      "label",
      "labelled",
      undefined,
      { for: "class-title" },
      make("span", "", "Title, shown to all"),
      make("input", "field", undefined, { id: "class-title", name: "title", maxlength: "200", autocomplete: "off" }),
    ),
    make(
      "div",
      "join-actions",
      undefined,
      {},
      make("button", "button", "Start", { type: "submit" }),
      make("a", "button-plain class-export", "Notes for teachers", { href: url("/learn/teach") }),
    ),
  );
}

/** The scene of a playground's link: settings that differ from the defaults. @param {string} link */
async function sceneOf(link) {
  const form = await call("GET", "/api/v1/playground/form");
  const { scene, notes } = fromAddress(pathOf(link).split("?")[1] ?? "", /** @type {any} */ (form));
  if (notes.length)
    say(`Of the scene's link: ${notes.map(({ key, given, used }) => `${key}=${given} became ${used}`).join("; ")}.`);
  return scene;
}

/** Lessons, without their questions. @returns {Promise<LessonChoice[]>} */
async function lessonChoices() {
  /** @type {LessonSummary[]} */
  const lessons = await call("GET", "/api/v1/lessons");
  return lessons.map(({ id, number, title }) => ({ id, title: `${number}. ${title}`, questions: [] }));
}

/** Questions of a lesson: its predictions, then its checks. @param {string} id @returns {Promise<LessonChoice["questions"]>} */
async function questionsOf(id) {
  /** @type {Lesson} */
  const { steps, checks } = await call("GET", `/api/v1/lessons/${encodeURIComponent(id)}`);
  const predictions = steps.flatMap(({ prediction }) => prediction ?? []);
  return [...predictions, ...checks].map((one) => ({ id: one.id, words: one.question }));
}

/** @param {string} address @param {HTMLElement} pressed */
async function copy(address, pressed) {
  const isCopied = await navigator.clipboard?.writeText(address).then(
    () => true,
    () => false,
  );
  if (!isCopied) say(`Copy it by hand: ${address}`);
  else pressed.textContent = "Copied";
}

/** @type {Classroom | null} */
let shown = null;

export function mountClass() {
  mountPeople();
  const place = findId("class-session");
  if (!place || shown?.place === place) return;
  shown?.end();
  shown = new Classroom(place);
}
