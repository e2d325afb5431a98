// The bar of actions on the chosen runs.
import { hasPage, navigate } from "../core/address.js";
import { button, byId, make } from "../core/dom.js";
import * as format from "../core/format.js";
import { pageData } from "../core/page_data.js";
import { actOnRuns, deleteRuns, purgeRuns, tagRuns } from "./actions.js";
import { chosen, comparisonOfChosen, mostCompared } from "./chosen.js";

/** @import { Action } from "./actions.js" */

const COMPARABLE = 2; // least runs of a comparison

/**
 * @typedef {object} BulkListener
 * @property {() => void} chooseAll
 * @property {() => void} chooseNone
 */

export class BulkBar {
  /** @param {BulkListener} listener */
  constructor({ chooseAll, chooseNone }) {
    this.words = make("strong");
    this.hidden = make("span", "not-shown");
    this.all = viewButton("Choose all", chooseAll, "active archived trash", "link-button");
    this.compare = hasPage("/compare")
      ? viewButton("Compare", () => navigate(comparisonOfChosen()), "active archived", "button")
      : null;
    /** @type {(action: Action) => () => void} */
    const act = (action) => () => void actOnRuns(action, chosen.ids());
    byId("runs-bulk").replaceChildren(
      this.words,
      this.hidden,
      this.all,
      ...(this.compare ? [this.compare] : []),
      viewButton("Pause", act("pause"), "active"),
      viewButton("Resume", act("resume"), "active"),
      viewButton("Stop", act("stop"), "active"),
      viewButton("Tag …", () => tagRuns(chosen.ids()), "active archived"),
      viewButton("Archive", act("archive"), "active"),
      viewButton("Take back", act("unarchive"), "archived"),
      viewButton("Delete", () => void deleteRuns(chosen.ids()), "active archived"),
      viewButton("Restore", act("restore"), "trash"),
      viewButton("Delete for good", () => void purgeRuns(chosen.ids()), "trash"),
      viewButton("Choose none", chooseNone, "active archived trash", "link-button"),
    );
  }

  /** @param {number} matching runs that the filters choose */
  show(matching) {
    this.words.textContent = `${format.count(chosen.size)} chosen`;
    const all = Math.min(matching, pageData().limits.at_once);
    this.all.textContent = `Choose all ${format.count(all)}`;
    this.all.hidden = chosen.size >= all;
    if (!chosen.size) this.showHidden(0);
    if (!this.compare) return;
    const most = mostCompared();
    this.compare.disabled = chosen.size < COMPARABLE || chosen.size > most;
    this.compare.title = this.compare.disabled ? `From ${COMPARABLE} to ${most} runs can be compared.` : "";
  }

  /** @param {number} hidden chosen runs that the filters don't show: what is pressed here takes them too */
  showHidden(hidden) {
    this.hidden.textContent = hidden ? `${format.count(hidden)} not shown by these filters` : "";
  }
}

/**
 * A button that is shown in some of the places where runs are.
 *
 * @param {string} words
 * @param {() => void} pressed
 * @param {string} views
 */
function viewButton(words, pressed, views, className = "button-plain") {
  const made = button(className, words, pressed);
  made.dataset.view = views;
  return made;
}
