// Preparing an activity: a form for each kind, and what it sends.
import { url } from "../core/address.js";
import { flags, make } from "../core/dom.js";
import { KINDS, letter, VARIED } from "./words.js";

/** @typedef {{ id: string, title: string, questions: { id: string, words: string }[] }} LessonChoice */
/** @typedef {Record<string, unknown>} Body what POST .../activities takes */
/** @typedef {(address: string) => Promise<Record<string, unknown> | null>} ReadScene */

const MOST_OPTIONS = 8;

/**
 * @param {string} kind that is chosen
 * @param {string[]} kinds that can be begun
 * @param {LessonChoice[]} lessons
 * @param {{ lesson: string, refusal: string, isBusy: boolean, replaces: boolean }} state
 */
export function preparePart(kind, kinds, lessons, { lesson, refusal, isBusy, replaces }) {
  const tabs = kinds.map((name) =>
    make("button", "class-kind", KINDS[name][0], {
      type: "button",
      "data-act": "kind",
      "data-kind": name,
      "aria-pressed": String(name === kind),
    }),
  );
  const [, words] = KINDS[kind];
  const fields = FIELDS[kind](lessons, lesson);
  return make(
    "section",
    "people-section class-prepare",
    undefined,
    { "data-key": "prepare" },
    make("h2", "", replaces ? "What comes next" : "Choose an activity"),
    make("div", "class-kinds", undefined, { role: "group", "aria-label": "Kind of activity" }, ...tabs),
    make(
      "form",
      "class-form",
      undefined,
      { "data-submit": "begin", "data-key": `${kind} ${kind === "vote" ? lesson : ""}` },
      make("p", "caption", words),
      ...fields,
      make("p", "refusal", refusal, { role: "alert" }),
      make(
        "div",
        "join-actions",
        undefined,
        {},
        make("button", "button", isBusy ? "Begins …" : "Begin", { type: "submit", ...flags({ disabled: isBusy }) }),
        replaces ? make("span", "caption", "It ends the activity that goes on now.") : "",
      ),
    ),
  );
}

/** @type {Record<string, (lessons: LessonChoice[], lesson: string) => Node[]>} */
const FIELDS = {
  vote: (lessons, lesson) => [
    ...lessonChoice(lessons, lesson, "A question of my own"),
    ...(lesson ? [questionChoice(lessons, lesson)] : ownQuestion()),
    check("twice", "Predict, talk, predict again", true),
    field("seconds", "A vote closes after (s)", { type: "number", min: "3", max: "3600", placeholder: "by my press" }),
  ],
  synapse: () => [
    field("rounds", "Rounds", { type: "number", min: "1", max: "200", value: "30", required: "" }),
    field("seconds", "A round closes after (s)", {
      type: "number",
      min: "3",
      max: "3600",
      value: "20",
      placeholder: "by my press",
    }),
    check("automatic", "The next round opens by itself", true),
    scene("empty: circles, and a weight for everybody"),
  ],
  table: () => [
    check("with_simulated", "Count simulated students too", false),
    field("iterations", "Iterations of each run", {
      type: "number",
      min: "256",
      max: "8192",
      value: "2048",
      required: "",
    }),
    field("seeds", "Runs of each policy", { type: "number", min: "2", max: "10", value: "5", required: "" }),
    scene("empty: that of Be a synapse"),
  ],
  pooled: () => [
    select(
      "varied",
      "What each student gets",
      Object.entries(VARIED).map(([name, words]) => [name, `a ${words}`]),
    ),
    field("values", "Values, dealt out in turn", { placeholder: "empty: a good choice", inputmode: "text" }),
    select("measure", "What is measured", [
      ["accuracy", "validation accuracy"],
      ["loss", "validation loss"],
    ]),
    field("iterations", "Iterations of each run", {
      type: "number",
      min: "256",
      max: "8192",
      value: "2048",
      required: "",
    }),
    check("each_starts", "Students start their own run", false),
    scene("empty: the playground's first scene"),
  ],
  lesson: (lessons, lesson) => lessonChoice(lessons, lesson, ""),
  free: () => [
    scene("empty: the playground as it opens; controls that the link hides or locks stay so"),
    field("note", "What to try, shown to all", { maxlength: "2000" }),
  ],
};

/** @param {string} name @param {string} words @param {Record<string, string>} attributes */
function field(name, words, attributes = {}) {
  const id = `class-${name}`;
  const input = make("input", "field", undefined, { id, name, autocomplete: "off", ...attributes });
  return make("label", "labelled", undefined, { for: id }, make("span", "", words), input);
}

/** @param {string} hint */
const scene = (hint) => field("scene", "Scene: a link of the playground", { placeholder: hint, maxlength: "8000" });

/** @param {string} name @param {string} words @param {boolean} isOn */
function check(name, words, isOn) {
  const box = make("input", "", undefined, {
    type: "checkbox",
    id: `class-${name}`,
    name,
    ...flags({ checked: isOn }),
  });
  return make("label", "check", undefined, { for: box.id }, box, make("span", "", words));
}

