// Codes of sessions as people type and see them.

/** Signs of a session's code. Codes of the class, which give an account, are longer. */
export const CODE_LENGTH = 6;
const LONGEST = 16;

/**
 * A code without what people add to it: upper case, letters and digits alone.
 *
 * @param {string} typed
 */
export function tidy(typed) {
  return typed
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "")
    .slice(0, LONGEST);
}

/** @param {string} code tidied */
export const isSessionCode = (code) => code.length <= CODE_LENGTH;

/**
 * A code in two groups, as it is shown: "K7T MX2".
 *
 * @param {string} code
 */
export function grouped(code) {
  const half = CODE_LENGTH / 2;
  return code.length === CODE_LENGTH ? `${code.slice(0, half)} ${code.slice(half)}` : code;
}
