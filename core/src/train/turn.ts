/** How long training may keep the event loop to itself, in milliseconds. */
const longestTurnMs = 5;

interface Host {
  setImmediate?(callback: () => void): unknown;
  setTimeout(callback: () => void, ms: number): unknown;
}

/** Resolves when timers, files, sockets and the page have had their turn. */
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    const host = globalThis as unknown as Host; // what Node has, and pages have in part
    if (host.setImmediate !== undefined) host.setImmediate(resolve);
    else host.setTimeout(resolve, 0);
  });

/** Lets others have their turn: short steps run at once, and awaiting them gives nothing away. */
export class Turn {
  #began = performance.now();

  /** Waits for the others if the present turn has been long. */
  async pass(): Promise<void> {
    if (performance.now() - this.#began < longestTurnMs) return;
    await nextTurn();
    this.#began = performance.now();
  }
}
