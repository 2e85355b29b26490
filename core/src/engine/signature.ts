import { hashText } from "../base/hash.ts";
import type { Graph, Node } from "../graph/node.ts";
import type { Op } from "../graph/primitives.ts";
import { reachable } from "../graph/walk.ts";

/** How numbers that may vary (constants, starts of slices) enter a key: by value, or by place only. */
type Constants = "by value" | "by place";

/**
 * A key that two graphs share exactly when they compute the same: operations, attributes, wiring, leaf shapes. Names,
 * scopes, node ids and derivative rules do not matter.
 */
export function graphKey(
  graph: Graph,
  replaces: readonly (number | undefined)[] = [],
  constants: Constants = "by value",
): string {
  const text = `${graphText(graph, constants)} replaces ${replaces.map((index) => index ?? "-").join(",")}`;
  // Short texts are their own keys; for long ones the length guards the 53-bit hash a little further.
  return text.length <= 2000 ? text : `${hashText(text)}:${hashText(text.slice(text.length >> 1))}:${text.length}`;
}

function graphText({ inputs, outputs }: Graph, constants: Constants = "by value"): string {
  const numbers = new Map<Node, number>(inputs.map((node, index) => [node, index]));
  const lines = inputs.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`);
  for (const node of reachable(outputs)) {
    if (numbers.has(node)) continue;
    numbers.set(node, numbers.size);
    lines.push(`${node.op}(${node.inputs.map((source) => numbers.get(source)).join()})${attrsText(node, constants)}`);
  }
  return `${lines.join(";")}>${outputs.map((node) => numbers.get(node)).join()}`;
}

/** Attributes that tell nodes apart but not what they compute. */
const identities: readonly string[] = ["key"];
/** Attributes that are numbers which may vary. */
const numbers: { readonly [K in Op]?: string } = { const: "value", slice: "start" };

const attrsText = (node: Node, constants: Constants): string =>
  Object.entries(node.attrs)
    .filter(([name, value]) => !identities.includes(name) && typeof value !== "function")
    .filter(([name]) => constants === "by value" || numbers[node.op] !== name)
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join();

function valueText(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (Array.isArray(value)) return `[${value.map(valueText).join()}]`;
  if (isGraph(value)) return `{${graphText(value)}}`;
  return String(value);
}

const isGraph = (value: unknown): value is Graph => typeof value === "object" && value !== null && "outputs" in value;
