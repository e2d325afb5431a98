// @ts-check
// The known word that is nearest to one that is not known, as people mistype them.

/** Changes of one letter that lead from one word to the other. @param {string} one @param {string} other */
function distance(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let line = 1; line <= one.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[line - 1] === other[column - 1] ? 0 : 1;
      next.push(Math.min(row[column] + 1, next[column - 1] + 1, row[column - 1] + same));
    }
    row = next;
  }
  return row[other.length];
}

/**
 * The nearest of the known words; undefined where none is near.
 * @param {string} word
 * @param {string[]} known
 * @returns {string | undefined}
 */
export function nearestWord(word, known) {
  let best;
  // Two letters in five may differ.
  let least = Math.max(word.length, 3) * 0.4;
  for (const one of known) {
    const far = distance(word.toLowerCase(), one.toLowerCase());
    if (far <= least && (best === undefined || far < least)) {
      best = one;
      least = far;
    }
  }
  return best;
}
