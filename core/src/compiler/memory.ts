import { InternalError } from "../base/errors.ts";
import { isOp, type Node } from "../graph/node.ts";
import type { Binding } from "../kernel/plan.ts";
import type { Temporary } from "./cluster.ts";
import { packIntervals } from "./pack.ts";
import { type Alias, bytesOf, type Placed, rootOf } from "./place.ts";
import type { Block, Call } from "./region.ts";

export type Value = Node | Temporary;

/** A value that lives in the arena, over time: launches are numbered in the order of the program's text. */
export interface Interval {
  readonly value: Value;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
  readonly offset: number;
}

/** Where everything is. */
export interface Layout {
  readonly placed: Placed;
  readonly intervals: readonly Interval[];
  readonly arenaBytes: number;
  readonly locate: (value: Value) => Binding;
}

/** Assigns arena offsets by liveness; values that are dead at a kernel give their memory to its results where that is legal. */
export function memory(placed: Placed): Layout {
  const history = readHistory(placed);
  const owner = shareInPlace(placed, history);
  const lives = [...history.lives].filter(([value]) => owner(value) === value && !isFixed(value, placed));
  const { offsets, bytes } = packIntervals(
    lives.map(([value, { first, last }]) => ({ bytes: bytesOf(value), first, last })),
  );
  const intervals = lives.map(([value, { first, last }], index) => ({
    value,
    bytes: bytesOf(value),
    first,
    last,
    offset: offsets[index]!,
  }));
  const offsetOf = new Map(intervals.map(({ value, offset }) => [value, offset]));

  const locate = (value: Value): Binding => {
    let at = value;
    let start = 0;
    const advance: Alias["advance"][number][] = [];
    while (!("kind" in at)) {
      const alias = placed.aliases.get(at);
      if (alias === undefined) break;
      start += alias.start;
      advance.push(...alias.advance);
      at = alias.of;
    }
    const base = owner(at);
    const slot = "kind" in base ? undefined : placed.slots.get(base);
    if (slot !== undefined) return { slot, offset: start, advance };
    const kept = placed.kept?.offsets.get(base);
    if (kept !== undefined) return { slot: placed.kept!.memory, offset: kept + start, advance };
    const offset = offsetOf.get(base) ?? (bytesOf(base) === 0 ? 0 : undefined);
    if (offset === undefined) throw new InternalError(`memory: ${describe(value)} has no place`);
    return { slot: 0, offset: offset + start, advance };
  };
  return { placed, intervals, arenaBytes: bytes, locate };
}

const describe = (value: Value): string => ("kind" in value ? value.name : `${value.op}#${value.id}`);
const isFixed = (value: Value, { slots, kept }: Placed): boolean =>
  (!("kind" in value) && slots.has(value)) || (kept?.offsets.has(value) ?? false);

interface Life {
  first: number;
  last: number;
  /** The loops around the first write. */
  readonly home: readonly number[];
}

/** When each value (by its root) is first and last touched. What is touched inside a loop but made outside lives through all of it. */
interface History {
  readonly lives: Map<Value, Life>;
  /** The calls that run at each time, with the loops around them. */
  readonly launches: readonly { readonly time: number; readonly calls: readonly Call[] }[];
}

interface Loop {
  readonly id: number;
  readonly start: number;
  end: number;
}

function readHistory(placed: Placed): History {
  const lives = new Map<Value, Life>();
  const touches: { value: Value; time: number; loops: readonly Loop[] }[] = [];
  const launches: { time: number; calls: readonly Call[] }[] = [];
  let time = 0;

  const touch = (value: Value, loops: readonly Loop[]): void => {
    const root = "kind" in value ? value : rootOf(value, placed.aliases);
    touches.push({ value: root, time, loops });
    if (!lives.has(root)) lives.set(root, { first: time, last: time, home: loops.map(({ id }) => id) });
  };
  const walk = (block: Block, loops: readonly Loop[]): void => {
    for (const work of block.works) {
      time++;
      if (work.kind === "launch") {
        launches.push({ time, calls: work.calls });
        for (const call of work.calls) for (const value of call.arguments) touch(value, loops);
      } else if (work.kind === "loop") {
        // The results exist from the start: steps of them are written in every iteration.
        for (const pick of work.picks) touch(pick, loops);
        const loop: Loop = { id: placed.loops.get(work.node)!, start: time, end: time };
        walk(work.body, [...loops, loop]);
        loop.end = ++time;
        for (const pick of work.picks) touch(pick, loops);
      } else {
        for (const pick of work.picks) touch(pick, loops);
        touch(work.node.inputs[0]!, loops);
        walk(work.whenTrue, loops);
        walk(work.whenFalse, loops);
        time++;
        for (const pick of work.picks) touch(pick, loops);
      }
    }
    time++;
    for (const output of block.graph.outputs) if (!isOp(output, "input")) touch(output, loops);
  };
  walk(placed.block, []);

  for (const { value, time: at, loops } of touches) {
    const life = lives.get(value)!;
    const outer = loops.find(({ id }, depth) => life.home[depth] !== id);
    life.first = Math.min(life.first, outer?.start ?? at);
    life.last = Math.max(life.last, outer?.end ?? at);
  }
  return { lives, launches };
}

/** Unites results with dead operands where kernels allow it; returns the value that owns the memory of each. */
function shareInPlace(placed: Placed, { lives, launches }: History): (value: Value) => Value {
  const united = new Map<Value, Value>();
  const owner = (value: Value): Value => {
    let root = "kind" in value ? value : rootOf(value, placed.aliases);
    for (let next = united.get(root); next !== undefined; next = united.get(root)) root = next;
    return root;
  };
  for (const { time, calls } of launches) {
    for (const call of calls) {
      for (const [result, operand] of call.inPlace) {
        const [to, from] = [owner(operand), owner(result)];
        if (to === from || isFixed(to, placed) || isFixed(from, placed) || "kind" in to || "kind" in from) continue;
        if (placed.aliases.has(result) || placed.aliases.has(operand)) continue;
        const [old, fresh] = [lives.get(to)!, lives.get(from)!];
        const sameHome =
          old.home.length === fresh.home.length && old.home.every((id, depth) => id === fresh.home[depth]);
        if (!sameHome || old.last !== time || fresh.first !== time) continue;
        if (result.dtype !== operand.dtype || bytesOf(to) !== bytesOf(from)) continue;
        if (!calls.every((other) => touchesOnlyBy(other, other === call ? [result, operand] : undefined, to, owner)))
          continue;
        united.set(from, to);
        old.last = fresh.last;
      }
    }
  }
  return owner;
}

/** Whether the call touches the memory of `value` by nothing but the operand of `pair`. */
const touchesOnlyBy = (
  call: Call,
  pair: readonly [Node, Node] | undefined,
  value: Value,
  owner: (value: Value) => Value,
): boolean => call.arguments.every((argument) => owner(argument) !== value || argument === pair?.[1]);
