import { ArgumentError, DataError } from "../base/errors.ts";

/**
 * Values of some series at some steps: all series have a value at every step. Columns, so that a million steps of twenty series are
 * 88 MB: 8 B a step and 4 B a value.
 */
export interface ScalarBlock {
  /** Of `SeriesDefinition`s. */
  readonly series: Uint32Array;
  readonly steps: Uint32Array;
  /** When each step was recorded, in milliseconds since 1970. */
  readonly times: Float64Array;
  /** [series, steps], row by row. */
  readonly values: Float32Array;
}

const fixedBytes = 16;

/** u32 series · u32 steps · f64 time of the first step · u32 id a series · u32 step, f32 milliseconds since the first a step · f32 values. */
export function encodeScalars({ series, steps, times, values }: ScalarBlock): Uint8Array {
  if (values.length !== series.length * steps.length || times.length !== steps.length)
    throw new ArgumentError(`a block of ${series.length} series and ${steps.length} steps has ${values.length} values`);
  const bytes = new Uint8Array(sizeOf(series.length, steps.length));
  const view = new DataView(bytes.buffer);
  const first = times[0] ?? 0;
  view.setUint32(0, series.length, true);
  view.setUint32(4, steps.length, true);
  view.setFloat64(8, first, true);
  let at = fixedBytes;
  new Uint32Array(bytes.buffer, at, series.length).set(series);
  at += 4 * series.length;
  new Uint32Array(bytes.buffer, at, steps.length).set(steps);
  at += 4 * steps.length;
  const since = new Float32Array(bytes.buffer, at, steps.length);
  for (let index = 0; index < steps.length; index++) since[index] = times[index]! - first;
  at += 4 * steps.length;
  new Float32Array(bytes.buffer, at, values.length).set(values);
  return bytes;
}

const sizeOf = (series: number, steps: number): number => fixedBytes + 4 * (series + 2 * steps + series * steps);

export function decodeScalars(payload: Uint8Array): ScalarBlock {
  if (payload.length < fixedBytes) throw new DataError("a block of scalars is too short");
  const bytes = payload.byteOffset % 4 === 0 ? payload : payload.slice();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [count, length, first] = [view.getUint32(0, true), view.getUint32(4, true), view.getFloat64(8, true)];
  if (sizeOf(count, length) !== bytes.length)
    throw new DataError(
      `a block of scalars says ${count} series of ${length} steps, and is ${bytes.length} bytes long`,
    );
  let at = bytes.byteOffset + fixedBytes;
  const series = new Uint32Array(bytes.buffer, at, count);
  at += 4 * count;
  const steps = new Uint32Array(bytes.buffer, at, length);
  at += 4 * length;
  const times = Float64Array.from(new Float32Array(bytes.buffer, at, length), (since) => first + since);
  at += 4 * length;
  return { series, steps, times, values: new Float32Array(bytes.buffer, at, count * length) };
}
