import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  type DatasetSource,
  decodeNpy,
  decodeNpz,
  type ElementType,
  emptyGroup,
  encodeHdf5,
  encodeNpy,
  encodeNpz,
  encodeZip,
  groupAt,
  type NumpyArray,
  openHdf5,
  readHdf5,
} from "./index.ts";

// Files that other programs write are read here, and those written here are read by them: NumPy and h5py where they are installed
// (Debian's python3-numpy and python3-h5py), and the npm packages that users have.

const folder = mkdtempSync(join(tmpdir(), "chainrule-interchange-"));
after(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);

// Debian's, which has Debian's packages, before another one that may come first in PATH.
const python = process.env["CHAINRULE_PYTHON"] ?? (existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3");
const has = (modules: string): boolean => spawnSync(python, ["-c", `import ${modules}`]).status === 0;
/** What a Python program prints, as JSON. */
const ask = (program: string): unknown =>
  JSON.parse(execFileSync(python, ["-c", program], { cwd: folder, encoding: "utf8" }));
const needs = (modules: string): { readonly skip: string | false } => ({
  skip: has(modules) ? false : `${python} has no ${modules}: apt-get install python3-numpy python3-h5py`,
});

/** What is used of packages that users have; the core itself imports none. */
interface Hdf5File {
  keys(): string[];
  get(path: string): { readonly value: unknown };
  readonly attrs: { readonly [name: string]: { readonly value: unknown } };
  create_attribute(name: string, value: string): void;
  create_group(name: string): { create_dataset(options: object): unknown };
  flush(): void;
  close(): void;
}
interface Packages {
  readonly h5wasm: {
    readonly ready: Promise<unknown>;
    readonly FS: { writeFile(name: string, bytes: Uint8Array): void; readFile(name: string): Uint8Array };
    readonly File: new (name: string, mode: string) => Hdf5File;
  };
  readonly fflate: { unzipSync(bytes: Uint8Array): { readonly [name: string]: Uint8Array } };
}
const load = async (name: keyof Packages): Promise<unknown> => import(name);
const packages = { h5wasm: await load("h5wasm"), fflate: await load("fflate") } as Packages; // their documented interfaces

const types: readonly { readonly numpy: string; readonly type: ElementType }[] = [
  ...[2, 4, 8].map((bytes) => ({ numpy: `f${bytes}`, type: { kind: "float", bytes, bigEndian: false } as const })),
  ...[1, 2, 4, 8].map((bytes) => ({ numpy: `i${bytes}`, type: { kind: "int", bytes, bigEndian: false } as const })),
  ...[1, 2, 4, 8].map((bytes) => ({ numpy: `u${bytes}`, type: { kind: "uint", bytes, bigEndian: false } as const })),
  { numpy: "bool", type: { kind: "bool", bytes: 1, bigEndian: false } },
  { numpy: "V2", type: { kind: "opaque", bytes: 2 } },
];

/** Bytes that are 0 and 1 for bools, and anything else otherwise; finite as floats. */
const bytesFor = ({ kind, bytes }: ElementType, count: number): Uint8Array =>
  Uint8Array.from({ length: count * bytes }, (_, at) => (kind === "bool" ? at % 2 : (at * 37 + 11) % 120));

const shape = [2, 3];
const whole = (): Uint8Array => {
  const root = emptyGroup();
  root.attributes.set("text", "grüße ".repeat(20_000)); // longer than a header can be
  root.attributes.set("list", ["a", "", "ccc"]);
  root.attributes.set("none", []);
  for (const { numpy, type } of types)
    groupAt(root, "deep/types").datasets.set(numpy, { shape, type, bytes: bytesFor(type, 6) } satisfies DatasetSource);
  const plain: ElementType = { kind: "float", bytes: 4, bigEndian: false };
  root.datasets.set("scalar", { shape: [], type: plain, bytes: new Uint8Array(Float32Array.of(2.5).buffer) });
  root.datasets.set("empty", { shape: [0, 4], type: plain, bytes: new Uint8Array() });
  for (let at = 0; at < 700; at++)
    groupAt(root, "many").datasets.set(String(at), {
      shape: [1],
      type: plain,
      bytes: new Uint8Array(Float32Array.of(at).buffer),
    });
  return encodeHdf5(root);
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("what is written as HDF5 is read again, bit for bit", () => {
  const file = openHdf5(whole());
  assert.equal(file.attributes.get("text"), "grüße ".repeat(20_000));
  assert.deepEqual([file.attributes.get("list"), file.attributes.get("none")], [["a", "", "ccc"], []]);
  for (const { numpy, type } of types) {
    const dataset = file.get(`deep/types/${numpy}`);
    assert.ok(dataset?.kind === "dataset");
    assert.deepEqual([dataset.type, dataset.shape, hex(dataset.bytes())], [type, shape, hex(bytesFor(type, 6))]);
  }
  const many = file.get("many");
  assert.ok(many?.kind === "group" && many.names.length === 700);
});

test("h5py reads what is written here", needs("h5py, numpy"), () => {
  writeFileSync(path("ours.h5"), whole());
  const found = ask(`
import h5py, json
f = h5py.File("ours.h5")
print(json.dumps({
  "text": f.attrs["text"], "list": list(f.attrs["list"]), "none": len(f.attrs["none"]),
  "types": {k: [str(v.dtype), list(v.shape), v[()].tobytes().hex()] for k, v in f["deep/types"].items()},
  "scalar": float(f["scalar"][()]), "empty": list(f["empty"].shape), "many": [float(f["many"][str(i)][0]) for i in range(700)],
}))`) as Record<string, unknown>;
  assert.equal(found["text"], "grüße ".repeat(20_000));
  const named: Record<string, string> = { f: "float", i: "int", u: "uint" };
  const dtype = (numpy: string): string =>
    /^[fiu]/.test(numpy) ? `${named[numpy[0]!]}${Number(numpy[1]) * 8}` : numpy === "V2" ? "|V2" : numpy;
  assert.deepEqual(found, {
    text: found["text"],
    list: ["a", "", "ccc"],
    none: 0,
    types: Object.fromEntries(types.map(({ numpy, type }) => [numpy, [dtype(numpy), shape, hex(bytesFor(type, 6))]])),
    scalar: 2.5,
    empty: [0, 4],
    many: Array.from({ length: 700 }, (_, at) => at),
  });
});

test("what h5py writes is read here, in its oldest and its newest layout", needs("h5py, numpy"), async () => {
  const found = ask(`
import h5py, json, numpy as np
out = {}
for name, options in (("old", {}), ("new", {"libver": "latest"})):
    with h5py.File(name + ".h5", "w", **options) as f:
        f.attrs["text"] = "grüße"
        f.attrs["fixed"] = np.array([b"ab", b"c"])
        f.attrs["names"] = ["x", "yy"]
        f.attrs["number"] = 2.5
        g = f.create_group("deep").create_group("types")
        for t in "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 bool >f4 >i8".split():
            a = (np.arange(6) % 2).astype(t).reshape(2, 3)
            g[t] = a
            out[t] = a.tobytes().hex()
print(json.dumps(out))`) as Record<string, string>;
  for (const name of ["old", "new"]) {
    // Groups of more than eight members have an index in the newest layout, which is left to h5wasm.
    const file = await readHdf5(new Uint8Array(readFileSync(path(`${name}.h5`))));
    assert.deepEqual(
      ["text", "fixed", "names", "number"].map((key) => file.attributes.get(key)),
      ["grüße", ["ab", "c"], ["x", "yy"], 2.5],
    );
    const group = file.get("deep/types");
    for (const [type, bytes] of Object.entries(found)) {
      const dataset = group?.kind === "group" ? group.get(type) : undefined;
      assert.ok(dataset?.kind === "dataset");
      // The library turns big-endian numbers round.
      const turned = name === "new" && type.startsWith(">");
      assert.deepEqual(dataset.shape, shape);
      if (!turned) assert.equal(hex(dataset.bytes()), bytes);
    }
  }
});

test("chunks, packed data, links and records of h5py are refused in words", needs("h5py, numpy"), () => {
  ask(`
import h5py, numpy as np
f = h5py.File("odd.h5", "w")
f.create_dataset("chunks", data=np.zeros((8, 8)), chunks=(4, 4))
f.create_dataset("packed", data=np.zeros((8, 8)), compression="gzip")
f["record"] = np.zeros(2, dtype=[("a", "f4"), ("b", "i4")])
f.create_group("soft")["link"] = h5py.SoftLink("/chunks")
f.create_group("external")["link"] = h5py.ExternalLink("other.h5", "/")
layout = h5py.VirtualLayout((4,), "f4")
layout[:] = h5py.VirtualSource("other.h5", "x", shape=(4,))
f.create_virtual_dataset("virtual", layout)
f.close()
print(1)`);
  const file = openHdf5(new Uint8Array(readFileSync(path("odd.h5"))));
  const at = (name: string) => () => {
    const member = file.get(name);
    return member?.kind === "group" ? member.names : member;
  };
  assert.throws(at("chunks"), /datasets in chunks/);
  assert.throws(at("packed"), /compressed datasets|datasets in chunks/);
  assert.throws(at("record"), /records/);
  assert.throws(at("soft"), /links/);
  assert.throws(at("external"), /links/);
  assert.throws(at("virtual"), /virtual datasets|not read/);
});

test("h5wasm, the HDF5 library in npm, reads what is written here, and the other way", async () => {
  const { h5wasm } = packages;
  await h5wasm.ready;
  const { FS } = h5wasm;
  FS.writeFile("ours.h5", whole());
  const ours = new h5wasm.File("ours.h5", "r");
  const value = (name: string): unknown => ours.get(name).value;
  assert.deepEqual(ours.keys().sort(), ["deep", "empty", "many", "scalar"]);
  assert.deepEqual(
    value("deep/types/f4"),
    new Float32Array(bytesFor({ kind: "float", bytes: 4, bigEndian: false }, 6).buffer),
  );
  assert.deepEqual(value("many/699"), Float32Array.of(699));
  assert.deepEqual(ours.attrs["list"]?.value, ["a", "", "ccc"]);
  ours.close();

  const theirs = new h5wasm.File("theirs.h5", "w");
  theirs.create_attribute("title", "grüße");
  theirs.create_group("vars").create_dataset({ name: "0", data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] });
  theirs.flush();
  theirs.close();
  const read = openHdf5(FS.readFile("theirs.h5"));
  const dataset = read.get("vars/0");
  assert.equal(read.attributes.get("title"), "grüße");
  assert.ok(dataset?.kind === "dataset");
  assert.deepEqual(
    [dataset.shape, hex(dataset.bytes())],
    [[2, 2], hex(new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer))],
  );
});

