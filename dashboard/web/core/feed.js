// A WebSocket that stays: it opens again by itself, sooner at first, then more patiently.
import { url as addressOf } from "./address.js";

export class Feed {
  static FIRST_WAIT = 400; // ms before the first attempt to reconnect
  static LONGEST_WAIT = 5000;
  static NO_SUCH_RUN = 4404; // close code of the server: there is nothing to come back for

  // listener: { message(object), state("connecting" | "open" | "lost" | "gone") }
  constructor(path, listener) {
    this.path = path;
    this.listener = listener;
    this.wait = Feed.FIRST_WAIT;
    this.socket = null;
    this.timer = null;
    this.closed = false;
    this.wake = () => this.timer !== null && this.connect();
    window.addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.listener.state("connecting");
    this.connect();
  }

  connect() {
    clearTimeout(this.timer);
    this.timer = null;
    const url = new URL(addressOf(this.path), location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => socket === this.socket && this.listener.state("open");
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      this.wait = Feed.FIRST_WAIT; // what talks is well; one that closes at once is not hammered
      this.listener.message(JSON.parse(event.data));
    };
    socket.onclose = (event) => socket === this.socket && this.ended(event.code);
  }

  ended(code) {
    this.socket = null;
    if (this.closed) return;
    if (code === Feed.NO_SUCH_RUN) {
      this.close();
      this.listener.state("gone");
      return;
    }
    this.listener.state("lost");
    // A socket that was refused says not why. If it is that nobody is signed in any more, asking loads the page anew.
    if (document.body.dataset.closed === "true") fetch("/api/v1/me").catch(() => {});
    this.timer = setTimeout(() => this.connect(), this.wait * (0.8 + 0.4 * Math.random()));
    this.wait = Math.min(this.wait * 1.6, Feed.LONGEST_WAIT);
  }

  // Ask for the whole state anew, by opening another socket in place of this one.
  restart() {
    const old = this.socket;
    this.connect();
    end(old);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    const old = this.socket;
    this.socket = null;
    end(old);
  }
}

// Close a socket; one that is not open yet when it is, since browsers complain about the other way.
function end(socket) {
  if (!socket) return;
  if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
  else socket.close();
}
