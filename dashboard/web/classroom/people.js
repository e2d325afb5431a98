// Accounts on the teacher's page Class: join links, people and how their runs do, renewed while somebody watches.

import { about, actionButton, attempt, copyButton, rowOf, secret, tableOf } from "../core/account_parts.js";
import { isOwnAddress, url } from "../core/address.js";
import { call } from "../core/api.js";
import { button, byId, findId, make, text } from "../core/dom.js";
import * as format from "../core/format.js";
import { pause } from "../core/pause.js";

/** @import { GuessingRead, JoinLinkRead, PersonalCode, PersonRead } from "../types/schemas.js" */

const RENEWAL = 2000; // ms between two looks at the class
const HERE = 3 * 60_000; // ms since somebody was last seen until they count as away; it is known to a minute

/** @type {[string, string, string][]} role, title and what it may do */
const ROLES = [
  ["student", "Students", "start runs and change their own"],
  ["viewer", "Viewers", "look at everything and change nothing"],
];

// -- the way in

async function showLinks() {
  /** @type {JoinLinkRead[]} */
  const links = await call("GET", "/api/v1/join-links");
  byId("join-links").replaceChildren(
    ...ROLES.map(([role, title, words]) => {
      const head = make("h3", "", `${title}: ${words}`);
      const link = links.find((one) => one.role === role);
      const parts = link ? openLink(link) : [openButton(role, "Open a link", role === "student")];
      return make("div", "join-link", undefined, { "data-role-of-link": role }, head, ...parts);
    }),
  );
}

/**
 * @param {string} role
 * @param {string} words
 */
function openButton(role, words, isMain = false) {
  const act = async () => {
    await call("POST", "/api/v1/join-links", { role });
    await showLinks();
  };
  return actionButton(words, act, isMain ? "button" : "button-plain");
}

/** @param {JoinLinkRead} link */
function openLink(link) {
  const address = `${location.origin}${url(`/join/${link.code}`)}`;
  const code = make("p", "code", link.code);
  const anchor = make("a", "", address, { href: address });
  const shown = make("p", "join-address", undefined, {}, anchor);
  const closing = async () => {
    await call("DELETE", `/api/v1/join-links/${link.role}`);
    await showLinks();
  };
  const warning =
    "Others can't use an address of this computer alone: open this page under the one the server printed.";
  const left = format.duration(Math.max(0, (format.time(link.expires_at) - Date.now()) / 1000));
  const copies = [copyButton("Copy code", link.code, code), copyButton("Copy link", address, anchor)];
  const ends = make("p", "caption", `It closes by itself in ${left}: ${format.moment(link.expires_at)}.`);
  const words = [
    code,
    shown,
    make("div", "join-actions", undefined, {}, ...copies),
    ...(isOwnAddress() ? [make("p", "caption", warning)] : []),
    ends,
    make("div", "join-actions", undefined, {}, openButton(link.role, "New code"), actionButton("Close", closing)),
  ];
  return [make("div", "join-open", undefined, {}, qrCode(link, address), make("div", "", undefined, {}, ...words))];
}

/**
 * The QR code of a link, small on the page and as large as the window when it is pressed: for the last row.
 *
 * @param {JoinLinkRead} link
 * @param {string} address
 */
function qrCode(link, address) {
  const source = url(`/api/v1/join-links/${link.role}/qr.svg?address=${encodeURIComponent(address)}`);
  const picture = () => make("img", "qr-code", undefined, { src: source, alt: `QR code of ${address}` });
  const open = button("qr-button", undefined, () => enlarge(picture(), link.code, address), { title: "Show it large" });
  open.setAttribute("aria-label", "Show the QR code large");
  open.append(picture());
  return open;
}

/**
 * @param {HTMLImageElement} picture
 * @param {string} code
 * @param {string} address
 */
