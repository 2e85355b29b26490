import { DataError } from "../../base/errors.ts";
import { decodeSafeTensors, encodeSafeTensors, type StoredTensor } from "../../formats/index.ts";
import { isPlain } from "../../nn/structure.ts";
import { describeElement } from "../element.ts";
import { NdArray, type NumberArray, numberArray } from "../ndarray.ts";

// Elements in a file: their arrays are tensors of a safetensors file, all else is JSON in its metadata. In it, a list is
// { l }, a record { r }, an array { a } with the number of its tensor, a typed array { t }, and a number that JSON has not { n }.

/** The bytes of a file that holds these elements. */
export function encodeElements(elements: readonly unknown[], first: number): Uint8Array {
  const tensors = new Map<string, StoredTensor>();
  const put = (array: NdArray): string => {
    const { buffer, byteOffset, byteLength } = array.data;
    const name = String(tensors.size);
    tensors.set(name, {
      dtype: array.dtype,
      shape: array.shape,
      bytes: new Uint8Array(buffer, byteOffset, byteLength),
    });
    return name;
  };
  const written = (value: unknown, index: number): unknown => {
    if (value instanceof NdArray) return { a: put(value) };
    if (ArrayBuffer.isView(value)) return { t: put(new NdArray(value as NumberArray)) }; // NdArray refuses others
    if (typeof value === "number")
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { n: Object.is(value, -0) ? "-0" : String(value) };
    if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
    if (Array.isArray(value)) return { l: value.map((part) => written(part, index)) };
    if (isPlain(value))
      return { r: Object.fromEntries(Object.entries(value).map(([key, part]) => [key, written(part, index)])) };
    throw new DataError({
      what: `cache: element ${first + index} cannot be written to a file: it holds ${describeElement(value)}`,
      hint: "map elements to numbers, strings, arrays, or lists and records of them; or cache in memory",
    });
  };
  const text = JSON.stringify(elements.map(written));
  return encodeSafeTensors({ tensors, metadata: { elements: text } });
}

/** The elements in the bytes of a file, which are not believed. */
export function decodeElements(bytes: Uint8Array, source: string): unknown[] {
  const { tensors, metadata } = decodeSafeTensors(bytes, source);
  const broken = (): DataError =>
    new DataError({
      what: `${source}: this is no part of a cache, or it is damaged`,
      hint: "remove the folder of the cache",
    });
  const arrayOf = (name: unknown): NdArray => {
    const tensor = tensors.get(String(name));
    const data = tensor && numberArray(tensor.dtype, tensor.bytes);
    if (tensor === undefined || data === undefined) throw broken();
    return new NdArray(data, tensor.shape);
  };
  const read = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (!isPlain(value)) throw broken();
    if ("a" in value) return arrayOf(value.a);
    if ("t" in value) return arrayOf(value.t).data;
    if ("n" in value) return Number(value.n);
    if ("l" in value && Array.isArray(value.l)) return value.l.map(read);
    if ("r" in value && isPlain(value.r))
      return Object.fromEntries(Object.entries(value.r).map(([key, part]) => [key, read(part)]));
    throw broken();
  };
  const list = parsed(metadata["elements"]);
  if (!Array.isArray(list)) throw broken();
  return list.map(read);
}

/** The value of a JSON text; undefined where there is none. */
export function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
