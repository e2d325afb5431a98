// @ts-nocheck
// The page of the data: sends files, shows what is in them, keeps, names and deletes data sets, starts runs on them.
// Whatever comes from a file or a person goes onto the page as text, never as HTML.
import { navigate, url } from "../core/address.js";
import { call } from "../core/api.js";
import { make } from "../core/dom.js";

const API = "/api/v1/datasets";
const EDITABLE_CLASSES = 30; // beyond that names are changed through the API
const LISTED_COLUMNS = 200; // beyond that columns are left out through the API
// Choices that give the columns other names: what was chosen by a name means nothing then.
const RENAMING = new Set(["separator", "encoding", "header", "orientation"]);

function form(fields) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) [].concat(value).forEach((one) => data.append(name, one));
  return data;
}

class UploadPanel {
  constructor(element, maxBytes) {
    this.element = element;
    this.maxBytes = maxBytes;
    this.choose();
  }

  show(...children) {
    this.element.replaceChildren(...children);
  }

  // -- no file yet

  choose(problem) {
    this.upload = null;
    this.chosen = {};
    const input = make("input", "visually-hidden", undefined, { type: "file", multiple: "", id: "upload-files" });
    input.addEventListener("change", () => input.files.length && this.send([...input.files]));
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
      if (event.dataTransfer.files.length) this.send([...event.dataTransfer.files]);
    });
    this.show(input, drop, this.refusal(problem));
  }

  refusal(words) {
    return make("p", "refusal", words || "", { role: "alert" });
  }

  // -- on its way

  send(files) {
    const total = files.reduce((sum, file) => sum + file.size, 0);
    if (files.length > 2) return this.choose(`${files.length} files were chosen. Bring one data set at a time.`);
    if (total > this.maxBytes) {
      const mib = (bytes) => `${Math.ceil(bytes / 2 ** 20).toLocaleString("en")} MiB`;
      return this.choose(
        `These are ${mib(total)}; at most ${mib(this.maxBytes)} can be sent (SYNRL_MAX_UPLOAD_BYTES).`,
      );
    }
    const words = make("p", "now", "Sending …", { role: "status" });
    const bar = make("progress", "", undefined, { max: "1", value: "0", "aria-label": "Sent" });
    const cancel = make("button", "button-plain", "Cancel", { type: "button" });
    // fetch can't tell how far an upload is.
    const request = new XMLHttpRequest();
    request.open("POST", url(`${API}/preview`));
    request.upload.onprogress = (event) => {
      if (!event.lengthComputable) return;
      bar.value = event.loaded / event.total;
      words.textContent = event.loaded < event.total ? `Sending … ${Math.round(100 * bar.value)} %` : "Reading …";
      if (event.loaded === event.total) bar.removeAttribute("value");
    };
    request.onload = () => {
      let answer = null;
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        answer = { detail: `The server answered ${request.status}.` };
      }
      if (request.status === 200) this.review(answer);
      else this.choose(answer.detail);
    };
    request.onerror = () => this.choose("The connection broke while sending. Nothing was kept; try again.");
    request.onabort = () => this.choose();
    cancel.addEventListener("click", () => request.abort());
    this.show(words, bar, cancel);
    request.send(form({ files }));
    return undefined;
  }

  // -- seen, not yet kept

  review(seen, focused) {
    this.upload = seen.upload;
    const name = make("input", "field", undefined, { id: "upload-name", maxlength: "200", autocomplete: "off" });
    name.value = this.name === undefined ? seen.name : this.name;
    name.addEventListener("input", () => (this.name = name.value));
    const problem = this.refusal(seen.problem);
    const parts = [make("h3", "", `Before it is kept: ${seen.files.join(" and ")}`), this.labelled("Name", name)];
    if (seen.columns.length) parts.push(this.columns(seen));
    if (seen.choices.length || seen.columns.length) parts.push(this.reading(seen));
    parts.push(problem);
    if (seen.preview) parts.push(...this.glance(seen.preview));
    const actions = make("div", "dataset-actions");
    const keep = make("button", "button", "Keep it", { type: "button" });
    keep.disabled = !seen.preview;
    keep.addEventListener("click", () => this.keep(seen, name.value, keep, problem));
    const leave = make("button", "button-plain", "Discard", { type: "button" });
    leave.addEventListener("click", () => {
      call("DELETE", `${API}/uploads/${seen.upload}`).catch(() => {});
      this.name = undefined;
      this.choose();
    });
    actions.append(keep, leave);
    this.show(...parts, actions);
    (document.getElementById(focused) || name).focus();
  }

  // Look at the same files again, read in another way; what was seen stays if that can't be.
  async look(changes, control) {
    const before = this.chosen;
    this.chosen = { ...before, ...changes };
    if (Object.keys(changes).some((field) => RENAMING.has(field))) {
      delete this.chosen.label_column;
      delete this.chosen.ignored_columns;
    }
    for (const field of this.element.querySelectorAll("select, button")) field.disabled = true;
    try {
      const seen = await call("POST", `${API}/preview`, form({ upload: this.upload, ...this.chosen }));
      this.review(seen, control.id);
    } catch (error) {
      this.chosen = before;
      this.choose(error.message);
    }
  }

  labelled(words, control) {
    const label = make("label", "labelled", undefined, { for: control.id });
    label.append(make("span", "", words), control);
    return label;
  }

  columns(seen) {
    const select = make("select", "field", undefined, { id: "upload-column" });
    if (!seen.label_column) select.append(new Option("Choose …", ""));
    seen.columns.forEach((column) => select.append(new Option(column, column, false, column === seen.label_column)));
    select.addEventListener("change", () => this.look({ label_column: select.value }, select));
    return this.labelled("Column that holds the class", select);
  }

  // Every way in which a file may be read, as it was guessed or chosen.
  reading(seen) {
    const group = make("fieldset", "reading");
    group.append(make("legend", "", "How it is read"));
    for (const choice of seen.choices) {
      const select = make("select", "field", undefined, { id: `upload-${choice.field}` });
      if (!choice.value) select.append(new Option("nothing tells", ""));
      for (const { value, title } of choice.options) {
        const words = value === choice.value && choice.guessed ? `${title} (guessed)` : title;
        select.append(new Option(words, value, false, value === choice.value));
      }
      select.addEventListener("change", () => this.look({ [choice.field]: select.value }, select));
      group.append(this.labelled(choice.title, select));
    }
    const others = seen.columns.filter((column) => column !== seen.label_column);
    if (others.length > 1 && others.length <= LISTED_COLUMNS) {
      const left = make("select", "field", undefined, { id: "upload-ignored", multiple: "", size: "3" });
      for (const column of others) {
        left.append(new Option(column, column, false, seen.ignored_columns.includes(column)));
      }
      left.addEventListener("change", () => {
        this.look({ ignored_columns: [...left.selectedOptions].map((option) => option.value) }, left);
      });
      group.append(this.labelled("Columns left out", left));
    }
    return group;
  }

  glance(preview) {
    const shape = preview.sample_shape.join(" × ");
    const unit = preview.sample_shape.length === 2 ? "pixels" : "inputs";
    const count = (number) => number.toLocaleString("en");
    const size = `${count(preview.samples)} samples · ${shape} ${unit} · ${count(preview.classes.length)} classes`;
    const notes = [preview.scaling, ...preview.remarks].map((words) => make("p", "caption", words));
    const strips = make("div", "strips editable");
    this.classes = [];
    preview.classes.slice(0, EDITABLE_CLASSES).forEach((one, place) => {
      const row = make("div", "strip-row");
      const name = make("input", "field class-name", undefined, { "aria-label": `Name of class ${place + 1}` });
      name.value = one.name;
      this.classes.push(name);
      row.append(name, make("span", "now", count(one.samples)));
      if (one.picture)
        row.append(make("img", "strip", undefined, { src: one.picture, alt: `Samples of class ${one.name}` }));
      strips.append(row);
    });
    if (preview.classes.length > EDITABLE_CLASSES)
      strips.append(make("p", "caption", `… and ${preview.classes.length - EDITABLE_CLASSES} more classes.`));
    const rest = preview.classes.slice(EDITABLE_CLASSES).map((one) => one.name);
    this.classNames = () => [...this.classes.map((input) => input.value), ...rest];
    return [make("p", "now", size), ...notes, strips, ...(preview.rows.length ? [this.table(preview)] : [])];
  }

  table(preview) {
    const frame = make("div", "dataset-table", undefined, { tabindex: "0", role: "region", "aria-label": "Some rows" });
    const table = make("table");
    const head = make("tr");
    ["class", ...preview.feature_names.slice(0, 8)].forEach((name) => head.append(make("th", "", name)));
    table.append(head);
    preview.rows.slice(0, 6).forEach((row) => {
      const line = make("tr");
      line.append(make("th", "", row.class_name));
      row.values.slice(0, 8).forEach((value) => line.append(make("td", "", Number(value.toPrecision(6)))));
      table.append(line);
    });
    frame.append(table);
    return frame;
  }

  async keep(seen, name, button, problem) {
    button.disabled = true;
    button.textContent = "Keeping …";
    const names = this.classNames();
    const changed = names.some((one, place) => one !== seen.preview.classes[place].name);
    const fields = { ...this.chosen, upload: seen.upload, name };
    if (seen.label_column) fields.label_column = seen.label_column;
    // A single name would be taken for a list.
    if (changed) fields.class_names = names;
    try {
      const kept = await call("POST", API, form(fields));
      window.location.assign(url(`/datasets#dataset-${kept.id}`));
      window.location.reload();
    } catch (error) {
      problem.textContent = error.message;
      button.disabled = false;
      button.textContent = "Keep it";
    }
  }
}

