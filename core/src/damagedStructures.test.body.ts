import { bytes, text } from "./damagedSamples.test.body.ts";
import {
  emptyGroup,
  encodeHdf5,
  encodeZip,
  type GroupSource,
  type Hdf5Group,
  openHdf5,
  openZip,
} from "./formats/index.ts";
import { absurdNumber, below, damaged, damagedJson, oneOf, type Random } from "./formats/mutated.test.body.ts";

// Damage that knows what the format is: a number that the format calls a size, an address or a count is another one, a text of
// JSON says something else, and all that stands around it is as it should be.

/** A number of the file, near one of the places, is absurd. */
function numberNear(file: Uint8Array, places: readonly number[], reach: number, random: Random): Uint8Array {
  if (places.length === 0) return damaged(file, random);
  const copy = file.slice();
  for (let changes = 1 + below(random, 2); changes > 0; changes--) {
    const width = oneOf(random, [1, 2, 4, 8, 8]);
    const start = oneOf(random, places);
    const at = Math.min(
      start + (random() < 0.8 ? width * below(random, reach / width) : below(random, reach)),
      copy.length - width,
    );
    if (at < 0) continue;
    let value = 0n;
    for (let byte = width - 1; byte >= 0; byte--) value = (value << 8n) | BigInt(copy[at + byte]!);
    const other = absurdNumber(value, BigInt(file.length), width, random);
    for (let byte = 0; byte < width; byte++) copy[at + byte] = Number((other >> BigInt(8 * byte)) & 255n);
  }
  return copy;
}

/** Where any of the words stands. */
function placesOf(file: Uint8Array, words: readonly string[]): number[] {
  const all = Buffer.from(file.buffer, file.byteOffset, file.length);
  return words.flatMap((word) => {
    const found: number[] = [];
    for (let at = all.indexOf(word, 0, "latin1"); at >= 0; at = all.indexOf(word, at + 1, "latin1")) found.push(at);
    return found;
  });
}

/** HDF5: the superblock, trees, heaps, lists of symbols and headers of objects, or what the file says, written anew. */
export function damagedHdf5(file: Uint8Array, random: Random): Uint8Array {
  if (random() < 0.5) return rewritten(file, random);
  const parts = placesOf(file, ["\x89HDF", "TREE", "HEAP", "SNOD", "GCOL"]);
  // Headers of objects have no signature, but symbols tell where they are.
  const headers = placesOf(file, ["SNOD"]).flatMap((at) => addressesIn(file, at));
  return numberNear(file, random() < 0.6 ? parts : headers, random() < 0.5 ? 32 : 96, random);
}

const symbolBytes = 40;
function addressesIn(file: Uint8Array, list: number): number[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const count = view.getUint16(list + 6, true);
  return Array.from({ length: count }, (_, symbol) =>
    Number(view.getBigUint64(list + 8 + symbolBytes * symbol + 8, true)),
  );
}

/** The file with another attribute, name, shape or type in one place, as a writer of HDF5 would write it. */
function rewritten(file: Uint8Array, random: Random): Uint8Array {
  const root = sourceOf(openHdf5(file));
  const groups: GroupSource[] = [];
  const visit = (group: GroupSource): void => {
    groups.push(group);
    for (const inner of group.groups.values()) visit(inner);
  };
  visit(root);
  for (let changes = 1 + below(random, 2); changes > 0; changes--) {
    const group = random() < 0.3 ? root : oneOf(random, groups);
    const kind = below(random, 4);
    if (kind === 0 && group.datasets.size > 0) {
      const name = oneOf(random, [...group.datasets.keys()]);
      const dataset = group.datasets.get(name)!;
      const other = oneOf(
        random,
        groups.flatMap(({ datasets }) => [...datasets.values()]),
      );
      if (random() < 0.3) group.datasets.delete(name);
      else
        group.datasets.set(
          name,
          random() < 0.5 ? other : { ...dataset, type: { ...other.type }, ...fitting(dataset.bytes, other.type.bytes) },
        );
    } else if (kind === 1 && group.groups.size > 0) {
      const name = oneOf(random, [...group.groups.keys()]);
      if (random() < 0.5) group.groups.delete(name);
      else
        group.groups.set(
          name,
          oneOf(
            random,
            groups.filter((other) => other.groups.size === 0),
          ),
        );
    } else if (group.attributes.size > 0) {
      const name = oneOf(random, [...group.attributes.keys()]);
      group.attributes.set(name, otherAttribute(group.attributes.get(name)!, random));
    }
  }
  return encodeHdf5(root);
}

const fitting = (given: Uint8Array, width: number) => {
  const count = Math.floor(given.length / width);
  return { shape: [count], bytes: given.slice(0, count * width) };
};

const strangeNames = ["__proto__", "constructor", "", "/", "..", "a/b/c", "x".repeat(3000), "dense/kernel:0"];
function otherAttribute(value: string | readonly string[], random: Random): string | readonly string[] {
  if (typeof value === "string") {
    if (value.startsWith("{") && random() < 0.9) return damagedJson(value, random);
    return oneOf(random, ["", "{}", "[]", "null", "x", ...strangeNames]);
  }
  const kind = below(random, 4);
  if (kind === 0) return value.map((name) => (random() < 0.4 ? oneOf(random, strangeNames) : name));
  if (kind === 1) return [...value, ...value];
  if (kind === 2) return value.slice(1);
  return random() < 0.5 ? "text" : [...value].reverse();
}

