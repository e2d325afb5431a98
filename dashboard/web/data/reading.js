// Choices of how the files of an upload are read, as they were guessed or chosen.
import { labelled, make } from "../core/dom.js";

/** @import { ReadingChoice, UploadPreview } from "../types/schemas.js" */
/** @typedef {Record<string, string | string[]>} Reading values of chosen fields */
/** @typedef {(changes: Reading, control: HTMLElement) => void} Chosen */

const LISTED_COLUMNS = 200; // beyond that columns are left out through the API
// Choices that give the columns other names: what was chosen by a name means nothing then.
const RENAMING = new Set(["separator", "encoding", "header", "orientation"]);

/**
 * What was chosen, with changes.
 *
 * @param {Reading} before
 * @param {Reading} changes
 * @returns {Reading}
 */
export function withChanges(before, changes) {
  const after = { ...before, ...changes };
  if (Object.keys(changes).some((field) => RENAMING.has(field))) {
    delete after.label_column;
    delete after.ignored_columns;
  }
  return after;
}

/**
 * The choice of the column that holds the class.
 *
 * @param {UploadPreview} seen
 * @param {Chosen} chosen
 */
export function labelColumn({ columns, label_column: label }, chosen) {
  const select = make("select", "field", undefined, { id: "upload-column" });
  if (!label) select.append(new Option("Choose …", ""));
  for (const column of columns) select.append(new Option(column, column, false, column === label));
  select.addEventListener("change", () => chosen({ label_column: select.value }, select));
  return labelled("Column that holds the class", select);
}

/**
 * All other choices.
 *
 * @param {UploadPreview} seen
 * @param {Chosen} chosen
 */
export function readingChoices(seen, chosen) {
  const group = make("fieldset", "reading", undefined, {}, make("legend", "", "How it is read"));
  for (const choice of seen.choices) group.append(labelled(choice.title, choiceOf(choice, chosen)));
  const others = seen.columns.filter((column) => column !== seen.label_column);
  if (others.length > 1 && others.length <= LISTED_COLUMNS) {
    group.append(labelled("Columns left out", leftOut(others, seen.ignored_columns, chosen)));
  }
  return group;
}

/**
 * @param {ReadingChoice} choice
 * @param {Chosen} chosen
 */
function choiceOf({ field, guessed, options, value: current }, chosen) {
  const select = make("select", "field", undefined, { id: `upload-${field}` });
  if (!current) select.append(new Option("nothing tells", ""));
  for (const { title, value } of options) {
    const words = value === current && guessed ? `${title} (guessed)` : title;
    select.append(new Option(words, value, false, value === current));
  }
  select.addEventListener("change", () => chosen({ [field]: select.value }, select));
  return select;
}

/**
 * @param {string[]} columns
 * @param {string[]} ignored
 * @param {Chosen} chosen
 */
function leftOut(columns, ignored, chosen) {
  const select = make("select", "field", undefined, { id: "upload-ignored", multiple: "", size: "3" });
  for (const column of columns) select.append(new Option(column, column, false, ignored.includes(column)));
  select.addEventListener("change", () => {
    chosen({ ignored_columns: [...select.selectedOptions].map((option) => option.value) }, select);
  });
  return select;
}
