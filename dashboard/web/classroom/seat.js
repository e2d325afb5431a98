// The student's page: takes a seat with a code and a name, then follows the session. Everything shown comes from the last
// view of the server and from what was done here; a reload or a second tab shows the same.
import { inside, url } from "../core/address.js";
import { call, messageOf, Refusal } from "../core/api.js";
import { byId, flags, make, writing } from "../core/dom.js";
import { renew } from "../core/renew.js";
import { Answers } from "./answers.js";
import { isSessionCode, tidy } from "./code.js";
import { Live } from "./live.js";
import { activityParts } from "./seat_activities.js";
import { codeForm, hand, head, message, nameForm } from "./seat_parts.js";
import { clockOffset, newer, positionOf, secondsLeft, stageOf } from "./seat_state.js";
import { countdown, MOVES } from "./words.js";

/** @import { SessionPreview, StudentView } from "../types/schemas.js" */
/** @import { SeatState } from "./seat_state.js" */

const KEY = "synrl-seat"; // code of the session in which this browser has a seat
const CLOCK_MS = 250;
const POSITION_MS = 2000;
const ACTIVE_MS = 15_000; // how often work at one step is told, which changes neither step nor scene

class Seat {
  constructor() {
    this.place = byId("seat");
    /** @type {SeatState} */
    this.state = {
      code: codeOfAddress() || remembered(),
      preview: null,
      view: null,
      line: "connecting",
      refusal: "",
      entering: false,
    };
    this.answers = new Answers(() => this.draw());
    this.handOpen = false;
    this.handRefusal = "";
    this.offset = 0;
    this.reported = "";
    this.reportedAt = 0;
    this.worked = false;
    /** @type {WeakSet<Document>} documents in the frame that are listened to */
    this.heard = new WeakSet();
    /** @type {Live<StudentView> | null} */
    this.live = null;
    this.place.addEventListener("click", (event) => this.clicked(event));
    this.place.addEventListener("submit", (event) => this.submitted(event));
    document.addEventListener("keydown", (event) => this.key(event));
    setInterval(() => this.tick(), CLOCK_MS);
    setInterval(() => void this.report(), POSITION_MS);
    if (this.state.code) void this.ask(this.state.code);
    this.draw();
  }

  draw() {
    const { state } = this;
    const { view, preview } = state;
    const stage = stageOf(state);
    document.body.dataset.stage = stage;
    if (stage === "code") renew(this.place, brand(), codeForm(state));
    else if (stage === "entering") renew(this.place, brand(), make("p", "lead", "Going in …", { role: "status" }));
    else if (stage === "name" && preview) renew(this.place, brand(), nameForm(preview, state.refusal));
    else if (stage === "gone") renew(this.place, brand(), gone());
    else if (view) this.drawView(view, stage);
    this.tick();
  }

  /** @param {StudentView} view @param {string} stage */
  drawView(view, stage) {
    const top = head(view, this.state.line);
    if (stage === "closed") {
      renew(this.place, top, message("The class is over", "Thank you for taking part. You can close this page."));
      return;
    }
    const { activity } = view;
    const parts = activity
      ? activityParts(activity, {
          pending: this.answers.pending(activity.id, activity.slot),
          away: this.answers.away,
          refusal: this.answers.refusal,
          gathering: view.gathering,
          isFree: view.pace === "free",
        })
      : [message(`Hello, ${view.seat.name}`, "You are in. Wait for the class to begin; this page follows by itself.")];
    const paused = message("Paused", "Look up. Your work is kept, and this page goes on with the class.");
    const isPaused = stage === "paused";
    renew(
      this.place,
      top,
      make(
        "div",
        "seat-paused",
        undefined,
        { role: "status", "data-key": "paused", ...flags({ hidden: !isPaused }) },
        paused,
      ),
      make(
        "div",
        "seat-activity",
        undefined,
        {
          "data-key": activity ? `activity ${activity.id}` : "waiting",
          ...flags({ hidden: isPaused, inert: isPaused }),
        },
        ...parts,
      ),
      hand(view, this.handOpen, this.handRefusal),
    );
  }

  /** Ask which session has a code. @param {string} code */
  async ask(code) {
    this.change({ code, entering: true, refusal: "" });
    try {
      /** @type {SessionPreview} */
      const preview = await call("GET", `/api/v1/seat/preview/${encodeURIComponent(tidy(code))}`);
      history.replaceState({}, "", url(`/join/${preview.code}`) + location.search);
      if (preview.seated) this.follow(preview.code);
      else this.change({ preview, entering: false });
    } catch (error) {
      forget(error);
      this.change({ refusal: messageOf(error), entering: false });
    }
  }

  /** Follow the session in which this browser has a seat. @param {string} code */
  follow(code) {
    remember(code);
    this.live?.close();
    this.live = new Live(
      { socket: "/api/v1/seat/live", poll: "/api/v1/seat" },
      { message: (view) => this.came(view), state: (line) => this.change({ line }) },
    );
    this.change({ code, entering: true });
  }

  /** @param {StudentView} view */
  came(view) {
    this.offset = clockOffset(view.now, Date.now());
    if (view.closed) {
      this.live?.close();
      forgetCode();
    }
    this.change({ view: newer(this.state.view, view), entering: false });
  }

  /** @param {Partial<SeatState>} changes */
  change(changes) {
    Object.assign(this.state, changes);
    this.draw();
  }

