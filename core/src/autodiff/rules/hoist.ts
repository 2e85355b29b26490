import { sizeOf } from "../../base/shape.ts";
import { build, isOp, type Node } from "../../graph/index.ts";
import { add } from "../terms.ts";

/** How a sum over all steps of a loop is computed: products after the loop, the rest step by step. */
export interface Hoisted {
  /** For each gradient, the contractions that leave the loop: one over all steps takes the place of one a step. */
  readonly products: readonly (readonly Node<"contract">[])[];
  /** For each gradient, what the loop still adds up, if anything. */
  readonly rest: readonly (Node | undefined)[];
  /** The operands of the products that the loop must give out, a slice a step. */
  readonly stacked: readonly Node[];
}

/**
 * Splits gradients of constants, which are summed over the steps. A matrix product a step, Σ_t aₜ·bₜ, is one product of
 * the stacked aₜ and bₜ: a longer inner sum, and the running total is not read and written at every step. It is worth it
 * while stacking moves no more than that. `free` operands are stacked already.
 */
export function hoist(gradients: readonly Node[], free: ReadonlySet<Node>): Hoisted {
  const stacked = new Set<Node>();
  const isWorth = (node: Node): node is Node<"contract"> => {
    if (!isOp(node, "contract")) return false;
    const more = node.inputs.filter((operand) => !free.has(operand) && !stacked.has(operand));
    const isCheap = more.reduce((total, { shape }) => total + sizeOf(shape), 0) <= 2 * sizeOf(node.shape);
    if (isCheap) for (const operand of more) stacked.add(operand);
    return isCheap;
  };
  const products: Node<"contract">[][] = [];
  const rest = gradients.map((gradient) => {
    const addends = addendsOf(gradient);
    const leaving = addends.filter(isWorth);
    products.push(leaving);
    if (leaving.length === 0) return gradient;
    const staying = addends.filter((addend) => !(leaving as Node[]).includes(addend));
    return staying.length === 0 ? undefined : staying.reduce(add);
  });
  return { products, rest, stacked: [...stacked] };
}

/** The terms of a sum, in order. */
function addendsOf(node: Node): Node[] {
  return isOp(node, "add") ? node.inputs.flatMap(addendsOf) : [node];
}

/** The product of one step, over the stacks [steps, ...] of its operands, summed over the steps. */
export function overSteps({ attrs, inputs }: Node<"contract">, stackOf: (operand: Node) => Node): Node {
  const [a, b] = inputs.map(stackOf) as [Node, Node]; // a contraction has two operands
  let step = "step";
  while ([attrs.a, attrs.b].some((labels) => labels.includes(step))) step += "'";
  return build.contract(a, b, { a: [step, ...attrs.a], b: [step, ...attrs.b], out: attrs.out });
}
