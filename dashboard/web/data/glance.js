// What is in the files of an upload: its size, remarks, classes whose names can be changed, and some rows.
import { rowsTable, sizeWords, strip } from "../charts/samples.js";
import { make } from "../core/dom.js";
import * as format from "../core/format.js";
import { tableFrame } from "../core/table.js";

/** @import { DatasetClass, DatasetPreview } from "../types/schemas.js" */

const EDITABLE_CLASSES = 30; // beyond that names are changed through the API
const ROWS = { rows: 6, columns: 8 };

export class Glance {
  /** @param {DatasetPreview} preview */
  constructor(preview) {
    this.preview = preview;
    const [edited, rest] = [preview.classes.slice(0, EDITABLE_CLASSES), preview.classes.slice(EDITABLE_CLASSES)];
    this.fields = edited.map(nameField);
    this.rest = rest.map(({ name }) => name);
    const strips = make(
      "div",
      "strips editable",
      undefined,
      {},
      ...edited.map((one, i) => classRow(one, this.fields[i])),
    );
    if (rest.length)
      strips.append(make("p", "caption", `… and ${format.plural(rest.length, "more class", "more classes")}.`));
    this.parts = [
      make("p", "now", sizeWords(preview)),
      ...[preview.scaling, ...preview.remarks].map((words) => make("p", "caption", words)),
      strips,
      ...(preview.rows.length ? [tableFrame("dataset-table", "Some rows", rowsTable(preview, ROWS))] : []),
    ];
  }

  /** Names of all classes where one was changed; null where none was. */
  get changedNames() {
    const names = [...this.fields.map((field) => field.value), ...this.rest];
    return names.some((name, i) => name !== this.preview.classes[i].name) ? names : null;
  }
}

/**
 * @param {DatasetClass} one
 * @param {number} place
 */
function nameField({ name }, place) {
  const field = make("input", "field class-name", undefined, { "aria-label": `Name of class ${place + 1}` });
  field.value = name;
  return field;
}

/**
 * @param {DatasetClass} one
 * @param {HTMLInputElement} field
 */
function classRow(one, field) {
  const row = make("div", "strip-row", undefined, {}, field, make("span", "now", format.count(one.samples)));
  const picture = strip(one);
  if (picture) row.append(picture);
  return row;
}
