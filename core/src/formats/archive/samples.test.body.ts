import { deflateRawSync, gzipSync } from "node:zlib";
import { crc32 } from "../../base/crc32c.ts";

/** A file in an archive that a test makes; what is not said is as it should be. */
export interface Sample {
  readonly name: string;
  readonly content?: Uint8Array | string;
  readonly isStored?: boolean;
  /** Of a tar file: the type in the header. */
  readonly type?: string;
  /** Of a zip file: Unix's mode, and what the directory claims. */
  readonly mode?: number;
  readonly claim?: { readonly size?: number; readonly packed?: number; readonly sum?: number; readonly start?: number };
  readonly flags?: number;
  readonly method?: number;
}

export const bytesOf = (content: Uint8Array | string): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;

const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** A zip file, by the letter of APPNOTE.TXT: what we read is held against what we did not write with our own reader's eyes. */
export function zipOf(samples: readonly Sample[], comment = ""): Uint8Array {
  const locals: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let start = 0;
  for (const { name, content = "", isStored = false, mode = 0, claim = {}, flags = 0x800, method } of samples) {
    const raw = bytesOf(content);
    const packed = isStored ? raw : new Uint8Array(deflateRawSync(raw));
    const kind = method ?? (isStored ? 0 : 8);
    const sizes = [claim.sum ?? crc32(raw), claim.packed ?? packed.length, claim.size ?? raw.length];
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(kind, 8);
    for (const [index, value] of sizes.entries()) local.writeUInt32LE(value, 14 + 4 * index);
    local.writeUInt16LE(bytesOf(name).length, 26);
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(flags, 8);
    record.writeUInt16LE(kind, 10);
    for (const [index, value] of sizes.entries()) record.writeUInt32LE(value, 16 + 4 * index);
    record.writeUInt16LE(bytesOf(name).length, 28);
    record.writeUInt32LE((mode << 16) >>> 0, 38);
    record.writeUInt32LE(claim.start ?? start, 42);
    locals.push(local, bytesOf(name), packed);
    directory.push(record, bytesOf(name));
    start += 30 + bytesOf(name).length + packed.length;
  }
  const list = joined(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(samples.length, 8);
  end.writeUInt16LE(samples.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(start, 16);
  end.writeUInt16LE(comment.length, 20);
  return joined([...locals, list, end, bytesOf(comment)]);
}

/** A tar file of plain ustar headers. */
export function tarOf(samples: readonly Sample[]): Uint8Array {
  const blocks = samples.flatMap(({ name, content = "", type = "0" }) => {
    const raw = bytesOf(content);
    const header = Buffer.alloc(512);
    header.write(name.slice(0, 100), 0);
    header.write("0000644\0", 100);
    header.write(`${raw.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("        ", 148);
    header.write(type, 156);
    header.write("ustar\x0000", 257, "latin1");
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [new Uint8Array(header), raw, new Uint8Array((512 - (raw.length % 512)) % 512)];
  });
  return joined([...blocks, new Uint8Array(1024)]);
}

export const tarGzOf = (samples: readonly Sample[]): Uint8Array => new Uint8Array(gzipSync(tarOf(samples)));