function enlarge(picture, code, address) {
  const close = button("button-plain", "Close", () => dialog.close());
  const words = [make("p", "code", code), make("p", "join-address", address), close];
  const attributes = { "aria-label": "QR code of the link" };
  const dialog = make(
    "dialog",
    "dialog qr-dialog",
    undefined,
    attributes,
    picture,
    make("div", "", undefined, {}, ...words),
  );
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** Who guesses passwords and codes, with a way to forgive them: a class behind one router is one address. */
async function showGuesses() {
  /** @type {GuessingRead[]} */
  const guesses = await call("GET", "/api/v1/guesses");
  const place = findId("failed-sign-ins");
  const told = guesses.map(({ address, failures }) => `${address} ${failures}`).join(", ");
  if (!place || place.dataset.told === told) return;
  place.dataset.told = told;
  place.replaceChildren(...guesses.map(guessing));
}

/** @param {GuessingRead} guesses */
function guessing({ address, failures, seconds_ago: ago }) {
  const last = ago < 90 ? `${Math.round(ago)} s` : `${Math.round(ago / 60)} min`;
  const words =
    `${failures} wrong codes or passwords in the last 10 minutes, the last one ${last} ago. ` +
    "Right codes and tokens still let people in from there; of many wrong passwords one a second is checked.";
  const lift = actionButton("Lift", async () => {
    await call("DELETE", `/api/v1/guesses/${encodeURIComponent(address)}`);
    await showGuesses();
  });
  const title = make("strong", "", `Many wrong codes from ${address}`);
  return make("div", "secret", undefined, { role: "status" }, title, make("p", "caption", words), about(lift, address));
}

// -- who is here

const HEADS = ["Name", "Now", "Best accuracy", "Runs", "Last seen", "Actions"];

/** @type {PersonRead[]} */
let known = [];

async function renewPeople() {
  /** @type {PersonRead[]} */
  const people = await call("GET", "/api/v1/people");
  const place = findId("people-table");
  if (!place) return;
  const isSame = people.map(({ id }) => id).join() === known.map(({ id }) => id).join();
  const body = place.querySelector("tbody");
  if (!isSame || (people.length && !body)) rebuild(place, people);
  else if (body) people.forEach((person, index) => renewRow(body.rows[index], person, known[index]));
  known = people;
  summarise(people);
}

/**
 * @param {HTMLElement} place
 * @param {PersonRead[]} people
 */
function rebuild(place, people) {
  const empty = make("p", "quiet", "Nobody has joined yet. Open a link and show the class its code.");
  const table = people.length ? tableOf("People", HEADS, people.map(rowOfPerson)) : empty;
  place.replaceChildren(table);
}

/** @param {PersonRead} person */
const rowOfPerson = (person) => rowOf([...wordsOf(person), actions(person)]);

/**
 * Renew the cells whose words have changed; buttons keep their focus unless what they do is another.
 *
 * @param {HTMLTableRowElement} row
 * @param {PersonRead} person
 * @param {PersonRead} before
 */
function renewRow(row, person, before) {
  wordsOf(person).forEach((cell, index) => {
    if (!row.cells[index].firstChild?.isEqualNode(cell)) row.cells[index].replaceChildren(cell);
  });
  const wasOut = Boolean(before.removed_at);
  if (wasOut !== Boolean(person.removed_at)) row.cells[HEADS.length - 1].replaceChildren(actions(person));
}

/** @param {PersonRead} person */
function wordsOf(person) {
  const { name, best, runs } = person;
  const theirs = url(`/?owner=${encodeURIComponent(name)}`);
  const shown = runs ? make("a", "", name, { href: theirs, title: `Runs of ${name}` }) : make("span", "", name);
  const accuracy = best
    ? make("a", "", format.percent(best.validation_accuracy), {
        href: url(`/runs/${encodeURIComponent(best.id)}`),
        title: best.name,
      })
    : make("span", "quiet", "–");
  return [shown, stateOf(person), accuracy, make("span", "", format.count(runs)), make("span", "", lastSeen(person))];
}

/** @param {PersonRead} person */
function stateOf({ training, waiting, runs, role, removed_at: removed }) {
  const word = (/** @type {string} */ words, status = "") =>
    make("span", "status", undefined, { "data-status": status }, make("span", "mark"), make("span", "word", words));
  if (removed) return make("span", "quiet", "sent out");
  if (training) return word(training === 1 ? "trains" : `${training} runs train`, "running");
  if (waiting) return word(waiting === 1 ? "waits in the queue" : `${waiting} runs wait`, "queued");
  if (role === "viewer") return make("span", "quiet", "looks on");
  return make("span", "quiet", runs ? "idle" : "no run yet");
}

/** @param {PersonRead} person */
function lastSeen({ seen_at: seen, training }) {
  return training || Date.now() - format.time(seen) < HERE ? "here" : format.ago(seen);
}

/** @param {PersonRead[]} people */
function summarise(people) {
  const place = findId("class-now");
  if (!place) return;
  const taken = people.filter((person) => !person.removed_at);
  const counted = (/** @type {(person: PersonRead) => unknown} */ which) => format.count(taken.filter(which).length);
  const students = taken.filter(({ role }) => role === "student");
  const idle = students.filter(({ runs }) => !runs).length;
  const seats = Number(place.dataset.seats);
  const parts = [
    `${format.count(taken.length)} joined`,
    `${counted((person) => lastSeen(person) === "here")} here`,
    `${counted(({ training }) => training)} train`,
    ...(idle ? [`${format.count(idle)} without a run`] : []),
    `${format.count(Math.max(0, seats - taken.length))} of ${format.count(seats)} seats empty`,
  ];
  text(place, parts.join(" · "));
}

/** @param {PersonRead} person */
function actions(person) {
  const renew = actionButton(person.removed_at ? "Let in again" : "New code", async () => {
    /** @type {PersonalCode} */
    const made = await call("POST", `/api/v1/people/${person.id}/code`);
    const words = "The earlier code no longer works. This one is shown only now.";
    byId("class-news").replaceChildren(secret(`Personal code of ${made.name}`, made.code, words));
    await renewPeople();
  });
  const out = actionButton("Send out", async () => {
    const question = `Send ${person.name} out? They are signed out at once; their runs stay.`;
    if (!window.confirm(question)) return;
    await call("DELETE", `/api/v1/people/${person.id}`);
    await renewPeople();
  });
  const all = person.removed_at ? [renew] : [renew, out];
  return make("div", "people-actions", undefined, {}, ...all.map((one) => about(one, person.name)));
}

/** Look again every few seconds, while the page is on the screen. */
async function follow() {
  while (findId("people-table")) {
    if (!document.hidden) await Promise.all([renewPeople(), showGuesses()]).catch(() => {}); // the banner says it
    await pause(RENEWAL);
  }
}

/** Whether a page is being followed already: it may be mounted again while an older look is on its way. */
let following = false;

export function mountPeople() {
  if (!findId("people-table")) return;
  known = [];
  void attempt(null, () => Promise.all([showLinks(), renewPeople(), showGuesses()]));
  if (following) return;
  following = true;
  void follow().finally(() => {
    following = false;
  });
}
