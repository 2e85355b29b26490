import { printShape } from "../base/shape.ts";
import { type Graph, isOp, type Node } from "../graph/node.ts";
import { reachable } from "../graph/walk.ts";

/** Gives nodes short names in order of appearance: inputs their own, the others `%1`, `%2`, …. */
export type Names = (node: Node) => string;

export function namesOf(): Names {
  const names = new Map<Node, string>();
  const taken = new Set<string>();
  let numbered = 0;
  return (node) => {
    const known = names.get(node);
    if (known !== undefined) return known;
    let name = isOp(node, "input") ? node.attrs.name : `%${++numbered}`;
    while (taken.has(name)) name += "'";
    names.set(node, name);
    taken.add(name);
    return name;
  };
}

/** One line a node: `%3 = mul f32 [32, 10] (%1, %2)  # dense`. Scalar constants are written where they are used. */
export function printGraph(graph: Graph, indent = ""): string {
  const names = namesOf();
  const refer = (node: Node): string => (isOp(node, "const") ? String(node.attrs.value) : names(node));
  const lines: string[] = [];
  for (const node of new Set([...graph.inputs, ...reachable(graph.outputs)])) {
    if (isOp(node, "const")) continue;
    if (isOp(node, "input")) {
      lines.push(`${indent}input ${names(node)}: ${typeText(node)}`);
      continue;
    }
    const inputs = node.inputs.map(refer);
    const line = `${indent}${names(node)} = ${node.op}${attrsText(node)} ${typeText(node)} (${inputs.join(", ")})`;
    lines.push(node.scope === "" ? line : `${line}  # ${node.scope}`);
    if (isOp(node, "scan")) lines.push(printGraph(node.attrs.body, `${indent}  | `));
    if (isOp(node, "cond")) {
      lines.push(printGraph(node.attrs.then, `${indent}  then | `), printGraph(node.attrs.else, `${indent}  else | `));
    }
  }
  lines.push(`${indent}return ${graph.outputs.map(refer).join(", ")}`);
  return lines.join("\n");
}

const typeText = ({ dtype, shape }: Node): string => `${dtype} ${printShape(shape)}`;

/** `{axes: [1], reduce: sum}`: the attributes that the type of the node does not show. */
export function attrsText(node: Node): string {
  const hidden = ["shape", "dtype", "body", "then", "else", "vjp", "key"];
  const shown = Object.entries(node.attrs).filter(
    ([name, value]) => !hidden.includes(name) && typeof value !== "function",
  );
  return shown.length === 0 ? "" : `{${shown.map(([name, value]) => `${name}: ${valueText(value)}`).join(", ")}}`;
}

const valueText = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(valueText).join(", ")}]` : String(value);
