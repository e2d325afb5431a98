// Mosaic of the pictures of units: where each stands, and which synapse a cell shows.

const MOST_PICTURES = 128;

/** A synapse's input and unit as [unit, input], or a cell as [row, column]; all from 0. */
/** @typedef {[number, number]} Pair */

export class Mosaic {
  /**
   * Arrange pictures side by side with a gap, in as many rows as make them largest.
   *
   * @param {number} units at most 128 are shown
   * @param {number[]} shape height and width of a picture, in cells
   * @param {{ w: number, h: number }} room for all of them, in pixels
   */
  constructor(units, [height, width], room) {
    this.height = height;
    this.width = width;
    this.count = Math.min(units, MOST_PICTURES);
    /** @param {number} rows */
    const size = (rows) => Math.min(room.w / Math.ceil(this.count / rows) / (width + 1), room.h / rows / (height + 1));
    this.rows = 1;
    for (let more = 2; more <= this.count; more++) if (size(more) > size(this.rows)) this.rows = more;
    this.columns = Math.ceil(this.count / this.rows);
  }

  /**
   * Cell of a unit's input.
   *
   * @param {number} unit
   * @param {number} input
   * @returns {Pair}
   */
  cell(unit, input) {
    return [
      Math.floor(unit / this.columns) * (this.height + 1) + Math.floor(input / this.width),
      (unit % this.columns) * (this.width + 1) + (input % this.width),
    ];
  }

  /**
   * Unit and input that a cell shows; null for a gap.
   *
   * @param {number} row
   * @param {number} column
   * @returns {Pair | null}
   */
  place(row, column) {
    const unit = Math.floor(row / (this.height + 1)) * this.columns + Math.floor(column / (this.width + 1));
    const [y, x] = [row % (this.height + 1), column % (this.width + 1)];
    return y < this.height && x < this.width && unit < this.count ? [unit, y * this.width + x] : null;
  }

  /**
   * Rows of cells with the weights of each unit; null in the gaps.
   *
   * @param {ArrayLike<number>[]} weights of each unit, input by input
   * @returns {(number | null)[][]}
   */
  fill(weights) {
    const across = this.columns * (this.width + 1) - 1;
    const rows = this.rows * (this.height + 1) - 1;
    const cells = Array.from({ length: rows }, () => /** @type {(number | null)[]} */ (new Array(across).fill(null)));
    for (let unit = 0; unit < this.count; unit++) {
      for (let input = 0; input < weights[unit].length; input++) {
        const [row, column] = this.cell(unit, input);
        cells[row][column] = weights[unit][input];
      }
    }
    return cells;
  }
}
