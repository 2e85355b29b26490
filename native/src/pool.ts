import { DeviceError } from "chainrule/base";
import { compileLibrary } from "./compile.ts";
import type { DeviceParts } from "./device.ts";
import { poolSource } from "./poolSource.ts";

/** The threads that programs run on. */
export interface Pool {
  /** Where the C structure is. */
  readonly address: bigint;
  readonly threads: number;
  /** Ends the threads. */
  destroy(): void;
}

/** Starts a pool of `threads` threads, counting the one that calls. */
export async function createPool(
  threads: number,
  { koffi, toolchain, cache }: Pick<DeviceParts, "koffi" | "toolchain" | "cache">,
): Promise<Pool> {
  const library = koffi.load((await compileLibrary([poolSource], toolchain, cache)).path);
  const create: (threads: number) => bigint | null = library.func("void *pool_create(int32_t threads)");
  const count: (pool: bigint) => number = library.func("int32_t pool_threads(void *pool)");
  const destroy: (pool: bigint) => void = library.func("void pool_destroy(void *pool)");
  const address = create(threads);
  if (address === null) throw new DeviceError("native: no memory for the thread pool");
  return { address, threads: count(address), destroy: () => destroy(address) };
}
