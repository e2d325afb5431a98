// Entry of the pages: defines what Dash calls, then starts it.

import { inside } from "./core/address.js";
import { offerToDash, startDash } from "./core/dash.js";
import { byId } from "./core/dom.js";
import { watchExplanations } from "./core/explanations.js";
import { latencies } from "./core/latencies.js";
import { markPage } from "./core/navigation.js";
import { watchUndo } from "./core/news.js";
import { watchSession } from "./core/session.js";
import { projectorMode } from "./core/theme.js";
import { loadPage, PAGES, runOf, watchIntentions } from "./pages.js";
import { showChosen } from "./runs/chosen.js";
import { defineColumns } from "./runs/grid.js";
import { watchImports } from "./runs/import.js";
import { closeRuns, mountRuns, openRuns, watchSearchKey, watchSteps } from "./runs/page.js";
import { watchPresets } from "./runs/presets.js";

/** @typedef {Awaited<ReturnType<typeof PAGES.run>>} RunModule */

/** @type {RunModule | null} once the page of a run was opened */
let runModule = null;
let visits = 0;

/**
 * Called with the path whenever it changes: the feed of the page to come opens while its layout is fetched.
 *
 * @param {string | undefined} path
 */
function route(path) {
  const pathname = inside(path || "/");
  byId("person-name").textContent = document.body.dataset.person || "";
  markPage(pathname);
  showChosen();
  loadPage(pathname);
  routeRun(runOf(pathname));
  if (pathname === "/") openRuns();
  else closeRuns();
}

/**
 * Open the feed of the run in view, or close that of the last one.
 *
 * @param {string | null} run id; null: no run is in view
 */
function routeRun(run) {
  visits += 1;
  const visit = visits;
  if (run === null) {
    runModule?.closeRun();
    return;
  }
  PAGES.run().then(
    (module) => {
      runModule = module;
      if (visit === visits) module.openRun(run);
    },
    () => {}, // mountRun fails with the same reason
  );
}

watchSession();
watchIntentions();
watchExplanations();
watchPresets();
defineColumns();
watchUndo();
watchSearchKey();
watchSteps();
watchImports();
offerToDash({
  mountClass: async () => (await PAGES.classroom()).mountClass(),
  mountCompare: async () => (await PAGES.compare()).mountCompare(),
  mountDatasets: async () => (await PAGES.datasets()).mountDatasets(),
  mountLearn: async () => (await PAGES.learn()).mountLearn(),
  mountLesson: async () => (await PAGES.lesson()).mountLesson(),
  mountNew: async () => (await PAGES.newRun()).mountNew(),
  mountPaper: async () => (await PAGES.paper()).mountPaper(),
  mountPlayground: async () => (await PAGES.playground()).mountPlayground(),
  mountPolicies: async () => (await PAGES.policies()).mountPolicies(),
  mountRun: async (/** @type {string} */ run) => (await PAGES.run()).mountRun(run),
  mountRuns,
  mountSettings: async () => (await PAGES.settings()).mountSettings(),
  projectorMode,
  route,
  showActions: async (/** @type {string} */ layer) => (await PAGES.run()).showActions(layer),
  showDetails: async (/** @type {string} */ tab) => (await PAGES.run()).showDetails(tab),
  showWeights: async (/** @type {[string, string, string]} */ ...chosen) => (await PAGES.run()).showWeights(...chosen),
});
Object.assign(window.dash_clientside.synrl ?? {}, { latencies });
startDash();
