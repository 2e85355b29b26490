/** V8 begins a collection when the bytes that it counts have grown by 64 MiB. */
const signalBytes = 128 * 2 ** 20;

/**
 * Has V8 look for what was dropped: it counts the bytes of array buffers. This one is never touched, so that it takes no memory,
 * and is garbage at once.
 */
export function tellCollector(): void {
  try {
    new ArrayBuffer(signalBytes);
  } catch {
    // There is no address space for it: the engine looks for garbage before it says so.
  }
}
