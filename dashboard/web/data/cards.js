// Cards of data sets: set up a run on one, rename it, delete it.
import { navigate } from "../core/address.js";
import { call, messageOf } from "../core/api.js";
import { make, within } from "../core/dom.js";
import { pageData } from "../core/page_data.js";
import { datasetPath } from "./api.js";
import { suitableConfig } from "./config.js";

/** @import { DatasetRead } from "../types/schemas.js" */

/**
 * Listen to the buttons of all cards.
 *
 * @param {HTMLElement} page
 */
export function watchCards(page) {
  page.addEventListener("click", ({ target }) => {
    const pressed = target instanceof Element ? target.closest("article button") : null;
    const card = pressed?.closest("article");
    if (!(pressed instanceof HTMLButtonElement) || !card) return;
    if (pressed.classList.contains("train")) train(card);
    if (pressed.classList.contains("rename")) rename(card, pressed);
    if (pressed.classList.contains("delete")) void remove(card, pressed);
  });
}

/**
 * Say on a card why something was refused.
 *
 * @param {HTMLElement} card
 * @param {unknown} error
 */
function refuse(card, error) {
  within(card, ".refusal").textContent = messageOf(error);
}

/**
 * Open the form of a new run with this data set and settings that suit it: nothing starts by looking.
 *
 * @param {HTMLElement} card
 */
function train(card) {
  const { dataset = "", pictures } = card.dataset;
  const { hidden_layers: layers = [], iterations } = suitableConfig(dataset, pictures === "true");
  const query = new URLSearchParams({ dataset, hidden_layers: layers.join("-"), iterations: String(iterations) });
  navigate(`/new?${query}`);
}

/**
 * Asked twice: what is deleted is gone.
 *
 * @param {HTMLElement} card
 * @param {HTMLButtonElement} pressed
 */
async function remove(card, pressed) {
  if (pressed.dataset.asked !== "yes") {
    pressed.dataset.asked = "yes";
    pressed.textContent = "Delete for good";
    const forget = () => {
      pressed.dataset.asked = "";
      pressed.textContent = "Delete";
    };
    pressed.addEventListener("blur", forget, { once: true });
    return;
  }
  try {
    await call("DELETE", datasetPath(card.dataset.dataset ?? ""));
    card.hidden = true;
  } catch (error) {
    refuse(card, error);
  }
}

/**
 * A field in place of the heading: Enter keeps what is typed, Escape does not.
 *
 * @param {HTMLElement} card
 * @param {HTMLButtonElement} pressed
 */
function rename(card, pressed) {
  const heading = within(card, ".dataset-name");
  const { name: limit } = pageData().limits;
  const field = make("input", "field", undefined, { "aria-label": "Name", maxlength: String(limit) });
  field.value = card.dataset.name ?? "";
  /** @param {boolean} keep */
  const done = async (keep) => {
    if (!field.isConnected) return;
    if (keep && field.value.trim() && field.value !== card.dataset.name) await keepName(card, heading, field.value);
    field.remove();
    heading.hidden = false;
    pressed.focus();
  };
  field.addEventListener("keydown", ({ key }) => {
    if (key === "Enter" || key === "Escape") void done(key === "Enter");
  });
  field.addEventListener("blur", () => void done(true));
  heading.hidden = true;
  heading.after(field);
  field.select();
}

/**
 * @param {HTMLElement} card
 * @param {HTMLElement} heading
 * @param {string} name
 */
async function keepName(card, heading, name) {
  try {
    /** @type {DatasetRead} */
    const renamed = await call("PATCH", datasetPath(card.dataset.dataset ?? ""), { name });
    card.dataset.name = renamed.name;
    heading.textContent = renamed.name;
  } catch (error) {
    refuse(card, error);
  }
}
