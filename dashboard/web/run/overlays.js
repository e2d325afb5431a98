// @ts-nocheck
// What is drawn over a run's curves on demand: each replicate, and gradient descent on the same data and network.
import { navigate, url } from "../core/address.js";
import { call } from "../core/api.js";
import { make } from "../core/dom.js";
import { isFinal, statusWord } from "../core/status.js";

const REPLICATE_POINTS = 600;
const BASELINE_POINTS = 500;
const REPLICATES_PAUSE = 4000; // ms between two fetches while a run trains
const BASELINE_PAUSE = 1000;

export class RunOverlays {
  constructor(view) {
    this.view = view;
    this.replicates = toggle("show-replicates", (on) => this.showReplicates(on));
    this.baseline = toggle("show-baseline", (on) => this.showBaseline(on));
  }

  close() {
    clearTimeout(this.replicatesTimer);
    clearTimeout(this.baselineTimer);
    this.closed = true;
  }

  showActions(layer) {
    this.view.plot("actions").showLayer(layer);
  }

  // -- each replicate

  async showReplicates(on) {
    clearTimeout(this.replicatesTimer);
    if (!on) {
      this.draw({ replicates: null });
      return;
    }
    const metrics = await call("GET", `${this.view.api}/metrics?replicates=all&max_points=${REPLICATE_POINTS}`).catch(
      () => null,
    );
    if (this.closed || !pressed(this.replicates)) return;
    if (metrics?.replicates) this.draw({ replicates: { iteration: metrics.iteration, values: metrics.replicates } });
    const { run } = this.view.data;
    if (!run || isFinal(run.status)) return;
    this.replicatesTimer = setTimeout(() => this.showReplicates(true), REPLICATES_PAUSE);
  }

  // -- gradient descent

  async showBaseline(on) {
    clearTimeout(this.baselineTimer);
    if (!on) {
      this.tell("");
      this.draw({ baseline: null });
      return;
    }
    this.tell("Looking for a run of gradient descent on the same data and network …");
    try {
      let found = await call("GET", `${this.view.api}/baseline`);
      if (!found.possible) throw new Error(found.reason);
      const started = !found.run;
      if (started && document.body.dataset.role === "viewer") {
        throw new Error("Nobody has trained this network by gradient descent yet, and viewers start no runs.");
      }
      if (started) found = await call("POST", `${this.view.api}/baseline`);
      await this.follow(found.run, started);
    } catch (error) {
      if (this.closed) return;
      this.tell(error.message);
      press(this.baseline, false);
    }
  }

  // Draw the baseline, again and again while it trains.
  async follow(run, started) {
    const metrics = await call("GET", url(`/api/v1/runs/${run.id}/metrics?max_points=${BASELINE_POINTS}`));
    if (this.closed || !pressed(this.baseline)) return;
    this.draw({ baseline: metrics });
    const address = url(`/runs/${run.id}`);
    const link = make("a", "", run.name, { href: address });
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      navigate(address);
    });
    const where = run.status === "succeeded" ? "" : `, ${statusWord(run.status)}`;
    this.tell(
      started
        ? "Gradient descent was started on the same data and network: "
        : "Black is gradient descent on the same data and network: ",
      link,
      `${where}.`,
    );
    if (isFinal(run.status)) return;
    this.baselineTimer = setTimeout(async () => {
      const next = await call("GET", url(`/api/v1/runs/${run.id}`)).catch(() => run);
      if (!this.closed && pressed(this.baseline)) this.follow(next, started).catch((error) => this.tell(error.message));
    }, BASELINE_PAUSE);
  }

  draw(changed) {
    Object.assign(this.view.data, changed);
    this.view.redraw(new Set([...Object.keys(changed), "metrics"]));
    this.view.sayLater();
  }

  tell(...parts) {
    document.getElementById("baseline-said").replaceChildren(...parts);
  }
}

const pressed = (button) => button && button.getAttribute("aria-pressed") === "true";
const press = (button, on) => button.setAttribute("aria-pressed", String(on));

function toggle(id, changed) {
  const button = document.getElementById(id);
  if (!button) return null;
  press(button, false);
  button.onclick = () => {
    press(button, !pressed(button));
    changed(pressed(button));
  };
  return button;
}
