import { ArgumentError, DataError } from "../base/errors.ts";
import { environment, inNode } from "../base/host.ts";
import { type ByteSource, blobSource, openFile, unpackArchive } from "../formats/index.ts";
import { algorithmOf, type Checksum, checkChecksum, checksumOfBytes, checksumOfFile, expectedOf } from "./checksum.ts";
import { cacheFolder, fileExists, fileSystem, makePrivateFolder } from "./folder.ts";
import { locked } from "./lock.ts";
import { type DownloadProgress, terminalProgress } from "./progress.ts";
import {
  dropPart,
  emptyPart,
  TransferError,
  type TransferOptions,
  transferToFile,
  transferToMemory,
} from "./transfer.ts";

export interface FetchOptions {
  /** What the bytes must sum up to; other bytes are refused. */
  readonly checksum?: Checksum | undefined;
  /** The name under which the file is kept. Default: the last part of the URL. */
  readonly name?: string | undefined;
  /** Where it is kept. Default: the folder `files` in CHAINRULE_CACHE, or in the user's cache folder. */
  readonly folder?: string | undefined;
  /** Where to fetch files of all names from instead: a URL that ends where the name begins. Default: CHAINRULE_MIRROR. */
  readonly mirror?: string | undefined;
  /** How long a server may send nothing. Default 30 s. */
  readonly timeoutMs?: number | undefined;
  /** How often to ask again after a failure that may pass. Default 3. */
  readonly retries?: number | undefined;
  /** Milliseconds before the first of these; each wait is twice the one before. Default 500. */
  readonly retryDelayMs?: number | undefined;
  /** Told how far it is. Default: a bar, on terminals. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Asks servers. Default: the platform's `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

interface Request extends TransferOptions {
  readonly url: string;
  readonly name: string;
  readonly checksum: Checksum | undefined;
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly finished: () => void;
}

/**
 * The path of a file from the internet: fetched once, kept in the cache folder, checked each time. An attempt that was cut off is
 * gone on with, several processes fetch it once, and nobody ever sees half a file.
 */
export async function fetchFile(url: string, options: FetchOptions = {}): Promise<string> {
  const request = requestOf(url, options);
  const folder = options.folder ?? `${cacheFolder()}/files`;
  const path = `${folder}/${request.name}`;
  if (await isGood(path, request.checksum)) return path;
  await makePrivateFolder(folder);
  await locked(`${path}.lock`, async () => {
    // Another process may have fetched it while this one waited.
    if (await isGood(path, request.checksum)) return;
    await retrying(request, path, () => attempt(request, path));
  });
  return path;
}

/** Fetches an archive (zip, tar, tar.gz) and returns the folder into which it is unpacked, once. */
export async function fetchArchive(url: string, options: FetchOptions = {}): Promise<string> {
  const path = await fetchFile(url, options);
  return unpackArchive(path, path.replace(/(?:\.(?:zip|tar|tgz|tar\.gz))?$/i, ".unpacked"));
}

/** The bytes of a file from the internet: of a file in the cache folder in Node, from the browser's own cache in a page. */
export async function fetchSource(url: string, options: FetchOptions = {}): Promise<ByteSource> {
  if (inNode()) return openFile(await fetchFile(url, options));
  const request = requestOf(url, options);
  const cache = await (globalThis as { caches?: BrowserCaches }).caches?.open("chainrule").catch(() => undefined);
  const kept = await cache?.match(request.url);
  if (kept !== undefined) return blobSource(await kept.blob());
  let part = emptyPart();
  const bytes = await retrying(request, undefined, async () => {
    const wasBegun = part.bytes > 0;
    const blob = new Blob((await transferToMemory(request.url, part, request)) as Uint8Array<ArrayBuffer>[]); // never shared memory
    if (request.checksum !== undefined) {
      const found = await checksumOfBytes(new Uint8Array(await blob.arrayBuffer()), request.checksum);
      if (found !== undefined && !isSame(found, request.checksum)) {
        part = emptyPart();
        // The bytes of two attempts may not belong together; the whole file may be right.
        if (wasBegun) throw new TransferError("the parts of the file do not belong together", true);
        throw wrongSum(request, request.checksum, found);
      }
    }
    return blob;
  });
  await cache?.put(request.url, new Response(bytes)).catch(() => {});
  return blobSource(bytes);
}

/** The part of the Cache API that is used; where it is missing (pages without TLS), files are fetched each time. */
interface BrowserCaches {
  open(name: string): Promise<{
    match(url: string): Promise<Response | undefined>;
    put(url: string, response: Response): Promise<void>;
  }>;
}

const usual = { timeoutMs: 30_000, retries: 3, retryDelayMs: 500 } as const;

function requestOf(url: string, options: FetchOptions): Request {
  const { protocol, pathname } = parse(url);
  if (protocol !== "http:" && protocol !== "https:")
    throw new ArgumentError({
      what: `cannot fetch ${url}: only http and https are known`,
      hint: "read files by their path",
    });
  const name = options.name ?? decodeURIComponent(pathname.split("/").at(-1) ?? "");
  if (!/^[\w][\w.+ -]*$/.test(name))
    throw new ArgumentError({ what: `"${name}" cannot be the name of a file in the cache`, hint: "give { name }" });
  if (options.checksum !== undefined) checkChecksum(options.checksum);
  const mirror = options.mirror ?? environment("CHAINRULE_MIRROR");
  const report = options.onProgress ?? terminalProgress();
  let last: DownloadProgress = { name, bytes: 0, totalBytes: undefined, done: false };
  return {
    url: mirror === undefined ? url : `${parse(mirror).href.replace(/\/?$/, "/")}${encodeURIComponent(name)}`,
    name,
    checksum: options.checksum,
    timeoutMs: options.timeoutMs ?? usual.timeoutMs,
    retries: options.retries ?? usual.retries,
    retryDelayMs: options.retryDelayMs ?? usual.retryDelayMs,
    fetch: options.fetch ?? globalThis.fetch,
    signal: options.signal,
    onBytes: (bytes, totalBytes) => {
      last = { ...last, bytes, totalBytes };
      report(last);
    },
    finished: () => report({ ...last, done: true }),
  };
}

function parse(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw new ArgumentError(`"${url}" is no URL`);
  }
}

