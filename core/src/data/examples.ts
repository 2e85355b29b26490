import { DataError } from "../base/errors.ts";
import { isTexts, type Texts } from "../nn/preprocessing/hostData.ts";
import { leavesOf, mapStructure, type Structure } from "../nn/structure.ts";
import { Tensor } from "../tensor/index.ts";
import { NdArray, type Nested, type NumberArray, ndarray } from "./ndarray.ts";

/** What users may give as data: the first axis counts examples. Texts are for models that begin with a layer for them. */
export type DataLike = NdArray | Tensor | NumberArray | readonly Nested[] | readonly Texts[];

/** Inputs, targets and weights as users give them. */
export interface Examples {
  readonly x: Structure<DataLike>;
  readonly y?: Structure<DataLike> | undefined;
  /**
   * Weights that multiply the loss: one an example, or one a value of the loss (a step of a sequence). For several outputs:
   * the same for all, or a list or a record as for the targets.
   */
  readonly sampleWeight?: Structure<DataLike> | undefined;
}

/** The same, checked and in the host's memory; all arrays have `length` examples. */
export interface HostExamples {
  readonly x: Structure<NdArray>;
  readonly y: Structure<NdArray> | undefined;
  readonly sampleWeight: Structure<NdArray> | undefined;
  readonly length: number;
}

/** What to do with NaN (and infinities) in data: stop before training, or let them pass. */
export type NanPolicy = "error" | "allow";

export const isDataLike = (value: unknown): value is DataLike =>
  value instanceof NdArray || value instanceof Tensor || ArrayBuffer.isView(value) || isNested(value);
/** Lists of anything but arrays and tensors are taken for numbers in lists; what they really hold is checked later. */
const isNested = (value: unknown): boolean =>
  Array.isArray(value) &&
  (value.length === 0 || typeof value[0] !== "object" || value[0] === null || isNested(value[0]));
export const isNdArray = (value: unknown): value is NdArray => value instanceof NdArray;

async function toHost(value: DataLike): Promise<NdArray> {
  if (value instanceof NdArray) return value;
  if (value instanceof Tensor) {
    const data = await value.data();
    return new NdArray(data as NumberArray, value.shape);
  }
  if (isTexts(value)) {
    throw new DataError({
      what: "data must be arrays of numbers, received text",
      hint: "begin the model with layers.textVectorization(), stringLookup() or hashing(), or map the data by one",
    });
  }
  if (isDataLike(value)) return ndarray(value);
  throw new DataError({
    what: `data must be arrays of numbers, received ${typeof value === "object" ? (value as object | null)?.constructor?.name : String(value)}`,
    hint: "use typed arrays, ndarray(values, shape), tensors, or nested lists",
  });
}

/** Names the parts of a structure in messages: `x`, `x[0]`, `x["title"]`. */
function named<T>(name: string, structure: Structure<T>, isLeaf: (value: unknown) => value is T): [string, T][] {
  if (isLeaf(structure)) return [[name, structure]];
  if (Array.isArray(structure))
    return (structure as readonly Structure<T>[]).flatMap((part, index) => named(`${name}[${index}]`, part, isLeaf));
  const parts = Object.entries(structure as { readonly [key: string]: Structure<T> });
  return parts.flatMap(([key, part]) => named(`${name}["${key}"]`, part, isLeaf));
}

/** Brings data to the host and checks it: same number of examples everywhere, at least one, no NaN unless allowed. */
export async function hostExamples(examples: Examples, nan: NanPolicy = "error"): Promise<HostExamples> {
  if (examples.x === undefined || examples.x === null) {
    throw new DataError({
      what: "there is no data: x is missing",
      hint: "give (x, y) or { x, y }, as arrays, tensors or nested lists",
    });
  }
  const load = async (structure: Structure<DataLike>): Promise<Structure<NdArray>> => {
    const loaded = new Map<DataLike, NdArray>();
    for (const leaf of leavesOf(structure, isDataLike)) loaded.set(leaf, await toHost(leaf));
    return mapStructure(structure, isDataLike, (leaf) => loaded.get(leaf)!);
  };
  const x = await load(examples.x);
  const y = examples.y === undefined ? undefined : await load(examples.y);
  const sampleWeight = examples.sampleWeight === undefined ? undefined : await load(examples.sampleWeight);

  const parts: [string, NdArray][] = [
    ...named("x", x, isNdArray),
    ...(y === undefined ? [] : named("y", y, isNdArray)),
    ...(sampleWeight === undefined ? [] : named("sampleWeight", sampleWeight, isNdArray)),
  ];
  const length = checkLengths(parts);
  if (nan === "error") for (const [name, array] of parts) checkFinite(name, array);
  return { x, y, sampleWeight, length };
}

