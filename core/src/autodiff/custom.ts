import { isFloat } from "../base/dtype.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, sameShape } from "../base/shape.ts";
import { build, describe, type Node } from "../graph/index.ts";
import { substitute } from "../graph/substitute.ts";
import { capturedBy, mark } from "./captured.ts";

/** A value and how to differentiate it. */
export interface CustomValue {
  readonly value: Node;
  /** Given the gradient of the value, the gradients of the arguments in order, `undefined` for none; or of the only one. */
  readonly gradient: (g: Node) => Node | readonly (Node | undefined)[];
}

/**
 * `fn` with a derivative of its own: nothing flows through the nodes of its value, what `gradient` says flows to the
 * arguments. Only arguments receive gradients, not what `fn` closed over. `gradient` may use all that `fn` computed, and
 * is itself differentiated for higher orders; it runs once, together with `fn`.
 */
export function customGradient(fn: (...xs: Node[]) => CustomValue): (...xs: Node[]) => Node {
  return (...xs) => {
    const since = mark();
    const { value, gradient } = fn(...xs);
    if (!isFloat(value.dtype)) return value;

    // The gradient is recorded as a function of g, the arguments, and all else that it reads. The latter become inputs of
    // the node too: then it is closed, and can be moved as a whole into the body of a loop.
    const g = build.input("g", value.shape, value.dtype);
    const given = gradient(g);
    const gradients = "op" in given ? [given] : given;
    checkGradients(xs, gradients);
    const present = gradients.filter((entry) => entry !== undefined);
    const others = capturedBy(present, since).filter((node) => node !== g && !xs.includes(node));

    const inputs = [...xs, ...others];
    return build.custom("customGradient", value, inputs, (cotangent, node) => {
      // The value stands for the whole node, so that higher orders use this derivative again.
      const replacements = new Map<Node, Node>([[value, node]]);
      inputs.forEach((x, index) => {
        replacements.set(x, node.inputs[index + 1]!);
      });
      const found = substitute(present, replacements.set(g, cotangent));
      return gradients.map((entry) => (entry === undefined ? undefined : found[present.indexOf(entry)]));
    });
  };
}

function checkGradients(xs: readonly Node[], gradients: readonly (Node | undefined)[]): void {
  if (gradients.length !== xs.length) {
    throw new ArgumentError({
      what: `customGradient: ${gradients.length} gradients for ${xs.length} arguments`,
      details: xs.map((x, index) => describe(`argument ${index}`, x)),
      hint: "return one gradient an argument, and undefined where there is none",
    });
  }
  gradients.forEach((entry, index) => {
    const x = xs[index]!;
    if (entry === undefined || (sameShape(entry.shape, x.shape) && entry.dtype === x.dtype)) return;
    throw new ShapeError({
      what: `customGradient: the gradient of argument ${index} must be ${x.dtype} ${printShape(x.shape)}`,
      details: [describe("argument", x), describe("gradient", entry)],
      hint: "a gradient has the shape and dtype of its argument; sum over what was broadcast",
    });
  });
}