const isSame = (found: string, checksum: Checksum): boolean => found === expectedOf(checksum).toLowerCase();

async function isGood(path: string, checksum: Checksum | undefined): Promise<boolean> {
  if (!(await fileExists(path))) return false;
  return checksum === undefined || isSame(await checksumOfFile(path, checksum), checksum);
}

/** Fetches, checks, and only then gives the file its name. */
async function attempt(request: Request, path: string): Promise<void> {
  const part = `${path}.part`;
  const resumed = await transferToFile(request.url, part, request);
  if (request.checksum !== undefined) {
    const found = await checksumOfFile(part, request.checksum);
    if (!isSame(found, request.checksum)) {
      await dropPart(part);
      // The bytes of two attempts may not belong together; the whole file may be right.
      if (resumed) throw new TransferError("the parts of the file do not belong together", true);
      throw wrongSum(request, request.checksum, found);
    }
  }
  await fileSystem().rename(part, path);
  await dropPart(part);
}

/** Asks again after failures that may pass, then says what can be done. */
async function retrying<T>(request: Request, path: string | undefined, work: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      const result = await work();
      request.finished();
      return result;
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      if (!error.mayRetry || failures >= request.retries) throw unavailable(request, path, error);
      await new Promise((resolve) => setTimeout(resolve, request.retryDelayMs * 2 ** failures));
      request.signal?.throwIfAborted();
    }
  }
}

const unavailable = ({ url, name, checksum }: Request, path: string | undefined, error: TransferError): DataError =>
  new DataError({
    what: `cannot fetch ${name}: ${error.message}`,
    details: [
      { role: "from", value: url },
      ...(path === undefined ? [] : [{ role: "to", value: path }]),
      ...(checksum === undefined ? [] : [{ role: algorithmOf(checksum), value: expectedOf(checksum) }]),
    ],
    hint:
      path === undefined
        ? "is there a connection? A mirror can be named with { mirror }"
        : `without a connection, bring the file from elsewhere and put it at ${path}; or name a mirror: CHAINRULE_MIRROR`,
  });

const wrongSum = ({ url, name }: Request, checksum: Checksum, found: string): DataError =>
  new DataError({
    what: `${name} is not the file that was expected: its ${algorithmOf(checksum)} sum is another one`,
    details: [
      { role: "from", value: url },
      { role: "expected", value: expectedOf(checksum) },
      { role: "received", value: found },
    ],
    hint: "the server has another file, or something on the way changes it; nothing was kept. Try a mirror",
  });
