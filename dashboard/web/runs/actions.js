// @ts-nocheck
// What is done with runs from lists and menus: one request for all of them, what became of it in words, and the way
// back. The words stay until they are answered: an undo that vanishes by itself is none.
import { hasPage, navigate } from "../core/address.js";
import { call } from "../core/api.js";
import { button, labelled, make, mayChange, writing } from "../core/dom.js";
import * as format from "../core/format.js";
import { openMenu } from "../core/menu.js";
import { changed } from "./changes.js";
import { chosen } from "./chosen.js";

const MOST_AT_ONCE = 1000; // the server's limit of one request
const DONE = {
  pause: "paused",
  resume: "queued again",
  stop: "stopped",
  archive: "archived",
  unarchive: "taken back from the archive",
  delete: "moved to the trash",
  restore: "restored",
  tag: "tagged",
  untag: "untagged",
};
const BACK = {
  archive: "unarchive",
  unarchive: "archive",
  delete: "restore",
  restore: "delete",
  tag: "untag",
  untag: "tag",
};
// Actions that take a run out of the view it is in.
const MOVES = new Set(["archive", "unarchive", "delete", "restore"]);
let undo = null; // what Ctrl+Z does now

const runs = (count) => `${format.count(count)} ${count === 1 ? "run" : "runs"}`;

// Say what became of something, with the way back if there is one.
export function say(words, back) {
  const news = document.getElementById("news");
  undo = back || null;
  const parts = [make("span", "", words)];
  if (back) parts.push(button("button-plain", "Undo", runUndo, { "aria-keyshortcuts": "Control+Z", title: "Ctrl+Z" }));
  parts.push(
    make(
      "button",
      "icon-button",
      undefined,
      { type: "button", "aria-label": "Close this message" },
      make("span", "glyph glyph-close"),
    ),
  );
  parts.at(-1).addEventListener("click", hush);
  news.replaceChildren(...parts);
  document.body.dataset.news = "yes";
}

function hush() {
  undo = null;
  document.getElementById("news").replaceChildren();
  delete document.body.dataset.news;
}

async function runUndo() {
  const back = undo;
  undo = null;
  if (back) await back();
}

document.addEventListener("keydown", (event) => {
  const wanted = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
  if (!wanted || !undo || writing(event.target)) return;
  event.preventDefault();
  runUndo();
});

// Do one thing with several runs; `more` goes along (the tags, for tags). Resolves to the ids it was done with.
async function act(action, ids, more = {}) {
  const results = [];
  try {
    for (let first = 0; first < ids.length; first += MOST_AT_ONCE) {
      const body = { action, ids: ids.slice(first, first + MOST_AT_ONCE), ...more };
      results.push(...(await call("POST", "/api/v1/runs/actions", body)).results);
    }
  } catch (error) {
    say(error.message);
    return [];
  }
  const done = results.filter((result) => !result.problem).map((result) => result.id);
  say(summary(action, done, results), done.length && BACK[action] ? () => act(BACK[action], done, more) : null);
  // They are no longer in the view in which they were chosen: what is done next must not meet them unseen.
  if (MOVES.has(action)) release(done);
  changed();
  return done;
}

function summary(action, done, results) {
  const refused = results.filter((result) => result.problem);
  const words = done.length ? [`${runs(done.length)} ${DONE[action]}.`] : [];
  if (refused.length === 1) words.push(refused[0].problem.detail);
  else if (refused.length) words.push(`Not ${runs(refused.length)}: ${refused[0].problem.detail} …`);
  return words.join(" ");
}

// Into the trash.
export const deleteRuns = (ids) => act("delete", ids);

const release = (ids) =>
  chosen.set(
    ids.map((id) => ({ id })),
    false,
  );

// Only what is in the trash, whatever else is chosen: this can't be undone.
async function purge(ids) {
  let gone = 0;
  try {
    const trash = new Set(await call("GET", "/api/v1/runs/ids?view=trash"));
    for (const id of ids.filter((one) => trash.has(one))) {
      await call("DELETE", `/api/v1/runs/${encodeURIComponent(id)}?purge=true`);
      gone += 1;
    }
    say(`${runs(gone)} deleted for good.`);
  } catch (error) {
    say(`${gone ? `${runs(gone)} deleted for good. ` : ""}${error.message}`);
  }
  release(ids);
  changed();
}

// -- dialogs

