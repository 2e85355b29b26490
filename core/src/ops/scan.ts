import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, sameShape } from "../base/shape.ts";
import { build, describe, type Node, shapeError } from "../graph/index.ts";
import { close } from "./lift.ts";

/** One step: the next carry, and what to collect. */
export interface Step {
  readonly carry: readonly Node[];
  readonly out: readonly Node[];
}

export interface ScanOptions {
  /** From the last step to the first; collected results keep the order of the sequence. */
  readonly reverse?: boolean;
  /** The number of steps; needed only without sequences. */
  readonly length?: number;
}

/**
 * Runs `body` over the steps (axis 0) of `sequences`, handing `carry` from step to step; the results of the steps are
 * stacked. The body is traced once; outer tensors may be used in it freely, and what does not depend on the step is
 * computed once, outside.
 */
export function scan(
  body: (carry: Node[], step: Node[]) => Step,
  carry: readonly Node[],
  sequences: readonly Node[],
  { reverse = false, length }: ScanOptions = {},
): { carry: Node[]; out: Node[] } {
  const steps = stepsOf(sequences, length);

  // Trace the body on fresh inputs.
  const states = carry.map((node, index) => build.input(`carry ${index}`, node.shape, node.dtype));
  const slices = sequences.map((node, index) =>
    build.input(`step of sequence ${index}`, node.shape.slice(1), node.dtype),
  );
  const next = body([...states], [...slices]);
  checkCarry(carry, next.carry);
  const outputs = [...next.carry, ...next.out];
  if (outputs.length === 0) throw new ArgumentError("scan: the body has neither a carry nor a result");

  // Loop invariants move out of the loop; all that is read from outside becomes an input.
  const { graphs, lifted } = close([{ inputs: [...states, ...slices], outputs }], () => true);
  const results = build.scan([...carry, ...sequences, ...lifted], {
    body: graphs[0]!, // one body in, one graph out
    length: steps,
    carries: carry.length,
    sequences: sequences.length,
    reverse,
  });
  return { carry: results.slice(0, carry.length), out: results.slice(carry.length) };
}

function stepsOf(sequences: readonly Node[], length: number | undefined): number {
  const scalar = sequences.find((node) => node.shape.length === 0);
  if (scalar !== undefined) throw shapeError("scan: a sequence is a scalar and has no steps", [scalar]);
  const steps = length ?? sequences[0]?.shape[0];
  if (steps === undefined)
    throw new ArgumentError({ what: "scan: the number of steps is unknown", hint: "give a sequence, or length" });
  if (!Number.isInteger(steps) || steps < 0) throw new ArgumentError(`scan: ${steps} is not a number of steps`);
  const odd = sequences.find((node) => node.shape[0] !== steps);
  if (odd !== undefined)
    throw shapeError(`scan: sequences have ${steps} and ${odd.shape[0]} steps along axis 0`, sequences);
  return steps;
}

function checkCarry(before: readonly Node[], after: readonly Node[]): void {
  if (before.length !== after.length) {
    throw new ArgumentError(`scan: the carry has ${before.length} tensors, the body returned ${after.length}`);
  }
  before.forEach((node, index) => {
    const next = after[index]!; // lengths are equal
    if (sameShape(node.shape, next.shape) && node.dtype === next.dtype) return;
    throw new ShapeError({
      what: `scan: carry ${index} is ${node.dtype} ${printShape(node.shape)}, the body returned ${next.dtype} ${printShape(next.shape)}`,
      details: [describe("start", node), describe("next", next)],
      hint: "a carry keeps its shape and dtype from step to step",
    });
  });
}
