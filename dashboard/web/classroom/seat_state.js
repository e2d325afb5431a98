// What a student's page shows, from what the server said and what was done here. Nothing here touches the page.

/** @import { SessionPreview, StudentView } from "../types/schemas.js" */
/** @import { LineState } from "./live.js" */

/**
 * @typedef {object} SeatState
 * @property {string} code typed, or of the address
 * @property {SessionPreview | null} preview
 * @property {StudentView | null} view
 * @property {LineState} line
 * @property {string} refusal
 * @property {boolean} entering whether the server is being asked for a seat
 */

/** @typedef {"code" | "name" | "entering" | "gone" | "closed" | "paused" | "waiting" | "activity"} Stage */

/** @param {SeatState} state @returns {Stage} */
export function stageOf({ preview, view, line, entering }) {
  if (view?.closed) return "closed";
  if (line === "gone") return "gone";
  if (view?.paused) return "paused";
  if (view) return view.activity ? "activity" : "waiting";
  if (entering) return "entering";
  return preview ? "name" : "code";
}

/**
 * The newer of two views: they may arrive by two ways. Each start of the server numbers its views anew, so a view of
 * another start is the newer one: the line to the server before ended with it.
 *
 * @template {{ version: number, server_start: string, session_id: string }} View
 * @param {View | null} known @param {View} come
 * @returns {View}
 */
export function newer(known, come) {
  const isComparable = known?.session_id === come.session_id && known.server_start === come.server_start;
  return known && isComparable && known.version > come.version ? known : come;
}

/**
 * Milliseconds by which this clock is ahead of the server's.
 *
 * @param {string} serverTime @param {number} here milliseconds since 1970
 */
export const clockOffset = (serverTime, here) => here - Date.parse(zoned(serverTime));

/**
 * Seconds until a time of the server; null where there is none.
 *
 * @param {string | null | undefined} until @param {number} offset @param {number} here
 */
export function secondsLeft(until, offset, here) {
  return until ? (Date.parse(zoned(until)) + offset - here) / 1000 : null;
}

/** @param {string} text a time of the API, which is UTC with a zone or without */
const zoned = (text) => (/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);

/**
 * Words on the line to the server; "" while all is well.
 *
 * @param {LineState} line
 * @param {number} pollMs how often is asked where no socket passes
 */
export function lineWords(line, pollMs) {
  if (line === "polling") return `Slow line: renewed every ${pollMs / 1000} s.`;
  return line === "lost" ? "Connection lost. What is shown may be old; trying again …" : "";
}

const LONGEST_ADDRESS = 8000; // characters, as the API takes them

/**
 * Where a student is: the address in the frame, and what the page of a lesson says of its step.
 *
 * @param {string} address path and query
 * @param {{ getAttribute(name: string): string | null } | null | undefined} lesson
 */
export function positionOf(address, lesson) {
  const step = lesson ? { step: Number(lesson.getAttribute("data-place")) } : {};
  return {
    address: address.slice(0, LONGEST_ADDRESS),
    wrong: Number(lesson?.getAttribute("data-wrong") ?? 0),
    ...step,
  };
}
