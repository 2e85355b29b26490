import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import type { Letter, Reply } from "chainrule/session";
import type { RunFolder } from "./runFolder.ts";
import { Refused } from "./security.ts";

/** The way to a training. */
export interface Channel {
  /** Whether it leads to this run. */
  reaches(run: string): boolean;
  send(run: string, letter: Letter): Promise<Reply>;
}

export const letterId = (letter: Letter): string => (letter.type === "order" ? letter.order.id : letter.id);
const pollMs = 40;
const longestAnswerMs = 20_000;

/** To a training in another process: through files of its run. */
export function folderChannel(find: (run: string) => RunFolder | undefined): Channel {
  return {
    reaches: (run) => find(run)?.isAlive() ?? false,
    send: async (run, letter) => {
      const folder = find(run);
      if (folder === undefined) throw new Refused(404, `there is no run "${run}"`);
      const path = folder.reply(letterId(letter));
      appendFileSync(folder.letters, `${JSON.stringify(letter)}\n`);
      for (const until = Date.now() + longestAnswerMs; Date.now() < until; ) {
        await new Promise((resolve) => setTimeout(resolve, pollMs));
        if (!existsSync(path)) continue;
        const reply = readReply(readFileSync(path));
        rmSync(path, { force: true });
        return reply;
      }
      throw new Refused(504, "the training has not answered in time");
    },
  };
}

/** Replies as bytes: u32 length of the JSON, the JSON, and the log where there is one. */
export function writeReply(reply: Reply): Uint8Array {
  const { log, ...rest } = reply.type === "answer" ? reply : { ...reply, log: new Uint8Array(0) };
  const json = new TextEncoder().encode(JSON.stringify(rest));
  const bytes = new Uint8Array(4 + json.length + log.length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 4);
  bytes.set(log, 4 + json.length);
  return bytes;
}

function readReply(bytes: Uint8Array): Reply {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  // What our own training wrote, in a folder of ours.
  const rest = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as Reply;
  return rest.type === "answer" ? { ...rest, log: bytes.slice(4 + length) } : rest;
}

/** The first channel that leads to the run. */
export const channels = (all: readonly Channel[]): Channel => ({
  reaches: (run) => all.some((channel) => channel.reaches(run)),
  send: (run, letter) => {
    const channel = all.find((each) => each.reaches(run));
    if (channel === undefined) throw new Refused(409, "this run does not train now");
    return channel.send(run, letter);
  },
});
