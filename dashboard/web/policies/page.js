// The page of the policies: the library, one policy as a picture and in words, and what can be done with it.
import { PolicyTable, stateKey } from "../charts/policy_table.js";
import { inside, navigate, url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { openDialog } from "../core/dialog.js";
import { button, byId, labelled, make, text } from "../core/dom.js";
import * as format from "../core/format.js";
import { say } from "../core/news.js";
import { upload } from "../core/upload.js";
import { commaSeparated } from "../core/words.js";
import { BreedForm, BreedingView } from "./breed.js";
import { openDerive } from "./derive.js";
import { Editor } from "./editor.js";
import { PolicyList } from "./list.js";
import { RaceForm, RaceView, racePath } from "./race.js";
import { placeWords } from "./race_words.js";
import { differenceOf } from "./table_edit.js";
import { asPolicyRead, lineageWords, originWords, pathOf, playPath, summaryWords, transferPath } from "./words.js";

/** @import { LibraryPolicy, LibraryPolicyDetail, PolicyRace, PolicyUpdate } from "../types/schemas.js" */

const API = "/api/v1/policies";
const DEFAULT = "bred_stochastic";

class PoliciesPage {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {LibraryPolicy[]} */
    this.policies = [];
    this.problem = make("p", "refusal", "", { role: "alert" });
    this.list = new PolicyList((id) => this.choose(id));
    this.view = make("section", "policy-view", undefined, { "aria-label": "One policy" });
    this.root.replaceChildren(
      this.problem,
      make(
        "div",
        "policy-columns",
        undefined,
        {},
        make("div", "policy-side", undefined, {}, this.list.filters, this.tools(), this.list.element),
        this.view,
      ),
    );
    void this.load();
  }

  async load() {
    if (!(await this.renew())) return;
    const query = new URLSearchParams(location.search);
    const race = query.get("race");
    if (race === "new") new RaceForm(this.view, this.policies, query);
    else if (race) new RaceView(this.view, race);
    const breed = query.get("breed");
    if (breed === "new") new BreedForm(this.view);
    else if (breed) new BreedingView(this.view, breed, () => void this.renew());
    if (race || breed) return;
    const wanted = query.get("policy") ?? DEFAULT;
    const found = this.policies.find((one) => one.id === wanted || one.name === wanted);
    if (!found) text(this.problem, `There is no policy “${wanted.slice(0, 60)}”. It may have been deleted.`);
    if (found?.archived && !this.list.showsArchived) {
      this.list.showsArchived = true;
      this.list.draw();
    }
    await this.open(found?.id ?? DEFAULT, { other: query.get("with"), edits: query.has("edit") });
  }

  /** Ask for the list again; whether it came. */
  async renew() {
    try {
      this.policies = await call("GET", API);
    } catch (error) {
      text(this.problem, messageOf(error));
      return false;
    }
    this.list.set(this.policies);
    return true;
  }

  /** Open a policy of the list; true: this page does. @param {string} id */
  choose(id) {
    if (this.mayLeave()) {
      history.pushState({}, "", url(pathOf(id)));
      void this.open(id);
    }
    return true;
  }

  mayLeave() {
    return !this.editor?.isChanged || confirm("Leave these edits? They are not saved as a policy.");
  }

  // -- one policy

  /**
   * @param {string} id
   * @param {{ other?: string | null, edits?: boolean }} [shown] the policy to compare with; whether it is edited
   */
  async open(id, { other = null, edits = false } = {}) {
    try {
      /** @type {LibraryPolicyDetail} */
      const detail = await call("GET", `${API}/${encodeURIComponent(id)}`);
      this.detail = detail;
    } catch (error) {
      text(this.problem, messageOf(error));
      return;
    }
    this.editor?.close();
    this.editor = null;
    this.list.mark(this.detail.id);
    if (edits) this.edit();
    else {
      this.show();
      if (other) await this.compareWith(other);
    }
  }

  show() {
    const detail = /** @type {LibraryPolicyDetail} */ (this.detail);
    this.picture = make("div", "policy-picture");
    this.table = new PolicyTable(this.picture);
    this.beside = make("div", "policy-beside");
    this.races = make("div", "policy-races", undefined, {}, make("p", "caption", "Loading …"));
    this.view.replaceChildren(
      make("h2", "policy-name", detail.name),
      make("p", "now", `${originWords(detail)} · ${summaryWords(detail)}`),
      ...(detail.title ? [make("p", "policy-title", detail.title)] : []),
      ...(detail.description ? [make("p", "", detail.description)] : []),
      ...(detail.notes ? [make("p", "policy-notes", detail.notes)] : []),
      ...(detail.tags.length ? [this.tags(detail.tags)] : []),
      this.actions(detail),
      make("div", "policy-pictures", undefined, {}, this.picture, this.beside),
      make("h3", "", "In words"),
      make("ul", "policy-words", undefined, {}, ...detail.sentences.map((words) => make("li", "", words))),
      make(
        "p",
        "caption",
        detail.mirror_symmetric
          ? "Mirror symmetric: it acts upward as it acts downward."
          : "Not mirror symmetric: it treats upward moves otherwise than downward ones.",
      ),
      make("h3", "", "Where it comes from"),
      ...this.lineage(detail),
      make("h3", "", "Races"),
      this.races,
      make("h3", "", "Runs that use it"),
      this.runs(detail),
    );
    this.table.show(asPolicyRead(detail));
    void this.showRaces(detail.id);
  }

  /** @param {string} id */
  async showRaces(id) {
    const place = this.races;
    try {
      /** @type {PolicyRace[]} */
      const races = await call("GET", `${API}/${encodeURIComponent(id)}/races`);
      const entries = races.map((race) => {
        const name = race.is_there ? make("a", "", race.name, { href: url(racePath(race.race_id)) }) : race.name;
        const words = ` ${placeWords(race)} · ${race.tasks.join("; ")}`;
        return make("li", "", undefined, {}, name, make("span", "caption", words));
      });
      place?.replaceChildren(
        entries.length
          ? make("ul", "policy-runs", undefined, {}, ...entries)
          : make("p", "caption", "It took part in no race yet."),
      );
    } catch (error) {
      place?.replaceChildren(make("p", "refusal", messageOf(error), { role: "alert" }));
    }
  }

  /** @param {string[]} tags */
  tags(tags) {
    const buttons = tags.map((tag) =>
      button("link-button", tag, () => this.list.find(tag), { title: "Find it in the list" }),
    );
    return make("p", "policy-tags caption", "Tags: ", {}, ...buttons);
  }

  /** @param {LibraryPolicyDetail} detail */
  actions(detail) {
    const student = document.body.dataset.role !== "viewer";
    const bar = make("div", "policy-actions");
    if (student) {
      bar.append(
        button("button", "Train with it", () => navigate(`/new?policy=${encodeURIComponent(detail.name)}`)),
        button("button-plain", "Race it", () =>
          navigate(`/policies?race=new&of=${encodeURIComponent(detail.name)}&of=win_stay_lose_shift`),
        ),
        ...(detail.trained_on.length
          ? [
              button("button-plain", "Transfer race", () => navigate(transferPath(detail)), {
                title: "On what it was bred on, and on other tasks",
              }),
            ]
          : []),
        button("button-plain", "Edit a copy", () => {
          history.pushState({}, "", url(`${pathOf(detail.id)}&edit=1`));
          this.edit();
        }),
        ...this.derivations(detail),
      );
    }
    bar.append(
      make("a", "button-plain", "Play with it", { href: url(playPath(detail)), title: "In the playground" }),
      this.comparison(detail),
    );
    bar.append(this.download(detail, "json"), this.download(detail, "npz"));
    if (detail.editable) {
      bar.append(
        button("button-plain", "Rename …", () => this.rename(detail)),
        button("button-plain", detail.archived ? "Unarchive" : "Archive", () => this.archive(detail, !detail.archived)),
        button("button-plain", "Delete …", () => this.remove(detail)),
      );
    }
    return bar;
  }

  /** @param {LibraryPolicyDetail} detail */
  derivations(detail) {
    const made = (/** @type {LibraryPolicy} */ child) => {
      say(`“${child.name}” is in the library.`);
      history.pushState({}, "", url(pathOf(child.id)));
      void this.load();
    };
    const offered = /** @type {const} */ ({ cross: "Cross …", mutate: "Mutate …", freeze: "Freeze …" });
    return /** @type {import("./derive.js").How[]} */ (Object.keys(offered)).map((how) =>
      button("button-plain", offered[how], () => openDerive(how, detail, this.policies, made)),
    );
  }

  /** @param {LibraryPolicyDetail} detail @param {"json" | "npz"} kind */
  download(detail, kind) {
    const href = url(`${API}/${encodeURIComponent(detail.id)}/file?format=${kind}`);
    return make("a", "button-plain", kind === "json" ? "Download JSON" : "NPZ", { href, download: "" });
  }

  /** @param {LibraryPolicyDetail} detail */
  comparison(detail) {
    const select = make("select", "field small-field", undefined, { "aria-label": "Compare with" });
    select.append(new Option("Compare with …", ""));
    for (const one of this.policies) {
      if (one.id !== detail.id && !one.archived) select.append(new Option(one.name, one.id));
    }
    select.addEventListener("change", () => {
      const more = select.value ? `&with=${encodeURIComponent(select.value)}` : "";
      history.replaceState({}, "", url(pathOf(detail.id) + more));
      void this.compareWith(select.value);
    });
    this.other = select;
    return select;
  }

  /** @param {string} id "" to end the comparison */
  async compareWith(id) {
    const { detail, beside, table } = this;
    if (!detail || !beside || !table) return;
    for (const { element } of table.cells.values()) element.removeAttribute("data-differs");
    if (!id) {
      beside.replaceChildren();
      return;
    }
    try {
      /** @type {LibraryPolicyDetail} */
      const other = await call("GET", `${API}/${encodeURIComponent(id)}?history=${detail.history}`);
      if (this.other) this.other.value = other.id;
      const place = make("div", "");
      const picture = new PolicyTable(place);
      picture.show(asPolicyRead(other));
      const head = make("h3", "", other.name);
      if (other.history !== detail.history) {
        const words = `It reads a history of ${other.history}, the other one of ${detail.history}: state by state they can't be compared.`;
        beside.replaceChildren(head, make("p", "caption", words), place);
        return;
      }
      const { states, differing, distance } = differenceOf(detail, other);
      for (const { acted, rewarded } of differing) {
        for (const one of [table, picture]) {
          one.cells.get(stateKey(acted, rewarded))?.element.setAttribute("data-differs", "true");
        }
      }
      const words =
        `Framed: ${differing.length} of ${states} states in which they do not favour the same action. On average ` +
        `${Math.round(100 * distance)} % of the probability lies on other actions.`;
      beside.replaceChildren(head, make("p", "caption policy-difference", words), place);
    } catch (error) {
      beside.replaceChildren(make("p", "refusal", messageOf(error), { role: "alert" }));
    }
  }

  /** @param {LibraryPolicyDetail} detail */
  lineage(detail) {
    const parts = [];
    if (detail.parents.length) {
      const links = detail.parents.map(({ name, id }) => (id ? make("a", "", name, { href: url(pathOf(id)) }) : name));
      const [first, second] = links;
      parts.push(make("p", "", "Made from ", {}, first, ...(second ? [" and ", second] : []), "."));
    } else if (detail.parent) {
      const name = detail.parent.name ?? "a policy that was deleted";
      const link = detail.parent.name ? make("a", "", name, { href: url(pathOf(detail.parent.id)) }) : name;
      parts.push(make("p", "", "Made from ", {}, link, "."));
    }
    if (detail.run_id) {
      const link = make("a", "", "the run that it was learned in", { href: url(`/runs/${detail.run_id}`) });
      parts.push(make("p", "", "Open ", {}, link, "."));
    }
    if (detail.trained_on.length) {
      parts.push(make("p", "", `Learned or raced on ${detail.trained_on.join(", ")}: elsewhere it shows transfer.`));
    }
    const rows = lineageWords(detail.lineage);
    if (rows.length) {
      const entries = rows.map(([name, value]) =>
        make("div", "", undefined, {}, make("dt", "", name), make("dd", "", value)),
      );
      parts.push(make("dl", "policy-lineage", undefined, {}, ...entries));
    }
    return parts.length ? parts : [make("p", "caption", "Nothing is known of how it was made.")];
  }

  /** @param {LibraryPolicyDetail} detail */
  runs({ used_by: runs, runs: total, origin }) {
    if (!total) {
      const words = origin === "shipped" ? "Runs that use a shipped policy are found on the page Runs." : "None yet.";
      return make("p", "caption", words);
    }
    const links = runs.map((run) =>
      make("li", "", undefined, {}, make("a", "", run.name, { href: url(`/runs/${run.id}`) })),
    );
    const more = total - runs.length;
    if (more > 0) links.push(make("li", "caption", `and ${format.plural(more, "other run")}`));
    return make("ul", "policy-runs", undefined, {}, ...links);
  }

  // -- changes

  edit() {
    const detail = /** @type {LibraryPolicyDetail} */ (this.detail);
    this.editor = new Editor(this.view, detail, {
      saved: (stored) => {
        say(`Saved as “${stored.name}”. Runs can be trained with it.`);
        this.editor = null;
        history.pushState({}, "", url(pathOf(stored.id)));
        void this.load();
      },
      left: () => {
        this.editor = null;
        history.pushState({}, "", url(pathOf(detail.id)));
        this.show();
      },
    });
  }

  /** @param {LibraryPolicyDetail} detail */
  rename(detail) {
    const name = make("input", "field", undefined, { id: "policy-rename", maxlength: "200", required: "" });
    const notes = make("textarea", "field", undefined, { id: "policy-notes", rows: "4" });
    const tags = make("input", "field", undefined, { id: "policy-tags" });
    name.value = detail.name;
    notes.value = detail.notes;
    tags.value = detail.tags.join(", ");
    openDialog({
      title: `Rename ${detail.name}`,
      parts: [
        labelled("Name", name),
        labelled("Notes", notes),
        labelled("Tags, separated by commas", tags),
        make("p", "caption", "Runs that use it keep the name and the table that they were started with."),
      ],
      verb: "Save",
      save: () => this.change(detail, { name: name.value, notes: notes.value, tags: commaSeparated(tags.value) }),
    });
  }

  /** @param {LibraryPolicyDetail} detail @param {boolean} archived */
  async archive(detail, archived) {
    try {
      await this.change(detail, { archived });
      say(
        archived ? `“${detail.name}” is archived: kept, and not offered to new runs.` : `“${detail.name}” is back.`,
        () => this.archive(detail, !archived),
      );
    } catch (error) {
      text(this.problem, messageOf(error));
    }
  }

  /** @param {LibraryPolicyDetail} detail @param {PolicyUpdate} changes */
  async change(detail, changes) {
    await call("PATCH", `${API}/${detail.id}`, changes);
    text(this.problem, "");
    await this.load();
  }

  /** @param {LibraryPolicyDetail} detail */
  remove(detail) {
    openDialog({
      title: `Delete ${detail.name}?`,
      parts: [
        make("p", "", "This can't be undone. Download it first to keep a copy; archive it to have it out of the way."),
      ],
      verb: "Delete",
      save: async () => {
        await call("DELETE", `${API}/${detail.id}`);
        history.replaceState({}, "", url("/policies"));
        await this.load();
        say(`“${detail.name}” was deleted.`);
      },
    });
  }

  tools() {
    const races = make("a", "button-plain", "Races", { href: url("/policies?race=new") });
    const breeding = make("a", "button-plain", "Breed", { href: url("/policies?breed=new") });
    return make("div", "policy-actions", undefined, {}, this.importer(), races, breeding);
  }

  importer() {
    if (document.body.dataset.role === "viewer") return make("span", "");
    const input = make("input", "visually-hidden", undefined, {
      type: "file",
      id: "policy-file",
      accept: ".json,.npz,.jld2",
    });
    const label = make("label", "button-plain", "Import a file …", { for: "policy-file", title: "JSON, NPZ or JLD2" });
    const place = make("div", "policy-import", undefined, {}, input, label);
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      if (file) void this.send(file);
      input.value = "";
    });
    return place;
  }

  /** @param {File} file */
  async send(file) {
    const form = new FormData();
    form.append("files", file);
    const broken = "The connection broke while sending. Nothing was stored; try again.";
    /** @type {import("../core/upload.js").Upload<LibraryPolicy>} */
    const { answer } = upload(`${API}/files`, form, { sent: "Reading …", broken });
    try {
      const stored = await answer;
      if (!stored) return;
      text(this.problem, "");
      say(`Imported “${stored.name}”.`);
      history.pushState({}, "", url(pathOf(stored.id)));
      await this.load();
    } catch (error) {
      text(this.problem, messageOf(error));
    }
  }
}

export function mountPolicies() {
  if (inside(location.pathname) === "/policies") new PoliciesPage(byId("policies"));
}
