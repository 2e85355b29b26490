import { ArgumentError } from "../base/errors.ts";
import { builtin } from "../base/host.ts";
import { fileSystem } from "./folder.ts";

/** What the bytes of a file must sum up to, in hexadecimal digits. SHA-256 where it is known; some lists have only MD5. */
export type Checksum = { readonly sha256: string } | { readonly md5: string };

interface Hash {
  update(bytes: Uint8Array): unknown;
  digest(encoding: "hex"): string;
}

const digits = { sha256: 64, md5: 32 } as const;
const pieceBytes = 2 ** 20;

export const algorithmOf = (checksum: Checksum): "sha256" | "md5" => ("sha256" in checksum ? "sha256" : "md5");
export const expectedOf = (checksum: Checksum): string => ("sha256" in checksum ? checksum.sha256 : checksum.md5);

/** Refuses what is no checksum: a typing error would never be found by comparing. */
export function checkChecksum(checksum: Checksum): void {
  const algorithm = algorithmOf(checksum);
  const value = expectedOf(checksum);
  if (value.length === digits[algorithm] && /^[0-9a-f]*$/i.test(value)) return;
  throw new ArgumentError({
    what: `the checksum "${value}" is no ${algorithm} sum: it must have ${digits[algorithm]} hexadecimal digits`,
  });
}

/** The checksum of a file, by Node. */
export async function checksumOfFile(path: string, checksum: Checksum): Promise<string> {
  const crypto = builtin<{ createHash(name: string): Hash }>("node:crypto")!; // where there are files, there is Node
  const hash = crypto.createHash(algorithmOf(checksum));
  const handle = await fileSystem().open(path, "r");
  try {
    const piece = new Uint8Array(pieceBytes);
    for (;;) {
      const { bytesRead } = await handle.read(piece, 0, pieceBytes);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(piece.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

/** The checksum of bytes, by the platform; undefined for MD5, which browsers do not have. */
export async function checksumOfBytes(bytes: Uint8Array, checksum: Checksum): Promise<string | undefined> {
  if (algorithmOf(checksum) !== "sha256" || globalThis.crypto?.subtle === undefined) return undefined;
  const sum = await globalThis.crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>); // never shared memory
  return Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
