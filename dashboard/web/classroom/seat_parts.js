// Parts of a student's page around the activity: joining, head, hand, and a line while there is nothing to do.
import { flags, make } from "../core/dom.js";
import { POLL_MS } from "./live.js";
import { lineWords } from "./seat_state.js";

/** @import { SessionPreview, StudentView } from "../types/schemas.js" */
/** @import { LineState } from "./live.js" */
/** @import { SeatState } from "./seat_state.js" */

const LONGEST_NAME = 40;
const LONGEST_LINE = 200;

/** @param {string} words */
const refusal = (words) => make("p", "refusal", words, { role: "alert" });

/** @param {SeatState} state */
export function codeForm({ code, refusal: why }) {
  return make(
    "form",
    "seat-joining",
    undefined,
    { "data-key": "code", "data-submit": "code" },
    make("h1", "", "Join the class"),
    make("label", "", "Code on the board", { for: "seat-code" }),
    make("input", "seat-code", undefined, {
      id: "seat-code",
      name: "code",
      value: code,
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: "false",
      required: "",
      maxlength: "16",
      "aria-describedby": "seat-code-help",
    }),
    make("p", "caption", "Six letters and digits. Small letters and blanks are fine.", { id: "seat-code-help" }),
    refusal(why),
    make("button", "button seat-main", "Go on", { type: "submit" }),
  );
}

/** @param {SessionPreview} preview @param {string} why */
export function nameForm(preview, why) {
  const hours = Math.round(preview.names_kept_hours);
  return make(
    "form",
    "seat-joining",
    undefined,
    { "data-key": "name", "data-submit": "name" },
    make("h1", "", preview.title || "Join the class"),
    make("label", "", "Your name", { for: "seat-name" }),
    make("input", "", undefined, {
      id: "seat-name",
      name: "name",
      value: preview.name,
      autocomplete: "nickname",
      maxlength: String(LONGEST_NAME),
      "aria-describedby": "seat-name-help",
    }),
    make("p", "caption", `Any name will do. Only your teacher sees it, until ${hours} hours after the class.`, {
      id: "seat-name-help",
    }),
    refusal(why),
    make("button", "button seat-main", "Take a seat", { type: "submit" }),
  );
}

/** @param {StudentView} view @param {LineState} line */
export function head(view, line) {
  const words = lineWords(line, POLL_MS);
  return make(
    "header",
    "seat-head",
    undefined,
    { "data-key": "head" },
    make("span", "logo"),
    make("span", "seat-title", view.title || "Class session"),
    make("span", "seat-name", view.seat.name),
    make("p", "seat-line", words, { role: "status", ...flags({ hidden: !words, "data-lost": line === "lost" }) }),
  );
}

/** @param {StudentView} view @param {boolean} isOpen whether a line is being written @param {string} why */
export function hand({ seat }, isOpen, why) {
  const isUp = seat.hand !== null && seat.hand !== undefined;
  const parts = [];
  if (isUp) {
    const line = seat.hand ? `Your hand is up: “${seat.hand}”` : "Your hand is up.";
    parts.push(
      make("span", "seat-hand-words", line, { role: "status" }),
      make("button", "button-plain", "Take it down", { type: "button", "data-act": "lower" }),
    );
  } else if (isOpen) {
    parts.push(
      make("label", "", "What is it about? One line helps, none is needed.", { for: "seat-line" }),
      make("input", "", undefined, {
        id: "seat-line",
        name: "line",
        maxlength: String(LONGEST_LINE),
        autocomplete: "off",
      }),
      make("button", "button", "Raise it", { type: "submit" }),
      make("button", "button-plain", "Cancel", { type: "button", "data-act": "no-hand" }),
    );
  } else {
    parts.push(make("button", "button-plain", "Raise a hand", { type: "button", "data-act": "hand" }));
  }
  const form = { "data-key": `hand ${isUp} ${isOpen}`, "data-submit": "hand" };
  return make("form", "seat-hand", undefined, form, ...parts, refusal(why));
}

/** @param {string} title @param {string} words @param {Node[]} more */
export function message(title, words, ...more) {
  return make("section", "seat-message", undefined, {}, make("h1", "", title), make("p", "lead", words), ...more);
}
