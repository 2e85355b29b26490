import { parentPort, workerData } from "node:worker_threads";
import type { Reply } from "chainrule/session";
import { type Channel, letterId } from "../server/channel.ts";
import { RunFolder } from "../server/runFolder.ts";
import { Refused } from "../server/security.ts";
import { startServer } from "../server/server.ts";
import type { ThreadData, ThreadMessage } from "./serverThread.ts";

const { address, ...options } = workerData as ThreadData; // what startServerThread gives
const flag = new Int32Array(address.flag);
const longestAnswerMs = 20_000;
const waiting = new Map<string, (reply: Reply) => void>();

address.port.on("message", (reply: Reply) => {
  const id = reply.type === "acknowledgement" ? reply.acknowledgement.id : reply.id;
  waiting.get(id)?.(reply);
  waiting.delete(id);
});
let open = true;
address.port.on("close", () => {
  open = false;
});

/** Runs that this process trains or trained: the training says so by its file. */
const ours = (run: string): boolean => open && (RunFolder.of(options.runs, run)?.isOwn() ?? false);

const channel: Channel = {
  reaches: ours,
  send: (_run, letter) =>
    new Promise((resolve, reject) => {
      const id = letterId(letter);
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new Refused(504, "the training has not answered in time"));
      }, longestAnswerMs);
      waiting.set(id, (reply) => {
        clearTimeout(timer);
        resolve(reply);
      });
      address.port.postMessage(letter);
      Atomics.store(flag, 0, 1);
    }),
};

const say = (message: ThreadMessage): void => parentPort?.postMessage(message);
try {
  const { link } = await startServer({ ...options, channel });
  say({ link });
} catch (error) {
  say({ error: error instanceof Error ? error.message : String(error) });
}
