import { DataError } from "../../base/errors.ts";
import { builtin } from "../../base/host.ts";
import type { Shape } from "../../base/shape.ts";
import { damaged } from "./cursor.ts";
import { librarySource } from "./librarySource.ts";
import type { AttributeValue, Hdf5Dataset, Hdf5Group } from "./read.ts";
import type { ElementType } from "./types.ts";

/** Memory that the library may have beside the file and its values, in bytes. */
const spareBytes = 64 * 2 ** 20;
/** Groups and datasets in a file. */
const mostObjects = 100_000;
/** Time that a file may take: a constant, and bytes of the file in a millisecond. */
const leastMs = 1500;
const bytesPerMs = 10_000;

/** Time that the library may take to start, whatever the file: the machine may have much else to do. */
const startMs = 30_000;

interface Answer {
  /** The library is there, and begins to read. */
  readonly ready?: boolean;
  readonly root?: Found;
  readonly error?: string;
}

interface Threads {
  readonly Worker: new (
    source: string,
    options: {
      readonly eval: true;
      readonly workerData: unknown;
      readonly execArgv: readonly string[];
      readonly stderr: true;
    },
  ) => Thread;
}

interface Thread {
  on(event: "message" | "error" | "exit", listener: (value: never) => void): void;
  terminate(): Promise<number>;
}

/** What the thread found at one place. */
type Found =
  | {
      readonly kind: "dataset";
      readonly shape: Shape;
      readonly type: ElementType;
      readonly attributes: readonly (readonly [string, AttributeValue])[];
      readonly values: Uint8Array;
    }
  | {
      readonly kind: "group";
      readonly attributes: readonly (readonly [string, AttributeValue])[];
      readonly members: readonly (readonly [string, Found])[];
    };

/** Where the package `h5wasm` is installed, and Node's threads; undefined in browsers, and without the package. */
export function findLibrary(): { readonly url: string; readonly threads: Threads } | undefined {
  const threads = builtin<Threads>("node:worker_threads");
  if (threads === undefined) return undefined;
  try {
    return { url: import.meta.resolve("h5wasm"), threads };
  } catch {
    return undefined;
  }
}

/**
 * The root group of a file that only the package `h5wasm` can read: packed or cut into chunks, with links of another kind. It runs
 * in a thread with bounded memory and time, for a damaged file can make it ask for all of either.
 */
export async function readWithLibrary(
  bytes: Uint8Array,
  source: string,
  { url, threads }: NonNullable<ReturnType<typeof findLibrary>>,
): Promise<Hdf5Group> {
  const workerData = {
    url,
    bytes,
    memory: bytes.byteLength + spareBytes,
    unpacked: bytes.byteLength + spareBytes,
    objects: mostObjects,
  };
  const thread = new threads.Worker(librarySource, { eval: true, workerData, execArgv: [], stderr: true }); // the library's own words are dropped
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const answer = await new Promise<Answer>((resolve) => {
      const limit = (milliseconds: number, what: string): void => {
        clearTimeout(timer);
        timer = setTimeout(() => resolve({ error: `${what} takes too long` }), milliseconds);
      };
      limit(startMs, "starting the HDF5 library");
      thread.on("message", (answer: Answer) => {
        if (answer.ready === true) limit(leastMs + bytes.byteLength / bytesPerMs, "reading it");
        else resolve(answer);
      });
      thread.on("error", (error: Error) => resolve({ error: error.message }));
      thread.on("exit", () => resolve({ error: "the HDF5 library ended" }));
    });
    if (answer.root === undefined) throw damaged(source, answer.error ?? "nothing was read");
    if (answer.root.kind === "group") return groupOf(answer.root);
    throw damaged(source, "the root is not a group");
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw damaged(source, error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}

function groupOf({ attributes, members }: Extract<Found, { kind: "group" }>): Hdf5Group {
  const made = new Map(
    members.map(([name, found]) => [name, found.kind === "group" ? groupOf(found) : datasetOf(found)]),
  );
  return {
    kind: "group",
    attributes: new Map(attributes),
    names: [...made.keys()],
    get: (path) => {
      const [first = "", ...rest] = path.split("/");
      const found = made.get(first);
      if (rest.length === 0 || found === undefined) return found;
      return found.kind === "group" ? found.get(rest.join("/")) : undefined;
    },
  };
}

const datasetOf = ({ shape, type, attributes, values }: Extract<Found, { kind: "dataset" }>): Hdf5Dataset => ({
  kind: "dataset",
  shape,
  type,
  attributes: new Map(attributes),
  bytes: () => values,
});
