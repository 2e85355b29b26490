import type { RunListing } from "chainrule/record";
import { nobodyTrains, type RunSource, type TailRequest, unreadListing } from "./source.ts";

/** A file, and where it stood in the folder that was dropped. */
export interface NamedFile {
  readonly path: string;
  readonly file: Blob;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

const pieceBytes = 2 ** 20;

/** Runs in files: a log that was dropped, or a folder of runs. */
export class FileSource implements RunSource {
  readonly live = false;
  readonly #logs = new Map<string, NamedFile>();
  readonly #blobs = new Map<string, Blob>();

  constructor(files: readonly NamedFile[]) {
    for (const named of files) {
      const { path, file } = named;
      const parts = path.split("/");
      const [folder = "", name = ""] = [parts.at(-2), parts.at(-1)];
      if (folder === "blobs") this.#blobs.set(`${parts.at(-3)} ${name}`, file);
      else if (name === "log") this.#logs.set(this.#unused(folder || "log"), named);
      // A log alone may have been given any name.
      else if (files.length === 1 || name.endsWith(".log") || name.endsWith(".nlog"))
        this.#logs.set(this.#unused(name), named);
    }
  }

  async list(): Promise<readonly RunListing[]> {
    return [...this.#logs].map(([id, { file, modified }]) => unreadListing(id, file.size, modified));
  }

  async tail(
    requests: readonly TailRequest[],
    onBytes: (run: string, bytes: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<void> {
    for (const { run, from } of requests) {
      const size = this.#log(run).size;
      for (let at = from; at < size && !signal.aborted; at += pieceBytes)
        onBytes(run, await this.read(run, at, Math.min(pieceBytes, size - at)));
    }
  }

  async read(run: string, offset = 0, length?: number): Promise<Uint8Array> {
    const file = this.#log(run);
    return bytesOf(file.slice(offset, length === undefined ? file.size : offset + length));
  }

  async blob(run: string, sha256: string): Promise<Uint8Array> {
    const found = this.#blobs.get(`${run} ${sha256}`);
    if (found === undefined) throw new Error(`the file blobs/${sha256} of ${run} was not dropped`);
    return bytesOf(found);
  }

  readonly #steer = nobodyTrains("this run is a file: nobody is training it");
  readonly send = this.#steer.send;
  readonly predict = this.#steer.predict;
  readonly request = this.#steer.request;

  #log(run: string): Blob {
    const found = this.#logs.get(run)?.file;
    if (found === undefined) throw new Error(`there is no run "${run}" in the files`);
    return found;
  }

  #unused(id: string): string {
    let name = id;
    for (let count = 2; this.#logs.has(name); count++) name = `${id} (${count})`;
    return name;
  }
}

const bytesOf = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());
