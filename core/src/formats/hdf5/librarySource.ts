/**
 * The thread that reads a file with h5wasm (HDF5 in WebAssembly): the file lies in memory of its own, the library's memory cannot
 * grow past the limit, and whatever happens to it, the thread can be ended. Answers { root } or { error }.
 */
export const librarySource = `
const { parentPort, workerData } = process.getBuiltinModule("node:worker_threads"); // bundlers look for require
const { url, bytes, memory, unpacked, objects } = workerData;

const grow = WebAssembly.Memory.prototype.grow;
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength + pages * 65536 > memory) throw new RangeError("the limit of memory is reached");
  return grow.call(this, pages);
};

const kinds = { 0: "int", 1: "float", 3: "text", 5: "opaque", 8: "bool" };
let left = unpacked;
let count = 0;
const moved = [];

/** What the elements are, in the words of our reader. */
function typeOf(path, { type, size, signed, vlen, enum_type }) {
  const kind = kinds[type];
  const isBool = type === 8 && size === 1 && enum_type && ["FALSE", "TRUE"].every((name) => name in enum_type.members);
  if (kind === undefined || vlen || (type === 8 && !isBool))
    throw new Error(path + " has elements of class " + type + ", which are not read");
  if (kind === "bool") return { kind, bytes: 1, bigEndian: false };
  if (kind === "text" || kind === "opaque") return { kind, bytes: size };
  // The library turns numbers into the order of this machine.
  return { kind: kind === "int" && !signed ? "uint" : kind, bytes: size, bigEndian: false };
}

const plain = (value) => {
  if (typeof value === "bigint" || typeof value === "boolean") return Number(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value, plain);
  if (typeof value === "number" || typeof value === "string") return value;
  throw new Error("an attribute is neither numbers nor texts");
};

function attributesOf(object) {
  return Object.entries(object.attrs).map(([name, attribute]) => {
    const { metadata } = attribute;
    spend((metadata.size ?? 8) * (metadata.total_size ?? 1), name);
    return [name, plain(attribute.value)];
  });
}

function spend(size, what) {
  left -= size;
  if (!(left >= 0)) throw new Error(what + " would unpack to more than " + unpacked + " bytes");
}

function read(library, Module, object, path, depth) {
  if (++count > objects || depth > 64) throw new Error("its groups refer to each other too often");
  if (object instanceof library.Dataset) {
    const { metadata } = object;
    const type = typeOf(path, metadata);
    const shape = metadata.shape ?? [0];
    const length = metadata.size * shape.reduce((product, extent) => product * extent, 1);
    spend(length, path);
    const at = Module._malloc(length);
    if (at === 0) throw new Error(path + " does not fit into memory");
    Module.get_dataset_data(object.file_id, object.path, null, null, null, BigInt(at));
    const values = Module.HEAPU8.slice(at, at + length);
    Module._free(at);
    moved.push(values.buffer);
    return { kind: "dataset", shape, type, attributes: attributesOf(object), values };
  }
  if (!(object instanceof library.Group)) throw new Error(path + " is a link or a type, and no group or dataset");
  const members = object.keys().map((name) => [name, read(library, Module, object.get(name), path + "/" + name, depth + 1)]);
  return { kind: "group", attributes: attributesOf(object), members };
}

import(url)
  .then(async (library) => {
    const Module = await library.ready;
    parentPort.postMessage({ ready: true });
    Module.FS.writeFile("/given.h5", bytes);
    const file = new library.File("/given.h5", "r");
    parentPort.postMessage({ root: read(library, Module, file, "", 0) }, moved);
  })
  .catch((error) => parentPort.postMessage({ error: String(error?.message ?? error) }));
`;
