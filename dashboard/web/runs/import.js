// @ts-nocheck
// Takes a bundle in: any button with data-import="bundle" asks for the file. What the file says goes onto the page as
// text, never as HTML.
import { navigate, url } from "../core/address.js";
import { make } from "../core/dom.js";

class ImportDialog {
  constructor(file) {
    this.element = make("dialog", "import-dialog", undefined, { "aria-labelledby": "import-title" });
    this.element.addEventListener("close", () => this.element.remove());
    document.body.append(this.element);
    this.element.showModal();
    this.send(file);
  }

  show(title, ...children) {
    this.element.replaceChildren(make("h2", "", title, { id: "import-title" }), ...children);
  }

  closing(words = "Close") {
    const button = make("button", "button-plain", words, { type: "button" });
    button.addEventListener("click", () => this.element.close());
    return button;
  }

  send(file) {
    const words = make("p", "now", "Sending …", { role: "status" });
    const bar = make("progress", "", undefined, { max: "1", value: "0", "aria-label": "Sent" });
    const request = new XMLHttpRequest(); // fetch can't tell how far an upload is
    request.open("POST", url("/api/v1/bundles"));
    request.upload.onprogress = (event) => {
      if (!event.lengthComputable) return;
      bar.value = event.loaded / event.total;
      words.textContent = event.loaded < event.total ? `Sending … ${Math.round(100 * bar.value)} %` : "Checking …";
      if (event.loaded === event.total) bar.removeAttribute("value");
    };
    request.onload = () => {
      let answer = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        answer = { detail: `The server answered ${request.status}.` };
      }
      if (request.status === 201) this.done(answer);
      else this.failed(answer.detail);
    };
    request.onerror = () => this.failed("The connection broke while sending. Nothing was imported; try again.");
    request.onabort = () => this.element.close();
    const cancel = make("button", "button-plain", "Cancel", { type: "button" });
    cancel.addEventListener("click", () => request.abort());
    this.show(`Importing ${file.name}`, words, bar, cancel);
    const form = new FormData();
    form.append("files", file);
    request.send(form);
  }

  failed(words) {
    this.show("Nothing was imported", make("p", "refusal", words, { role: "alert" }), this.closing());
  }

  done({ runs, missing_datasets: missing }) {
    const list = make("ul", "import-runs");
    for (const run of runs) {
      const entry = make("li");
      const link = make("a", "", run.name, { href: url(`/runs/${run.id}`) });
      link.addEventListener("click", (event) => this.go(event, `/runs/${run.id}`));
      entry.append(link);
      if (run.id !== run.original_id)
        entry.append(make("span", "now", " under a new id: a run here has that of the bundle"));
      list.append(entry);
    }
    const words = missing.map(
      ({ name }) => `The data set ${name} is not on this server: its runs can be looked at, not repeated.`,
    );
    const actions = make("div", "picker-actions");
    const compare = make("button", "button", runs.length === 1 ? "Open it" : "Compare them", { type: "button" });
    const ids = runs.slice(0, 50).map((run) => run.id);
    const path = runs.length === 1 ? `/runs/${ids[0]}` : `/compare?runs=${ids.join(",")}`;
    compare.addEventListener("click", (event) => this.go(event, path));
    actions.append(compare, this.closing());
    const title = runs.length === 1 ? "One run came in" : `${runs.length} runs came in`;
    this.show(title, list, ...words.map((one) => make("p", "caption", one)), actions);
    compare.focus();
  }

  go(event, path) {
    event.preventDefault();
    this.element.close();
    navigate(url(path));
  }
}

document.addEventListener("click", (event) => {
  if (!event.target.closest?.('[data-import="bundle"]')) return;
  const input = make("input", "", undefined, { type: "file", accept: ".zip,application/zip" });
  input.addEventListener("change", () => input.files.length && new ImportDialog(input.files[0]));
  input.click();
});
