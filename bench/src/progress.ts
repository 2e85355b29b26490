/** Tells on stderr how far the race is: results stay, the present state is one line that is written over. */
export class Progress {
  readonly #terminal = process.stderr.isTTY === true;

  /** What happens now. Without a terminal nothing is written: logs have the lines. */
  status(text: string): void {
    if (this.#terminal) process.stderr.write(`\r\x1b[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }

  /** Something to keep. */
  line(text: string): void {
    process.stderr.write(`${this.#terminal ? "\r\x1b[2K" : ""}${text}\n`);
  }
}
