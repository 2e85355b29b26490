import { range } from "../base/shape.ts";
import { build, dtypeError, type Node, shapeError } from "../graph/index.ts";
import { softmax } from "./activation.ts";
import { add, mul } from "./arithmetic.ts";
import { expandTo, requireFloat, strengthen } from "./broadcast.ts";
import { where } from "./compare.ts";

export interface AttentionOptions {
  /** bool, broadcastable to [...batch, heads, time, source]: where it is false, nothing is seen. */
  readonly mask?: Node | undefined;
  /** Added to the scores; broadcastable as the mask. */
  readonly bias?: Node | undefined;
  /** Position i sees the sources up to i. */
  readonly causal?: boolean | undefined;
  /** Factor of the scores: 1 / √size when not given. */
  readonly scale?: number | undefined;
}

/**
 * softmax(query · keyᵀ · scale) · value for each head (Vaswani et al. 2017): query [...batch, time, heads, size], key and value
 * [...batch, source, heads, size]. Fewer heads of key and value are shared by groups of query heads (Ainslie et al. 2023). A
 * position that sees nothing gives zeros. The compiler never stores the [time, source] scores, in neither direction.
 */
export function dotProductAttention(query: Node, key: Node, value: Node, options: AttentionOptions = {}): Node {
  const op = "dotProductAttention";
  for (const node of [query, key, value]) requireFloat(op, node);
  strengthen(op, [query, key, value]);
  const { groups } = checkShapes(op, query, key, value);
  const { batch, group } = axesOf(query, groups);
  const mixed = build.contract(groupedWeights(query, key, options), value, {
    a: [...batch, "head", ...group, "time", "source"],
    b: [...batch, "source", "head", "size"],
    out: [...batch, "time", "head", ...group, "size"],
  });
  return build.reshape(mixed, [...query.shape.slice(0, -1), value.shape.at(-1)!]);
}

/** What `dotProductAttention` weighs the values by, to be looked at: [...batch, heads, time, source]. */
export function dotProductWeights(query: Node, key: Node, options: AttentionOptions = {}): Node {
  const weights = groupedWeights(query, key, options);
  const [time, heads] = query.shape.slice(-3) as [number, number]; // checked: rank 3 or more
  return build.reshape(weights, [...query.shape.slice(0, -3), heads, time, key.shape.at(-3)!]);
}

function axesOf(query: Node, groups: number): { readonly batch: readonly string[]; readonly group: readonly string[] } {
  const batch = range(query.shape.length - 3).map((axis) => `batch${axis}`);
  return { batch, group: groups === 1 ? [] : ["group"] };
}

/** softmax of the scores: [...batch, heads of the keys, (queries that share one,) time, source]. */
function groupedWeights(query: Node, key: Node, options: AttentionOptions): Node {
  const op = "dotProductAttention";
  const [time, heads, size] = query.shape.slice(-3) as [number, number, number]; // checked: rank 3 or more
  const [source, shared] = key.shape.slice(-3) as [number, number, number];
  const groups = heads / shared;
  const { batch, group } = axesOf(query, groups);

  // Query heads h·groups … h·groups + groups − 1 share the key head h.
  const grouped = groups === 1 ? [] : [groups];
  const given = query.shape.slice(0, -3);
  const split = build.reshape(query, [...given, time, shared, ...grouped, size]);
  const scores = build.contract(split, key, {
    a: [...batch, "time", "head", ...group, "size"],
    b: [...batch, "source", "head", "size"],
    out: [...batch, "head", ...group, "time", "source"],
  });

  const whole = [...given, heads, time, source];
  const byGroup = (node: Node): Node => build.reshape(expandTo(node, whole), scores.shape);
  let seen = mul(scores, options.scale ?? 1 / Math.sqrt(size));
  if (options.bias !== undefined) seen = add(seen, byGroup(floatOperand(op, options.bias, query)));
  if (options.mask !== undefined) {
    if (options.mask.dtype !== "bool")
      throw dtypeError(
        `${op}: the mask is ${options.mask.dtype}, not bool`,
        [options.mask],
        "use bias for what is added",
      );
    seen = where(byGroup(options.mask), seen, Number.NEGATIVE_INFINITY);
  }
  if (options.causal) {
    const position = build.iota([time, source], 0);
    const past = build.compare("lt", build.iota([time, source], 1), add(position, 1));
    seen = where(past, seen, Number.NEGATIVE_INFINITY);
  }
  return softmax(seen);
}

function floatOperand(op: string, bias: Node, query: Node): Node {
  if (bias.dtype !== query.dtype)
    throw dtypeError(`${op}: the bias is ${bias.dtype}, the query ${query.dtype}`, [bias, query]);
  return bias;
}

function checkShapes(op: string, query: Node, key: Node, value: Node): { groups: number } {
  const nodes = [query, key, value];
  const rank = query.shape.length;
  const hint = "query is [...batch, time, heads, size], key and value are [...batch, source, heads, size]";
  if (rank < 3 || nodes.some(({ shape }) => shape.length !== rank))
    throw shapeError(`${op}: query, key and value need the same axes, at least 3`, nodes, hint);
  const [heads, size] = query.shape.slice(-2) as [number, number];
  const [shared, keySize] = key.shape.slice(-2) as [number, number];
  const leading = range(rank - 3).find((axis) => nodes.some(({ shape }) => shape[axis] !== query.shape[axis]));
  if (leading !== undefined) throw shapeError(`${op}: batch axis ${leading} differs`, nodes, hint);
  if (keySize !== size) throw shapeError(`${op}: query has size ${size}, key ${keySize}`, nodes, hint);
  if (key.shape.at(-3) !== value.shape.at(-3) || value.shape.at(-2) !== shared)
    throw shapeError(`${op}: key and value differ in sources or heads`, nodes, hint);
  if (shared === 0 || heads % shared !== 0)
    throw shapeError(`${op}: ${heads} query heads cannot share ${shared} key heads evenly`, nodes, hint);
  return { groups: heads / shared };
}
