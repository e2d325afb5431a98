// Formats numbers and times that change while a page is open. dashboard/words.py formats alike what is written once.

/** @typedef {number | null | undefined} MaybeNumber */

/**
 * Whether a number is there.
 *
 * @param {MaybeNumber} value
 * @returns {value is number}
 */
export function known(value) {
  return value !== null && value !== undefined && !Number.isNaN(value);
}

const counts = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** @param {MaybeNumber} value */
export const count = (value) => (known(value) ? counts.format(value) : "–");

/** @param {MaybeNumber} share */
export const percent = (share) => (known(share) ? `${(100 * share).toFixed(1)} %` : "–");

/**
 * A loss in few characters: 2.303, 123.5, 12345, 9.6e33.
 *
 * @param {MaybeNumber} value
 */
export function number(value) {
  if (!known(value)) return "–";
  const size = Math.abs(value);
  if (size >= 99_999.5) return value.toExponential(1).replace("e+", "e");
  return value.toFixed(size < 99.9995 ? 3 : size < 9999.95 ? 1 : 0);
}

/**
 * @param {number} amount
 * @param {string} one
 * @param {string} [many]
 */
export function plural(amount, one, many = `${one}s`) {
  return `${count(amount)} ${amount === 1 ? one : many}`;
}

/**
 * 1st, 2nd, 3rd, 11th ...
 *
 * @param {number} place
 */
export function ordinal(place) {
  const last = place % 100 > 10 && place % 100 < 14 ? 0 : place % 10;
  return `${count(place)}${["th", "st", "nd", "rd"][last] || "th"}`;
}

/** @param {MaybeNumber} seconds */
export function duration(seconds) {
  if (!known(seconds)) return "–";
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 90) return `${whole} s`;
  if (whole < 5400) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.round(minutes / 1440)} days`;
}

/** @param {MaybeNumber} perSecond iterations */
export function speed(perSecond) {
  if (!known(perSecond)) return "";
  return perSecond < 10 ? `${perSecond.toFixed(1)} it/s` : `${count(Number(perSecond.toPrecision(3)))} it/s`;
}

/** @param {number} bytes */
export function memory(bytes) {
  const [unit, size] = bytes < 2 ** 30 ? ["MB", 2 ** 20] : ["GB", 2 ** 30];
  const value = bytes / Number(size);
  return `${value < 10 ? Math.max(0.1, value).toFixed(1) : Math.round(value)} ${unit}`;
}

/**
 * Milliseconds since 1970 of a time of the API, which is UTC with a zone or without; NaN where there is none.
 *
 * @param {string | null | undefined} text
 */
export function time(text) {
  return text ? Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`) : Number.NaN;
}

/**
 * @param {string | null | undefined} text
 * @param {number} [now] milliseconds since 1970
 */
export function ago(text, now = Date.now()) {
  const seconds = (now - time(text)) / 1000;
  if (!known(seconds)) return "–";
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return days.format(time(text));
}

/** @type {Intl.DateTimeFormatOptions} */
const DAY = { day: "numeric", month: "short", year: "numeric" };
const days = new Intl.DateTimeFormat("en-GB", DAY);

/**
 * The one format of a time on all pages, in the reader's zone unless another is given: 27 Nov 2026, 15:39. Exactly:
 * 15:39:07.
 *
 * @param {string | null | undefined} text
 * @param {{ exactly?: boolean, timeZone?: string }} [options]
 */
export function moment(text, { exactly = false, timeZone } = {}) {
  const at = time(text);
  if (!known(at)) return "–";
  /** @type {Intl.DateTimeFormatOptions} */
  const clock = { hour: "2-digit", minute: "2-digit", ...(exactly ? { second: "2-digit" } : {}) };
  return new Intl.DateTimeFormat("en-GB", { ...DAY, ...clock, ...(timeZone ? { timeZone } : {}) }).format(at);
}
