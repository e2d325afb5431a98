// What the page of the policies says of a policy.

/** @import { LibraryPolicy, LibraryPolicyDetail, PolicyRead } from "../types/schemas.js" */

/** Route of the library. */
export const API = "/api/v1/policies";

/** @type {Record<LibraryPolicy["origin"], string>} */
export const ORIGINS = {
  shipped: "Ships with SynRL",
  imported: "Imported",
  learned: "Learned in a run",
  bred: "Bred",
  derived: "Made from others",
  edited: "Edited by hand",
  class: "Made by a class",
};

/** @param {LibraryPolicy} policy */
export function originWords({ origin, owner }) {
  return owner ? `${ORIGINS[origin]} · by ${owner}` : ORIGINS[origin];
}

/** @param {string} id */
export const pathOf = (id) => `/policies?policy=${encodeURIComponent(id)}`;

/** Tasks of which some are unknown to most policies. */
const TRANSFER_TASKS = ["xor", "moons", "circles", "gaussians", "digits"];

/**
 * The form of a race of a policy on one data set that it was bred on and on two others.
 *
 * @param {LibraryPolicyDetail} policy
 */
export function transferPath({ name, trained_on: own }) {
  const others = TRANSFER_TASKS.filter((one) => !own.includes(one)).slice(0, 2);
  const query = new URLSearchParams([
    ["race", "new"],
    ["name", `Transfer: ${name}`],
    ["of", name],
    ["of", "win_stay_lose_shift"],
  ]);
  for (const task of [own[0], ...others]) query.append("on", task);
  return `/policies?${query}`;
}

/** Exploration with which the playground begins under a table that always takes its best action. */
const EXPLORATION = 0.2;

/**
 * Where the playground opens with a policy: the address holds the table itself, so that it plays the same elsewhere.
 *
 * @param {LibraryPolicyDetail} policy
 */
export function playPath({ origin, name, q, temperature, exploration }) {
  const table = origin === "shipped" ? name : ["table", temperature, exploration, ...q].join("_");
  const explores = temperature || exploration ? "" : `&explore=${EXPLORATION}`;
  return `/playground?policy=${encodeURIComponent(table)}${explores}`;
}

/** @param {LibraryPolicy} policy */
export function summaryWords({ history, temperature, exploration, runs, archived }) {
  const parts = [`history ${history}`];
  if (exploration >= 1) parts.push("acts at random");
  else
    parts.push(
      temperature ? `draws actions, temperature ${Number(temperature.toPrecision(3))}` : "takes the best action",
    );
  if (exploration > 0 && exploration < 1) parts.push(`explores ${Math.round(100 * exploration)} %`);
  if (runs) parts.push(`${runs} ${runs === 1 ? "run" : "runs"}`);
  if (archived) parts.push("archived");
  return parts.join(" · ");
}

/**
 * Whether a policy has what someone looks for in its name, title, tags or owner.
 *
 * @param {LibraryPolicy} policy
 * @param {string} wanted
 */
export function matches({ name, title, tags, owner }, wanted) {
  const words = wanted.trim().toLocaleLowerCase();
  return [name, title, owner ?? "", ...tags].some((part) => part.toLocaleLowerCase().includes(words));
}

/**
 * The library first, then what ships; groups without members are left out.
 *
 * @param {LibraryPolicy[]} policies
 */
export function grouped(policies) {
  const shipped = policies.filter((one) => one.origin === "shipped");
  const stored = policies.filter((one) => one.origin !== "shipped");
  return [
    { title: "Library", members: stored },
    { title: "Shipped", members: shipped },
  ].filter(({ members }) => members.length);
}

/**
 * A policy of the library as the table of a run's policy shows it: nobody has used its states yet, but for those of a
 * table that was learned, whose visits are in its lineage.
 *
 * @param {LibraryPolicyDetail} policy
 * @returns {PolicyRead}
 */
export function asPolicyRead({ history, q, temperature, exploration, lineage }) {
  const visits = lineage.visits;
  const counted = Array.isArray(visits) && visits.length === q.length ? visits.map(Number) : q.map(() => 0);
  return {
    iteration: 0,
    replicate: 0,
    history,
    table: q,
    bias_table: null,
    visits: counted,
    rewards: 0,
    exploration,
    bias_exploration: null,
    temperature,
    bias_temperature: null,
  };
}

const LONGEST = 160;
/** Parts of a lineage that are shown elsewhere, or are no reading for people. */
const LEFT_OUT = new Set(["visits", "parent", "parents", "run", "pedigree"]);

/**
 * How a policy was made: names and values for a list.
 *
 * @param {Record<string, unknown>} lineage
 * @returns {[string, string][]}
 */
export function lineageWords(lineage) {
  return Object.entries(lineage)
    .filter(([name, value]) => !LEFT_OUT.has(name) && value !== null)
    .map(([name, value]) => {
      const told = typeof value === "string" ? value : JSON.stringify(value);
      return [name.replaceAll("_", " "), told.length > LONGEST ? `${told.slice(0, LONGEST - 1)}…` : told];
    });
}
