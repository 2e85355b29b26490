import { DeviceError } from "chainrule/base";
import { compileLibrary } from "./compile.ts";
import type { DeviceParts } from "./device.ts";
import { poolSource } from "./poolSource.ts";
import { Queue } from "./queue.ts";
import { queueSource } from "./queueSource.ts";

/** The threads that programs run on. */
export interface Pool {
  readonly threads: number;
  /** Programs on their way to the threads. */
  readonly queue: Queue;
  /** Runs a program on the calling thread, alone or with the others; no program may be under way. Gives its status. */
  runHere(entry: bigint, slots: BigUint64Array, helped: boolean): number;
  /** Asks the system for large pages in new memory, which makes no difference but in speed. */
  advise(address: bigint, bytes: number): void;
  /** Ends the threads. */
  destroy(): void;
}

/** Starts `threads` threads. */
export async function createPool(
  threads: number,
  { koffi, toolchain, cache }: Pick<DeviceParts, "koffi" | "toolchain" | "cache">,
): Promise<Pool> {
  const library = koffi.load((await compileLibrary([poolSource + queueSource], toolchain, cache)).path);
  const create: (threads: number) => bigint | null = library.func("void *pool_create(int32_t threads)");
  const count: (pool: bigint) => number = library.func("int32_t pool_threads(void *pool)");
  const run: (pool: bigint, entry: bigint, slots: BigUint64Array) => number = library.func(
    "int32_t pool_run(void *pool, void *entry, void *slots)",
  );
  const advise: (start: bigint, bytes: number) => void = library.func("void pool_advise(void *start, int64_t bytes)");
  const destroy: (pool: bigint) => void = library.func("void pool_destroy(void *pool)");
  const [shared, own] = [create(threads), create(1)];
  if (shared === null || own === null) throw new DeviceError("native: no memory for the thread pool");
  const end = (): void => {
    destroy(shared);
    destroy(own);
  };
  const queue = new Queue(shared, library, koffi, end);
  return {
    threads: count(shared),
    queue,
    runHere: (entry, slots, helped) => run(helped ? shared : own, entry, slots),
    advise,
    destroy: () => queue.close(),
  };
}
