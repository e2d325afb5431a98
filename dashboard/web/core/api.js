// Requests to the API.
import { url } from "./address.js";

/** @import { ProblemDetail } from "../types/schemas.js" */

export const UNREACHED = "The server can't be reached. Nothing was changed.";

/** An answer of the API that is a refusal; `detail` says why, in words for people. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {Partial<ProblemDetail> | null} problem
   */
  constructor(status, problem) {
    super(problem?.detail || `The server answered ${status}.`);
    this.status = status;
  }
}

/**
 * Call the API and return its answer, null where it has none. Throws an Error whose message can be shown.
 *
 * @template Answer
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body] sent as JSON, or as a form if it is one
 * @param {AbortSignal} [signal]
 * @returns {Promise<Answer>}
 */
export async function call(method, path, body, signal) {
  /** @type {RequestInit} */
  const options = { method };
  if (signal) options.signal = signal;
  if (body instanceof FormData) options.body = body;
  else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  const response = await fetch(url(path), options).catch((error) => {
    if (signal?.aborted) throw error;
    throw new Error(UNREACHED);
  });
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
}

/**
 * Whether a request that failed may succeed later: the server was out of reach, busy or starting.
 *
 * @param {unknown} error
 */
export const mayPass = (error) => !(error instanceof Refusal) || error.status === 429 || error.status >= 500;

/**
 * What to say of something that was thrown.
 *
 * @param {unknown} error
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