/** @param {string} name @param {string} words @param {[string, string][]} options @param {string} [chosen] */
function select(name, words, options, chosen) {
  const made = options.map(([value, text]) =>
    make("option", "", text, { value, ...flags({ selected: value === chosen }) }),
  );
  const id = `class-${name}`;
  const list = make("select", "field", undefined, { id, name, "data-change": name }, ...made);
  return make("label", "labelled", undefined, { for: id }, make("span", "", words), list);
}

/** @param {LessonChoice[]} lessons @param {string} lesson @param {string} none words for no lesson; "": one must be chosen */
function lessonChoice(lessons, lesson, none) {
  if (!lessons.length && !none) return [make("p", "", "This server has no lessons.")];
  /** @type {[string, string][]} */
  const options = lessons.map(({ id, title }) => [id, title]);
  return [select("lesson", none ? "Question of" : "Lesson", none ? [["", none], ...options] : options, lesson)];
}

/** @param {LessonChoice[]} lessons @param {string} lesson */
function questionChoice(lessons, lesson) {
  const found = lessons.find(({ id }) => id === lesson)?.questions ?? [];
  return select(
    "question_id",
    "Question",
    found.map(({ id, words }) => [id, words]),
  );
}

function ownQuestion() {
  const area = (/** @type {string} */ name, /** @type {string} */ words, /** @type {Record<string, string>} */ more) =>
    make(
      "label",
      "labelled class-long",
      undefined,
      { for: `class-${name}` },
      make("span", "", words),
      make("textarea", "field", undefined, { id: `class-${name}`, name, rows: "3", ...more }),
    );
  /** @type {[string, string][]} */
  const letters = Array.from({ length: MOST_OPTIONS }, (_, option) => [String(option), letter(option)]);
  return [
    area("question", "Question", { required: "", maxlength: "2000" }),
    area("options", "Options, one a line (2 to 8)", { required: "" }),
    select("right", "Right answer", [["", "there is none"], ...letters]),
    area("explanations", "Explanations, one a line; shown with the answer", { placeholder: "may stay empty" }),
  ];
}

// -- what a form sends

/**
 * The activity that a form describes.
 *
 * @param {string} kind @param {FormData} given @param {ReadScene} readScene
 * @returns {Promise<Body>}
 */
export async function activityOf(kind, given, readScene) {
  const words = (/** @type {string} */ name) => String(given.get(name) ?? "").trim();
  const whole = (/** @type {string} */ name) => (words(name) ? Number(words(name)) : null);
  const isOn = (/** @type {string} */ name) => given.get(name) !== null;
  const link = words("scene");
  switch (kind) {
    case "vote":
      return { kind, ...questionOf(words), twice: isOn("twice"), seconds: whole("seconds") };
    case "synapse":
      return {
        kind,
        rounds: whole("rounds"),
        seconds: whole("seconds"),
        automatic: isOn("automatic"),
        scene: link ? await readScene(link) : null,
      };
    case "table":
      return {
        kind,
        with_simulated: isOn("with_simulated"),
        iterations: whole("iterations"),
        seeds: whole("seeds"),
        scene: link ? await readScene(link) : null,
      };
    case "pooled":
      return {
        kind,
        varied: words("varied"),
        values: numbersOf(words("values")),
        measure: words("measure"),
        iterations: whole("iterations"),
        each_starts: isOn("each_starts"),
        scene: (link && (await readScene(link))) || {},
      };
    case "lesson":
      return { kind, lesson_id: words("lesson") };
    default:
      return { kind: "free", note: words("note"), address: link ? pathOf(link) : "/playground" };
  }
}

/** @param {(name: string) => string} words */
function questionOf(words) {
  if (words("lesson")) return { lesson_id: words("lesson"), question_id: words("question_id") || null };
  const explanations = lines(words("explanations"));
  return {
    question: words("question"),
    options: lines(words("options")),
    right: words("right") ? Number(words("right")) : null,
    explanations: explanations.length ? explanations : null,
  };
}

/** @param {string} text */
const lines = (text) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/**
 * Numbers parted by commas, semicolons or blanks; null where none are given. Throws an Error that names what is none.
 *
 * @param {string} text
 */
export function numbersOf(text) {
  const parts = text.split(/[;,\s]+/).filter(Boolean);
  const wrong = parts.find((part) => !Number.isFinite(Number(part)));
  if (wrong !== undefined)
    throw new Error(`Values: “${wrong}” is no number. Part numbers with commas: 0.01, 0.03, 0.1.`);
  return parts.length ? parts.map(Number) : null;
}

/**
 * Path and query of a link to this server, however it was copied. Throws an Error where it leads elsewhere.
 *
 * @param {string} link
 */
export function pathOf(link) {
  const found = /^(?:https?:\/\/[^/]+)?(\/.*)$/.exec(link);
  const root = url("/").slice(0, -1);
  const path = found && root && found[1].startsWith(`${root}/`) ? found[1].slice(root.length) : found?.[1];
  if (!path || !/^\/(playground|learn)([/?#]|$)/.test(path)) {
    throw new Error(
      "Scene: this is no link of the playground. There, “Copy link” gives one: it begins with /playground.",
    );
  }
  return path;
}
