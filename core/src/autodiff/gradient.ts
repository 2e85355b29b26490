import { isFloat } from "../base/dtype.ts";
import { DTypeError, ShapeError } from "../base/errors.ts";
import { printShape, sameShape } from "../base/shape.ts";
import { describe, inScope, kindOf, type Node, type Op, reachable } from "../graph/index.ts";
import { nothing, type ResultGradient, type VjpRule } from "./rule.ts";
import { add, ones, zeros } from "./terms.ts";
import { vjp } from "./vjp.ts";

/**
 * The gradients of `output` with respect to each of `wrt` (inputs, Variables' inputs or intermediate nodes), of their
 * shapes; zeros where `output` does not depend on one. `output` is a float scalar, or `seed` is the gradient of
 * something later with respect to it. The results are ordinary nodes: gradients of gradients work.
 */
export function gradient(output: Node, wrt: readonly Node[], seed?: Node): Node[] {
  checkOutput(output, seed);
  wrt.forEach(checkWrt);
  const found = backpropagate([output], [seed ?? ones(output)], wrt);
  return found.map((g, index) => g ?? zeros(wrt[index]!));
}

/** Gradients of Σ outputs·seeds with respect to `wrt`; undefined where no output depends on one. */
export function backpropagate(
  outputs: readonly Node[],
  seeds: readonly Node[],
  wrt: readonly Node[],
): (Node | undefined)[] {
  const between = nodesBetween(outputs, wrt);
  const cotangents = new Map<Node, Node>();
  const results = new Map<Node, (Node | undefined)[]>();
  const sumInto = (known: Node | undefined, g: Node): Node => (known === undefined ? g : add(known, g));

  const receive = (node: Node, entry: Node | ResultGradient): void => {
    if ("result" in entry) {
      const slots = results.get(node) ?? [];
      slots[entry.result] = sumInto(slots[entry.result], entry.g);
      results.set(node, slots);
    } else cotangents.set(node, sumInto(cotangents.get(node), entry));
  };

  outputs.forEach((output, index) => {
    if (between.has(output)) receive(output, seeds[index]!);
  });
  // Descending ids: all users of a node come before it, so its cotangent is complete when it is its turn.
  for (const node of [...between].reverse()) {
    const g = results.get(node) ?? cotangents.get(node);
    if (g === undefined) continue;
    inScope(node.scope, () => {
      const wanted = node.inputs.map((source) => between.has(source));
      // The row of an op takes the site of the same op; TypeScript cannot follow that through the union.
      const rule = vjp[node.op] as (g: unknown, site: unknown) => ReturnType<VjpRule<Op>>;
      const entries = rule(g, { output: node, attrs: node.attrs, inputs: node.inputs, wanted, backpropagate });
      entries.forEach((entry, index) => {
        if (entry !== undefined && wanted[index]) receive(node.inputs[index]!, entry);
      });
    });
  }
  return wrt.map((node) => cotangents.get(node));
}

/** The nodes on the ways from `wrt` to `outputs` through which a derivative can flow, in ascending order. */
function nodesBetween(outputs: readonly Node[], wrt: readonly Node[]): Set<Node> {
  const targets = new Set(wrt);
  const between = new Set<Node>();
  for (const node of reachable(outputs)) {
    // Nodes of the kind "structure" may have several results, of which the first need not be a float.
    const passes = vjp[node.op] !== nothing && (isFloat(node.dtype) || kindOf(node) === "structure");
    if (targets.has(node) || (passes && node.inputs.some((source) => between.has(source)))) between.add(node);
  }
  return between;
}

function checkOutput(output: Node, seed: Node | undefined): void {
  const details = [describe("result", output)];
  if (!isFloat(output.dtype)) {
    throw new DTypeError({
      what: `grad: the function must return a float, received ${output.dtype}`,
      details,
      hint: "only floats have derivatives; cast the result to f32",
    });
  }
  if (seed === undefined && output.shape.length > 0) {
    throw new ShapeError({
      what: `grad: the function must return a scalar, received ${printShape(output.shape)}`,
      details,
      hint: "reduce the result with sum() or mean()",
    });
  }
  if (seed !== undefined && !(sameShape(seed.shape, output.shape) && seed.dtype === output.dtype)) {
    throw new ShapeError({
      what: `grad: the seed must be like the result, ${output.dtype} ${printShape(output.shape)}`,
      details: [...details, describe("seed", seed)],
      hint: "give one number for each element of the result",
    });
  }
}

function checkWrt(node: Node): void {
  if (isFloat(node.dtype)) return;
  throw new DTypeError({
    what: `grad: there is no derivative with respect to ${node.dtype} values`,
    details: [describe("wrt", node)],
    hint: "only floats have derivatives; cast the value to f32 before the function",
  });
}
