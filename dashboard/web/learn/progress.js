// Progress in the lessons, kept in this browser: the step that is open, what was predicted and answered, what is finished.

/** @typedef {{step?: string, answers: Record<string, string>, done: string[], finished?: boolean}} Progress */

const KEY = "synrl-lessons";

/** @type {Record<string, Progress>} where storage is forbidden, it lasts as long as the page */
let kept = {};

/** @returns {Record<string, Progress>} */
function all() {
  try {
    kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    // Forbidden, or of another version: what is kept here holds.
  }
  return kept;
}

/**
 * Progress in a lesson.
 *
 * @param {string} lesson
 * @returns {Progress}
 */
export function progressOf(lesson) {
  const { step, answers, done, finished } = all()[lesson] ?? {};
  return { step, answers: answers ?? {}, done: done ?? [], finished };
}

/**
 * @param {string} lesson
 * @param {Progress} progress
 */
export function keep(lesson, progress) {
  kept = { ...all(), [lesson]: progress };
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Then it lasts as long as the page.
  }
}

/** Forget the progress in a lesson. @param {string} lesson */
export function forget(lesson) {
  keep(lesson, { answers: {}, done: [] });
}
