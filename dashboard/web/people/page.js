// @ts-nocheck
// The pages Class and Settings. Whatever people typed goes onto the page as text, never as HTML.
import { url } from "../core/address.js";
import { call as ask } from "../core/api.js";
import { make } from "../core/dom.js";

const call = (method, path, body) => ask(method, `/api/v1${path}`, body);

function button(words, act, className = "button-plain") {
  const made = make("button", className, words, { type: "button" });
  made.addEventListener("click", () => act(made));
  return made;
}

// Do something that a button asked for: once at a time, and what goes wrong is said at the top.
async function attempt(pressed, act) {
  const refusal = document.getElementById("door-refusal");
  refusal.textContent = "";
  if (pressed) pressed.disabled = true;
  try {
    await act();
  } catch (error) {
    refusal.textContent = error.message;
    refusal.scrollIntoView({ block: "nearest" });
  } finally {
    if (pressed) pressed.disabled = false;
  }
}

function moment(text) {
  return text ? new Date(text).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }) : "never";
}

function table(heads, rows) {
  const made = make("table", "door-table");
  const head = made.createTHead().insertRow();
  for (const words of heads) head.append(make("th", "", words, { scope: "col" }));
  const body = made.createTBody();
  for (const cells of rows) {
    const row = body.insertRow();
    for (const cell of cells) {
      const place = row.insertCell();
      if (cell instanceof Node) place.append(cell);
      else place.textContent = cell;
    }
  }
  const frame = make("div", "door-table-frame", undefined, { tabindex: "0", role: "region", "aria-label": "Table" });
  frame.append(made);
  return frame;
}

// A secret that is shown this once, with a button that copies it.
function secret(title, text, words) {
  const box = make("div", "secret", undefined, { role: "status" });
  const copy = button("Copy", async () => {
    await navigator.clipboard.writeText(text).catch(() => window.getSelection().selectAllChildren(shown));
    copy.textContent = "Copied";
  });
  const shown = make("code", "code", text);
  if (!navigator.clipboard) copy.hidden = true; // without TLS browsers keep it from pages
  box.append(make("strong", "", title), shown, copy, make("p", "caption", words));
  return box;
}

// A button that copies a text. Without TLS browsers keep the clipboard from pages.
function copying(words, text) {
  return button(words, async (pressed) => {
    await navigator.clipboard.writeText(text);
    pressed.textContent = "Copied";
  });
}

// -- the class

async function showLinks() {
  const place = document.getElementById("join-links");
  if (!place) return;
  const links = await call("GET", "/join-links");
  const roles = [
    ["student", "Students", "start runs and change their own"],
    ["viewer", "Viewers", "look at everything and change nothing"],
  ];
  place.replaceChildren(
    ...roles.map((role) =>
      linkOf(
        links.find((link) => link.role === role[0]),
        ...role,
      ),
    ),
  );
}

function linkOf(link, role, title, words) {
  const box = make("div", "join-link", undefined, { "data-role-of-link": role });
  box.append(make("h3", "", `${title}: ${words}`));
  const open = (pressed) => attempt(pressed, () => call("POST", "/join-links", { role }).then(showLinks));
  if (!link) {
    box.append(button("Open a link", open, role === "student" ? "button" : "button-plain"));
    return box;
  }
  const address = `${location.origin}${url(`/join/${link.code}`)}`;
  const anchor = make("a", "join-address", address, { href: address });
  const shown = make("p", "join-address");
  shown.append(anchor);
  box.append(make("p", "code", link.code), shown);
  if (navigator.clipboard) box.append(copying("Copy code", link.code), copying("Copy link", address));
  if (/^(localhost|127\.|\[::1\])/.test(location.hostname)) {
    box.append(
      make(
        "p",
        "caption",
        "Others can't use an address of this computer alone: open this page under the one the server printed.",
      ),
    );
  }
  const hours = Math.max(0, (Date.parse(link.expires_at) - Date.now()) / 3600_000);
  const left = hours < 1 ? `${Math.ceil(hours * 60)} min` : `${Math.round(hours)} h`;
  box.append(make("p", "caption", `It closes by itself in ${left}: ${moment(link.expires_at)}.`));
  const close = (pressed) => attempt(pressed, () => call("DELETE", `/join-links/${role}`).then(showLinks));
  box.append(button("New code", open), button("Close", close));
  return box;
}

