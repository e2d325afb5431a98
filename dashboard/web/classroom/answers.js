// Answers of a seat: kept until the server has acknowledged them, and sent again while it can't be reached.
import { call, messageOf, Refusal } from "../core/api.js";
import { pause } from "../core/pause.js";

/** @import { AnswerCreate } from "../types/schemas.js" */

const RETRY_MS = 1500;
const KEY = "synrl-unsent";

export class Answers {
  /** @param {() => void} changed called when what is on its way has changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {AnswerCreate | null} */
    this.waiting = restored();
    this.refusal = "";
    this.away = false;
    this.sending = false;
    if (this.waiting) void this.send();
  }

  /** @param {AnswerCreate} answer */
  give(answer) {
    this.waiting = answer;
    this.refusal = "";
    store(answer);
    void this.send();
    this.changed();
  }

  /**
   * The value that was given for a slot and is not acknowledged yet.
   *
   * @param {string} activity @param {string | null | undefined} slot
   */
  pending(activity, slot) {
    const { waiting } = this;
    return waiting && waiting.activity_id === activity && waiting.slot === slot ? waiting.value : null;
  }

  async send() {
    if (this.sending) return;
    this.sending = true;
    while (this.waiting) {
      const answer = this.waiting;
      try {
        await call("POST", "/api/v1/seat/answers", answer);
        this.away = false;
        this.done(answer);
      } catch (error) {
        if (error instanceof Refusal && error.status < 500) {
          this.refusal = messageOf(error);
          this.done(answer);
        } else {
          this.away = true;
          this.changed();
          await pause(RETRY_MS);
        }
      }
    }
    this.sending = false;
  }

  /** @param {AnswerCreate} answer */
  done(answer) {
    if (this.waiting === answer) {
      this.waiting = null;
      store(null);
    }
    this.changed();
  }
}

/** @returns {AnswerCreate | null} */
function restored() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  } catch {
    return null; // storage can be forbidden
  }
}

/** @param {AnswerCreate | null} answer */
function store(answer) {
  try {
    if (answer) sessionStorage.setItem(KEY, JSON.stringify(answer));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Then an answer that is on its way does not survive a reload.
  }
}