// Show a dialog with fields and two buttons; `save` may throw an Error, which is shown.
function dialog(title, fields, verb, save) {
  const problem = make("p", "refusal", "", { role: "alert" });
  const keep = make("button", "button", verb, { type: "submit" });
  const leave = button("button-plain", "Cancel", () => box.close());
  const form = make(
    "form",
    "dialog-form",
    undefined,
    { method: "dialog" },
    make("h2", "", title, { id: "dialog-title" }),
  );
  form.append(...fields, problem, make("div", "dialog-actions", undefined, {}, leave, keep));
  const box = make("dialog", "dialog", undefined, { "aria-labelledby": "dialog-title" }, form);
  const before = document.activeElement;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    keep.disabled = true;
    try {
      await save();
      box.close();
    } catch (error) {
      problem.textContent = error.message;
      keep.disabled = false;
    }
  });
  box.addEventListener("close", () => {
    box.remove();
    if (before?.isConnected) before.focus();
  });
  document.body.append(box);
  box.showModal();
}

const tagsIn = (text) =>
  text
    .split(",")
    .map((tag) => tag.trim())
    .filter(Boolean);

// A field for words with commas between them, and those that are in use to pick from.
function tagField(id, words, value) {
  const input = make("input", "field", undefined, { id, autocomplete: "off", maxlength: "600" });
  input.value = value;
  const known = make("div", "tags known-tags");
  call("GET", "/api/v1/runs/facets")
    .then(({ tags }) => {
      for (const tag of tags.slice(0, 30)) {
        known.append(
          button("tag tag-button", tag, () => {
            const held = tagsIn(input.value);
            input.value = (held.includes(tag) ? held.filter((one) => one !== tag) : [...held, tag]).join(", ");
          }),
        );
      }
    })
    .catch(() => {}); // they are only a help
  return [labelled(words, input), known, input];
}

async function edit(row) {
  const run = await call("GET", `/api/v1/runs/${encodeURIComponent(row.id)}`).catch((error) => say(error.message));
  if (!run) return;
  const name = make("input", "field", undefined, {
    id: "edit-name",
    maxlength: "200",
    required: "",
    autocomplete: "off",
  });
  name.value = run.name;
  const [tagLabel, known, tags] = tagField("edit-tags", "Tags, with commas between them", run.tags.join(", "));
  const notes = make("textarea", "field", undefined, { id: "edit-notes", rows: "4", maxlength: "20000" });
  notes.value = run.notes;
  const fields = [labelled("Name", name), tagLabel, known, labelled("Notes", notes)];
  dialog("Name, tags and notes", fields, "Save", async () => {
    const body = { name: name.value, tags: tagsIn(tags.value), notes: notes.value };
    await call("PATCH", `/api/v1/runs/${encodeURIComponent(run.id)}`, body);
    changed();
  });
  name.select();
}

function tag(ids) {
  const [label, known, input] = tagField("add-tags", "Tags, with commas between them", "");
  const remove = make("input", "", undefined, { type: "checkbox", id: "remove-tags" });
  const choice = make(
    "label",
    "check",
    undefined,
    { for: "remove-tags" },
    remove,
    make("span", "", "Take these tags away instead"),
  );
  dialog(`Tag ${runs(ids.length)}`, [label, known, choice], "Save", async () => {
    const tags = tagsIn(input.value);
    if (!tags.length) throw new Error("Write at least one tag.");
    await act(remove.checked ? "untag" : "tag", ids, { tags });
  });
}

// -- the menu of a row

function items(run) {
  const allowed = (action) => run.allowed_actions.includes(action);
  const isHere = !allowed("restore"),
    changes = mayChange(run) && isHere;
  const one = (action) => () => act(action, [run.id]);
  const all = [
    ["Open", () => navigate(`/runs/${encodeURIComponent(run.id)}`), isHere],
    ["Name, tags and notes …", () => edit(run), changes],
    [
      "Start another like this …",
      () => navigate(`/new?from=${encodeURIComponent(run.id)}`),
      allowed("clone") && Boolean(hasPage("/new")),
    ],
    ["Pause", one("pause"), allowed("pause")],
    ["Resume", one("resume"), allowed("resume")],
    ["Stop", one("stop"), allowed("stop")],
    ["Archive", one("archive"), !run.archived && changes],
    ["Take back from the archive", one("unarchive"), run.archived && changes],
    ["Delete", () => deleteRuns([run.id]), allowed("delete")],
    ["Restore", one("restore"), allowed("restore")],
    ["Delete for good", () => purge([run.id]), allowed("restore")],
  ];
  return all.filter(([, , offered]) => offered);
}

export function openRunMenu(run, anchor) {
  const menu = make("div", "menu", undefined, { role: "menu", "aria-label": `More for ${run.name}` });
  if (run.error) menu.append(make("p", "menu-reason", run.error, { role: "none" }));
  for (const [words, pressed] of items(run))
    menu.append(button("menu-item", words, pressed, { role: "menuitem", tabindex: "-1" }));
  document.body.append(menu);
  openMenu(menu, anchor, () => menu.remove());
}

export { act as actOnRuns, edit as editRun, purge as purgeRuns, tag as tagRuns };