  /** @param {Event} event */
  submitted(event) {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    event.preventDefault();
    const given = new FormData(form);
    const text = (/** @type {string} */ name) => String(given.get(name) ?? "");
    if (form.dataset.submit === "code") this.enterCode(text("code"));
    else if (form.dataset.submit === "name") void this.sit(text("name"));
    else if (form.dataset.submit === "hand") void this.raise("PUT", { text: text("line") });
    else if (form.dataset.submit === "answer") this.answer(Number(text("option")));
  }

  /** @param {string} typed */
  enterCode(typed) {
    const code = tidy(typed);
    if (!code) return;
    // Longer codes are those of the class itself, which give an account on this server.
    if (isSessionCode(code)) void this.ask(code);
    else location.assign(url(`/join?code=${encodeURIComponent(typed.trim())}`));
  }

  /** @param {string} name */
  async sit(name) {
    try {
      /** @type {StudentView} */
      const view = await call("POST", "/api/v1/seat", { code: tidy(this.state.code), name });
      this.came(view);
      this.follow(this.state.code);
    } catch (error) {
      this.change({ refusal: messageOf(error) });
    }
  }

  /** @param {number} value */
  answer(value) {
    const activity = this.state.view?.activity;
    if (!activity?.slot || this.answers.pending(activity.id, activity.slot) !== null) return;
    this.answers.give({ activity_id: activity.id, slot: activity.slot, value });
  }

  /** @param {"PUT" | "DELETE"} method @param {{ text: string }} [body] */
  async raise(method, body) {
    try {
      await call(method, "/api/v1/seat/hand", body);
      const { view } = this.state;
      if (view) view.seat.hand = body ? body.text : null;
      this.handOpen = false;
      this.handRefusal = "";
    } catch (error) {
      this.handRefusal = messageOf(error);
    }
    this.draw();
  }

  /** @param {Event} event */
  clicked(event) {
    const pressed = event.target instanceof Element ? event.target.closest("[data-act]") : null;
    if (!(pressed instanceof HTMLElement)) return;
    const { act, value } = pressed.dataset;
    if (act === "move" || act === "answer") this.answer(Number(value));
    else if (act === "lower") void this.raise("DELETE");
    else if (act === "hand" || act === "no-hand") {
      this.handOpen = act === "hand";
      this.draw();
      if (this.handOpen) this.place.querySelector("input")?.focus();
    }
  }

  /** Arrow keys make the move of a weight. @param {KeyboardEvent} event */
  key(event) {
    if (writing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const activity = this.state.view?.activity;
    if (activity?.kind !== "synapse" || stageOf(this.state) !== "activity" || activity.chosen_move !== null) return;
    const move = MOVES.findIndex(({ key }) => key === event.key);
    if (move < 0) return;
    event.preventDefault();
    this.answer(move);
  }

  /** Show how long what is open stays open. */
  tick() {
    for (const clock of this.place.querySelectorAll("[data-until]")) {
      const left = secondsLeft(clock.getAttribute("data-until"), this.offset, Date.now());
      clock.textContent = left === null ? "" : `Closes in ${countdown(left)}`;
    }
  }

  /** Tell where this student is in a lesson or the playground. */
  async report() {
    const { view, line } = this.state;
    const frame = this.place.querySelector("iframe");
    if (!frame || !view || view.closed || line === "lost") return;
    const at = frame.contentWindow?.location;
    if (!at || at.origin !== location.origin) return;
    const address = inside(at.pathname) + at.search;
    this.listen(frame.contentDocument);
    const position = positionOf(address, frame.contentDocument?.querySelector("[data-place]"));
    const told = JSON.stringify(position);
    const worked = this.worked && Date.now() - this.reportedAt >= ACTIVE_MS;
    if (told === this.reported && !worked) return;
    this.reported = told;
    this.reportedAt = Date.now();
    this.worked = false;
    await call("PUT", "/api/v1/seat/position", position).catch(() => {
      this.reported = ""; // told again at the next look
    });
  }

  /** Notice that the student does something in the frame. @param {Document | null} shown */
  listen(shown) {
    if (!shown || this.heard.has(shown)) return;
    this.heard.add(shown);
    for (const kind of ["pointerdown", "keydown", "input"])
      shown.addEventListener(kind, () => (this.worked = true), { capture: true, passive: true });
  }
}

function brand() {
  return make("p", "brand", undefined, { "data-key": "brand" }, make("span", "logo"), make("span", "", "SynRL"));
}

function gone() {
  const again = make("a", "button", "Join again", { href: url("/join") });
  const words = "Thank you for taking part. If it goes on for the others, your seat was given up: join again.";
  return message("The class is over", words, again);
}

function codeOfAddress() {
  const found = /^\/join\/([^/]+)\/?$/.exec(inside(location.pathname));
  return found ? tidy(decodeURIComponent(found[1])) : "";
}

function remembered() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return ""; // storage can be forbidden: then the code is typed again
  }
}

/** @param {string} code */
function remember(code) {
  try {
    localStorage.setItem(KEY, code);
  } catch {
    // The address holds it too.
  }
}

/** @param {unknown} error */
function forget(error) {
  if (error instanceof Refusal && error.status === 404) forgetCode();
}

function forgetCode() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was stored then.
  }
}

new Seat();
