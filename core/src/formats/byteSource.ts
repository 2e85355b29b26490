import { ArgumentError, DataError } from "../base/errors.ts";
import { builtin } from "../base/host.ts";
import { checkPath, reasonOf } from "./file.ts";

/** Bytes that are read piece by piece: a file, a Blob, or anything else that knows its size. */
export interface ByteSource {
  readonly size: number;
  /** Exactly the bytes from `start` on; the caller has checked that they exist. */
  read(start: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

interface FileHandle {
  stat(): Promise<{ readonly size: number; isFile(): boolean }>;
  read(into: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}

interface FileSystem {
  open(path: string, flags: string): Promise<FileHandle>;
}

/** The largest piece that is asked of the system at once. */
const pieceBytes = 2 ** 28;

/** A file of the machine, by its path. */
export async function openFile(path: string): Promise<ByteSource> {
  const fs = builtin<FileSystem>("node:fs/promises");
  if (fs === undefined)
    throw new ArgumentError({
      what: "there is no file system here",
      hint: "pass a Blob, such as a File that was dropped",
    });
  const cannot = (error: unknown): DataError =>
    new DataError({ what: `cannot read ${path}: ${reasonOf(error)}`, hint: checkPath });
  const handle = await fs.open(path, "r").catch((error: unknown) => {
    throw cannot(error);
  });
  const stat = await handle.stat();
  if (!stat.isFile()) {
    await handle.close();
    throw new DataError(`cannot read ${path}: it is no ordinary file`);
  }
  return {
    size: stat.size,
    close: () => handle.close(),
    read: async (start, length) => {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const wanted = Math.min(pieceBytes, length - done);
        const { bytesRead } = await handle.read(bytes, done, wanted, start + done).catch((error: unknown) => {
          throw cannot(error);
        });
        if (bytesRead === 0) throw new DataError(`cannot read ${path}: it has become shorter meanwhile`);
        done += bytesRead;
      }
      return bytes;
    },
  };
}

/** What is needed of a browser's Blob; a File is one, too. */
export interface BlobLike {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

export const blobSource = (blob: BlobLike): ByteSource => ({
  size: blob.size,
  read: async (start, length) => new Uint8Array(await blob.slice(start, start + length).arrayBuffer()),
  close: async () => {},
});

/** Bytes in memory. */
export const bytesSource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.byteLength,
  read: async (start, length) => bytes.subarray(start, start + length),
  close: async () => {},
});
