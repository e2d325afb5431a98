// Parts of the teacher's page around the activity: the way in, the buttons for all, who is where, earlier sessions.
import { isOwnAddress, url } from "../core/address.js";
import { flags, make } from "../core/dom.js";
import { ago, plural } from "../core/format.js";
import { grouped } from "./code.js";
import { KINDS, VOTE_PHASES } from "./words.js";

/** @import { JoinLock, SessionRead, SweepRead, TeacherSeat, TeacherView } from "../types/schemas.js" */

/** @typedef {Map<string, SweepRead>} Queued pooled experiments that were queued as runs, by activity */

/**
 * A button whose press the page finds by its data.
 *
 * @param {string} act @param {string} words @param {Record<string, string>} [data] @param {string} [look]
 */
export function press(act, words, data = {}, look = "button-plain") {
  const named = Object.fromEntries(Object.entries(data).map(([name, value]) => [`data-${name}`, value]));
  return make("button", look, words, { type: "button", "data-act": act, ...named });
}

/** @param {string} path of this server */
export const whole = (path) => `${location.origin}${url(path)}`;

const STOP = "Stop new students from joining";
const RESUME = "Let new students join";

/** @param {SessionRead} session */
export function wayIn({ id, code, shows_count: shows, joining_open: isOpen }) {
  if (!code) return make("div", "", undefined, { "data-key": "way-in" });
  const address = whole(`/join/${code}`);
  const source = url(`/api/v1/class-sessions/${id}/qr.svg?address=${encodeURIComponent(address)}`);
  const warning =
    "Phones can't use an address of this computer alone: open this page under the one the server printed.";
  return make(
    "section",
    "class-way",
    undefined,
    { "data-key": "way-in", "aria-label": "The way in" },
    make("img", "qr-code", undefined, { src: source, alt: `QR code of ${address}` }),
    make(
      "div",
      "",
      undefined,
      {},
      make("p", "code class-code", grouped(code)),
      isOwnAddress() ? make("p", "caption", warning) : "",
      isOpen ? "" : make("p", "caption", "Nobody new can join now. Who has a seat keeps it."),
    ),
    make("p", "join-address", undefined, {}, make("a", "", address, { href: address, target: "_blank" })),
    make(
      "div",
      "join-actions",
      undefined,
      {},
      make("a", "button", "Open the board", { href: url(`/board/${id}`), target: "_blank" }),
      press("copy", "Copy link", { address }),
      press("update", isOpen ? STOP : RESUME, { field: "joining_open", value: String(!isOpen) }),
      press("update", shows ? "Hide the count" : "Show the count", { field: "shows_count", value: String(!shows) }),
    ),
  );
}

/** @param {TeacherView} view */
export function forAll({ paused, pace, session }) {
  const free = pace === "free";
  return make(
    "div",
    "class-all",
    undefined,
    { "data-key": "all", role: "group", "aria-label": "For all" },
    press(
      "update",
      paused ? "Go on" : "Pause all",
      { field: "paused", value: String(!paused) },
      paused ? "button" : "button-plain",
    ),
    press("gather", "Bring all here"),
    press("update", free ? "My pace" : "Free pace", { field: "pace", value: free ? "together" : "free" }),
    make("span", "caption", free ? "Everybody goes at their own pace." : "The class goes at your pace."),
    make("span", "class-gap"),
    make("label", "class-simulated", undefined, {}, "Simulated students", simulated(session.simulated)),
    press("close", "Close the session"),
  );
}

/** @param {number} count */
function simulated(count) {
  const choices = [0, 6, 12, 30].includes(count) ? [0, 6, 12, 30] : [0, 6, 12, count, 30].sort((a, b) => a - b);
  const options = choices.map((one) => {
    const words = one ? String(one) : "none";
    return make("option", "", words, { value: String(one), ...flags({ selected: one === count }) });
  });
  return make("select", "field", undefined, { "data-change": "simulated" }, ...options);
}

// -- who is where

const HEADS = ["Name", "Help", "Answered", "Last answer", "Where", "Last action", "Actions"];

