// Page of the data: a panel to bring data with, and cards of what is there.
import { byId, findId } from "../core/dom.js";
import { watchCards } from "./cards.js";
import { UploadPanel } from "./upload_panel.js";

export function mountDatasets() {
  const page = findId("datasets-page");
  if (!page) return;
  new UploadPanel(byId("upload-panel"), Number(page.dataset.maxBytes));
  watchCards(page);
  const { hash } = location;
  if (hash) page.querySelector(`#${CSS.escape(hash.slice(1))}`)?.scrollIntoView({ block: "center" });
  document.body.dataset.datasets = String(page.querySelectorAll("article").length);
}
