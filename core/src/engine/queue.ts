import type { Device } from "../device/device.ts";
import type { Selection } from "../device/select.ts";

/** The end of the queue of each device. */
const tails = new WeakMap<Selection, Promise<void>>();

const ignore = (): void => {};

/**
 * Does `work` after everything that was enqueued for this device before, and gives its result. An error reaches whoever
 * awaits the result; the queue goes on, and an error that nobody awaits is not an unhandled rejection: the values that
 * the work should have made keep it.
 */
export function enqueue<T>(on: Selection, work: (device: Device) => T | Promise<T>): Promise<T> {
  const result = (tails.get(on) ?? Promise.resolve()).then(() => on.ready).then(work);
  tails.set(on, result.then(ignore, ignore));
  return result;
}

/** Waits until everything enqueued so far has been done. */
export const drained = (on: Selection): Promise<void> => tails.get(on) ?? Promise.resolve();