// Who guesses passwords and codes, with a way to forgive them: a class behind one router is one address.
async function showGuesses() {
  const place = document.getElementById("door-guesses");
  if (!place) return;
  const guesses = await call("GET", "/guesses");
  place.replaceChildren(
    ...guesses.map(({ address, failures, seconds_ago: ago }) => {
      const box = make("div", "secret", undefined, { role: "status" });
      const last = ago < 90 ? `${Math.round(ago)} s` : `${Math.round(ago / 60)} min`;
      const words =
        `${failures} wrong codes or passwords in the last 10 minutes, the last one ${last} ago. ` +
        "Right codes and tokens still let people in from there; of many wrong passwords one a second is checked.";
      const lift = labelled("Lift", address, (pressed) =>
        attempt(pressed, () => call("DELETE", `/guesses/${encodeURIComponent(address)}`).then(showGuesses)),
      );
      box.append(make("strong", "", `Many wrong codes from ${address}`), make("p", "caption", words), lift);
      return box;
    }),
  );
}

async function showPeople(news) {
  const place = document.getElementById("people-table");
  if (!place) return;
  const people = await call("GET", "/people");
  if (!people.length) {
    place.replaceChildren(make("p", "quiet", "Nobody has joined yet. Open a link and show the class its code."));
    return;
  }
  const rows = people.map((person) => [
    person.name,
    person.removed_at ? "sent out" : person.role,
    String(person.runs),
    moment(person.seen_at),
    actions(person),
  ]);
  place.replaceChildren(...(news ? [news] : []), table(["Name", "Role", "Runs", "Last seen", "Actions"], rows));
}

function actions(person) {
  const place = make("div", "door-actions");
  const renew = button(person.removed_at ? "Let in again" : "New code", (pressed) =>
    attempt(pressed, async () => {
      const made = await call("POST", `/people/${person.id}/code`);
      const words = "The earlier code no longer works. This one is shown only now.";
      await showPeople(secret(`Personal code of ${made.name}`, made.code, words));
    }),
  );
  place.append(renew);
  if (!person.removed_at) {
    place.append(
      button("Send out", (pressed) => {
        const question = `Send ${person.name} out? They are signed out at once; their runs stay.`;
        if (window.confirm(question))
          attempt(pressed, () => call("DELETE", `/people/${person.id}`).then(() => showPeople()));
      }),
    );
  }
  for (const one of place.children) one.setAttribute("aria-label", `${one.textContent}: ${person.name}`);
  return place;
}

// -- tokens

async function showTokens(news) {
  const place = document.getElementById("tokens");
  if (!place) return;
  const tokens = await call("GET", "/tokens");
  const isTeacher = document.body.dataset.role === "teacher";
  const rows = tokens.map((token) => [
    token.name,
    ...(isTeacher ? [token.owner] : []),
    token.role,
    moment(token.created_at),
    moment(token.used_at),
    labelled("Revoke", token.name, (pressed) =>
      attempt(pressed, () => call("DELETE", `/tokens/${token.id}`).then(() => showTokens())),
    ),
  ]);
  const heads = ["Purpose", ...(isTeacher ? ["Owner"] : []), "Role", "Created", "Last used", "Actions"];
  const list = rows.length ? table(heads, rows) : make("p", "quiet", "There is no token yet.");
  place.replaceChildren(tokenForm(), ...(news ? [news] : []), list);
}

function labelled(words, about, act) {
  const made = button(words, act);
  made.setAttribute("aria-label", `${words}: ${about}`);
  return made;
}

function tokenForm() {
  const form = make("form", "token-form");
  const name = make("input", "", undefined, {
    id: "token-name",
    maxlength: "100",
    required: "",
    placeholder: "my notebook",
  });
  const role = make("select", "", undefined, { id: "token-role" });
  role.append(
    make("option", "", "Same rights as you", { value: "" }),
    make("option", "", "Read only", { value: "viewer" }),
  );
  const submit = make("button", "button", "Make a token", { type: "submit" });
  form.append(make("label", "", "Purpose", { for: "token-name" }), name);
  form.append(make("label", "", "Rights", { for: "token-role" }), role, submit);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(submit, async () => {
      const made = await call("POST", "/tokens", { name: name.value, role: role.value || null });
      await showTokens(
        secret(`Token “${made.name}”`, made.token, "Send it as Authorization: Bearer … It is shown only now."),
      );
    });
  });
  return form;
}

export function mountPeople() {
  attempt(null, () => Promise.all([showLinks(), showPeople(), showGuesses()]));
}

export function mountSettings() {
  attempt(null, () => showTokens());
}
