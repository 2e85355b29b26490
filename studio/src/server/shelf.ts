import { LogState } from "./logState.ts";
import type { RunFolder } from "./runFolder.ts";

/** What the indices of all logs that are looked at may take together. */
const mostBytes = 64 * 2 ** 20;

/** What is known of the logs of a folder. What is large is kept of those that were looked at last. */
export class Shelf {
  readonly #most: number;
  readonly #states = new Map<string, LogState>();
  /** The one that was looked at last is the last. */
  readonly #lookedAt = new Set<LogState>();

  constructor(most = mostBytes) {
    this.#most = most;
  }

  /** Bytes that are kept for questions. */
  get bytes(): number {
    let bytes = 0;
    for (const state of this.#lookedAt) bytes += state.bytes;
    return bytes;
  }

  state(folder: RunFolder): LogState {
    const known = this.#states.get(folder.id) ?? new LogState(folder);
    this.#states.set(folder.id, known);
    return known;
  }

  /** What is known of these logs; what is known of others is forgotten. */
  all(folders: readonly RunFolder[]): LogState[] {
    const present = new Set(folders.map(({ id }) => id));
    for (const [id, state] of this.#states) {
      if (present.has(id)) continue;
      this.#states.delete(id);
      this.#lookedAt.delete(state);
    }
    return folders.map((folder) => this.state(folder));
  }

  /** Answers a question about a log. Afterwards those that were not looked at for longest are forgotten, down to what may be kept. */
  async look<T>(folder: RunFolder, answer: (state: LogState) => Promise<T>): Promise<T> {
    const state = this.state(folder);
    this.#lookedAt.delete(state);
    this.#lookedAt.add(state);
    try {
      return await answer(state);
    } finally {
      let bytes = this.bytes;
      for (const oldest of this.#lookedAt) {
        if (bytes <= this.#most) break;
        bytes -= oldest.bytes;
        oldest.close();
        this.#lookedAt.delete(oldest);
      }
    }
  }
}
