// The list of policies: found by words, kind and owner, a hundred at a time.
import { url } from "../core/address.js";
import { button, make } from "../core/dom.js";
import * as format from "../core/format.js";
import { grouped, matches, ORIGINS, pathOf, summaryWords } from "./words.js";

/** @import { LibraryPolicy } from "../types/schemas.js" */

/** Entries that are drawn at first, and with each press on the button below them. */
const PAGE = 100;

export class PolicyList {
  /** @param {(id: string) => boolean} chosen called with what was pressed; false: the link leads there */
  constructor(chosen) {
    this.chosen = chosen;
    /** @type {LibraryPolicy[]} */
    this.policies = [];
    this.showsArchived = false;
    this.current = "";
    this.shown = PAGE;
    this.search = make("input", "field", undefined, {
      id: "policy-search",
      type: "search",
      placeholder: "Name, tag or owner",
      autocomplete: "off",
      "aria-label": "Find a policy",
    });
    this.kind = make("select", "field small-field", undefined, { id: "policy-kind", "aria-label": "Kind" });
    this.owner = make("select", "field small-field", undefined, { id: "policy-owner", "aria-label": "Owner" });
    for (const field of [this.search, this.kind, this.owner]) field.addEventListener("input", () => this.refilter());
    this.filters = make(
      "div",
      "policy-filters",
      undefined,
      { role: "search" },
      this.search,
      make("div", "policy-choices", undefined, {}, this.kind, this.owner),
    );
    this.element = make("nav", "policy-list", undefined, { "aria-label": "Policies" });
  }

  /** @param {LibraryPolicy[]} policies */
  set(policies) {
    this.policies = policies;
    offer(this.kind, "Every kind", Object.entries(ORIGINS), (value) => policies.some((one) => one.origin === value));
    const owners = [...new Set(policies.flatMap((one) => one.owner ?? []))].sort();
    offer(
      this.owner,
      "Everybody’s",
      owners.map((one) => [one, one]),
      () => true,
    );
    this.owner.hidden = owners.length < 2;
    this.draw();
  }

  /** Look for a word, such as a tag. @param {string} words */
  find(words) {
    this.search.value = words;
    this.refilter();
  }

  /** @param {string} id of the policy that is open; "" for none */
  mark(id) {
    this.current = id;
    for (const link of this.element.querySelectorAll("a")) {
      if (link.dataset.policy === id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  refilter() {
    this.shown = PAGE;
    this.draw();
  }

  draw() {
    const [kind, owner] = [this.kind.value, this.owner.value];
    const found = this.policies.filter(
      (one) =>
        (this.showsArchived || !one.archived) &&
        (!kind || one.origin === kind) &&
        (!owner || one.owner === owner) &&
        matches(one, this.search.value),
    );
    /** @type {HTMLElement[]} */
    const sections = [];
    let left = this.shown;
    for (const { title, members } of grouped(found)) {
      const drawn = members.slice(0, left);
      left -= drawn.length;
      if (!drawn.length) continue;
      const entries = drawn.map((one) => make("li", "", undefined, {}, this.entry(one)));
      const count = members.length > drawn.length ? ` · ${drawn.length} of ${format.count(members.length)}` : "";
      sections.push(make("h2", "policy-group", title + count), make("ul", "", undefined, {}, ...entries));
    }
    if (!sections.length) sections.push(make("p", "caption", "No policy matches."));
    const more = found.length - this.shown;
    if (more > 0) {
      sections.push(
        button("link-button", `Show ${Math.min(PAGE, more)} more of ${format.count(more)}`, () => {
          this.shown += PAGE;
          this.draw();
        }),
      );
    }
    const archived = this.policies.filter((one) => one.archived).length;
    if (archived) {
      const words = format.plural(archived, "archived policy", "archived policies");
      sections.push(
        button("link-button", `${this.showsArchived ? "Hide" : "Show"} ${words}`, () => {
          this.showsArchived = !this.showsArchived;
          this.draw();
        }),
      );
    }
    this.element.replaceChildren(...sections);
    this.mark(this.current);
  }

  /** @param {LibraryPolicy} one */
  entry(one) {
    const link = make("a", "policy-entry", undefined, { href: url(pathOf(one.id)), "data-policy": one.id });
    link.append(make("span", "policy-entry-name", one.name), make("span", "caption", summaryWords(one)));
    if (one.tags.length) link.append(make("span", "caption policy-entry-tags", one.tags.join(" · ")));
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (this.chosen(one.id)) event.preventDefault();
    });
    return link;
  }
}

/**
 * Offer choices, keeping what was chosen.
 *
 * @param {HTMLSelectElement} select
 * @param {string} all
 * @param {string[][]} choices values and words
 * @param {(value: string) => boolean} isThere
 */
function offer(select, all, choices, isThere) {
  const before = select.value;
  const options = choices.filter(([value]) => isThere(value)).map(([value, words]) => new Option(words, value));
  select.replaceChildren(new Option(all, ""), ...options);
  if (options.some((one) => one.value === before)) select.value = before;
}
