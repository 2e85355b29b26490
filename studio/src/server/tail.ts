import type { ServerResponse } from "node:http";
import { encodePiece, headerBytes } from "chainrule/record";
import { readFrames } from "./logState.ts";
import type { RunFolder } from "./runFolder.ts";

const pollMs = 100;
const heartbeatMs = 10_000;

export interface Tailed {
  readonly folder: RunFolder;
  /** Where the next frame begins that the page does not have. */
  offset: number;
}

/** Sends whole frames of the logs, and follows them until the page ends it. A page that is slow is waited for. */
export function streamTail(response: ServerResponse, runs: readonly Tailed[]): void {
  response.writeHead(200, { "Content-Type": "application/octet-stream" });
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let last = Date.now();
  const send = (run: number, bytes: Uint8Array): boolean => {
    last = Date.now();
    return response.write(encodePiece(run, bytes));
  };
  const pump = (): void => {
    timer = undefined;
    for (const [index, run] of runs.entries()) {
      for (;;) {
        if (closed) return;
        const part = nextPart(run);
        if (part.length === 0) break;
        run.offset += part.length;
        if (!send(index, part)) {
          response.once("drain", pump);
          return;
        }
      }
    }
    if (Date.now() - last > heartbeatMs) send(0, new Uint8Array(0));
    timer = setTimeout(pump, pollMs);
  };
  response.on("close", () => {
    closed = true;
    clearTimeout(timer);
  });
  response.flushHeaders();
  pump();
}

const nothing = new Uint8Array(0);

function nextPart({ folder, offset }: Tailed): Uint8Array {
  const { bytes } = folder.bytes();
  if (bytes <= offset || (offset === 0 && bytes < headerBytes)) return nothing;
  try {
    return readFrames(folder.log, offset, bytes);
  } catch {
    return nothing; // the run was removed
  }
}
