import { ArgumentError } from "../../base/errors.ts";
import { Tensor, tensor } from "../../tensor/index.ts";
import { type CallContext, contextNow } from "../context.ts";
import type { Fields } from "../fields.ts";
import { AnyLayer, type Layer, type Variables } from "../layer.ts";
import { leavesOf, type MaskedStructure } from "../structure.ts";
import { isSymbolic, type LayerCall, type OpenShape, SymbolicTensor } from "../symbolic.ts";
import {
  arrayOf,
  type HostArray,
  type HostTexts,
  isHostArray,
  isHostTexts,
  isTexts,
  type NestedNumbers,
  printed,
  type Texts,
  textsOf,
} from "./hostData.ts";

/** What a host layer gives: class numbers, or rows of numbers. */
export interface HostResult extends HostArray {
  readonly data: Int32Array | Float32Array;
}

/** What host layers take. */
export type HostInput = Texts | NestedNumbers | ArrayLike<number> | HostArray | HostTexts | Tensor;

/**
 * A layer that works on the host, on texts and whole numbers, which no device computes with. It is called on data, in
 * pipelines, and as the first layers of a model, which runs it before the compiled step.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: Callable makes every instance callable.
export abstract class HostLayer<F extends Fields = Fields> extends AnyLayer<Variables, F> {
  /** What `onHost` can work on. */
  abstract readonly takes: "texts" | "numbers" | "both";

  /** The result for data in the host's memory; not for users, who call the layer. */
  abstract transform(x: HostArray | HostTexts): HostResult;

  /** The result for data, in the host's memory: what pipelines and models call. */
  onHost(x: HostInput): HostResult {
    return this.transform(this.#given(x));
  }

  override invoke(x: unknown, context: CallContext = contextNow()): unknown {
    const leaves = leavesOf(x as MaskedStructure<unknown>, isLeaf);
    if (leaves.length > 0 && leaves.every(isSymbolic)) return super.invoke(x, context);
    const { data, shape } = this.onHost(x as HostInput); // #given refuses what is no such input
    return tensor(data, { shape });
  }

  override call(): never {
    throw this.#late();
  }

  #late(): ArgumentError {
    return new ArgumentError({
      what: `${this.name}: a ${this.typeName} works on the host, on one input, and cannot follow layers that a device computes`,
      hint: "put it first: right after input(), or as the first layer of sequential()",
    });
  }

  #refused(received: string): ArgumentError {
    const wanted = { texts: "texts", numbers: "whole numbers", both: "texts or whole numbers" }[this.takes];
    return new ArgumentError({
      what: `${this.name}: expected ${wanted}, in lists or arrays; received ${received}`,
      ...(this.takes === "texts" ? { hint: 'an input of texts is input([], { dtype: "string" })' } : {}),
    });
  }

  /** The shape of the result, in which only the mode of the output matters; open sizes are null. */
  protected abstract resultShape(input: OpenShape): OpenShape;
  /** Whether numbers of values come out (i32), or rows of numbers (f32). */
  protected abstract get resultType(): "i32" | "f32";

  protected override recordCall(x: MaskedStructure<SymbolicTensor>): LayerCall {
    if (!(x instanceof SymbolicTensor)) throw this.#late();
    const { source, dtype } = x;
    if (source !== undefined && !((source.layer as unknown) instanceof HostLayer)) throw this.#late();
    if (this.takes !== "both" && (dtype === "string") !== (this.takes === "texts")) throw this.#refused(x.toString());
    const output = new SymbolicTensor(this.name, this.resultShape(x.shape), this.resultType, x.record);
    const call: LayerCall = { layer: this as unknown as Layer, inputs: x, outputs: [output], result: output };
    output.source = call;
    return call;
  }

  #given(x: HostInput): HostArray | HostTexts {
    const texts = isTexts(x) || isHostTexts(x);
    const known = texts || isHostArray(x) || x instanceof Tensor || typeof x === "number" || isList(x);
    if (!known || (texts ? this.takes === "numbers" : this.takes === "texts")) throw this.#refused(describe(x));
    if (texts) return textsOf(this.name, x);
    if (x instanceof Tensor) return { data: x.dataSync(), shape: x.shape };
    return arrayOf(this.name, x as HostArray | NestedNumbers); // all else has been refused
  }
}

/** Data go in, a tensor comes out. */
// biome-ignore lint/correctness/noUnusedVariables: declarations that merge must have the same type parameters.
export interface HostLayer<F extends Fields = Fields> {
  (x: SymbolicTensor): SymbolicTensor;
  (x: HostInput): Tensor;
}

const isLeaf = (value: unknown): value is unknown => !Array.isArray(value) || !isSymbolic(value[0]);
const isList = (value: unknown): boolean => Array.isArray(value) || ArrayBuffer.isView(value);
const describe = (x: unknown): string =>
  isTexts(x)
    ? "texts"
    : isHostArray(x) || x instanceof Tensor
      ? `numbers of the shape [${x.shape.join(", ")}]`
      : printed(x);
