// The page of the policies: the library, with one policy (policy_view.js), its edits, a race or a breeding beside it.
import { inside, url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { byId, make, text } from "../core/dom.js";
import { say } from "../core/news.js";
import { upload } from "../core/upload.js";
import { BreedForm, BreedingView } from "./breed.js";
import { Editor } from "./editor.js";
import { PolicyList } from "./list.js";
import { PolicyView } from "./policy_view.js";
import { RaceForm, RaceView } from "./race.js";
import { API, pathOf } from "./words.js";

/** @import { LibraryPolicy, LibraryPolicyDetail } from "../types/schemas.js" */

const DEFAULT = "bred_stochastic";

export class PoliciesPage {
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
      const shown = this.show();
      if (other) await shown.compareWith(other);
    }
  }

  show() {
    const shown = new PolicyView(this, /** @type {LibraryPolicyDetail} */ (this.detail));
    shown.show();
    return shown;
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
