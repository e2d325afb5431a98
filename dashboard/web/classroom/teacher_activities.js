// The teacher's view of the activity that goes on: its figure, its numbers, and what can be pressed now.
import { url } from "../core/address.js";
import { make } from "../core/dom.js";
import { count, percent, plural } from "../core/format.js";
import { curvesFigure, dotsFigure, lamp, lossFigure, tableFigure, tableWords, voteBars } from "./figures.js";
import { drawNetwork } from "./network.js";
import { FOR_TEACHER, HALF_FOR_TEACHER } from "./plot.js";
import { actionWords, asRuns, exportLinks, phaseWords, press } from "./teacher_parts.js";
import { changeWords, KINDS, letter } from "./words.js";

/** @import { TeacherLesson, TeacherPooled, TeacherSynapse, TeacherTable, TeacherView, TeacherVote } from "../types/schemas.js" */

/** @import { Queued } from "./teacher_parts.js" */

/** @param {TeacherView} view @param {string} lastLesson of which the notes are linked @param {Queued} queued */
export function nowPart(view, lastLesson, queued) {
  const { activity, actions, session } = view;
  if (!activity) {
    return make(
      "section",
      "class-now",
      undefined,
      { "data-key": "now" },
      make("h2", "", "Nothing is going on"),
      make("p", "caption", "Students wait. Choose what comes first below."),
    );
  }
  const { kind, phase, title } = activity;
  const pressable = actions.filter((action) => action !== "go"); // it needs a number
  const buttons = pressable.map((action, place) =>
    press("action", actionWords(kind, phase, action), { action, phase }, place ? "button-plain" : "button"),
  );
  const clock = activity.closes_at
    ? make("span", "now", "", { "data-until": activity.closes_at, "data-kept": "", "data-key": activity.closes_at })
    : "";
  const noted = kind === "lesson" ? activity.lesson_id : lastLesson;
  return make(
    "section",
    "class-now",
    undefined,
    { "data-key": `now ${activity.id}` },
    make(
      "div",
      "page-head",
      undefined,
      {},
      make("h2", "", title || KINDS[kind][0]),
      make("span", "now", phaseWords(kind, phase), { role: "status" }),
      clock,
    ),
    make("div", "class-actions", undefined, { role: "group", "aria-label": "What comes next" }, ...buttons),
    ...partsOf(activity),
    make(
      "p",
      "caption class-beside",
      undefined,
      {},
      make("a", "", "Notes for teachers", {
        href: url(noted ? `/learn/teach/${noted}` : "/learn/teach"),
        target: "_blank",
      }),
      " · This activity: ",
      ...exportLinks(session.id, activity.id),
      kind === "pooled" ? asRuns(activity.id, queued) : "",
    ),
  );
}

/** @param {NonNullable<TeacherView["activity"]>} activity @returns {(Node | string)[]} */
function partsOf(activity) {
  switch (activity.kind) {
    case "vote":
      return vote(activity);
    case "synapse":
      return synapse(activity);
    case "table":
      return table(activity);
    case "pooled":
      return pooled(activity);
    case "lesson":
      return lesson(activity);
    case "free":
      return [make("p", "", activity.note || "No note."), opensIn("Open this scene", activity.address)];
  }
}

/** @param {string} words */
const line = (words) => make("p", "", words);

/** A link that leaves this page open. @param {string} words @param {string} address */
const opensIn = (words, address) =>
  make("p", "", undefined, {}, make("a", "", words, { href: url(address), target: "_blank" }));

/** @param {TeacherVote} activity */
function vote(activity) {
  const { question, answered, asked, changed, options, right } = activity;
  const second = activity.second?.some(Boolean) ? activity.second : null;
  const moved = changed.flatMap((row, from) =>
    row.flatMap((students, to) => (students && from !== to ? [`${letter(from)} to ${letter(to)}: ${students}`] : [])),
  );
  return [
    make("p", "seat-question", question),
    line(`${answered} of ${asked} have answered. Only you see these numbers before you show them.`),
    voteBars({ ...activity, second, right: right ?? null, options }),
    line(changeWords({ ...activity, second })),
    moved.length ? line(`Changed their minds: ${moved.join(", ")}.`) : "",
  ];
}

/** @param {TeacherSynapse} activity */
function synapse(activity) {
  const { round, rounds, chosen, asked, by_table: byTable, lamps, accuracy, sizes, weights, taken } = activity;
  const lit = lamps.filter(Boolean).length;
  const alternative = `The network ${sizes.join("-")}; students move ${taken.length} of ${activity.synapses} weights.`;
  return [
    line(
      `Round ${round} of ${rounds}: ${chosen} of ${asked} have chosen; the table played ${plural(byTable, "weight")}.`,
    ),
    make(
      "div",
      "class-figures",
      undefined,
      {},
      make("div", "", undefined, {}, drawNetwork({ sizes, weights, taken, alternative })),
      make("div", "", undefined, {}, lossFigure(activity, HALF_FOR_TEACHER)),
    ),
    make(
      "p",
      "board-lamps",
      undefined,
      {},
      ...lamps.slice(-20).map((isOn) => lamp(isOn)),
      make(
        "span",
        "",
        lamps.length ? `on in ${lit} of ${lamps.length} · accuracy ${percent(accuracy.at(-1))}` : "no round yet",
      ),
    ),
  ];
}

/** @param {TeacherTable} activity */
function table(activity) {
  const { counts, decisions, done, of, curves, phase, policy } = activity;
  const hasCurves = curves.some(({ mean }) => mean.length);
  const keep = make(
    "form",
    "token-form",
    undefined,
    { "data-submit": "keep", "data-key": "keep" },
    make("label", "visually-hidden", "Name in the library", { for: "class-policy" }),
    make("input", "", undefined, {
      id: "class-policy",
      name: "name",
      required: "",
      maxlength: "200",
      placeholder: "Name in the library",
    }),
    make("button", "button-plain", "Keep as a policy", { type: "submit" }),
  );
  return [
    line(`${count(decisions)} decisions. ${tableWords(counts)}`),
    phase === "counted" ? "" : line(`${done} of ${of} runs are trained.`),
    make(
      "div",
      "class-figures",
      undefined,
      {},
      make("div", "", undefined, {}, tableFigure(counts)),
      hasCurves ? make("div", "", undefined, {}, curvesFigure(curves, "accuracy", HALF_FOR_TEACHER)) : "",
    ),
    policy
      ? make("p", "", undefined, {}, "Kept in the library as ", make("a", "", policy, { href: url("/policies") }), ".")
      : keep,
  ];
}

/** @param {TeacherPooled} activity */
function pooled(activity) {
  const { done, of, failed } = activity;
  return [
    line(`${done} of ${of} runs are done${failed ? `, ${failed} failed` : ""}.`),
    make("div", "class-wide", undefined, {}, dotsFigure(activity, FOR_TEACHER)),
  ];
}

/** @param {TeacherLesson} activity */
function lesson({ step, steps, step_id: id, at_step: at, address }) {
  const words = at.map((here, place) => `${place + 1}: ${here}`).join(" · ");
  return [
    line(`You are at step ${step + 1} of ${steps}. Students at each step: ${words || "nobody yet"}.`),
    opensIn("Open this step", `${address}?step=${id}`),
  ];
}
