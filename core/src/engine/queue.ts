import { DeviceError } from "../base/errors.ts";
import type { Device } from "../device/device.ts";
import type { Selection } from "../device/select.ts";

/** Something to be done with a device, after all that was enqueued for it before. */
export interface Work {
  /** Begins what `prepare` will ask for, such as a compilation, while works before this one are still waited for. */
  foresee?(device: Device): void;
  /** A promise while something is missing that the work needs (a compiled program, bytes); asked again after it. */
  prepare?(device: Device): Promise<unknown> | undefined;
  /** Makes what is missing while the calling thread waits; throws where that cannot be. */
  prepareSync?(device: Device): void;
  /** Does the work, or hands it to the device, which keeps the order of what it is handed. */
  start(device: Device): void;
  /** What the work needs cannot be had, or `start` has thrown; the queue goes on. */
  fail(error: unknown): void;
}

/** The work that one device has not been handed yet. Most of the time it is empty: then work starts as it is enqueued. */
interface Queue {
  readonly works: Work[];
  /** What the first work waits for. */
  awaited: Promise<unknown> | undefined;
  /** True while works are started: what they enqueue waits for its turn. */
  starting: boolean;
}

/** Works from the front of a queue whose compilations may be under way at the same time. */
const foreseen = 8;

const queues = new WeakMap<Selection, Queue>();

function queueOf(on: Selection): Queue {
  const known = queues.get(on);
  if (known !== undefined) return known;
  const made: Queue = { works: [], awaited: undefined, starting: false };
  queues.set(on, made);
  return made;
}

/** Does `work` after everything that was enqueued for this device before: at once, where nothing has to be waited for. */
export function enqueue(on: Selection, work: Work): void {
  const queue = queueOf(on);
  queue.works.push(work);
  if (queue.works.length > 1 && queue.works.length <= foreseen && on.device !== undefined) work.foresee?.(on.device);
  advance(on, queue);
}

/** Starts works in order, as far as nothing has to be waited for. */
function advance(on: Selection, queue: Queue): void {
  if (queue.starting) return;
  queue.starting = true;
  for (let work = queue.works[0]; work !== undefined && queue.awaited === undefined; work = queue.works[0]) {
    const { device } = on;
    try {
      const missing = device === undefined ? on.ready : work.prepare?.(device);
      if (missing === undefined) begin(queue, device!);
      else wait(on, queue, missing);
    } catch (error) {
      drop(queue, error);
    }
  }
  queue.starting = false;
}

function wait(on: Selection, queue: Queue, missing: Promise<unknown>): void {
  queue.awaited = missing;
  // When a synchronous read has overtaken the promise, the work that waited for it is done.
  const come = (failed: boolean, error?: unknown): void => {
    if (queue.awaited !== missing) return;
    queue.awaited = undefined;
    if (failed) drop(queue, error);
    advance(on, queue);
  };
  missing.then(
    () => come(false),
    (error: unknown) => come(true, error),
  );
}

function begin(queue: Queue, device: Device): void {
  const work = queue.works.shift()!;
  try {
    work.start(device);
  } catch (error) {
    work.fail(error);
  }
}

const drop = (queue: Queue, error: unknown): void => queue.works.shift()?.fail(error);

/** Starts everything enqueued so far while the calling thread waits, and gives the device; `what` is for messages. */
export function settleSync(on: Selection, what: string): Device {
  const { device } = on;
  if (device === undefined) {
    throw new DeviceError({
      what: `${what}: the device is not ready yet, and cannot be waited for without giving up the thread`,
      hint: "write `await setDevice(...)` or `await defaultDevice()` once before, or read with await",
    });
  }
  const queue = queueOf(on);
  while (queue.works.length > 0) {
    queue.awaited = undefined;
    try {
      queue.works[0]!.prepareSync?.(device);
    } catch (error) {
      drop(queue, error);
      continue;
    }
    begin(queue, device);
  }
  return device;
}
