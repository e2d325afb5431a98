// Curves that are drawn over a run's on demand: of each replicate, and of gradient descent on the same data and network.
import { navigate, url } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { byId, findId, make } from "../core/dom.js";
import { isFinal, statusWord } from "../core/status.js";

/** @import { ElementId, Baseline, Metrics, RunRead } from "../types/schemas.js" */
/** @import { RunData, Source } from "./data.js" */
/** @import { RunView } from "./page.js" */

const REPLICATE_POINTS = 600;
const BASELINE_POINTS = 500;
const REPLICATES_PAUSE = 4000; // ms between two requests while a run trains
const BASELINE_PAUSE = 1000;
const SHOWN = "gradient"; // key of the address

export class RunOverlays {
  /** @param {RunView} view */
  constructor(view) {
    this.view = view;
    this.replicatesTimer = 0;
    this.baselineTimer = 0;
    this.closed = false;
    this.replicates = toggle("show-replicates", (on) => this.showReplicates(on));
    this.baseline = toggle("show-baseline", (on) => this.showBaseline(on));
    if (new URLSearchParams(location.search).has(SHOWN)) {
      press(this.baseline, true);
      void this.showBaseline(true, false);
    }
  }

  close() {
    clearTimeout(this.replicatesTimer);
    clearTimeout(this.baselineTimer);
    this.closed = true;
  }

  /** @param {number | null} layer */
  showActions(layer) {
    this.view.plot("actions")?.showLayer(layer);
  }

  // -- each replicate

  /** @param {boolean} on */
  async showReplicates(on) {
    clearTimeout(this.replicatesTimer);
    if (!on) {
      this.draw({ replicates: null });
      return;
    }
    const path = `${this.view.api}/metrics?replicates=all&max_points=${REPLICATE_POINTS}`;
    /** @type {Metrics | null} */
    const metrics = await call("GET", path).catch(() => null);
    if (this.closed || !isPressed(this.replicates)) return;
    if (metrics?.replicates) this.draw({ replicates: { iteration: metrics.iteration, values: metrics.replicates } });
    const { run } = this.view.data;
    if (!run || isFinal(run.status)) return;
    this.replicatesTimer = setTimeout(() => this.showReplicates(true), REPLICATES_PAUSE);
  }

  // -- gradient descent

  /**
   * Draw gradient descent over the curves, or no more; the address holds it, for a reload and for others.
   *
   * @param {boolean} on
   * @param {boolean} mayStart false: opening a link starts no run
   */
  async showBaseline(on, mayStart = true) {
    clearTimeout(this.baselineTimer);
    writeShown(on);
    if (!on) {
      this.showNote("");
      this.draw({ baseline: null });
      return;
    }
    this.showNote("Looking for a run of gradient descent on the same data and network …");
    try {
      const { run, isNew } = await this.findBaseline(mayStart);
      await this.follow(run, isNew);
    } catch (error) {
      if (this.closed) return;
      this.showNote(messageOf(error));
      press(this.baseline, false);
      writeShown(false);
    }
  }

  /**
   * The run of gradient descent that there is, or one that is started.
   *
   * @param {boolean} mayStart
   */
  async findBaseline(mayStart) {
    const path = `${this.view.api}/baseline`;
    /** @type {Baseline} */
    const found = await call("GET", path);
    if (!found.possible) throw new Error(found.reason ?? "");
    if (found.run) return { run: found.run, isNew: false };
    if (!mayStart) throw new Error("Nobody has trained this network by gradient descent yet: the button starts it.");
    if (document.body.dataset.role === "viewer") {
      throw new Error("Nobody has trained this network by gradient descent yet, and viewers start no runs.");
    }
    /** @type {Baseline} */
    const started = await call("POST", path);
    if (!started.run) throw new Error(started.reason ?? "");
    return { run: started.run, isNew: true };
  }

  /**
   * Draw the baseline, again and again while it trains.
   *
   * @param {RunRead} run
   * @param {boolean} isNew whether it was started here
   */
  async follow(run, isNew) {
    /** @type {Metrics} */
    const metrics = await call("GET", `/api/v1/runs/${run.id}/metrics?max_points=${BASELINE_POINTS}`);
    if (this.closed || !isPressed(this.baseline)) return;
    this.view.data.baselineIsOver = isFinal(run.status);
    this.draw({ baseline: metrics });
    const found = isNew ? "Gradient descent was started on" : "Black is gradient descent on";
    const status = run.status === "succeeded" ? "" : `, ${statusWord(run.status)}`;
    this.showNote(`${found} the same data and network: `, runLink(run), `${status}.`);
    if (!isFinal(run.status)) this.baselineTimer = setTimeout(() => this.followAgain(run, isNew), BASELINE_PAUSE);
  }

  /**
   * @param {RunRead} run
   * @param {boolean} isNew
   */
  async followAgain(run, isNew) {
    try {
      /** @type {RunRead} */
      const next = await call("GET", `/api/v1/runs/${run.id}`).catch(() => run);
      if (!this.closed && isPressed(this.baseline)) await this.follow(next, isNew);
    } catch (error) {
      if (!this.closed) this.showNote(messageOf(error));
    }
  }

  /** @param {Partial<Pick<RunData, "replicates" | "baseline">>} changed */
  draw(changed) {
    Object.assign(this.view.data, changed);
    this.view.redraw(new Set([.../** @type {Source[]} */ (Object.keys(changed)), "metrics"]));
    this.view.sayLater();
  }

  /** @param {(Node | string)[]} parts */
  showNote(...parts) {
    byId("baseline-note").replaceChildren(...parts);
  }
}

/** @param {boolean} on */
function writeShown(on) {
  const address = new URL(location.href);
  if (address.searchParams.has(SHOWN) === on) return;
  if (on) address.searchParams.set(SHOWN, "1");
  else address.searchParams.delete(SHOWN);
  history.replaceState(history.state, "", address);
}

/**
 * A link to a run's page, which opens without a reload.
 *
 * @param {{ id: string, name: string }} run
 */
function runLink({ id, name }) {
  const address = url(`/runs/${id}`);
  const link = make("a", "", name, { href: address });
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    navigate(address);
  });
  return link;
}

/** @param {HTMLElement | null} button */
const isPressed = (button) => button?.getAttribute("aria-pressed") === "true";

/**
 * @param {HTMLElement | null} button
 * @param {boolean} on
 */
function press(button, on) {
  button?.setAttribute("aria-pressed", String(on));
}

/**
 * @param {ElementId} id
 * @param {(on: boolean) => Promise<void>} changed
 */
function toggle(id, changed) {
  const button = findId(id);
  if (!button) return null;
  press(button, false);
  button.onclick = () => {
    press(button, !isPressed(button));
    void changed(isPressed(button));
  };
  return button;
}
