// The actions in the head of a run's page: what each is called, when it is offered, and what it does.
import { navigate } from "../core/address.js";
import { byId, mayChange } from "../core/dom.js";
import { askLength, askRewind } from "./head_dialogs.js";

/** @import { RunRead } from "../types/schemas.js" */
/** @import { RunHead } from "./head.js" */

/** @typedef {Partial<RunRead>} Guess what the server will have made of the run */

/**
 * @typedef {object} HeadAction
 * @property {string} words
 * @property {(run: RunRead) => boolean} [when] otherwise it is offered if the server allows it
 * @property {(head: RunHead, run: RunRead) => void} act
 */

/**
 * An action that the server does at once; `guess` is what the run looks like from the click on until it has answered.
 *
 * @param {string} action
 * @param {string} words
 * @param {Guess} running of a run that trains
 * @param {Guess} resting of any other
 * @returns {HeadAction}
 */
function simple(action, words, running, resting) {
  const news = `${words} was asked for.`;
  return {
    words,
    act: (head, run) => void head.post(action, undefined, run.status === "running" ? running : resting, news),
  };
}

/** @type {Record<string, HeadAction>} in the order of the page */
export const ACTIONS = {
  pause: simple("pause", "Pause", { requested: "pause" }, { status: "paused" }),
  resume: simple("resume", "Resume", { requested: null }, { status: "queued" }),
  stop: simple("stop", "Stop", { requested: "stop" }, { status: "stopped" }),
  extend: { words: "Extend", act: askLength },
  clone: { words: "Clone", act: (_, run) => navigate(`/new?from=${encodeURIComponent(run.id)}`) },
};

/**
 * Behind "More": a click that was meant for a neighbour must not take a run away.
 *
 * @type {Record<string, HeadAction>}
 */
const MORE = {
  policy: {
    words: "Store its policy",
    when: (run) => run.config.method === "synaptic" && (learnsPolicy(run) || bringsPolicy()) && mayStore(run),
    act: (head, run) => void head.storePolicy(run, {}),
  },
  freeze: {
    words: "Store its policy, frozen",
    when: (run) => run.config.method === "synaptic" && learnsPolicy(run) && mayStore(run),
    act: (head, run) => void head.storePolicy(run, { frozen: true }),
  },
  archive: {
    words: "Archive",
    when: (run) => !run.archived && mayChange(run),
    act: (head, run) => void head.archive(run),
  },
  unarchive: {
    words: "Take back from the archive",
    when: (run) => run.archived && mayChange(run),
    act: (head, run) => void head.archive(run),
  },
  rewind: { words: "Rewind …", act: (head) => askRewind(head) },
  delete: { words: "Delete", act: (head) => void head.remove() },
};

/** @param {RunRead} run */
const learnsPolicy = (run) => run.config.adaptive === true;

/** Whether the run uses a table that does not ship, as runs of bundles do. */
const bringsPolicy = () => byId("run-page").dataset.bringsPolicy === "true";

/**
 * Whether there is a learned table that the person who looks may store.
 *
 * @param {RunRead} run
 */
const mayStore = (run) => run.iteration > 0 && document.body.dataset.role !== "viewer";

/**
 * What "More" offers for a run as it stands.
 *
 * @param {RunRead} run
 */
export function offered(run) {
  return Object.entries(MORE).filter(([name, { when }]) => (when ? when(run) : run.allowed_actions.includes(name)));
}
