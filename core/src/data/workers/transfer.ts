import { NdArray, type NumberArray } from "../ndarray.ts";

// Between threads, arrays of ours travel as Maps, which no element has otherwise: messages keep data, but not classes.

const isPlain = (value: unknown): value is object =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** A value as messages carry it. */
export function packed(value: unknown): unknown {
  if (value instanceof NdArray)
    return new Map<string, unknown>([
      ["data", alone(value.data)],
      ["shape", value.shape],
    ]);
  if (ArrayBuffer.isView(value)) return alone(value as NumberArray);
  if (Array.isArray(value)) return typeof value[0] === "number" ? value : value.map(packed);
  return isPlain(value) ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, packed(part)])) : value;
}

/** A view of a part of a buffer would take all of it along. */
const alone = (data: NumberArray): NumberArray => (data.byteLength < data.buffer.byteLength ? data.slice() : data);

/** A value as `packed` made it. */
export function unpacked(value: unknown): unknown {
  if (value instanceof Map && value.has("data"))
    return new NdArray(value.get("data") as NumberArray, value.get("shape") as readonly number[]); // made by `packed`
  if (Array.isArray(value)) return typeof value[0] === "number" ? value : value.map(unpacked);
  return isPlain(value) ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, unpacked(part)])) : value;
}
