import { fileSystem } from "./folder.ts";

/** Why bytes did not come, and whether asking again may help. */
export class TransferError extends Error {
  readonly mayRetry: boolean;
  constructor(message: string, mayRetry: boolean) {
    super(message);
    this.mayRetry = mayRetry;
  }
}

export interface TransferOptions {
  /** A server that sends nothing for so long is given up. */
  readonly timeoutMs: number;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal | undefined;
  onBytes(bytes: number, totalBytes: number | undefined): void;
}

/** What is known of the bytes that an earlier attempt left: what they are a part of. */
interface Part {
  readonly url: string;
  /** The ETag or date by which a server tells whether its file is still the same. */
  readonly validator: string | undefined;
}

const partInfo = (part: string): string => `${part}.json`;

/** Forgets what an earlier attempt left. */
export async function dropPart(part: string): Promise<void> {
  await fileSystem().rm(part, { force: true });
  await fileSystem().rm(partInfo(part), { force: true });
}

/**
 * Brings the file at `url` into the file `part`, which goes on where an earlier attempt stopped, if the server still has the
 * same file. Returns whether it went on.
 */
export async function transferToFile(url: string, part: string, options: TransferOptions): Promise<boolean> {
  const fs = fileSystem();
  const held = await heldOf(url, part);
  return withResponse(url, held, options, async (response, body) => {
    if (response.status === 416) {
      // There are no more bytes: either all have come, or the file has changed.
      const total = /\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
      if (total !== undefined && Number(total) === held?.bytes) return true;
      await dropPart(part);
      throw new TransferError("the server's file has changed", true);
    }
    const resumed = response.status === 206;
    const { start, total } = extentOf(response);
    if (resumed && start !== held?.bytes) {
      await dropPart(part);
      throw new TransferError("the server sent another part of the file than was asked for", true);
    }
    if (!resumed) await fs.writeFile(partInfo(part), JSON.stringify({ url, validator: validatorOf(response) }));
    const file = await fs.open(part, resumed ? "a" : "w");
    let bytes = start;
    try {
      options.onBytes(bytes, total);
      for await (const chunk of body) {
        for (let written = 0; written < chunk.length; )
          written += (await file.write(chunk.subarray(written))).bytesWritten;
        bytes += chunk.length;
        options.onBytes(bytes, total);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    checkLength(bytes, total);
    return resumed;
  });
}

/** Pieces of a file in memory, and by what the server tells whether it is still the same. */
export interface MemoryPart {
  pieces: Uint8Array[];
  bytes: number;
  validator: string | undefined;
}

export const emptyPart = (): MemoryPart => ({ pieces: [], bytes: 0, validator: undefined });

/** Brings the bytes at `url` into `part`, which goes on where an earlier attempt stopped, if the server still has the same file. */
export async function transferToMemory(url: string, part: MemoryPart, options: TransferOptions): Promise<Uint8Array[]> {
  const { bytes: before, validator } = part;
  const held = before > 0 && validator !== undefined ? { bytes: before, validator } : undefined;
  const empty = (): void => {
    Object.assign(part, emptyPart());
  };
  let answered = false;
  try {
    return await withResponse(url, held, options, async (response, body) => {
      answered = true;
      const { start, total } = extentOf(response);
      if (response.status === 416 || (response.status === 206 && start !== before)) {
        empty();
        throw new TransferError("the server sent another part of the file than was asked for", true);
      }
      if (response.status !== 206) empty();
      part.validator ??= validatorOf(response);
      options.onBytes(part.bytes, total);
      for await (const chunk of body) {
        part.pieces.push(chunk);
        part.bytes += chunk.length;
        options.onBytes(part.bytes, total);
      }
      checkLength(part.bytes, total);
      return part.pieces;
    });
  } catch (error) {
    // A server elsewhere may allow pages to ask for files, but not for parts of them.
    if (!answered && held !== undefined) empty();
    throw error;
  }
}

const checkLength = (bytes: number, total: number | undefined): void => {
  if (total !== undefined && bytes !== total)
    throw new TransferError(`the connection ended after ${bytes} of ${total} bytes`, true);
};

interface Held {
  readonly bytes: number;
  readonly validator: string;
}

/** The bytes of an earlier attempt that can be gone on with: those of the same URL, if the server can say whether it changed. */
async function heldOf(url: string, part: string): Promise<Held | undefined> {
  const fs = fileSystem();
  try {
    const { size } = await fs.stat(part);
    const info = JSON.parse(await fs.readFile(partInfo(part), "utf8")) as Partial<Part>; // checked on the next line
    if (size > 0 && info.url === url && typeof info.validator === "string")
      return { bytes: size, validator: info.validator };
  } catch {
    // Nothing usable is left; begin anew.
  }
  return undefined;
}

/** A strong ETag, or the date of the last change (RFC 9110, 13.1.5). */
const validatorOf = ({ headers }: Response): string | undefined => {
  const etag = headers.get("etag");
  return etag !== null && !etag.startsWith("W/") ? etag : (headers.get("last-modified") ?? undefined);
};

/** Where the bytes of an answer begin in the file, and how many the file has. */
function extentOf({ status, headers }: Response): { start: number; total: number | undefined } {
  if (status === 206) {
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
    return { start: start === undefined ? Number.NaN : Number(start), total: Number(total) || undefined };
  }
  const length = headers.get("content-length");
  // The length of packed bytes says nothing about how many will come.
  const isPlain = (headers.get("content-encoding") ?? "identity") === "identity";
  return { start: 0, total: length !== null && isPlain ? Number(length) : undefined };
}

/** Asks for a URL and hands over the answer and its bytes; a server that falls silent is given up. */
async function withResponse<T>(
  url: string,
  held: Held | undefined,
  { timeoutMs, fetch, signal }: TransferOptions,
  take: (response: Response, body: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const silent = new TransferError(`the server sent nothing for ${timeoutMs / 1000} seconds`, true);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(silent), timeoutMs);
  };
  const stop = (): void => controller.abort(signal?.reason);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop);
  try {
    heard();
    const response = await fetch(url, {
      headers: {
        "accept-encoding": "identity",
        ...(held === undefined ? {} : { range: `bytes=${held.bytes}-`, "if-range": held.validator }),
      },
      signal: controller.signal,
    });
    if (!response.ok && response.status !== 416) {
      await response.body?.cancel();
      throw refusal(response);
    }
    const body = response.body;
    async function* pieces(): AsyncGenerator<Uint8Array> {
      // Not every browser lets streams be iterated.
      const reader = body?.getReader();
      for (let next = await reader?.read(); next !== undefined && !next.done; next = await reader?.read()) {
        heard();
        yield next.value;
      }
    }
    return await take(response, pieces());
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (controller.signal.reason === silent) throw silent;
    // A TypeError is how fetch reports that it could not connect, or lost the connection.
    if (error instanceof TypeError) throw new TransferError(networkReason(error), true);
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
    // What nobody reads any more must not keep the connection open.
    controller.abort();
  }
}

const refusal = ({ status, statusText }: Response): TransferError =>
  new TransferError(
    `the server answers ${status}${statusText === "" ? "" : ` ${statusText}`}`,
    status >= 500 || status === 429 || status === 408,
  );

function networkReason(error: Error): string {
  const cause = error.cause as { readonly code?: string; readonly message?: string } | undefined;
  const known: Readonly<Record<string, string>> = {
    ENOTFOUND: "the server's name is not known here; is there a connection to the internet?",
    EAI_AGAIN: "the server's name cannot be looked up; is there a connection to the internet?",
    ECONNREFUSED: "the server refuses the connection",
    ECONNRESET: "the connection was cut",
    UND_ERR_SOCKET: "the connection was cut",
    ENETUNREACH: "the network cannot be reached",
  };
  return known[cause?.code ?? ""] ?? cause?.message ?? error.message;
}
