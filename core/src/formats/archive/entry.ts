import { DataError } from "../../base/errors.ts";
import type { Chunks } from "./inflate.ts";

/** A file or a folder in an archive. */
export interface ArchiveEntry {
  /** A relative path with forward slashes that leads nowhere but down. */
  readonly name: string;
  readonly kind: "file" | "folder";
  /** Bytes of the file, unpacked. */
  readonly size: number;
  /** The file's bytes, checked while they come. Of a tar file, only until the next entry is asked for. */
  chunks(): Chunks;
}

export interface ArchiveOptions {
  /** Bytes that all files together may have when unpacked. Default 16 GiB. */
  readonly limitBytes?: number;
  /** Files and folders that an archive may hold. Default one million. */
  readonly limitEntries?: number;
}

/** Bytes that a file may unpack to in memory unless more are allowed: no small file may fill it. */
export const memoryLimit = (fileBytes: number): number => 2 * fileBytes + 64 * 2 ** 20;

export const usualLimits = { limitBytes: 16 * 2 ** 30, limitEntries: 1_000_000 } as const satisfies ArchiveOptions;

/** Names that Windows gives to devices, whatever their extension. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$|clock\$)(?:\.|$)/i;
const longestPart = 255;
const longestPath = 4096;

/**
 * The path of an entry, made plain: no backslashes, no `.`, no doubled or trailing slashes. What could lead out of a folder, or
 * name something else than a file on any system, is refused.
 */
export function entryPath(name: string, source: string): string {
  const refuse = (why: string): DataError =>
    new DataError({
      what: `${source}: the name "${printable(name)}" ${why}`,
      hint: "an archive with such names is damaged or hostile; nothing was written outside of its folder",
    });
  const path = name.replaceAll("\\", "/");
  if (path.startsWith("/") || /^[a-z]:/i.test(path)) throw refuse("is an absolute path");
  if (hasControls(path)) throw refuse("has control characters");
  if (path.length > longestPath) throw refuse("is too long");
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  for (const part of parts) {
    if (part === "..") throw refuse("leads out of its folder");
    if (part.length > longestPart) throw refuse("is too long");
    if (device.test(part)) throw refuse("names a device");
    if (part.includes(":")) throw refuse("has a colon");
    if (/[. ]$/.test(part)) throw refuse("ends in a dot or a space");
  }
  return parts.join("/");
}

const hasControls = (text: string): boolean => {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 32 || text.charCodeAt(at) === 127) return true;
  return false;
};

export const printable = (name: string): string =>
  Array.from(name.slice(0, 80), (letter) => (hasControls(letter) ? "?" : letter)).join("");

/** Counts what an archive claims to hold against what is allowed. */
export function budget(source: string, options: ArchiveOptions): (size: number) => void {
  const { limitBytes, limitEntries } = { ...usualLimits, ...options };
  let bytes = 0;
  let entries = 0;
  return (size) => {
    bytes += size;
    entries++;
    if (bytes <= limitBytes && entries <= limitEntries) return;
    throw new DataError({
      what:
        entries > limitEntries
          ? `${source}: it holds more than ${limitEntries} files`
          : `${source}: it would unpack to more than ${limitBytes} bytes`,
      hint: "the file is damaged or hostile; if it is neither, allow more with limitBytes and limitEntries",
    });
  };
}
