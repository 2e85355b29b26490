import { DataError } from "../base/errors.ts";
import { decodeAttached, decodeJson, encodeAttached, encodeJson } from "./bytes.ts";
import type { Definition } from "./description.ts";
import type { RunEvent } from "./events.ts";
import { type Frame, type FrameKind, frameFlags } from "./frame.ts";
import { decodeHistogram, type ExponentHistogram, encodeHistogram } from "./histogram.ts";
import type { CheckpointReference, IndexReport, MemoryReport, SliceHead, Spans } from "./measures.ts";
import { decodeScalars, encodeScalars, type ScalarBlock } from "./scalars.ts";
import { decodeStats, encodeStats, type TensorStats } from "./stats.ts";

/** A slice and its numbers. */
export interface Slice {
  readonly head: SliceHead;
  readonly data: Uint8Array;
}

/** What the kinds of frames hold. */
export interface Contents {
  readonly event: RunEvent;
  readonly define: Definition;
  readonly scalars: ScalarBlock;
  readonly stats: TensorStats;
  readonly histogram: ExponentHistogram;
  readonly slice: Slice;
  readonly spans: Spans;
  readonly memory: MemoryReport;
  readonly checkpoint: CheckpointReference;
  readonly index: IndexReport;
}

/** A frame and what it means. */
export type Entry = {
  readonly [K in FrameKind]: {
    readonly kind: K;
    readonly step: number;
    /** The tensor that it tells of, or 0. */
    readonly stream: number;
    /** Made because a page asked. */
    readonly onDemand: boolean;
    readonly content: Contents[K];
  };
}[FrameKind];

// Two tables, not one: who only reads logs, such as the page, need not load what writes them.

const encoders: { readonly [K in FrameKind]: (content: Contents[K]) => Uint8Array } = {
  event: encodeJson,
  define: encodeJson,
  scalars: encodeScalars,
  stats: encodeStats,
  histogram: encodeHistogram,
  slice: ({ head, data }) => encodeAttached(head, data),
  spans: encodeJson,
  memory: encodeJson,
  checkpoint: encodeJson,
  index: encodeJson,
};

/** JSON with the fields that the rest of us relies on, by their `typeof`. */
const json =
  <T>(fields: { readonly [name: string]: string }) =>
  (payload: Uint8Array): T =>
    demandFields(decodeJson(payload), fields) as T;

const decoders: { readonly [K in FrameKind]: (payload: Uint8Array) => Contents[K] } = {
  event: json({ type: "string" }),
  define: json({ define: "string", id: "number", name: "string" }),
  scalars: decodeScalars,
  stats: decodeStats,
  histogram: decodeHistogram,
  slice: readSlice,
  spans: json({ time: "number", spans: "object" }),
  memory: json({ time: "number", bytes: "number", owners: "object" }),
  checkpoint: json({ id: "string", time: "number" }),
  index: json({ previous: "number", frames: "object" }),
};

/** The entry as a frame. */
export function toFrame({ kind, step, stream, onDemand, content }: Entry): Frame {
  // Kind and content belong together in each Entry; the table cannot say that to the compiler.
  const encode = encoders[kind] as (content: unknown) => Uint8Array;
  return { kind, step, stream, flags: onDemand ? frameFlags.onDemand : 0, payload: encode(content) };
}

/** What a frame means; a DataError when its payload does not hold what its kind says. */
export function toEntry({ kind, step, stream, flags, payload }: Frame): Entry {
  const content = decoders[kind](payload);
  return { kind, step, stream, onDemand: (flags & frameFlags.onDemand) !== 0, content } as Entry; // as above
}

function demandFields(value: unknown, fields: { readonly [name: string]: string }): unknown {
  for (const [name, type] of Object.entries(fields)) {
    const found = (value as { readonly [name: string]: unknown } | null)?.[name];
    const kind: string = typeof found;
    if (kind !== type || found === null) throw new DataError(`a frame of the run log has no "${name}"`);
  }
  return value;
}

const elementBytes = { u8: 1, f16: 2, f32: 4 } as const;

function readSlice(payload: Uint8Array): Slice {
  const { head, data } = decodeAttached(payload);
  demandFields(head, { key: "string", role: "string", shape: "object", dtype: "string" });
  const { shape, dtype } = head as SliceHead; // its fields are there, and looked at now
  const bytes = Object.hasOwn(elementBytes, dtype) ? elementBytes[dtype] : 0;
  const sizes = Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (bytes === 0 || !sizes || shape.reduce((product, size) => product * size, bytes) !== data.length)
    throw new DataError("a slice of the run log does not have the numbers that its shape needs");
  return { head: head as SliceHead, data };
}