const numpyTypes = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"] as const;
const arrayOf = (type: NumpyArray["type"]): NumpyArray => {
  const bytes = Number(type[1]);
  return viewOf(type, bytesFor({ kind: type === "b1" ? "bool" : "opaque", bytes } as ElementType, 6)); // only its bytes count
};
const views = {
  f2: Uint16Array,
  f4: Float32Array,
  f8: Float64Array,
  i1: Int8Array,
  i2: Int16Array,
  i4: Int32Array,
  i8: BigInt64Array,
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  u8: BigUint64Array,
  b1: Uint8Array,
} as const;
const viewOf = (type: NumpyArray["type"], bytes: Uint8Array): NumpyArray =>
  ({ type, shape, data: new views[type](bytes.slice().buffer) }) as NumpyArray;

test(
  "NumPy reads the .npy and .npz files that are written here, and the other way, bit for bit",
  needs("numpy"),
  async () => {
    const arrays = new Map(numpyTypes.map((type) => [type, arrayOf(type)]));
    for (const [type, array] of arrays) writeFileSync(path(`${type}.npy`), encodeNpy(array));
    writeFileSync(path("stored.npz"), await encodeNpz(arrays));
    writeFileSync(path("packed.npz"), await encodeNpz(arrays, { compression: "deflate" }));
    const found = ask(`
import json, numpy as np
names = ${JSON.stringify(numpyTypes)}
stored, packed = np.load("stored.npz"), np.load("packed.npz")
said = {n: [[str(a.dtype), list(a.shape), a.tobytes().hex()] for a in (np.load(n + ".npy"), stored[n], packed[n])] for n in names}
np.savez("theirs.npz", **{n: stored[n] for n in names})
np.savez_compressed("theirsPacked.npz", **{n: np.asfortranarray(stored[n]) for n in names})
for n in names: np.save("their_" + n + ".npy", stored[n].astype(stored[n].dtype.newbyteorder(">")))
print(json.dumps(said))`) as Record<string, readonly (readonly [string, readonly number[], string])[]>;
    const bytes = ({ data }: NumpyArray): string => hex(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    for (const [type, array] of arrays)
      for (const [, size, said] of found[type]!) assert.deepEqual([size, said], [shape, bytes(array)]);
    for (const name of ["theirs.npz", "theirsPacked.npz"]) {
      const theirs = await decodeNpz(new Uint8Array(readFileSync(path(name))));
      for (const [type, array] of arrays)
        assert.deepEqual([theirs.get(type)!.type, bytes(theirs.get(type)!)], [type, bytes(array)]);
    }
    for (const [type, array] of arrays)
      assert.equal(bytes(decodeNpy(new Uint8Array(readFileSync(path(`their_${type}.npy`))))), bytes(array));
  },
);

test("fflate unpacks the archives that are written here", async () => {
  const { unzipSync } = packages.fflate;
  const members = new Map([
    ["a/b.txt", new TextEncoder().encode("hello")],
    ["größe.bin", Uint8Array.of(1, 2, 3)],
    ["empty", new Uint8Array()],
  ]);
  const found = unzipSync(encodeZip(members));
  assert.deepEqual(new Map(Object.entries(found)), members);
});