/** @param {TeacherView} view @param {Set<string>} chosen seats whose scenes are to be shown */
export function roster(view, chosen) {
  const { seats, answered, asked } = view;
  const hands = seats.filter(({ hand_id: hand }) => hand).length;
  const stuck = seats.filter(({ flags: all }) => all.some(({ rule }) => rule !== "hand")).length;
  const summary = [
    plural(seats.length, "seat"),
    ...(asked ? [`${answered} of ${asked} answered`] : []),
    ...(hands ? [plural(hands, "hand")] : []),
    ...(stuck ? [`${stuck} may be stuck`] : []),
  ].join(" · ");
  const head = make("div", "page-head", undefined, {}, make("h2", "", "Who is where"), make("span", "now", summary));
  if (!seats.length) {
    const words = "Nobody is in yet. Show the code, or try an activity with simulated students.";
    return make("section", "people-section", undefined, { "data-key": "roster" }, head, make("p", "quiet", words));
  }
  const cells = HEADS.map((words) => make("th", "", words, { scope: "col" }));
  const table = make(
    "table",
    "people-list",
    undefined,
    {},
    make("thead", "", undefined, {}, make("tr", "", undefined, {}, ...cells)),
    make("tbody", "", undefined, {}, ...seats.map((seat) => rosterRow(seat, view, chosen))),
  );
  const frame = { tabindex: "0", role: "region", "aria-label": "Who is where" };
  const showing = chosen.size ? [press("show", `Put ${plural(chosen.size, "scene")} on the board`)] : [];
  const hide = view.showing.length ? [press("hide", "Take the scenes off the board")] : [];
  return make(
    "section",
    "people-section",
    undefined,
    { "data-key": "roster" },
    head,
    make("div", "join-actions", undefined, {}, ...showing, ...hide),
    make("div", "people-table-frame", undefined, frame, table),
  );
}

/** @param {TeacherSeat} seat @param {TeacherView} view @param {Set<string>} chosen */
function rosterRow(seat, view, chosen) {
  const { id, name, hand_id: hand, answered } = seat;
  const named = (/** @type {HTMLButtonElement} */ button) => {
    button.setAttribute("aria-label", `${button.textContent}: ${name}`);
    return button;
  };
  const box = seat.address
    ? make(
        "label",
        "check",
        undefined,
        {},
        make("input", "", undefined, {
          type: "checkbox",
          "data-change": "scene",
          "data-seat": id,
          ...flags({ checked: chosen.has(id) }),
        }),
        make("span", "", "scene"),
      )
    : "";
  const help = seat.flags.length
    ? seat.flags.map(({ rule, words }) => make("span", `class-flag flag-${rule}`, words))
    : [make("span", "quiet", "–")];
  return make(
    "tr",
    "",
    undefined,
    { "data-key": id },
    make("td", "class-name", undefined, {}, name, seat.simulated ? make("span", "quiet", " (simulated)") : ""),
    make("td", "", undefined, {}, make("div", "class-help", undefined, {}, ...help)),
    make("td", "", !view.asked ? "–" : answered ? "✓ yes" : "not yet"),
    make("td", "class-last", seat.last_answer ?? "–"),
    make("td", "", whereWords(seat)),
    make("td", "", seat.online ? idleWords(seat) : "offline"),
    make(
      "td",
      "",
      undefined,
      {},
      make(
        "div",
        "people-actions",
        undefined,
        {},
        hand ? named(press("lower", "Lower hand", { hand })) : "",
        box,
        seat.simulated ? "" : named(press("rename", "Rename", { seat: id, name })),
        seat.simulated ? "" : named(press("out", "Send out", { seat: id, name })),
      ),
    ),
  );
}

/** @param {TeacherSeat} seat */
function whereWords({ step, synapse, address }) {
  if (synapse !== null && synapse !== undefined) return `weight ${synapse + 1}`;
  if (step !== null && step !== undefined) return `step ${step + 1}`;
  return address ? (address.split("?")[0] ?? "") : "–";
}

/** @param {TeacherSeat} seat */
function idleWords({ idle_seconds: idle, slow_line: slow }) {
  const words = idle < 5 ? "now" : idle < 90 ? `${Math.round(idle / 5) * 5} s ago` : `${Math.round(idle / 60)} min ago`;
  return slow ? `${words} (slow line)` : words;
}

/** @param {JoinLock[]} locks */
export function lockParts(locks) {
  return locks.map(({ key, where, address, failures }) => {
    const who = where === "browser" ? `a browser at ${address}` : address;
    const words = `${failures} wrong codes from ${who}: more are refused for a while.`;
    const lift = press("lift", "Lift", { lock: key });
    lift.setAttribute("aria-label", `Lift: ${who}`);
    return make("div", "secret", undefined, { role: "status", "data-key": key }, make("p", "", words), lift);
  });
}

// -- sessions that were held before

