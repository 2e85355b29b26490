import { writeFileSync } from "node:fs";
import { FileSink } from "chainrule/observe";
import type { RunPlace } from "chainrule/session";
import type { RunFolder } from "../server/runFolder.ts";

/** A run is written into its folder: the log, its description, checkpoints by their hash. */
export function placeIn(folder: RunFolder): RunPlace {
  folder.make();
  folder.setAlive(true);
  const sink = new FileSink(folder.log);
  return {
    id: folder.id,
    sink: {
      write: (bytes) => sink.write(bytes),
      flush: (options) => sink.flush(options),
      close: () => {
        sink.close();
        folder.setAlive(false);
      },
    },
    offset: sink.offset,
    blobs: {
      write: (sha256, bytes) => folder.writeBlob(sha256, bytes),
      read: (sha256) => folder.readBlob(sha256),
    },
    describe: (run) => {
      try {
        writeFileSync(folder.description, `${JSON.stringify(run, undefined, 2)}\n`);
      } catch {
        // The log says it too; a disk that is full is told of there.
      }
    },
  };
}
