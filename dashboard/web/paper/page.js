// The page of the paper: a form that begins a reproduction, and its table, which fills as runs end.
import { inside, navigate, url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { byId, make, text } from "../core/dom.js";
import { Form } from "./form.js";
import { Result } from "./result.js";
import { summaryWords } from "./words.js";

/** @import { ReproductionSummary } from "../types/schemas.js" */

export const API = "/api/v1/reproductions";

class PaperPage {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {Result | null} */
    this.shown = null;
    this.problem = make("p", "refusal", "", { role: "alert" });
    this.now = make("p", "now", "Loading …", { role: "status" });
    this.result = make("section", "paper-result", undefined, { "aria-label": "Results" });
    this.begin = make("section", "paper-begin", undefined, { "aria-label": "Begin a reproduction" });
    this.others = make("section", "paper-others", undefined, { "aria-label": "Reproductions so far" });
    root.replaceChildren(this.problem, this.now, this.result, this.begin, this.others);
    void this.load();
  }

  async load() {
    /** @type {ReproductionSummary[]} */
    let known;
    try {
      known = await call("GET", API);
    } catch (error) {
      text(this.problem, messageOf(error));
      text(this.now, "");
      return;
    }
    text(this.now, "");
    const wanted = new URLSearchParams(location.search).get("id");
    const shown = wanted ?? known[0]?.id;
    if (document.body.dataset.role !== "viewer") new Form(this.begin, known.length > 0, (id) => this.open(id));
    else if (!shown) text(this.now, "Nobody has run the paper's experiments here yet.");
    if (shown) this.shown = new Result(this.result, shown, { onDeleted: () => navigate("/paper") });
    this.showOthers(known, shown);
    this.root.dataset.ready = "";
  }

  /**
   * @param {ReproductionSummary[]} known
   * @param {string | undefined} shown
   */
  showOthers(known, shown) {
    const others = known.filter((one) => one.id !== shown);
    if (!others.length) return;
    const entries = others.map((one) => {
      const link = make("a", "", one.name, { href: url(paperPath(one.id)) });
      return make("li", "", undefined, {}, link, make("span", "caption", ` ${summaryWords(one)}`));
    });
    this.others.replaceChildren(make("h2", "", "Others"), make("ul", "policy-runs", undefined, {}, ...entries));
  }

  /** @param {string} id */
  open(id) {
    navigate(paperPath(id));
  }

  close() {
    this.shown?.close();
  }
}

/** @param {string} id */
const paperPath = (id) => `/paper?id=${encodeURIComponent(id)}`;

/** @type {PaperPage | null} */
let page = null;

export function mountPaper() {
  page?.close();
  page = inside(location.pathname) === "/paper" ? new PaperPage(byId("paper")) : null;
}
