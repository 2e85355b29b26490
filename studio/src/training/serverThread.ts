import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { ServerOptions } from "../server/server.ts";
import type { Address } from "./threadMailbox.ts";

/** What the thread is started with. */
export interface ThreadData extends Pick<ServerOptions, "runs" | "port" | "host" | "allowControl" | "page" | "token"> {
  readonly address: Address;
}

export interface ServerThread {
  readonly link: string;
  close(): Promise<void>;
}

/** What the thread says: that it listens, or that it cannot. */
export type ThreadMessage = { readonly link: string } | { readonly error: string };

/** The server in a thread of its own: it answers also while the training computes. Its failure is no failure of the training. */
export async function startServerThread(data: ThreadData): Promise<ServerThread> {
  const worker = new Worker(fileURLToPath(new URL("./serverWorker.js", import.meta.url)), {
    workerData: data,
    transferList: [data.address.port],
  });
  worker.on("error", (error) => console.warn(`the studio's server has failed: ${error.message}; training goes on`));
  const said = await new Promise<ThreadMessage>((resolve) => {
    worker.once("message", resolve);
    worker.once("exit", () => resolve({ error: "its thread ended" }));
  });
  // A program ends when its training does, whether a page is open or not.
  worker.unref();
  if ("error" in said) throw new Error(`the studio's server cannot start: ${said.error}`);
  return {
    link: said.link,
    close: async () => {
      await worker.terminate();
    },
  };
}
