// What a session says: a WebSocket where one passes, else the same asked for every two seconds. Sockets also fail while the
// server is away: once it answers again they are tried anew.
import { url } from "../core/address.js";
import { Refusal } from "../core/api.js";
import { Feed } from "../core/feed.js";

/** @typedef {"connecting" | "live" | "polling" | "lost" | "gone"} LineState */

/** Sockets that failed, without a message of one since, after which we ask instead. */
const MOST_FAILURES = 3;
const POLL_MS = 2000;
const AWAY_MS = 1000; // while the server does not answer

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
   */
  constructor(paths, listener) {
    this.paths = paths;
    this.listener = listener;
    this.failures = 0;
    this.closed = false;
    /** Whether the server did not answer the last request. */
    this.away = false;
    this.onlyPolls = Boolean(new URLSearchParams(location.search).get("poll"));
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Feed<Message> | null} */
    this.feed = null;
    if (this.onlyPolls) void this.poll();
    else this.open();
  }

  open() {
    this.failures = 0;
    this.feed = new Feed(this.paths.socket, {
      message: (message) => {
        this.failures = 0;
        this.listener.state("live");
        this.listener.message(/** @type {Message} */ (message));
      },
      state: (state) => this.changed(state),
    });
  }

  /** @param {import("../core/connection.js").ConnectionState} state */
  changed(state) {
    if (state === "gone") this.listener.state("gone");
    if (state !== "lost") return;
    this.failures += 1;
    if (this.failures < MOST_FAILURES) {
      this.listener.state("lost");
      return;
    }
    this.feed?.close();
    this.feed = null;
    void this.poll();
  }

  async poll() {
    const wasAway = this.away;
    await this.ask();
    if (this.closed) return;
    if (wasAway && !this.away && !this.onlyPolls) this.open();
    else this.timer = setTimeout(() => void this.poll(), this.away ? AWAY_MS : POLL_MS);
  }

  async ask() {
    try {
      const answer = await fetch(url(this.paths.poll), { cache: "no-store" });
      if (answer.status === 404 || answer.status === 401 || answer.status === 410) {
        this.away = false;
        this.listener.state("gone");
        return;
      }
      if (!answer.ok) throw new Refusal(answer.status, null);
      const message = await answer.json();
      if (this.closed) return;
      this.away = false;
      this.listener.state("polling");
      this.listener.message(message);
    } catch {
      this.away = true;
      if (!this.closed) this.listener.state("lost");
    }
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.feed?.close();
  }
}
