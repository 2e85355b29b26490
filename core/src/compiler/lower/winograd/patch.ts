import { range } from "../../../base/shape.ts";
import { cast, forLoop, int, letLocal, load, store } from "../../../kernel/build.ts";
import type { Expr, Stmt } from "../../../kernel/ir.ts";
import type { KernelBuilder } from "../kernel.ts";
import { type Loop, nest } from "../nest.ts";
import { convInput } from "../reducer.ts";
import type { Values } from "../value.ts";
import type { Form } from "./form.ts";
import { onSquare, transformData } from "./transform.ts";

type Store = Extract<Stmt, { kind: "store" }>;
type Index = Extract<Expr, { kind: "index" }>;

export const loopOver = (index: Index, extent: number): Loop => ({ index: index.name, from: int(0), to: int(extent) });

/** The block size near `wanted`, a multiple of `step`, that cuts `size` into equal parts. */
export function evenBlock(size: number, wanted: number, step: number): number {
  const largest = Math.max(step, Math.round(wanted / step) * step);
  const parts = Math.ceil(size / largest);
  return Math.ceil(Math.ceil(size / parts) / step) * step;
}

const lineElements = 16;

/**
 * Elements between the blocks of neighbouring positions that have `elements` each: an odd number of cache lines. A tile is spread
 * over all positions; at distances of a power of two its lines would all fall into the few places of one set of the cache.
 */
export function apart(elements: number): number {
  const lines = Math.ceil(elements / lineElements);
  return lineElements * (lines % 2 === 0 ? lines + 1 : lines);
}

/** Image, row and column of a tile, declared. */
export function tileLocals(
  builder: KernelBuilder,
  { batch, across }: Form,
  tile: Expr,
): { readonly statements: Stmt[]; readonly indices: Expr[] } {
  const statements: Stmt[] = [];
  const shape = [batch, ...across];
  const indices = builder.space.unflatten(tile, shape).map((value, axis) => {
    if (value.kind === "number") return value;
    const variable = builder.indexLocal(["image", "down", "right"][axis]!, shape[axis]!);
    statements.push(letLocal(variable.name, "i32", value));
    return variable;
  });
  return { statements, indices };
}

/** Where the transforms of a block of tiles go: [position][row][channel]. */
export interface PatchPlace {
  readonly into: string;
  readonly first: Expr;
  readonly count: Expr;
  /** Rows at most. */
  readonly block: number;
  /** Elements between positions. */
  readonly pitch: number;
  /** Elements between rows. */
  readonly rowPitch: number;
  readonly firstChannel: Expr;
  /** Channels at most; `channelCount` of them are there. */
  readonly channels: number;
  readonly channelCount?: Expr;
}

/** Bytes of a copied patch that leave room in the first cache for what it becomes. */
const patchElements = 4096;

/** The part of `channels` that is copied at once: all of them, or an equal part. */
function channelChunk(channels: number, positions: number): number {
  let parts = Math.ceil((positions * channels) / patchElements);
  while (channels % parts !== 0) parts++;
  return channels / parts;
}

/** Copies the patch of every tile, with zeros for padding, and transforms it. */
export function packPatch(
  builder: KernelBuilder,
  values: Values,
  form: Form,
  place: PatchPlace,
): { readonly statements: Stmt[]; readonly leaf: Stmt } {
  const { node, size, positions, outputs, result } = form;
  const { channels } = place;
  const { space } = builder;
  const chunk = channelChunk(channels, positions);
  const copy = builder.scratch("patch", "f32", positions * chunk);
  const row = builder.index("row", place.block) as Index; // `index` makes that kind
  const { statements, indices } = tileLocals(builder, form, space.add(place.first, row));
  const part = chunk === channels ? int(0) : builder.index("part", channels / chunk);
  const start = space.mul(part, chunk);
  const [i, j, c] = [size, size, chunk].map((extent) => builder.index("p", extent)) as [Index, Index, Index]; // `index` makes that kind
  const channel = space.add(place.firstChannel, space.add(start, c));
  const [image, down, right] = indices as [Expr, Expr, Expr]; // three axes
  // Tiles of the result start `outputs` apart; those of a window as many as it has taps.
  const element =
    result === "image"
      ? convInput(values, node, [image, space.mul(down, outputs), space.mul(right, outputs), int(0)], [i, j, channel])
      : convInput(
          values,
          node,
          [channel, i, j, int(0)],
          [space.mul(down, form.taps), space.mul(right, form.taps), image],
        );
  const leaf = store(copy, space.flatten([i, j, c], [size, size, chunk]), cast(element, "f32")) as Store;
  const to =
    place.channelCount === undefined ? int(chunk) : space.min(space.sub(place.channelCount, start), int(chunk));
  const copying = nest(builder, [loopOver(i, size), loopOver(j, size), { ...loopOver(c, chunk), to }], [leaf]);

  const lane = builder.index("lane", chunk) as Index; // `index` makes that kind
  const square = range(positions).map((position) =>
    builder.safe(load(copy, space.flatten([int(position), lane], [positions, chunk]), "f32")),
  );
  const stores = onSquare(size, square, (line) => transformData(form, line)).map((value, position) => {
    const line = space.add(int(position * place.pitch), space.mul(row, place.rowPitch));
    return store(place.into, space.add(line, space.add(start, lane)), value) as Store;
  });
  const transforming = nest(builder, [{ ...loopOver(lane, chunk), to }], stores);
  const inner = [...copying, ...transforming];
  const parts = part.kind === "index" ? [forLoop(part.name, int(0), int(channels / chunk), inner)] : inner;
  return { statements: [forLoop(row.name, int(0), place.count, [...statements, ...parts])], leaf };
}
