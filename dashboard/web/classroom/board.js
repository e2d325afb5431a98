// The board: what a projector shows of a session. Code, count, one figure; no names, no single answers.
import { inside, isOwnAddress, url } from "../core/address.js";
import { byId, flags, make, writing } from "../core/dom.js";
import { renew } from "../core/renew.js";
import { boardParts } from "./board_activities.js";
import { grouped } from "./code.js";
import { Live } from "./live.js";
import { clockOffset, lineWords, newer, secondsLeft } from "./seat_state.js";
import { countdown } from "./words.js";

/** @import { BoardView } from "../types/schemas.js" */
/** @import { LineState } from "./live.js" */

const CLOCK_MS = 250;
/** Shorter than students' pages ask: the board is to be less than two seconds behind where no socket passes. */
const POLL_MS = 1500;
/** Sizes of type, as shares of the full one, of which the first that fits is taken. */
const SIZES = [1, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64, 0.58];

class Board {
  /** @param {string} session */
  constructor(session) {
    this.place = byId("board");
    this.session = session;
    /** @type {BoardView | null} */
    this.view = null;
    /** @type {LineState} */
    this.line = "connecting";
    this.offset = 0;
    document.addEventListener("keydown", (event) => this.key(event));
    this.place.addEventListener("click", (event) => {
      if (event.target instanceof Element && event.target.closest("[data-act=full]")) void fullScreen();
    });
    document.addEventListener("fullscreenchange", () => this.draw());
    window.addEventListener("resize", () => this.fit());
    setInterval(() => this.tick(), CLOCK_MS);
    const api = `/api/v1/board/${encodeURIComponent(session)}`;
    new Live(
      { socket: `${api}/live`, poll: api },
      {
        message: (/** @type {BoardView} */ view) => this.came(view),
        state: (line) => {
          this.line = line;
          this.draw();
        },
      },
      POLL_MS,
    );
    this.draw();
  }

  /** @param {BoardView} view */
  came(view) {
    this.offset = clockOffset(view.now, Date.now());
    this.view = newer(this.view, view);
    this.draw();
  }

  draw() {
    const { view, line } = this;
    document.body.dataset.stage = view ? (view.closed ? "closed" : (view.activity?.kind ?? "joining")) : line;
    if (!view) renew(this.place, make("p", "board-message", line === "gone" ? GONE : "Asking the server …"));
    else if (view.closed) renew(this.place, make("p", "board-message", "The class is over."));
    else renew(this.place, ...this.parts(view));
    this.tick();
    this.fit();
  }

  /** Set a board that is taller than its window in smaller type; the style sheet knows the smallest. */
  fit() {
    const { documentElement: page, body } = document;
    for (const size of SIZES) {
      body.style.setProperty("--fit", String(size));
      if (page.scrollHeight <= page.clientHeight) return;
    }
  }

  /** @param {BoardView} view */
  parts(view) {
    const isJoining = !view.activity && !view.showing.length;
    const line = lineWords(this.line, POLL_MS);
    const state = flags({ hidden: !line, "data-lost": this.line === "lost" });
    return [
      isJoining ? this.joining(view) : this.top(view),
      make(
        "div",
        "board-main",
        undefined,
        { "data-key": view.activity?.id ?? "none" },
        ...(isJoining ? [] : boardParts(view)),
      ),
      make("p", "board-lost", line, { role: "status", ...state }),
      document.fullscreenElement
        ? ""
        : make("button", "board-full", "Full screen (F)", { type: "button", "data-act": "full", "data-key": "full" }),
    ];
  }

  /** The way in, as large as can be. @param {BoardView} view */
  joining({ code, count, title, paused }) {
    if (!code) return make("p", "board-message", title);
    return make(
      "section",
      "board-joining",
      undefined,
      { "data-key": "joining" },
      this.picture(code),
      make(
        "div",
        "",
        undefined,
        {},
        make("h1", "", title || "Join the class"),
        paused ? make("p", "board-paused", PAUSED) : "",
        make("p", "board-address", `${location.host}${url("/join")}`),
        make("p", "board-code", grouped(code)),
        isOwnAddress() ? make("p", "board-warning", OWN, { role: "note" }) : "",
        count === null || count === undefined ? "" : make("p", "board-count", inWords(count)),
      ),
    );
  }

  /** The way in for who comes late, in one corner, always. @param {BoardView} view */
  top({ title, activity, code, count, paused }) {
    return make(
      "header",
      "board-top",
      undefined,
      { "data-key": "top" },
      paused ? make("h1", "board-paused", PAUSED) : make("h1", "", activity?.title || title || "Class session"),
      activity?.closes_at
        ? make("p", "board-clock", "", {
            "data-until": activity.closes_at,
            "data-kept": "",
            "data-key": activity.closes_at,
          })
        : "",
      count === null || count === undefined ? "" : make("p", "board-count", inWords(count)),
      code
        ? make(
            "p",
            "board-way",
            undefined,
            {},
            make("span", "", `${location.host}${url("/join")}`),
            make("strong", "board-code", grouped(code)),
          )
        : "",
      code ? this.picture(code) : "",
    );
  }

  /** @param {string} code */
  picture(code) {
    const address = `${location.origin}${url(`/join/${code}`)}`;
    const source = url(
      `/api/v1/board/${encodeURIComponent(this.session)}/qr.svg?address=${encodeURIComponent(address)}`,
    );
    return make("img", "board-qr", undefined, { src: source, alt: `QR code of ${address}`, "data-key": "qr" });
  }

  tick() {
    for (const clock of this.place.querySelectorAll("[data-until]")) {
      const left = secondsLeft(clock.getAttribute("data-until"), this.offset, Date.now());
      clock.textContent = left === null ? "" : countdown(left);
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (writing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "f") void fullScreen();
    else if (key === "b") document.body.toggleAttribute("data-blank");
  }
}

const PAUSED = "Paused: look up";

const GONE =
  "No class goes on here: it is over, or the address is wrong. The page Class opens the board of one that goes on.";

const OWN =
  "Phones cannot use this address: it is that of this computer alone. Open the board under the address that the server " +
  "printed (started with SYNRL_HOST=0.0.0.0).";

/** @param {number} count */
const inWords = (count) => `${count} in`;

async function fullScreen() {
  // A browser may refuse, as on phones: then the page stays as it is.
  const done = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
  await done.catch(() => {});
}

const found = /^\/board\/([^/]+)\/?$/.exec(inside(location.pathname));
if (found) new Board(decodeURIComponent(found[1]));
else renew(byId("board"), make("p", "board-message", GONE));
