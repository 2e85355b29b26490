/** Of what is told at evaluations besides figures: bytes of the whole run. */
const mostBytes = 64 * 2 ** 20;

/**
 * Keeps what evaluations tell within so many bytes: when half of them are written, only each second evaluation tells; when half of
 * the rest are, each fourth, and so on. A log only grows, so what is rarer is what comes.
 */
export class Thinning {
  readonly #most: number;
  #bytes = 0;
  #evaluations = 0;

  constructor(most = mostBytes) {
    this.#most = most;
  }

  /** Whether the next evaluation tells. */
  due(): boolean {
    if (this.#bytes >= this.#most) return false;
    const stride = 2 ** Math.floor(Math.log2(this.#most / (this.#most - this.#bytes)));
    return this.#evaluations++ % stride === 0;
  }
  wrote(bytes: number): void {
    this.#bytes += bytes;
  }
}
