// Panel to bring data with: sends files, shows what is in them and how they were read, and keeps them as a data set. What
// comes from a file or a person goes onto the page as text, never as HTML.
import { url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { button, labelled, make } from "../core/dom.js";
import { pageData } from "../core/page_data.js";
import { upload } from "../core/upload.js";
import { DATASETS, formOf } from "./api.js";
import { Glance } from "./glance.js";
import { labelColumn, readingChoices, withChanges } from "./reading.js";

/** @import { Upload } from "../core/upload.js" */
/** @import { DatasetRead, UploadPreview } from "../types/schemas.js" */
/** @import { Reading } from "./reading.js" */

const MIB = 2 ** 20;
const MOST_FILES = 2; // an IDX pair
const SENDING = { sent: "Reading …", broken: "The connection broke while sending. Nothing was kept; try again." };

export class UploadPanel {
  /**
   * @param {HTMLElement} element
   * @param {number} maxBytes
   */
  constructor(element, maxBytes) {
    this.element = element;
    this.maxBytes = maxBytes;
    /** @type {Reading} */
    this.chosen = {};
    /** @type {string | undefined} name that was typed */
    this.name = undefined;
    this.choose();
  }

  /**
   * No file yet, or none any more.
   *
   * @param {string} [problem]
   */
  choose(problem) {
    this.chosen = {};
    const input = make("input", "visually-hidden", undefined, { type: "file", multiple: "", id: "upload-files" });
    input.addEventListener("change", () => this.receive(input.files));
    const drop = make("label", "drop", undefined, { for: "upload-files" });
    drop.append(make("span", "button", "Choose files"), make("span", "quiet", "or drop them here"));
    drop.addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      this.receive(event.dataTransfer?.files);
    });
    this.element.replaceChildren(input, drop, refusal(problem));
  }

  /** @param {FileList | null | undefined} files */
  receive(files) {
    if (files?.length) void this.send([...files]);
  }

  /** @param {File[]} files */
  async send(files) {
    const problem = this.problemOf(files);
    if (problem) {
      this.choose(problem);
      return;
    }
    /** @type {Upload<UploadPreview>} */
    const { answer, parts } = upload(`${DATASETS}/preview`, formOf({ files }), SENDING);
    this.element.replaceChildren(...parts);
    try {
      const seen = await answer;
      if (seen) this.review(seen);
      else this.choose();
    } catch (error) {
      this.choose(messageOf(error));
    }
  }

  /**
   * Why files can't be sent; empty if they can.
   *
   * @param {File[]} files
   */
  problemOf(files) {
    if (files.length > MOST_FILES) return `${files.length} files were chosen. Bring one data set at a time.`;
    const total = files.reduce((sum, file) => sum + file.size, 0);
    if (total <= this.maxBytes) return "";
    return `These are ${mib(total)}; at most ${mib(this.maxBytes)} can be sent (SYNRL_MAX_UPLOAD_BYTES).`;
  }

  /**
   * Show what is in the files, before they are kept.
   *
   * @param {UploadPreview} seen
   * @param {string} [focused] id of the control that was used
   */
  review(seen, focused = "") {
    const { name: limit } = pageData().limits;
    const name = make("input", "field", undefined, {
      id: "upload-name",
      maxlength: String(limit),
      autocomplete: "off",
    });
    name.value = this.name ?? seen.name;
    name.addEventListener("input", () => {
      this.name = name.value;
    });
    const renew = (/** @type {Reading} */ changes, /** @type {HTMLElement} */ { id }) =>
      void this.readAgain(seen.upload, changes, id);
    const glance = seen.preview ? new Glance(seen.preview) : null;
    const problem = refusal(seen.problem);
    const keep = button("button", "Keep it", () => void this.keep(seen, glance, name.value, keep, problem));
    keep.disabled = !glance;
    const discard = button("button-plain", "Discard", () => this.discard(seen.upload));
    const isRead = seen.choices.length > 0 || seen.columns.length > 0;
    this.element.replaceChildren(
      make("h3", "", `Before it is kept: ${seen.files.join(" and ")}`),
      labelled("Name", name),
      ...(seen.columns.length ? [labelColumn(seen, renew)] : []),
      ...(isRead ? [readingChoices(seen, renew)] : []),
      problem,
      ...(glance?.parts ?? []),
      make("div", "dataset-actions", undefined, {}, keep, discard),
    );
    const controls = [...this.element.querySelectorAll(/** @type {"select"} */ ("select"))];
    (controls.find(({ id }) => id === focused) ?? name).focus();
  }

  /**
   * Read the same files again, in another way.
   *
   * @param {string} uploaded
   * @param {Reading} changes
   * @param {string} focused id of the control that was used
   */
  async readAgain(uploaded, changes, focused) {
    const before = this.chosen;
    this.chosen = withChanges(before, changes);
    for (const control of this.element.querySelectorAll(/** @type {"select"} */ ("select, button"))) {
      control.disabled = true;
    }
    try {
      /** @type {UploadPreview} */
      const seen = await call("POST", `${DATASETS}/preview`, formOf({ upload: uploaded, ...this.chosen }));
      this.review(seen, focused);
    } catch (error) {
      this.choose(messageOf(error));
    }
  }

  /** @param {string} uploaded */
  discard(uploaded) {
    // A file that stays for now is removed by the server within the hour.
    call("DELETE", `${DATASETS}/uploads/${uploaded}`).catch(() => {});
    this.name = undefined;
    this.choose();
  }

  /**
   * @param {UploadPreview} seen
   * @param {Glance | null} glance
   * @param {string} name
   * @param {HTMLButtonElement} pressed
   * @param {HTMLElement} problem
   */
  async keep(seen, glance, name, pressed, problem) {
    pressed.disabled = true;
    pressed.textContent = "Keeping …";
    /** @type {Record<string, string | string[]>} */
    const fields = { ...this.chosen, upload: seen.upload, name };
    if (seen.label_column) fields.label_column = seen.label_column;
    const names = glance?.changedNames;
    if (names) fields.class_names = names;
    try {
      /** @type {DatasetRead} */
      const kept = await call("POST", DATASETS, formOf(fields));
      window.location.assign(url(`/datasets#dataset-${kept.id}`));
      window.location.reload();
    } catch (error) {
      problem.textContent = messageOf(error);
      pressed.disabled = false;
      pressed.textContent = "Keep it";
    }
  }
}

/** @param {string | null} [words] */
const refusal = (words) => make("p", "refusal", words ?? "", { role: "alert" });

/** @param {number} bytes */
const mib = (bytes) => `${Math.ceil(bytes / MIB).toLocaleString("en")} MiB`;