/** @param {SessionRead[]} sessions */
export function earlier(sessions) {
  const closed = sessions.filter(({ closed_at: at }) => at);
  if (!closed.length) return make("section", "", undefined, { "data-key": "earlier" });
  const rows = closed.map((session) =>
    make(
      "tr",
      "",
      undefined,
      { "data-key": session.id },
      make("td", "", session.title || "Class session"),
      make("td", "", ago(session.closed_at)),
      make("td", "", `${plural(session.seats, "student")}, ${plural(session.activities, "activity", "activities")}`),
      make("td", "", session.names_kept_until ? "names are deleted within a day" : "without names"),
      make(
        "td",
        "",
        undefined,
        {},
        make(
          "div",
          "people-actions",
          undefined,
          {},
          ...exportLinks(session.id),
          press("delete", "Delete", { session: session.id }),
        ),
      ),
    ),
  );
  const head = ["Title", "Closed", "Took part", "Names", "Actions"].map((words) =>
    make("th", "", words, { scope: "col" }),
  );
  const table = make(
    "table",
    "people-list",
    undefined,
    {},
    make("thead", "", undefined, {}, make("tr", "", undefined, {}, ...head)),
    make("tbody", "", undefined, {}, ...rows),
  );
  const frame = { tabindex: "0", role: "region", "aria-label": "Earlier sessions" };
  return make(
    "section",
    "people-section",
    undefined,
    { "data-key": "earlier" },
    make("h2", "", "Earlier sessions"),
    make("div", "people-table-frame", undefined, frame, table),
  );
}

/** @param {string} session @param {string} [activity] */
export function exportLinks(session, activity) {
  const only = activity ? `&activity_id=${activity}` : "";
  return ["csv", "json"].map((format) =>
    make("a", "button-plain class-export", format.toUpperCase(), {
      href: url(`/api/v1/class-sessions/${session}/export?format=${format}${only}`),
      download: "",
      "aria-label": `Answers and results as ${format.toUpperCase()}`,
    }),
  );
}

/**
 * A pooled experiment as ordinary runs, to be compared: a button, and then where they are.
 *
 * @param {string} activity @param {Queued} queued
 */
export function asRuns(activity, queued) {
  const sweep = queued.get(activity);
  if (!sweep) return press("runs", "Queue as runs", { activity }, "button-plain class-export");
  return make("a", "", `${plural(sweep.runs, "run")} in the queue`, { href: url(`/?sweep=${sweep.id}`) });
}

/** @param {TeacherView} view @param {Queued} queued */
export function done({ activities, session, activity }, queued) {
  const past = activities.filter(({ id }) => id !== activity?.id);
  if (!past.length) return make("section", "", undefined, { "data-key": "done" });
  const items = past.map((one) =>
    make(
      "li",
      "",
      undefined,
      { "data-key": one.id },
      make("span", "", `${one.number}. ${one.title || KINDS[one.kind][0]}: ${plural(one.answers, "answer")}`),
      ...exportLinks(session.id, one.id),
      one.kind === "pooled" ? asRuns(one.id, queued) : "",
    ),
  );
  return make(
    "section",
    "people-section",
    undefined,
    { "data-key": "done" },
    make("h2", "", "What the class did"),
    make("ol", "class-done", undefined, {}, ...items),
    make("p", "caption", undefined, {}, "Everything: ", ...exportLinks(session.id)),
  );
}

/** Words of what the teacher can press, by kind, phase and action. @type {Record<string, string>} */
const ACTIONS = {
  "vote first next": "Close the vote",
  "vote first_closed next": "Let them talk",
  "vote talk next": "Open the second vote",
  "vote second next": "Close the vote",
  "vote second_closed next": "Show how they voted",
  "vote distribution next": "Reveal the answer",
  extend: "30 s more",
  close_round: "Close the round",
  open_round: "Open the next round",
  over: "End the rounds",
  resume_automatic: "Let rounds open by themselves",
  stop_automatic: "Open rounds by my press",
  train: "Train the table",
  start: "Start all runs",
  next: "Next step",
  back: "Step back",
  end: "End the activity",
};

/** @param {string} kind @param {string} phase @param {string} action */
export const actionWords = (kind, phase, action) =>
  ACTIONS[`${kind} ${phase} ${action}`] ?? ACTIONS[action] ?? action.replaceAll("_", " ");

/** @param {string} kind @param {string} phase */
export function phaseWords(kind, phase) {
  if (kind === "vote") return VOTE_PHASES[phase] ?? phase;
  /** @type {Record<string, string>} */
  const words = {
    open: kind === "synapse" ? "The round is open" : "Open",
    closed: "The round is closed",
    over: "The rounds are over",
    counted: "Counted, not trained yet",
    training: "Trains",
    trained: "Trained",
    ready: "Dealt out, not started",
    running: "Runs",
    done: "All runs are done",
  };
  return words[phase] ?? phase;
}
