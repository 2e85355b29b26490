import { DataError } from "../base/errors.ts";
import { type HostExamples, sliceExamples, uniformSource } from "../data/index.ts";
import { floatsSlice, halvesSlice, type OnDemandRequest, type Slice } from "../record/index.ts";
import { isNdArrayLike } from "./examples.ts";
import type { Forward } from "./forward.ts";
import type { Session } from "./session.ts";

type Request = Extract<OnDemandRequest, { readonly type: "embeddings" }>;

const mostExamples = 5000;
const batchSize = 128;
/** Numbers of an example that are told at evaluations. */
const shortened = 64;
const rounds = 24;

/** What a layer makes of many examples, as it is or in its two or three principal directions. */
export async function embeddings(session: Session, request: Request): Promise<Slice> {
  const { training, evaluations } = session;
  const examples = request.split === "train" ? training.examples : training.validation;
  if (examples === undefined || evaluations === undefined) throw new DataError("there are no examples of that split");
  if (request.projection === "tsne")
    throw new DataError({ what: "t-SNE is computed in the page", hint: 'ask for { projection: "none" }' });
  const count = Math.min(mostExamples, examples.length, Math.max(1, Math.floor(request.count)));
  const { layer, rows } = await rowsOf(evaluations.forward, sliceExamples(examples, 0, count), request.layer);
  const head = { key: request.split, role: "embedding", layer, ...labelsOf(examples, count) } as const;
  if (request.projection === "none") {
    const size = rows[0]?.length ?? 0;
    const values = new Float32Array(count * size);
    rows.forEach((row, at) => {
      values.set(row, at * size);
    });
    return floatsSlice({ ...head, shape: [count, size] }, values);
  }
  const dimensions = request.dimensions === 3 ? 3 : 2;
  return floatsSlice({ ...head, shape: [count, dimensions] }, principal(rows, dimensions));
}

/** What is told at evaluations: the results of the last layer but one, or where they are long, as far apart in fewer numbers. */
export async function shortEmbeddings(
  forward: Forward,
  examples: HostExamples,
  split: "train" | "validation",
): Promise<Slice> {
  const { layer, rows } = await rowsOf(forward, examples, undefined, shortened);
  const size = rows[0]?.length ?? 0;
  const values = new Float32Array(rows.length * size);
  rows.forEach((row, at) => {
    values.set(row, at * size);
  });
  const labels = labelsOf(examples, rows.length);
  return halvesSlice({ key: split, role: "embedding", layer, shape: [rows.length, size], ...labels }, values);
}

export const labelsOf = ({ y }: HostExamples, count: number): { readonly labels?: readonly number[] } =>
  isNdArrayLike(y) && y.stride === 1 ? { labels: [...y.data.subarray(0, count)] } : {};

/** What a layer (the last but one, unless named) makes of each example. */
export async function rowsOf(
  forward: Forward,
  examples: HostExamples,
  layer: string | undefined,
  most?: number,
): Promise<{ readonly layer: string; readonly rows: readonly Float32Array[] }> {
  const rows: Float32Array[] = [];
  let name = layer ?? "";
  for (let start = 0; start < examples.length; start += batchSize) {
    const part = sliceExamples(examples, start, Math.min(start + batchSize, examples.length));
    const found = await forward.layer(part.x, layer, most);
    name = found.layer;
    const size = found.values.length / part.length;
    for (let row = 0; row < part.length; row++) rows.push(found.values.slice(row * size, (row + 1) * size));
  }
  return { layer: name, rows };
}

/** The rows in their first principal directions, by orthogonal iteration (Golub & Van Loan, 8.2.4): [rows, dimensions]. */
export function principal(rows: readonly Float32Array[], dimensions: number): Float32Array {
  const size = rows[0]?.length ?? 0;
  const mean = new Float64Array(size);
  for (const row of rows) for (let at = 0; at < size; at++) mean[at]! += row[at]! / rows.length;
  const uniform = uniformSource(1);
  let directions: Float64Array[] = Array.from({ length: dimensions }, () =>
    Float64Array.from({ length: size }, () => uniform() - 0.5),
  );
  const coordinate = (row: Float32Array, direction: Float64Array): number => {
    let sum = 0;
    for (let at = 0; at < size; at++) sum += (row[at]! - mean[at]!) * direction[at]!;
    return sum;
  };
  for (let round = 0; round < rounds; round++) {
    const next = directions.map((direction) => {
      const image = new Float64Array(size);
      for (const row of rows) {
        const along = coordinate(row, direction);
        for (let at = 0; at < size; at++) image[at]! += along * (row[at]! - mean[at]!);
      }
      return image;
    });
    directions = orthonormal(next);
  }
  const result = new Float32Array(rows.length * dimensions);
  rows.forEach((row, index) => {
    directions.forEach((direction, at) => {
      result[index * dimensions + at] = coordinate(row, direction);
    });
  });
  return result;
}

/** Gram and Schmidt, one after the other. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const done: Float64Array[] = [];
  for (const vector of vectors) {
    const own = vector.slice();
    for (const other of done) {
      const along = own.reduce((sum, value, at) => sum + value * other[at]!, 0);
      for (let at = 0; at < own.length; at++) own[at]! -= along * other[at]!;
    }
    const norm = Math.hypot(...own) || 1;
    done.push(own.map((value) => value / norm));
  }
  return done;
}
