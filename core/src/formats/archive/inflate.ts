import { DataError } from "../../base/errors.ts";
import type { ByteSource } from "../byteSource.ts";

/** Bytes in pieces, in order: what files, archives and downloads are read and written as. */
export type Chunks = AsyncIterable<Uint8Array>;

/** Packed data comes in a gzip file (RFC 1952), or is bare deflate (RFC 1951), as in zip files. */
export type Packing = "gzip" | "deflate-raw";

const pieceBytes = 2 ** 18;

/** The bytes of a source from `start` on (default: all), in pieces that fit in the cache. */
export async function* chunksOf(source: ByteSource, start = 0, length = source.size - start): Chunks & AsyncGenerator {
  for (let done = 0; done < length; done += pieceBytes) {
    yield await source.read(start + done, Math.min(pieceBytes, length - done));
  }
}

/**
 * What packed data unpacks to, by the platform's own decompressor; more than `limitBytes` is refused while it comes, so no
 * bomb fills the memory.
 */
export async function* inflated(
  packed: Chunks,
  packing: Packing,
  limitBytes: number,
  source: string,
): AsyncGenerator<Uint8Array> {
  const stream = new DecompressionStream(packing);
  const writer = stream.writable.getWriter();
  let failure: unknown;
  const feed = async (): Promise<void> => {
    try {
      for await (const chunk of packed) await writer.write(chunk as Uint8Array<ArrayBuffer>); // never shared memory
      await writer.close();
    } catch (error) {
      failure = error;
      await writer.abort(error).catch(() => {});
    }
  };
  const feeding = feed();
  writer.closed.catch(() => {});
  const reader = (stream.readable as ReadableStream<Uint8Array>).getReader(); // what a decompressor yields
  let total = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw broken(failure ?? error, source);
      });
      if (done) break;
      total += value.byteLength;
      if (total > limitBytes) throw tooLarge(source, limitBytes);
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
    await feeding;
  }
}

/** One array of all pieces, of at most `limitBytes`. */
export async function gathered(chunks: Chunks, limitBytes: number, source: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of chunks) {
    total += chunk.byteLength;
    if (total > limitBytes) throw tooLarge(source, limitBytes);
    pieces.push(chunk);
  }
  const whole = new Uint8Array(total);
  let next = 0;
  for (const piece of pieces) {
    whole.set(piece, next);
    next += piece.byteLength;
  }
  return whole;
}

export const tooLarge = (source: string, limitBytes: number): DataError =>
  new DataError({
    what: `${source}: it unpacks to more than ${limitBytes} bytes`,
    hint: "the file is damaged or hostile; if it is neither, allow more with limitBytes",
  });

const broken = (error: unknown, source: string): DataError =>
  error instanceof DataError
    ? error
    : new DataError({
        what: `${source}: the packed data is damaged: ${error instanceof Error ? error.message : String(error)}`,
        hint: "the file was cut off or changed on its way; fetch it again",
      });
