import { DeviceError } from "chainrule/base";
import type { NativeBuffer } from "./memory.ts";

export type Koffi = typeof import("koffi");
export type Library = ReturnType<Koffi["load"]>;

let loading: Promise<Koffi> | undefined;

/** The package that calls C; a DeviceError when it is missing or does not work here. */
export function loadKoffi(): Promise<Koffi> {
  loading ??= import("koffi").then(
    // The default export is the whole package; its types only describe the named exports.
    (module) => module.default as unknown as Koffi,
    (error: unknown) => {
      loading = undefined;
      throw new DeviceError({
        what: "the package koffi, which calls compiled code, cannot be loaded",
        details: [{ role: "cause", value: error instanceof Error ? error.message : String(error) }],
        hint: "npm install koffi",
      });
    },
  );
  return loading;
}

/** A program's `run`, called on a thread of koffi's, which takes part in the work. */
export interface EntryPoint {
  async(slots: BigUint64Array, pool: bigint, done: (error: unknown, status: number) => void): void;
}

/** Calls `entry` beside the event loop; `buffers` and the table of their addresses live until it returns. */
export function call(entry: EntryPoint, buffers: readonly (NativeBuffer | undefined)[], pool: bigint): Promise<number> {
  const slots = BigUint64Array.from(buffers, (buffer) => buffer?.address ?? 0n);
  const { promise, resolve, reject } = withResolvers<number>();
  entry.async(slots, pool, (error, status) => {
    // The closure holds what C works on until it returns: `buffers` and `slots` must be mentioned here.
    if (error)
      reject(
        new DeviceError(
          `native: the call failed for ${buffers.length} buffers in ${slots.length} slots: ${String(error)}`,
        ),
      );
    else resolve(status);
  });
  return promise;
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((accept, refuse) => {
    resolve = accept;
    reject = refuse;
  });
  return { promise, resolve, reject };
}
