// Entry of the pages: defines what Dash calls, then starts it.

import { watchSaving } from "./charts/save.js";
import { mountCompare } from "./compare/page.js";
import { inside } from "./core/address.js";
import { offerToDash, startDash } from "./core/dash.js";
import { byId } from "./core/dom.js";
import { watchExplanations } from "./core/explanations.js";
import { markPage } from "./core/navigation.js";
import { watchUndo } from "./core/news.js";
import { watchSession } from "./core/session.js";
import { projectorMode } from "./core/theme.js";
import { mountDatasets } from "./data/page.js";
import { mountNew } from "./new_run/page.js";
import { mountPeople } from "./people/class.js";
import { mountSettings } from "./people/tokens.js";
import { mountPlayground } from "./playground/page.js";
import { mountPolicies } from "./policies/page.js";
import { closeRun, latencies, mountRun, openRun, showActions, showDetails, showWeights } from "./run/page.js";
import { showChosen } from "./runs/chosen.js";
import { defineColumns } from "./runs/grid.js";
import { watchImports } from "./runs/import.js";
import { closeRuns, mountRuns, openRuns, watchSearchKey } from "./runs/page.js";
import { watchPresets } from "./runs/presets.js";

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
  const run = /^\/runs\/([^/]+)\/?$/.exec(pathname);
  if (run) openRun(decodeURIComponent(run[1]));
  else closeRun();
  if (pathname === "/") openRuns();
  else closeRuns();
}

watchSession();
watchExplanations();
watchPresets();
watchSaving();
defineColumns();
watchUndo();
watchSearchKey();
watchImports();
offerToDash({
  mountCompare,
  mountDatasets,
  mountNew,
  mountPeople,
  mountPlayground,
  mountPolicies,
  mountRun,
  mountRuns,
  mountSettings,
  projectorMode,
  route,
  showActions,
  showDetails,
  showWeights,
});
Object.assign(window.dash_clientside.synrl ?? {}, { latencies }); // for tests and measurements
startDash();
