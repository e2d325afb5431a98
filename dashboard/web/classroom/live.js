// What a session says: a WebSocket where one passes, else the same asked for every two seconds. Sockets also fail while the
// server is away: once it answers again they are tried anew, and now and then after that.
import { url } from "../core/address.js";
import { Refusal } from "../core/api.js";
import { Feed } from "../core/feed.js";

/** @typedef {"connecting" | "live" | "polling" | "lost" | "gone"} LineState */

/** Sockets that failed, without a message of one since, after which we ask instead. */
const MOST_FAILURES = 3;
export const POLL_MS = 2000;
const AWAY_MS = 1000; // while the server does not answer
/** A proxy may take a socket and let nothing through: what came is asked for, if nothing has come for so long. */
const SILENT_MS = 4000;
/** While we ask, a socket is tried again that often: a phone changes its network, a proxy its mind. */
const TRY_AGAIN_MS = 30_000;

/**
 * @template Message
 * @typedef {object} Listener
 * @property {(message: Message) => void} message
 * @property {(state: LineState) => void} state
 */

/** @template Message */
export class Live {
  /**
   * @param {{ socket: string, poll: string }} paths
   * @param {Listener<Message>} listener
   * @param {number} [pollMs] how often is asked where no socket passes
   */
  constructor(paths, listener, pollMs = POLL_MS) {
    this.paths = paths;
    this.listener = listener;
    this.pollMs = pollMs;
    this.failures = 0;
    this.closed = false;
    this.polls = false;
    this.triedAt = 0;
    /** Whether the server did not answer the last request. */
    this.away = false;
    this.onlyPolls = Boolean(new URLSearchParams(location.search).get("poll"));
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} runs while a socket has brought nothing */
    this.silence = undefined;
    /** @type {Feed<Message> | null} */
    this.feed = null;
    if (this.onlyPolls) this.startPolling();
    else this.open();
  }

  open() {
    this.feed = new Feed(this.paths.socket, {
      message: (message) => {
        this.failures = 0;
        this.polls = false;
        this.stopTimers();
        this.listener.state("live");
        this.listener.message(/** @type {Message} */ (message));
      },
      state: (state) => this.changed(state),
    });
  }

  /** @param {import("../core/connection.js").ConnectionState} state */
  changed(state) {
    if (state === "gone") this.end();
    if (state === "connecting" || state === "lost") this.awaitFirst();
    if (state !== "lost") return;
    this.failures += 1;
    if (!this.polls && this.failures < MOST_FAILURES) {
      this.listener.state("lost");
      return;
    }
    this.feed?.close();
    this.feed = null;
    this.triedAt = Date.now();
    if (!this.polls) this.startPolling();
  }

  awaitFirst() {
    if (this.closed) return;
    this.silence ??= setTimeout(() => {
      this.silence = undefined;
      if (!this.polls) this.startPolling();
    }, SILENT_MS);
  }

  stopTimers() {
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    this.silence = undefined;
  }

  startPolling() {
    this.polls = true;
    void this.poll();
  }

  async poll() {
    const wasAway = this.away;
    await this.ask();
    if (this.closed || !this.polls) return;
    const isDue = wasAway ? !this.away : Date.now() - this.triedAt >= TRY_AGAIN_MS;
    if (isDue && !this.feed && !this.onlyPolls) this.open();
    this.timer = setTimeout(() => void this.poll(), this.away ? AWAY_MS : this.pollMs);
  }

  async ask() {
    try {
      const answer = await fetch(url(this.paths.poll), { cache: "no-store" });
      if (answer.status === 404 || answer.status === 401 || answer.status === 410) {
        this.end();
        return;
      }
      if (!answer.ok) throw new Refusal(answer.status, null);
      const message = await answer.json();
      if (this.closed || !this.polls) return;
      this.away = false;
      this.listener.state("polling");
      this.listener.message(message);
    } catch {
      if (this.closed || !this.polls) return;
      this.away = true;
      this.listener.state("lost");
    }
  }

  /** The session has ended, or the seat was given up: there is nothing to come back for. */
  end() {
    if (this.closed) return;
    this.close();
    this.listener.state("gone");
  }

  close() {
    this.closed = true;
    this.stopTimers();
    this.feed?.close();
  }
}
