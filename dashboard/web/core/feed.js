// A WebSocket that reconnects by itself: soon at first, then with longer pauses.
import { url as addressOf } from "./address.js";

/** @import { ConnectionState } from "./connection.js" */

const FIRST_WAIT = 400; // ms before the first attempt to reconnect
const LONGEST_WAIT = 5000;
const GROWTH = 1.6; // of the wait, after each attempt
const NO_SUCH_RUN = 4404; // close code of the server: there is nothing to come back for

/**
 * @template Message
 * @typedef {object} Listener
 * @property {(message: Message) => void} message
 * @property {(state: ConnectionState) => void} state
 */

/** @template Message */
export class Feed {
  /**
   * @param {string} path
   * @param {Listener<Message>} listener
   */
  constructor(path, listener) {
    this.path = path;
    this.listener = listener;
    this.wait = FIRST_WAIT;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.timer = null;
    this.closed = false;
    this.wake = () => {
      if (this.timer !== null) this.connect();
    };
    window.addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.listener.state("connecting");
    this.connect();
  }

  connect() {
    this.stopTimer();
    const url = new URL(addressOf(this.path), location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => {
      if (socket === this.socket) this.listener.state("open");
    };
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      this.wait = FIRST_WAIT; // only after a message: a socket that closes at once is not hammered
      this.listener.message(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.ended(event.code);
    };
  }

  stopTimer() {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  /** @param {number} code */
  ended(code) {
    this.socket = null;
    if (this.closed) return;
    if (code === NO_SUCH_RUN) {
      this.close();
      this.listener.state("gone");
      return;
    }
    this.listener.state("lost");
    if (this.closed) return; // by the listener, which goes another way: no socket opens behind its back
    // A refused socket does not say why. If the session has ended, a request loads the page again.
    if (document.body.dataset.closed === "true") fetch("/api/v1/me").catch(() => {});
    this.timer = setTimeout(() => this.connect(), this.wait * (0.8 + 0.4 * Math.random()));
    this.wait = Math.min(this.wait * GROWTH, LONGEST_WAIT);
  }

  /** Ask for the whole state anew, by opening another socket in place of this one. */
  restart() {
    const old = this.socket;
    this.connect();
    end(old);
  }

  close() {
    this.closed = true;
    this.stopTimer();
    window.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    const old = this.socket;
    this.socket = null;
    end(old);
  }
}

/**
 * Close a socket; one that is not open yet when it is, since browsers complain about the other way.
 *
 * @param {WebSocket | null} socket
 */
function end(socket) {
  if (!socket) return;
  if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
  else socket.close();
}
