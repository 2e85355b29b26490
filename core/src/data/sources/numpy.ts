import { DataError, suggest } from "../../base/errors.ts";
import { f16FromBits } from "../../base/half.ts";
import { decodeNpy, decodeNpz, type NpzOptions, type NumpyArray, openNpy, readFile } from "../../formats/index.ts";
import { columnsOf, joined, rowsIn } from "../columns.ts";
import { Dataset } from "../dataset.ts";
import { NdArray, type NumberArray } from "../ndarray.ts";
import type { Order } from "../order.ts";
import { fromColumns, numbered } from "../stages/numbered.ts";
import { type FileInput, nameOf, openInput } from "./input.ts";

/**
 * The rows of an array in a `.npy` file. They are read when they are wanted, so the file may be larger than memory, and in any
 * order, so `shuffle` needs no buffer.
 */
export async function npyDataset(file: FileInput): Promise<Dataset<NdArray>> {
  const name = nameOf(file);
  const opened = async () => {
    const bytes = await openInput(file);
    return { bytes, array: await openNpy(bytes, name) };
  };
  // What is wrong with the file is said now.
  const { bytes, array } = await opened();
  await bytes.close();
  const [count = 0, ...inner] = array.shape;
  return new Dataset({
    name: "npyDataset",
    inputs: [],
    cardinality: count,
    indexed: true,
    open: (_, order = { start: 0, stop: count }) => {
      let reading: ReturnType<typeof opened> | undefined;
      const rows = async (start: number, stop: number): Promise<NdArray> => {
        reading ??= opened();
        return arrayOf(await (await reading).array.rows(start, stop), name);
      };
      const batch = async (part: Order): Promise<NdArray> => {
        if (!(part instanceof Uint32Array)) return rows(part.start, part.stop);
        const parts = await Promise.all(Array.from(part, (index) => rows(index, index + 1)));
        return joined(parts, "npyDataset") as NdArray; // of NdArrays
      };
      const cursor = numbered(order, async (index) => (await rows(index, index + 1)).reshape(inner), batch);
      return { ...cursor, close: async () => (await reading)?.bytes.close() };
    },
  });
}

/**
 * The rows of arrays in a `.npz` file, which is read whole: all its arrays by their names, or those that `names` names, as
 * in `{ x: "x_train", y: "y_train" }`.
 */
export async function npzDataset<const N extends { readonly [name: string]: string }>(
  file: FileInput,
  names?: N,
  options: NpzOptions = {},
): Promise<Dataset<{ readonly [K in keyof N]: NdArray }>> {
  const name = nameOf(file);
  const arrays = await decodeNpz(await bytesOf(file), options, name);
  const wanted: { readonly [name: string]: string } =
    names ?? Object.fromEntries([...arrays.keys()].map((each) => [each, each]));
  const columns = Object.fromEntries(
    Object.entries(wanted).map(([key, stored]) => {
      const array = arrays.get(stored);
      if (array === undefined)
        throw new DataError({
          what: `${name}: there is no array "${stored}"`,
          hint: suggest(stored, [...arrays.keys()]),
        });
      return [key, arrayOf(array, `${name}: ${stored}`)];
    }),
  );
  const checked = columnsOf(columns, "npzDataset");
  return new Dataset(fromColumns(checked, rowsIn(checked, "npzDataset")));
}

async function bytesOf(file: FileInput): Promise<Uint8Array> {
  if (typeof file === "string") return readFile(file);
  return file instanceof Uint8Array ? file : new Uint8Array(await file.slice(0, file.size).arrayBuffer());
}

/** The array in the bytes of a `.npy` file. */
export const ndarrayFromNpy = (bytes: Uint8Array, source = "the file"): NdArray =>
  arrayOf(decodeNpy(bytes, source), source);

/** A NumPy array with the nearest element type that tensors have. */
export function arrayOf({ type, shape, data }: NumpyArray, source: string): NdArray {
  return new NdArray(converted(type, data, source), shape);
}

function converted(type: NumpyArray["type"], data: NumpyArray["data"], source: string): NumberArray {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return narrowed(data, source);
  if (data instanceof Float64Array) return Float32Array.from(data);
  if (type === "f2") return Float32Array.from(data, f16FromBits);
  if (data instanceof Int16Array || data instanceof Uint16Array) return Int32Array.from(data);
  return data;
}

/** 64-bit numbers that fit into 32 bits, as labels and tokens do. */
function narrowed(data: BigInt64Array | BigUint64Array, source: string): Int32Array {
  const narrow = new Int32Array(data.length);
  data.forEach((value, index) => {
    if (BigInt.asIntN(32, value) !== value) {
      throw new DataError({
        what: `${source}: value ${value} does not fit into 32 bits`,
        hint: "save such numbers as float64 or int32",
      });
    }
    narrow[index] = Number(value);
  });
  return narrow;
}
