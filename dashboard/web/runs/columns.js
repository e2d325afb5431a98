// Which columns of the grid have room.

/** Columns in the order in which they get room; name, status and best come before all. */
export const PRIORITY = [
  "choose",
  "more",
  "progress",
  "curve",
  "validation_accuracy",
  "dataset_name",
  "network",
  "duration",
  "created_at",
  "tags",
  "method",
  "owner",
];

/** The order where runs have several owners: whose a run is matters then. */
export const PRIORITY_OF_OWNERS = [...new Set(["choose", "more", "owner", ...PRIORITY])];

/**
 * Visible or not, for each column of PRIORITY that the grid has: as chosen, else as far as there is room. Once one has no
 * room the next ones are left out too, even if they are narrow: they are less wanted.
 *
 * @param {Map<string, number>} widths of all columns, in pixels
 * @param {number} room
 * @param {Record<string, boolean>} shown choices
 * @param {Set<string>} empty columns that no row has a value for; their room goes to the others
 * @param {string[]} order in which columns get room
 * @returns {Map<string, boolean>}
 */
export function visibleColumns(widths, room, shown, empty, order = PRIORITY) {
  let left = room;
  for (const [id, width] of widths) if (!PRIORITY.includes(id) || shown[id]) left -= width;
  /** @type {Map<string, boolean>} */
  const visible = new Map();
  for (const id of order) {
    const width = widths.get(id);
    if (width === undefined) continue;
    const isChosen = shown[id] !== undefined;
    const fits = left >= width && !empty.has(id);
    if (!isChosen && fits) left -= width;
    else if (!isChosen && !empty.has(id)) left = 0;
    visible.set(id, shown[id] ?? fits);
  }
  return visible;
}
