import type { Grid, GridCurve, PlacedEntry, ScalarBlock } from "chainrule/record";
import { FrameWalk } from "./frameWalk.ts";

/** Steps that a node has at first, and nodes of a group before neighbours are joined. */
const stepsOfNode = 64;
const mostNodes = 8192;

/** What a node has of each of its series. */
const fields = 5;
const [min, max, sum, last, finite] = [0, 1, 2, 3, 4];

/** Some blocks of the same series that follow each other in the log, and what their values come to. */
interface Node {
  /** Where they stand in the log; blocks of other series may stand between them. */
  readonly from: number;
  to: number;
  readonly firstStep: number;
  lastStep: number;
  readonly firstTime: number;
  lastTime: number;
  count: number;
  /** [series, fields]. */
  readonly values: Float64Array;
  /** The training went back: values from this step on are not its own any more, and `values` are out of date. */
  until: number;
  /** What comes next does not follow in the log. */
  closed: boolean;
}

/** Numbers and pointers of a node besides `values`, about. */
const bytesOfNode = 160;

interface Group {
  readonly key: string;
  readonly series: readonly number[];
  nodes: Node[];
  /** Steps that a node has. */
  size: number;
}

/**
 * The curves of a log as summaries of its own blocks: some bytes a step, and at most some megabytes for a log of any length. What a
 * question splits is read in the log itself, so that answers are those of all values.
 */
export class CurveIndex {
  readonly #groups = new Map<string, Group>();
  /** The group that had the last value of a series. */
  readonly #lastGroup = new Map<number, Group>();

  readonly #defined = new Set<number>();

  /** There is such a series, though perhaps without values so far. */
  define(id: number): void {
    this.#defined.add(id);
  }

