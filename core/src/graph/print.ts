import { printShape } from "../base/shape.ts";
import type { Graph, Node } from "./node.ts";
import { reachable } from "./walk.ts";

/**
 * The text form of a graph, one node a line: `%3 = add %1 %2 : f32 [32, 10]  # encoder/dense_1`. Nodes are numbered from 0 as
 * they are printed, so that the text does not depend on what the process made before; bodies follow their node, indented.
 */
export const printGraph = (graph: Graph): string => printLines(graph, "", new Map()).join("\n");

const indentation = "  ";

type Names = Map<Node, string>;

function printLines(graph: Graph, indent: string, names: Names): string[] {
  const inputs = new Set<Node>(graph.inputs);
  const nodes = [...inputs, ...reachable(graph.outputs).filter((node) => !inputs.has(node))];
  const lines = nodes.flatMap((node) => printNode(node, indent, names));
  return [...lines, `${indent}return ${graph.outputs.map((node) => names.get(node)).join(" ")}`];
}

function printNode(node: Node, indent: string, names: Names): string[] {
  const name = `%${names.size}`;
  names.set(node, name);
  const operands = node.inputs.map((source) => names.get(source) ?? "%?");
  const expression = [node.op + printAttrs(node), ...operands].join(" ");
  const scope = node.scope === "" ? "" : `  # ${node.scope}`;
  const line = `${indent}${name} = ${expression} : ${node.dtype} ${printShape(node.shape)}${scope}`;
  const bodies = bodiesOf(node).flatMap(([role, body]) => [
    `${indent + indentation}${role}:`,
    ...printLines(body, indent + indentation + indentation, names),
  ]);
  return [line, ...bodies];
}

const isGraph = (value: unknown): value is Graph => typeof value === "object" && value !== null && "outputs" in value;

/** The graphs nested in a node, with the names of the attributes that hold them. */
export const bodiesOf = (node: Node): [role: string, body: Graph][] =>
  Object.entries(node.attrs).filter((entry): entry is [string, Graph] => isGraph(entry[1]));

/** Attributes that the line says elsewhere (the type), or that mean nothing in a text (keys, functions, bodies). */
const silent = new Set(["shape", "dtype", "key", "vjp"]);

function printAttrs(node: Node): string {
  const shown = Object.entries(node.attrs).filter(([name, value]) => !silent.has(name) && !isGraph(value));
  // What an op's own name already names needs no second word: reduce{sum axes=[1]}, not reduce{reduce=sum axes=[1]}.
  const parts = shown.map(([name, value]) =>
    name === node.op || name === "name" ? String(value) : `${name}=${printValue(value)}`,
  );
  return parts.length === 0 ? "" : `{${parts.join(" ")}}`;
}

const printValue = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(printValue).join(", ")}]` : Object.is(value, -0) ? "-0" : String(value);
