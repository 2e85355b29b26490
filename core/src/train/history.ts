import type { Logs, Recorded } from "./callbacks/callback.ts";

/** What training recorded: the figures of each epoch. */
export class History {
  readonly epoch: number[] = [];
  readonly history: Record<string, number[]> = {};

  record(epoch: number, logs: Logs): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) {
      this.history[name] ??= [];
      this.history[name].push(value);
    }
  }

  /** Forgets what it holds, and takes over what was recorded before. */
  restore({ epoch, history }: Recorded): void {
    this.epoch.splice(0, this.epoch.length, ...epoch);
    for (const name of Object.keys(this.history)) delete this.history[name];
    for (const [name, values] of Object.entries(history)) this.history[name] = [...values];
  }

  /** A copy of what it holds. */
  recorded(): Recorded {
    const history = Object.entries(this.history).map(([name, values]) => [name, [...values]] as const);
    return { epoch: [...this.epoch], history: Object.fromEntries(history) };
  }
}
