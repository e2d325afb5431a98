// The tokens on the page Settings: programs act with them.

import { about, actionButton, attempt, rowOf, secret, tableOf } from "../core/account_parts.js";
import { call } from "../core/api.js";
import { byId, findId, make } from "../core/dom.js";
import { moment } from "../core/format.js";

/** @import { TokenCreated, TokenRead } from "../types/schemas.js" */

/** @param {HTMLElement | null} [news] */
async function showTokens(news = null) {
  /** @type {TokenRead[]} */
  const tokens = await call("GET", "/api/v1/tokens");
  const isTeacher = document.body.dataset.role === "teacher";
  const rows = tokens.map((token) =>
    rowOf([
      token.name,
      ...(isTeacher ? [token.owner] : []),
      token.role,
      moment(token.created_at),
      token.used_at ? moment(token.used_at) : "never",
      about(
        actionButton("Revoke", async () => {
          await call("DELETE", `/api/v1/tokens/${token.id}`);
          await showTokens();
        }),
        token.name,
      ),
    ]),
  );
  const heads = ["Purpose", ...(isTeacher ? ["Owner"] : []), "Role", "Created", "Last used", "Actions"];
  const list = rows.length ? tableOf("Tokens", heads, rows) : make("p", "quiet", "There is no token yet.");
  byId("tokens").replaceChildren(tokenForm(), ...(news ? [news] : []), list);
}

function tokenForm() {
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
  const form = make("form", "token-form");
  form.append(make("label", "", "Purpose", { for: "token-name" }), name);
  form.append(make("label", "", "Rights", { for: "token-role" }), role, submit);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(submit, async () => {
      /** @type {TokenCreated} */
      const made = await call("POST", "/api/v1/tokens", { name: name.value, role: role.value || null });
      const words = "Send it as Authorization: Bearer … It is shown only now.";
      await showTokens(secret(`Token “${made.name}”`, made.token, words));
    });
  });
  return form;
}

export function mountSettings() {
  if (findId("tokens")) void attempt(null, () => showTokens());
}
