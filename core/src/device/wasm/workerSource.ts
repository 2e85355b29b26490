import { control } from "../../render/wasm/control.ts";

/**
 * The program of a worker thread, for Node (worker_threads, eval) and browsers (Blob URL). It sleeps in its event loop; one
 * message starts a run, in which the threads agree through the control block (render/wasm/control) and nothing else. A thread
 * that fails wakes the others out of their barrier: they see it, and stop.
 */
export const workerSource = `"use strict";
const threads = globalThis.process?.versions?.node === undefined ? undefined : process.getBuiltinModule("node:worker_threads");
const port = threads === undefined ? globalThis : threads.parentPort;
const instances = new Map();
let memory;
const now = () => performance.now();
function fail(controlAddress) {
  const words = new Int32Array(memory.buffer);
  Atomics.store(words, (controlAddress + ${control.failed}) / 4, 1);
  Atomics.add(words, (controlAddress + ${control.generation}) / 4, 1);
  Atomics.notify(words, (controlAddress + ${control.generation}) / 4);
}

function receive(message) {
  switch (message.kind) {
    case "memory":
      memory = message.memory;
      port.postMessage({ kind: "ready" });
      break;
    case "load":
      instances.set(message.module, new WebAssembly.Instance(message.code, { host: { memory, now } }));
      break;
    case "drop":
      instances.delete(message.module);
      break;
    case "run": {
      let error;
      try {
        instances.get(message.module).exports.run(message.thread, message.threads, message.control, message.slots, message.scratch);
      } catch (thrown) {
        error = String(thrown?.stack ?? thrown);
        fail(message.control);
      }
      const words = new Int32Array(memory.buffer);
      Atomics.add(words, (message.control + ${control.ended}) / 4, 1);
      Atomics.notify(words, (message.control + ${control.ended}) / 4);
      port.postMessage({ kind: "done", run: message.run, error });
      break;
    }
  }
}

if (threads === undefined) port.onmessage = (event) => receive(event.data);
else port.on("message", receive);
`;
