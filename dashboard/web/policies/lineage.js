// Where a policy comes from, and which runs use it.
import { url } from "../core/address.js";
import { make } from "../core/dom.js";
import * as format from "../core/format.js";
import { lineageWords, pathOf } from "./words.js";

/** @import { LibraryPolicyDetail } from "../types/schemas.js" */

/** @param {LibraryPolicyDetail} detail */
export function lineageOf(detail) {
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
export function usersOf({ used_by: runs, runs: total, origin }) {
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