function checkLengths(parts: readonly [string, NdArray][]): number {
  const [first] = parts;
  if (first === undefined || first[1].length === 0) {
    throw new DataError({
      what: "the data set is empty: it has no examples",
      hint: "the first axis counts the examples",
    });
  }
  const length = first[1].length;
  if (parts.some(([, array]) => array.length !== length)) {
    throw new DataError({
      what: "the arrays have different numbers of examples",
      details: parts.map(([role, array]) => ({ role, value: `${array.length} examples, [${array.shape.join(", ")}]` })),
    });
  }
  return length;
}

/** Nothing times 0 is anything but 0, except for infinities and NaN. Four sums, because each must wait for its last addition. */
function allFinite(data: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = data.length - (data.length % 4);
  for (let index = 0; index < whole; index += 4) {
    a += data[index]! * 0;
    b += data[index + 1]! * 0;
    c += data[index + 2]! * 0;
    d += data[index + 3]! * 0;
  }
  for (let index = whole; index < data.length; index++) a += data[index]! * 0;
  return a + b + c + d === 0;
}

function checkFinite(name: string, { data, shape, stride }: NdArray): void {
  if (!(data instanceof Float32Array) || allFinite(data)) return;
  let bad = 0;
  let at = 0;
  // A plain loop: this runs over whole data sets.
  for (let index = data.length - 1; index >= 0; index--) {
    if (Number.isFinite(data[index]!)) continue;
    bad++;
    at = index;
  }
  if (bad === 0) return;
  throw new DataError({
    what: `${name} holds ${data[at]} in example ${Math.floor(at / stride)} (${bad} such value${bad === 1 ? "" : "s"} in all)`,
    details: [{ role: "array", value: `[${shape.join(", ")}]` }],
    hint: 'clean the data, or take it as it is: fit, evaluate and predict have the option { nanPolicy: "allow" }',
  });
}

/** The examples from `start` to `stop` (not included). */
export function sliceExamples({ x, y, sampleWeight }: HostExamples, start: number, stop: number): HostExamples {
  const cut = (array: NdArray): NdArray => array.slice(start, stop);
  return {
    x: mapStructure(x, isNdArray, cut),
    y: y === undefined ? undefined : mapStructure(y, isNdArray, cut),
    sampleWeight: sampleWeight === undefined ? undefined : mapStructure(sampleWeight, isNdArray, cut),
    length: stop - start,
  };
}

/** The examples at `indices`, in that order. */
export function takeExamples({ x, y, sampleWeight }: HostExamples, indices: Uint32Array): HostExamples {
  const take = (array: NdArray): NdArray => array.rows(indices);
  return {
    x: mapStructure(x, isNdArray, take),
    y: y === undefined ? undefined : mapStructure(y, isNdArray, take),
    sampleWeight: sampleWeight === undefined ? undefined : mapStructure(sampleWeight, isNdArray, take),
    length: indices.length,
  };
}

/** Examples one after the other. All parts have the structure and the shapes of the first. */
export function joinExamples(parts: readonly HostExamples[]): HostExamples {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first!; // there is one at least
  const joined = <S extends Structure<NdArray>>(
    of: S,
    pick: (part: HostExamples) => Structure<NdArray> | undefined,
  ): S => {
    const leaves = parts.map((part) => leavesOf(pick(part)!, isNdArray)); // as the first
    let at = 0;
    return mapStructure(of, isNdArray, () => {
      const place = at++;
      return joinArrays(leaves.map((each) => each[place]!)); // as many as the first has
    }) as S;
  };
  const { x, y, sampleWeight } = first;
  return {
    x: joined(x, (part) => part.x),
    y: y === undefined ? undefined : joined(y, (part) => part.y),
    sampleWeight: sampleWeight === undefined ? undefined : joined(sampleWeight, (part) => part.sampleWeight),
    length: parts.reduce((sum, { length }) => sum + length, 0),
  };
}

function joinArrays(arrays: readonly NdArray[]): NdArray {
  const { data, shape } = arrays[0]!; // there is one at least
  const rows = arrays.reduce((sum, { length }) => sum + length, 0);
  const Typed = data.constructor as new (length: number) => typeof data; // a typed array's own class
  const result = new Typed(arrays.reduce((sum, each) => sum + each.data.length, 0));
  let at = 0;
  for (const each of arrays) {
    result.set(each.data, at);
    at += each.data.length;
  }
  return new NdArray(result, [rows, ...shape.slice(1)]);
}

/**
 * Batches of `batchSize` examples in the given order (default: as they come), from the batch `first` on; the last may be smaller
 * and is kept.
 */
export function* batchesOf(
  examples: HostExamples,
  batchSize: number,
  order?: Uint32Array,
  first = 0,
): Generator<HostExamples> {
  for (let start = first * batchSize; start < examples.length; start += batchSize) {
    const stop = Math.min(start + batchSize, examples.length);
    yield order === undefined
      ? sliceExamples(examples, start, stop)
      : takeExamples(examples, order.subarray(start, stop));
  }
}
