// Text that people type.

/**
 * The words between commas, without those that are empty.
 *
 * @param {string} text
 */
export function commaSeparated(text) {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}
