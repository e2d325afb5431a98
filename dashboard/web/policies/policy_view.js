// One policy: its picture, its rules in words, its origin, races and runs, and what can be done with it.
import { PolicyTable, stateKey } from "../charts/policy_table.js";
import { navigate, url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { button, make } from "../core/dom.js";
import { say } from "../core/news.js";
import { archive, remove, rename } from "./changes.js";
import { openDerive } from "./derive.js";
import { lineageOf, usersOf } from "./lineage.js";
import { racePath } from "./race.js";
import { placeWords } from "./race_words.js";
import { differenceOf } from "./table_edit.js";
import { API, asPolicyRead, originWords, pathOf, playPath, summaryWords, transferPath } from "./words.js";

/** @import { LibraryPolicy, LibraryPolicyDetail, PolicyRace } from "../types/schemas.js" */

export class PolicyView {
  /** @param {import("./page.js").PoliciesPage} page @param {LibraryPolicyDetail} detail */
  constructor(page, detail) {
    this.page = page;
    this.detail = detail;
    this.picture = make("div", "policy-picture");
    this.table = new PolicyTable(this.picture);
    this.beside = make("div", "policy-beside");
    /** @type {HTMLSelectElement | null} the policy to compare with */
    this.other = null;
    this.races = make("div", "policy-races", undefined, {}, make("p", "caption", "Loading …"));
  }

  show() {
    const { detail } = this;
    this.page.view.replaceChildren(
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
      ...lineageOf(detail),
      make("h3", "", "Races"),
      this.races,
      make("h3", "", "Runs that use it"),
      usersOf(detail),
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
      button("link-button", tag, () => this.page.list.find(tag), { title: "Find it in the list" }),
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
          this.page.edit();
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
        button("button-plain", "Rename …", () => rename(this.page, detail)),
        button("button-plain", detail.archived ? "Unarchive" : "Archive", () =>
          archive(this.page, detail, !detail.archived),
        ),
        button("button-plain", "Delete …", () => remove(this.page, detail)),
      );
    }
    return bar;
  }

  /** @param {LibraryPolicyDetail} detail */
  derivations(detail) {
    const made = (/** @type {LibraryPolicy} */ child) => {
      say(`“${child.name}” is in the library.`);
      history.pushState({}, "", url(pathOf(child.id)));
      void this.page.load();
    };
    const offered = /** @type {const} */ ({ cross: "Cross …", mutate: "Mutate …", freeze: "Freeze …" });
    return /** @type {import("./derive.js").How[]} */ (Object.keys(offered)).map((how) =>
      button("button-plain", offered[how], () => openDerive(how, detail, this.page.policies, made)),
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
    for (const one of this.page.policies) {
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
}
