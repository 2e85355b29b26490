import { ArgumentError, DataError } from "../../base/errors.ts";
import { hasTensors } from "../element.ts";
import type { Eventual } from "../eventual.ts";
import { openPlan, type Plan } from "../plan.ts";
import { Crew, ThreadError } from "../workers/crew.ts";
import type { Setup } from "../workers/program.ts";
import { processors } from "../workers/thread.ts";
import { packed } from "../workers/transfer.ts";
import { contextOf } from "./context.ts";
import { demandCount } from "./demand.ts";
import { abreast, failure, type MapFunction } from "./map.ts";

/** A function of a module, for threads: `{ module: new URL("./decode.js", import.meta.url), name: "decode" }`. */
export interface ModuleFunction {
  readonly module: URL | string;
  /** What the module exports it as. Default "default". */
  readonly name?: string | undefined;
}

export const isModuleFunction = (value: unknown): value is ModuleFunction =>
  typeof value === "object" && value !== null && "module" in value;

/** Elements under way for each thread: one that it works on, one that waits. */
const perThread = 2;

/** Applies a function to each element in threads of their own; results keep their order. */
export function mapInWorkers<T, U>(
  from: Plan<T>,
  change: MapFunction<T, U> | ModuleFunction,
  workers: number | true,
): Plan<U> {
  const size = workers === true ? processors() : demandCount("map: workers", workers);
  const setup = setupOf(change);
  const crew = new Crew(setup, size);
  const label = isModuleFunction(change) ? (change.name ?? "default") : change.name;
  const name = label === "" ? "map" : `map(${label})`;
  return {
    name,
    inputs: [from],
    cardinality: from.cardinality,
    indexed: from.indexed,
    open: (pass, order) => {
      const upstream = openPlan(from, pass, order);
      let entered = false;
      const apply = (element: T, index: number): Eventual<U> => {
        if (!entered) crew.enter();
        entered = true;
        if (hasTensors(element))
          throw failure(name, index, new DataError("tensors cannot go to another thread; map them to arrays before"));
        pass.drew?.(); // threads do not tell whether they do
        const made = crew.run({ element: packed(element), index, seed: pass.seed, pass: pass.number });
        if (made === undefined) return here(change, element, contextOf(pass, index), name);
        return (made as Promise<U>).catch((error: unknown) => Promise.reject(explained(name, index, error))); // the function makes U
      };
      const cursor = abreast(upstream, apply, size * perThread, order);
      return {
        ...cursor,
        close: async () => {
          await cursor.close();
          if (entered) crew.leave();
        },
      };
    },
  };
}

function setupOf(change: ModuleFunction | ((...given: never[]) => unknown)): Setup {
  const answer = new URL("../workers/answer.js", import.meta.url).href;
  if (isModuleFunction(change)) {
    return { kind: "setup", answer, module: String(change.module), name: change.name ?? "default" };
  }
  const code = String(change);
  if (code.includes("[native code]") || !/^(?:async\b|function\b|\(|[\w$]+\s*=>)/.test(code)) {
    throw new ArgumentError({
      what: "map: this function cannot be sent to another thread",
      hint: "write it as an arrow function or with `function`, or give { module, name } of a file that exports it",
    });
  }
  return { kind: "setup", answer, code };
}

/** Where there are no threads, the function is called here. */
async function here<T, U>(
  change: MapFunction<T, U> | ModuleFunction,
  element: T,
  context: ReturnType<typeof contextOf>,
  name: string,
): Promise<U> {
  try {
    if (!isModuleFunction(change)) return await change(element, context);
    const specifier = String(change.module);
    const exported = (await import(/* @vite-ignore */ specifier)) as { readonly [name: string]: MapFunction<T, U> }; // as it was told
    return await exported[change.name ?? "default"]!(element, context); // calling what is not there says so
  } catch (error) {
    throw failure(name, context.index, error);
  }
}

/** What went wrong in a thread, with what to do about the usual cause. */
function explained(name: string, index: number, error: unknown): Error {
  if (!(error instanceof ThreadError)) return failure(name, index, error);
  if (error.kind !== "ReferenceError") return failure(name, index, error);
  return failure(
    name,
    index,
    new DataError({
      what: error.message,
      hint: "a function for workers must use nothing from outside of itself: give { module, name } of a file that exports it",
    }),
  );
}
