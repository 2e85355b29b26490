/** What a thread is told first: what it calls. */
export interface Setup {
  readonly kind: "setup";
  /** The address of `answer.ts` of ours. */
  readonly answer: string;
  /** The text of a function; or a module and what it exports. */
  readonly code?: string | undefined;
  readonly module?: string | undefined;
  readonly name?: string | undefined;
}

export interface Task {
  readonly kind: "task";
  readonly task: number;
  readonly element: unknown;
  readonly index: number;
  readonly seed: number;
  readonly pass: number;
}

/** The answer to a task, or to the setup (task -1). */
export type Answer =
  | { readonly task: number; readonly value: unknown }
  | { readonly task: number; readonly error: { readonly name: string; readonly message: string } };

/**
 * The program of a thread: it loads the function, then calls it for each element that comes. Messages that come before the
 * function is there wait for it.
 */
export const program = `"use strict";
const threads = globalThis.process?.versions?.node === undefined ? undefined : process.getBuiltinModule("node:worker_threads");
const port = threads === undefined ? globalThis : threads.parentPort;
let ready;

async function prepare({ answer, code, module, name }) {
  const { answerTo } = await import(answer);
  const change = module === undefined ? new Function("return (" + code + ")")() : (await import(module))[name];
  if (typeof change !== "function") throw new TypeError(module + " has no function " + name);
  return (task) => answerTo(change, task);
}

const told = (error) => ({ name: error?.name ?? "Error", message: String(error?.message ?? error) });

async function receive(message) {
  if (message.kind === "setup") {
    ready = prepare(message);
    await ready.then(() => port.postMessage({ task: -1, value: undefined }), (error) => port.postMessage({ task: -1, error: told(error) }));
    return;
  }
  try {
    const value = await (await ready)(message);
    port.postMessage({ task: message.task, value });
  } catch (error) {
    port.postMessage({ task: message.task, error: told(error) });
  }
}

if (threads === undefined) port.onmessage = (event) => receive(event.data);
else port.on("message", receive);
`;
