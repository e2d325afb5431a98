// A column of numbers that grows.

/** Numbers in a typed array that doubles when full. `view` shares its memory. */
export class Column {
  constructor() {
    this.array = new Float64Array(256);
    this.length = 0;
  }

  /** @param {number | null | undefined} value stored as NaN where it is not known */
  push(value) {
    if (this.length === this.array.length) {
      const larger = new Float64Array(2 * this.length);
      larger.set(this.array);
      this.array = larger;
    }
    this.array[this.length++] = value ?? Number.NaN;
  }

  get view() {
    return this.array.subarray(0, this.length);
  }

  get last() {
    return this.length ? this.array[this.length - 1] : Number.NaN;
  }
}
