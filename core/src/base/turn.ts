/** How long work that never waits may keep the event loop to itself, in milliseconds. */
const longestTurnMs = 5;

interface Port {
  onmessage: (() => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

interface Host {
  setImmediate?(callback: () => void): unknown;
  readonly MessageChannel?: new () => { readonly port1: Port; readonly port2: Port };
  setTimeout(callback: () => void, ms: number): unknown;
}

/** Resolves when timers, files, sockets and the page have had their turn, and finalizers, which give memory back. */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    const host = globalThis as unknown as Host; // what Node has, and pages have in part
    if (host.setImmediate !== undefined) host.setImmediate(resolve);
    else if (host.MessageChannel === undefined) host.setTimeout(resolve, 0);
    else {
      // Pages let timers that follow each other wait for 4 ms; messages come at once.
      const { port1, port2 } = new host.MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    }
  });

/** Lets others have their turn: what is done at once gives nothing away when it is awaited. */
export class Turn {
  #began = performance.now();

  /** Whether the present turn has been long. */
  get due(): boolean {
    return performance.now() - this.#began >= longestTurnMs;
  }

  /** Waits for the others if the present turn has been long. */
  async pass(): Promise<void> {
    if (!this.due) return;
    await nextTurn();
    this.#began = performance.now();
  }
}
