import { isFloat } from "../base/dtype.ts";
import { sizeOf } from "../base/shape.ts";
import { build, type Node } from "../graph/index.ts";
import { substitute } from "../graph/substitute.ts";
import { capturedBy, mark } from "./captured.ts";
import { backpropagate } from "./gradient.ts";

/**
 * `fn` with its intermediate values forgotten after the forward pass and computed again when the derivative needs them
 * (gradient checkpointing, Chen et al. 2016): memory for time. `fn` runs once; what is computed again is a copy of its
 * nodes, so random numbers and state do not change. Gradients also flow to what `fn` closed over.
 */
export function remat<R extends Node | readonly Node[]>(fn: (...xs: Node[]) => R): (...xs: Node[]) => R {
  return (...xs) => {
    const since = mark();
    const result: Node | readonly Node[] = fn(...xs);
    const outputs = "op" in result ? [result] : result;
    const guarded = guard(outputs, capturedBy(outputs, since));
    // R is a list exactly when fn returned one.
    return ("op" in result ? guarded[0]! : guarded) as R;
  };
}

/** `outputs` as functions of `captured` whose derivative computes them again. */
function guard(outputs: readonly Node[], captured: readonly Node[]): Node[] {
  const floats = outputs.filter(({ dtype }) => isFloat(dtype));
  if (floats.length === 0) return [...outputs];
  if (floats.length === 1) {
    const rule = (g: Node, node: Node): (Node | undefined)[] =>
      pullBack(floats, captured, node.inputs.slice(1), [g], g);
    return outputs.map((output) => (isFloat(output.dtype) ? build.custom("remat", output, captured, rule) : output));
  }

  // Several outputs share one recomputation: each hands its cotangent, as a segment of one vector, to a token, whose
  // derivative does the work. The token's own value is zeros that nobody reads.
  const sizes = floats.map(({ shape }) => sizeOf(shape));
  const starts = sizes.map((_, index) => sizes.slice(0, index).reduce((total, size) => total + size, 0));
  const length = sizes.reduce((total, size) => total + size, 0);
  const token = build.custom("remat", build.fill(0, { shape: [length], dtype: "f32" }), captured, (g, node) => {
    const gs = floats.map((output, index) => {
      const segment = build.slice(g, [starts[index]!], [sizes[index]!]);
      return build.cast(build.reshape(segment, output.shape), output.dtype);
    });
    return pullBack(floats, captured, node.inputs.slice(1), gs, g);
  });
  return outputs.map((output) => {
    const index = floats.indexOf(output);
    if (index < 0) return output;
    const [start, size] = [starts[index]!, sizes[index]!];
    return build.custom("remat", output, [token], (g) => [
      build.pad(build.cast(build.reshape(g, [size]), "f32"), {
        low: [start],
        high: [length - start - size],
        between: [0],
        value: 0,
      }),
    ]);
  });
}

/**
 * Gradients with respect to `inputs`, which stand where `captured` stood when `outputs` were recorded. The copies of the
 * inputs wait for `after`, so that the recomputation belongs to the backward pass and is not merged with the forward one.
 */
function pullBack(
  outputs: readonly Node[],
  captured: readonly Node[],
  inputs: readonly Node[],
  gs: readonly Node[],
  after: Node,
): (Node | undefined)[] {
  const copies = inputs.map((x) => build.barrier(x, after));
  const again = substitute(outputs, new Map(captured.map((x, index) => [x, copies[index]!])));
  const floats = copies.filter(({ dtype }) => isFloat(dtype));
  const gradients = backpropagate(again, gs, floats);
  return copies.map((copy) => gradients[floats.indexOf(copy)]);
}
