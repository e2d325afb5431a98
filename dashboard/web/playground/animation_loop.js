// Animation loop of the playground: a frame at each refresh of the screen while something changes, and none at rest, so
// that neither the processor nor the battery works for a picture that stays as it is.

/** How often a page at rest looks whether something came that nobody told it of, in milliseconds. */
export const LOOK_EVERY_MS = 500;

export class AnimationLoop {
  /** @param {(now: number) => boolean} frame draws, and tells whether the next frame may differ
   * @param {(draw: (now: number) => void) => void} [ask] asks for a frame at the next refresh; the window's, if not given */
  constructor(frame, ask = (draw) => void requestAnimationFrame(draw)) {
    this.draw = frame;
    this.ask = ask;
    this.awake = false;
    this.stopped = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** Something changed: draw at the next refresh of the screen, and on until nothing changes. */
  wake() {
    if (this.awake || this.stopped) return;
    this.awake = true;
    clearTimeout(this.timer);
    this.ask((now) => this.tick(now));
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** @param {number} now milliseconds */
  tick(now) {
    this.awake = false;
    let moves = false;
    try {
      moves = this.draw(now);
    } finally {
      if (moves) this.wake();
      if (!this.awake && !this.stopped) this.timer = setTimeout(() => this.tick(performance.now()), LOOK_EVERY_MS);
    }
  }
}
