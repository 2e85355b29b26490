import { isFloat } from "../../base/dtype.ts";
import { build, type Graph, type Node, reachable } from "../../graph/index.ts";
import { none, type VjpRule } from "../rule.ts";
import { add, zeros } from "../terms.ts";
import { closed, copyOf, inputLike, positions } from "./body.ts";
import { incomingCarries } from "./carries.ts";
import { hoist, overSteps } from "./hoist.ts";

/**
 * The derivative of a loop is a loop that runs the other way. It carries the gradients of the carries, and running totals
 * of the gradients of the constants; it reads the sequences, the gradients of the per-step results, and the carries as
 * every step received them; each step gives the gradients of its slices of the sequences.
 */
export const scan: VjpRule<"scan"> = (gs, { output: loop, attrs, inputs, wanted, backpropagate }) => {
  const { length, carries, sequences, reverse } = attrs;
  const body = copyOf(attrs.body);
  const x = (index: number): Node => body.inputs[index]!;
  const isCarry = (index: number): boolean => index < carries;
  const isSequence = (index: number): boolean => index >= carries && index < carries + sequences;
  const isConstant = (index: number): boolean => index >= carries + sequences;

  // What flows: wanted inputs, and carries that any of them reaches, in this step or a later one.
  const active = activeInputs(body, carries, wanted);
  const flowing = positions(body.inputs.length, (index) => active.has(body.inputs[index]!));

  // One step backwards: from the gradients of its results to those of its inputs.
  const results = positions(body.outputs.length, (i) => (isCarry(i) ? active.has(x(i)) : gs[i] !== undefined));
  const seeds = new Map(results.map((index) => [index, inputLike(body.outputs[index]!, "g")]));
  const gradients = backpropagate(
    results.map((index) => body.outputs[index]!),
    [...seeds.values()],
    flowing.map(x),
  );
  const gradientOf = (index: number): Node | undefined => gradients[flowing.indexOf(index)];
  const found = flowing.filter((index) => isCarry(index) || gradientOf(index) !== undefined);
  const stepResults = results.filter((index) => !isCarry(index));

  // Totals over the steps: matrix products leave the loop where they can, the rest is added up in it.
  const constants = found.filter(isConstant);
  const free = new Set<Node>([
    ...body.inputs.filter((_, index) => !isConstant(index)),
    ...stepResults.map((index) => seeds.get(index)!),
  ]);
  const { products, rest, stacked } = hoist(
    constants.map((index) => gradientOf(index)!),
    free,
  );

  // The new loop: its carries, each with its value at first, now and next; and what it gives out step by step.
  const backCarries = found.filter(isCarry).map((index) => ({
    index,
    first: gs[index] ?? zeros(inputs[index]!),
    now: seeds.get(index)!,
    next: gradientOf(index) ?? zeros(x(index)),
  }));
  const totals = constants.flatMap((index, place) => {
    const now = inputLike(x(index), "total");
    const more = rest[place];
    return more === undefined ? [] : [{ index, first: zeros(inputs[index]!), now, next: add(now, more) }];
  });
  const state = [...backCarries, ...totals];
  const slices = found.filter(isSequence);
  const outputs = [...state.map(({ next }) => next), ...slices.map((index) => gradientOf(index)!), ...stacked];

  // Only what a step backwards, or a product after the loop, really reads is passed on.
  const operands = products.flat().flatMap((product) => product.inputs);
  const read = new Set(reachable([...outputs, ...operands]));
  const reads = (holds: (index: number) => boolean): number[] =>
    positions(body.inputs.length, (index) => holds(index) && read.has(x(index)));
  const [readCarries, readSequences, readConstants] = [reads(isCarry), reads(isSequence), reads(isConstant)];
  const received = incomingCarries(loop, readCarries);

  // Everything that has a slice a step: [its name in the body, the whole].
  const steps: (readonly [Node, Node])[] = [
    ...readCarries.map((index, place) => [x(index), received[place]!] as const),
    ...readSequences.map((index) => [x(index), inputs[index]!] as const),
    ...stepResults.map((index) => [seeds.get(index)!, gs[index]!] as const),
  ];
  const run = (): Node[] =>
    build.scan(
      [...state.map(({ first }) => first), ...steps.map(([, whole]) => whole), ...readConstants.map((i) => inputs[i]!)],
      {
        body: closed({
          // Body inputs and seeds were made by `build.input`.
          inputs: [
            ...state.map(({ now }) => now),
            ...steps.map(([slice]) => slice),
            ...readConstants.map(x),
          ] as Node<"input">[],
          outputs,
        }),
        length,
        carries: state.length,
        sequences: steps.length,
        reverse: !reverse,
      },
    );
  const back = outputs.length === 0 ? [] : run();

  // Gradients by input: final carries, stacked slices, and totals with the products over all steps.
  const answers = new Map<number, Node>();
  [...state.map(({ index }) => index), ...slices].forEach((index, place) => {
    answers.set(index, back[place]!);
  });
  const wholes = new Map([
    ...steps,
    ...stacked.map((node, place) => [node, back[state.length + slices.length + place]!] as const),
  ]);
  constants.forEach((index, place) => {
    for (const product of products[place]!) {
      const total = overSteps(product, (operand) => wholes.get(operand)!);
      const known = answers.get(index);
      answers.set(index, known === undefined ? total : add(known, total));
    }
  });
  return inputs.map((_, index) => answers.get(index) ?? none);
};

/** The body's float inputs that are wanted, and the carries that depend on them through any number of steps. */
function activeInputs(body: Graph, carries: number, wanted: readonly boolean[]): Set<Node> {
  const active = new Set<Node>(body.inputs.filter((input, index) => wanted[index] && isFloat(input.dtype)));
  for (let before = -1; before !== active.size; ) {
    before = active.size;
    body.inputs.slice(0, carries).forEach((carry, index) => {
      const depends = (): boolean => reachable([body.outputs[index]!]).some((node) => active.has(node));
      if (isFloat(carry.dtype) && !active.has(carry) && depends()) active.add(carry);
    });
  }
  return active;
}
