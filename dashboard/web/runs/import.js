// Imports a bundle: any button with data-import="bundle" asks for the file.
import { navigate, url } from "../core/address.js";
import { messageOf } from "../core/api.js";
import { button, make } from "../core/dom.js";
import { upload } from "../core/upload.js";
import { mostCompared } from "./chosen.js";

/** @import { BundleImported } from "../types/schemas.js" */

class ImportDialog {
  /** @param {File} file */
  constructor(file) {
    this.element = make("dialog", "import-dialog", undefined, { "aria-labelledby": "import-title" });
    this.element.addEventListener("close", () => this.element.remove());
    document.body.append(this.element);
    this.element.showModal();
    void this.send(file);
  }

  /**
   * @param {string} title
   * @param {Node[]} children
   */
  show(title, ...children) {
    this.element.replaceChildren(make("h2", "", title, { id: "import-title" }), ...children);
  }

  closeButton() {
    return button("button-plain", "Close", () => this.element.close());
  }

  /** @param {File} file */
  async send(file) {
    const form = new FormData();
    form.append("files", file);
    const broken = "The connection broke while sending. Nothing was imported; try again.";
    /** @type {import("../core/upload.js").Upload<BundleImported>} */
    const { parts, answer } = upload("/api/v1/bundles", form, { sent: "Checking …", broken });
    this.show(`Importing ${file.name}`, ...parts);
    try {
      const imported = await answer;
      if (imported) this.showRuns(imported);
      else this.element.close();
    } catch (error) {
      const refusal = make("p", "refusal", messageOf(error), { role: "alert" });
      this.show("Nothing was imported", refusal, this.closeButton());
    }
  }

  /** @param {BundleImported} imported */
  showRuns({ runs, missing_datasets: missing }) {
    const list = make("ul", "import-runs");
    for (const run of runs) {
      const link = make("a", "", run.name, { href: url(`/runs/${run.id}`) });
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.go(`/runs/${run.id}`);
      });
      const entry = make("li", "", undefined, {}, link);
      if (run.id !== run.original_id) {
        entry.append(make("span", "now", " under a new id: a run here has that of the bundle"));
      }
      list.append(entry);
    }
    const notes = missing.map(({ name }) => {
      const words = `The data set ${name} is not on this server: its runs can be looked at, not repeated.`;
      return make("p", "caption", words);
    });
    const ids = runs.slice(0, mostCompared()).map((run) => run.id);
    const isOne = runs.length === 1;
    const open = button("button", isOne ? "Open it" : "Compare them", () =>
      this.go(isOne ? `/runs/${ids[0]}` : `/compare?runs=${ids.join(",")}`),
    );
    const actions = make("div", "picker-actions", undefined, {}, open, this.closeButton());
    this.show(isOne ? "One run came in" : `${runs.length} runs came in`, list, ...notes, actions);
    open.focus();
  }

  /** @param {string} path */
  go(path) {
    this.element.close();
    navigate(path);
  }
}

/** Listens on the document: the buttons come and go with their pages. */
export function watchImports() {
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element) || !target.closest('[data-import="bundle"]')) return;
    const input = make("input", "", undefined, { type: "file", accept: ".zip,application/zip" });
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      if (file) new ImportDialog(file);
    });
    input.click();
  });
}