  /** Of memory, about. */
  get bytes(): number {
    let bytes = 0;
    for (const { nodes, series } of this.#groups.values())
      bytes += nodes.length * (bytesOfNode + 8 * fields * series.length);
    return bytes;
  }

  /** Takes a block that stands at `from` and ends at `to`. */
  add(block: ScalarBlock, from: number, to: number): void {
    const { series, steps } = block;
    if (steps.length === 0 || series.length === 0) return;
    const group = this.#groupOf(series);
    this.#goBack(group, steps[0]!);
    // A series that was somewhere else in between has its values in order only if nodes do not span that.
    if (group.series.some((id) => this.#lastGroup.get(id) !== group)) close(group);
    for (const id of group.series) this.#lastGroup.set(id, group);
    append(group, block, from, to);
    if (group.nodes.length > mostNodes) join(group);
  }

  #groupOf(series: Uint32Array): Group {
    const key = series.join();
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const group: Group = { key, series: [...series], nodes: [], size: stepsOfNode };
    this.#groups.set(key, group);
    return group;
  }

  /** Forgets what these series had at `step` and after it. */
  #goBack(own: Group, step: number): void {
    for (const group of this.#groups.values()) {
      if ((group.nodes.at(-1)?.lastStep ?? -1) < step) continue;
      if (group !== own && !group.series.some((id) => own.series.includes(id))) continue;
      while (group.nodes.length > 0 && group.nodes.at(-1)!.firstStep >= step) group.nodes.pop();
      const node = group.nodes.at(-1);
      if (node !== undefined && node.lastStep >= step) {
        node.until = Math.min(node.until, step);
        node.lastStep = step - 1;
      }
      close(group);
    }
  }

  /** The curves of these series on a grid; undefined for a series that the log does not have. */
  async onGrid(
    path: string,
    ids: readonly number[],
    grid: Grid,
    axis: "step" | "time",
  ): Promise<readonly (GridCurve | undefined)[]> {
    const answers = new Map(ids.flatMap((id) => (this.#defined.has(id) ? [[id, new Answer(grid)] as const] : [])));
    for (const group of this.#groups.values()) {
      const asked = group.series.flatMap((id, row) => {
        const answer = answers.get(id);
        return answer === undefined ? [] : [{ answer, row }];
      });
      if (asked.length === 0) continue;
      for (const node of group.nodes) {
        const [low, high] = axis === "step" ? [node.firstStep, node.lastStep] : [node.firstTime, node.lastTime];
        const [first, end] = [placeIn(grid, low), placeIn(grid, high)];
        if (end < 0 || first >= grid.x.length) continue;
        if (first === end && node.until === Number.POSITIVE_INFINITY) {
          for (const { answer, row } of asked) answer.join(first, node, row);
          continue;
        }
        await blocksOf(path, node, group.key, ({ steps, times, values }) => {
          for (let at = 0; at < steps.length; at++) {
            if (steps[at]! >= node.until) break;
            const place = placeIn(grid, axis === "step" ? steps[at]! : times[at]!);
            if (place < 0 || place >= grid.x.length) continue;
            for (const { answer, row } of asked) answer.take(place, steps[at]!, values[row * steps.length + at]!);
          }
        });
      }
    }
    return ids.map((id) => answers.get(id)?.curve());
  }
}

const placeIn = ({ x, width }: Grid, value: number): number =>
  x.length === 0 ? -1 : Math.floor(value / width) - x[0]! / width;

function close({ nodes }: Group): void {
  const node = nodes.at(-1);
  if (node !== undefined) node.closed = true;
}

function append({ nodes, series, size }: Group, block: ScalarBlock, from: number, to: number): void {
  const { steps, times, values } = block;
  const { length } = steps;
  let node = nodes.at(-1);
  if (node === undefined || node.closed || node.count >= size) {
    node = {
      from,
      to,
      firstStep: steps[0]!,
      lastStep: 0,
      firstTime: times[0]!,
      lastTime: 0,
      count: 0,
      values: emptyValues(series.length),
      until: Number.POSITIVE_INFINITY,
      closed: false,
    };
    nodes.push(node);
  }
  node.to = to;
  node.lastStep = steps[length - 1]!;
  node.lastTime = times[length - 1]!;
  node.count += length;
  for (let row = 0; row < series.length; row++) {
    const at = row * fields;
    for (let index = row * length; index < (row + 1) * length; index++) takeValue(node.values, at, values[index]!);
  }
}

function emptyValues(series: number): Float64Array {
  const values = new Float64Array(series * fields);
  for (let at = 0; at < values.length; at += fields) {
    values[at + min!] = Number.POSITIVE_INFINITY;
    values[at + max!] = Number.NEGATIVE_INFINITY;
    values[at + last!] = Number.NaN;
  }
  return values;
}

function takeValue(values: Float64Array, at: number, value: number): void {
  if (!Number.isFinite(value)) return;
  if (value < values[at + min!]!) values[at + min!] = value;
  if (value > values[at + max!]!) values[at + max!] = value;
  values[at + sum!]! += value;
  values[at + last!] = value;
  values[at + finite!]!++;
}

/** Joins neighbours where they follow each other. */
function join(group: Group): void {
  group.size *= 2;
  const joined: Node[] = [];
  for (const node of group.nodes) {
    const before = joined.at(-1);
    if (before === undefined || before.closed || before.count + node.count > group.size) {
      joined.push(node);
      continue;
    }
    for (let at = 0; at < node.values.length; at += fields) joinValues(before.values, at, node.values, at);
    before.to = node.to;
    before.lastStep = node.lastStep;
    before.lastTime = node.lastTime;
    before.count += node.count;
    before.until = node.until;
    before.closed = node.closed;
  }
  group.nodes = joined;
}

function joinValues(values: Float64Array, at: number, other: Float64Array, from: number): void {
  if (other[from + finite!] === 0) return;
  values[at + min!] = Math.min(values[at + min!]!, other[from + min!]!);
  values[at + max!] = Math.max(values[at + max!]!, other[from + max!]!);
  values[at + sum!]! += other[from + sum!]!;
  values[at + last!] = other[from + last!]!;
  values[at + finite!]! += other[from + finite!]!;
}

/** The blocks of a node, as they stand in the log. */
async function blocksOf(path: string, { from, to }: Node, key: string, take: (block: ScalarBlock) => void) {
  const walk = new FrameWalk(path, (kind) => kind === "scalars", from);
  await walk.update(to, ({ kind, content }: PlacedEntry) => {
    if (kind === "scalars" && content.series.join() === key) take(content);
  });
}

/** A curve on a grid in the making. */
class Answer {
  readonly #values: Float64Array;
  readonly #counts: Float64Array;
  /** Of each bucket, the step of its last finite value. */
  readonly #lastSteps: Float64Array;

  constructor({ x }: Grid) {
    this.#values = emptyValues(x.length);
    this.#counts = new Float64Array(x.length);
    this.#lastSteps = new Float64Array(x.length).fill(-1);
  }

  take(place: number, step: number, value: number): void {
    this.#counts[place]!++;
    const before = this.#values[place * fields + last!]!;
    takeValue(this.#values, place * fields, value);
    this.#keepLast(place, step, before, Number.isFinite(value));
  }
  join(place: number, { values, count, lastStep }: Node, row: number): void {
    this.#counts[place]! += count;
    const before = this.#values[place * fields + last!]!;
    joinValues(this.#values, place * fields, values, row * fields);
    this.#keepLast(place, lastStep, before, values[row * fields + finite!] !== 0);
  }
  /** A series may come in several groups, whose nodes are gone through one group after the other. */
  #keepLast(place: number, step: number, before: number, changed: boolean): void {
    if (!changed) return;
    if (step < this.#lastSteps[place]!) this.#values[place * fields + last!] = before;
    else this.#lastSteps[place] = step;
  }

  curve(): GridCurve {
    const { length } = this.#counts;
    const of = (value: (at: number, place: number) => number): Float64Array =>
      Float64Array.from({ length }, (_, place) => {
        const at = place * fields;
        return this.#values[at + finite!] === 0 ? Number.NaN : value(at, place);
      });
    return {
      min: of((at) => this.#values[at + min!]!),
      max: of((at) => this.#values[at + max!]!),
      mean: of((at) => this.#values[at + sum!]! / this.#values[at + finite!]!),
      last: of((at) => this.#values[at + last!]!),
      count: this.#counts,
      nonFinite: this.#counts.map((count, place) => count - this.#values[place * fields + finite!]!),
    };
  }
}
