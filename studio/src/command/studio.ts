import { resolve } from "node:path";
import { type ServerOptions, startServer } from "../server/server.ts";

/** `chainrule studio [runs/]`: serves a folder of runs until it is interrupted. */
export async function studioCommand(
  options: Omit<ServerOptions, "channel">,
  say: (text: string) => void,
): Promise<void> {
  const server = await startServer({ ...options, runs: resolve(options.runs) });
  say(`Studio: ${server.link}`);
  if (server.readOnly) say("It listens beyond this machine, so it is read-only (--allow-control changes that).");
  if (options.host !== undefined && options.host !== "127.0.0.1" && options.host !== "localhost")
    say("Browsers have no WebGPU (navigator.gpu) on pages that come neither by HTTPS nor from localhost.");
  await new Promise<void>((resolveEnd) => {
    process.once("SIGINT", resolveEnd);
    process.once("SIGTERM", resolveEnd);
  });
  await server.close();
}