function sourceOf(group: Hdf5Group): GroupSource {
  const made = emptyGroup();
  for (const [name, value] of group.attributes)
    made.attributes.set(name, Array.isArray(value) ? value.map(String) : String(value));
  for (const name of group.names) {
    const member = group.get(name);
    if (member?.kind === "group") made.groups.set(name, sourceOf(member));
    else if (member !== undefined) {
      // Texts of the heap are no bytes that could be written again.
      if (member.type.kind === "heapText") continue;
      made.datasets.set(name, { shape: member.shape, type: member.type, bytes: member.bytes() });
    }
  }
  return made;
}

/** Zip: the directory and the files' own headers say different things. */
export const damagedZip = (file: Uint8Array, random: Random): Uint8Array =>
  numberNear(file, placesOf(file, [oneOf(random, ["PK\x01\x02", "PK\x03\x04", "PK\x05\x06"])]), 46, random);

/** Parquet: a number of the footer, or of a page's header, is another one; all of them have varying lengths (Thrift's varints). */
export function damagedParquet(file: Uint8Array, random: Random): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const footer = view.getUint32(file.length - 8, true);
  const start = file.length - 8 - footer;
  const inFooter = random() < 0.7;
  // Pages begin at the front of the file and after each other: their headers have few bytes.
  const at = inFooter ? start + below(random, footer) : below(random, start);
  let end = at;
  while (end < file.length - 9 && (file[end]! & 0x80) !== 0) end++;
  let value = 0n;
  for (let byte = end; byte >= at; byte--) value = (value << 7n) | BigInt(file[byte]! & 127);
  const zigzag = random() < 0.5 ? (value >> 1n) ^ -(value & 1n) : value;
  const other = varint(absurdNumber(zigzag, BigInt(file.length), 8, random) << 1n);
  const changed = new Uint8Array(Buffer.concat([file.subarray(0, at), other, file.subarray(end + 1)]));
  if (inFooter) new DataView(changed.buffer).setUint32(changed.length - 8, footer + changed.length - file.length, true);
  return changed;
}

function varint(value: bigint): Uint8Array {
  const made: number[] = [];
  let left = BigInt.asUintN(64, value);
  do {
    made.push(Number(left & 127n) | (left > 127n ? 128 : 0));
    left >>= 7n;
  } while (left > 0n);
  return Uint8Array.from(made);
}

/** NumPy: a header that says another shape, type or order, of the length that stands before it. */
export function damagedNpy(file: Uint8Array, random: Random): Uint8Array {
  const wide = file[6]! > 1;
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const [at, length] = wide ? [12, view.getUint32(8, true)] : [10, view.getUint16(8, true)];
  const header = text(file.subarray(at, at + length));
  const shape = oneOf(random, [
    "()",
    "(0,)",
    "(4294967296, 4294967296)",
    "(1099511627776,)",
    "(-1,)",
    "(3, -5)",
    "(1e9,)",
    `(${"9,".repeat(2000)})`,
    "(0, 1152921504606846976)",
    "(2,",
  ]);
  const type = oneOf(random, [
    "|O",
    "<f16",
    "<U99999999999",
    "|V0",
    "<f0",
    "|S0",
    "<M8[ns]",
    "|b1",
    ">c16",
    "('a', '<f4')",
  ]);
  const changed = bytes(
    random() < 0.6
      ? header.replace(/\([^)]*\)/, shape)
      : random() < 0.7
        ? header.replace(/'[<>|=][^']*'/, `'${type}'`)
        : header.replace("False", oneOf(random, ["True", "None", "1"])),
  );
  const size = new Uint8Array(wide ? 4 : 2);
  if (wide) new DataView(size.buffer).setUint32(0, changed.length, true);
  else new DataView(size.buffer).setUint16(0, changed.length, true);
  return new Uint8Array(Buffer.concat([file.subarray(0, 8), size, changed, file.subarray(at + length)]));
}

/** A zip archive whose members are damaged, and its directory whole. */
export async function rezipped(file: Uint8Array, random: Random): Promise<Uint8Array> {
  if (random() < 0.1) return damagedZip(file, random);
  const members = new Map<string, Uint8Array>();
  for (const [name, member] of await openZip(file)) members.set(name, await member.read());
  const name = oneOf(random, [...members.keys()]);
  members.set(name, damagedMember(name, members.get(name)!, random));
  return encodeZip(members);
}

function damagedMember(name: string, content: Uint8Array, random: Random): Uint8Array {
  if (name.endsWith(".json")) return bytes(damagedJson(text(content), random));
  if (name.endsWith(".h5") && random() < 0.7) return damagedHdf5(content, random);
  return name.endsWith(".npy") && random() < 0.7 ? damagedNpy(content, random) : damaged(content, random);
}