// Defaults that suit the kind of data: pixels straight to classes show what is learned, little else needs much.
function configuration(card) {
  const { dataset, pictures } = card.dataset;
  if (pictures === "true") return { dataset, hidden_layers: dataset === "digits" ? [32] : [], iterations: 10000 };
  return { dataset, hidden_layers: [16], iterations: 5000 };
}

async function train(card, button) {
  button.disabled = true;
  const body = { config: configuration(card) };
  try {
    const run = await call("POST", "/api/v1/runs", body);
    navigate(`/runs/${run.id}`);
  } catch (error) {
    card.querySelector(".refusal").textContent = error.message;
    button.disabled = false;
  }
}

// Asked twice: what is deleted is gone.
async function remove(card, button) {
  if (button.dataset.asked !== "yes") {
    button.dataset.asked = "yes";
    button.textContent = "Delete for good";
    button.addEventListener(
      "blur",
      () => {
        button.dataset.asked = "";
        button.textContent = "Delete";
      },
      { once: true },
    );
    return;
  }
  try {
    await call("DELETE", `${API}/${card.dataset.dataset}`);
    card.hidden = true;
  } catch (error) {
    card.querySelector(".refusal").textContent = error.message;
  }
}

function rename(card, button) {
  const heading = card.querySelector(".dataset-name");
  const field = make("input", "field", undefined, { "aria-label": "Name", maxlength: "200" });
  field.value = card.dataset.name;
  const done = async (keep) => {
    if (!field.isConnected) return;
    const before = card.dataset.name;
    if (keep && field.value.trim() && field.value !== before) {
      try {
        const body = { name: field.value };
        const renamed = await call("PATCH", `${API}/${card.dataset.dataset}`, body);
        card.dataset.name = renamed.name;
        heading.textContent = renamed.name;
      } catch (error) {
        card.querySelector(".refusal").textContent = error.message;
      }
    }
    field.remove();
    heading.hidden = false;
    button.focus();
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Escape") done(event.key === "Enter");
  });
  field.addEventListener("blur", () => done(true));
  heading.hidden = true;
  heading.after(field);
  field.select();
}

export function mountDatasets() {
  const page = document.getElementById("datasets-page");
  new UploadPanel(document.getElementById("upload-panel"), Number(page.dataset.maxBytes));
  page.addEventListener("click", (event) => {
    const button = event.target.closest("article button");
    if (!button) return;
    const card = button.closest("article");
    if (button.classList.contains("train")) train(card, button);
    if (button.classList.contains("rename")) rename(card, button);
    if (button.classList.contains("delete")) remove(card, button);
  });
  const chosen = window.location.hash && document.getElementById(window.location.hash.slice(1));
  if (chosen) chosen.scrollIntoView({ block: "center" });
  document.body.dataset.datasets = page.querySelectorAll("article").length;
}
