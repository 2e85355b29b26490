/** What has to come to the memory that is owned on devices before the collector is told: at least this, and an eighth of it. */
const leastBytes = 32 * 2 ** 20;
/** V8 begins a collection when the bytes that it counts have grown by 64 MiB. */
const signalBytes = 128 * 2 ** 20;

let owned = 0;
/** The least that was owned since the collector was told: what is in use, once it has been heard. */
let least = 0;

/** Counts memory of a device that goes back when its owner is released or collected: `bytes` more, or, negative, fewer. */
export function countOwned(bytes: number): void {
  owned += bytes;
  least = Math.min(least, owned);
  if (owned - least < Math.max(leastBytes, least / 8)) return;
  least = owned;
  tellCollector();
}

/**
 * Has V8 look for what was dropped. It does not see the memory of devices, and lets small objects lie that own much of it; but it
 * counts the bytes of array buffers. This one is never touched, so that it takes no memory, and is garbage at once.
 */
function tellCollector(): void {
  try {
    new ArrayBuffer(signalBytes);
  } catch {
    // There is no address space for it: the engine looks for garbage before it says so.
  }
}
