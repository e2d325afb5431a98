// The dialogs of a run's head: for how much longer to train, and whether to begin anew.
import { openDialog } from "../core/dialog.js";
import { button, labelled, make } from "../core/dom.js";
import * as format from "../core/format.js";
import { pageData } from "../core/page_data.js";
import { isFinal } from "../core/status.js";

/** @import { RunRead } from "../types/schemas.js" */
/** @import { RunHead } from "./head.js" */
/** @import { Guess } from "./head_actions.js" */

/**
 * Ask for how much longer to train.
 *
 * @param {RunHead} head
 * @param {RunRead} run
 */
export function askLength(head, run) {
  const input = make("input", "field", undefined, {
    id: "run-extend-by",
    type: "number",
    min: "1",
    max: String(pageData().limits.iterations),
    step: "1",
  });
  const from = isFinal(run.status) ? run.iteration : run.iterations;
  // A run that was stopped goes on to its goal, unless somebody says otherwise; where somebody did, its schedules still
  // have the length that was asked for first.
  const goal = Math.max(run.iterations, run.config.schedule_iterations ?? 0);
  const left = goal - from;
  input.value = String(left > 0 ? left : run.config.schedule_iterations || run.config.iterations);
  const words = "How many more iterations";
  const end = make("p", "caption", "", { id: "run-extend-end", "aria-live": "polite" });
  const toGoal = button("button-plain", `To its goal: ${format.count(left)} more`, () => {
    input.value = String(left);
    sayEnd();
  });
  toGoal.hidden = left <= 0;
  const sayEnd = () => {
    const more = Number(input.value);
    const ending = Number.isInteger(more) && more > 0 ? `It then ends at iteration ${format.count(from + more)}. ` : "";
    end.textContent = ending + (left > 0 ? `Its goal was ${format.count(goal)}.` : "");
  };
  input.addEventListener("input", sayEnd);
  sayEnd();
  const save = () => {
    const more = Number(input.value);
    if (!Number.isInteger(more) || more < 1) throw new Error("Give a whole number of iterations, 1 or more.");
    const isOver = isFinal(run.status);
    /** @type {Guess} */
    const guess = { iterations: (isOver ? run.iteration : run.iterations) + more };
    if (isOver) guess.status = "queued";
    const body = { iterations: more, from_iterations: run.iterations };
    void head.post("extend", body, guess, `Extended by ${format.count(more)} iterations.`);
  };
  const parts = [labelled(words, input), end, toGoal];
  head.dialog = openDialog({ title: "Train for longer", parts, verb: "Extend", save });
}

/** @param {RunHead} head */
export function askRewind(head) {
  const words =
    "Training begins anew from the same first weights and seed. " +
    "The curves, the snapshots and the mistakes of this run are cleared.";
  head.dialog = openDialog({
    title: "Rewind to iteration 0?",
    parts: [make("p", "", words)],
    verb: "Rewind",
    className: "button button-danger",
    save: () => {
      void head.post("rewind", undefined, { status: "queued", iteration: 0 }, "Rewound to iteration 0.");
    },
  });
}
