import { ArgumentError, ShapeError } from "../../base/errors.ts";
import { printShape, type Shape } from "../../base/shape.ts";
import { scopeNow } from "../../graph/node.ts";
import { scan, Tensor, type Variable, where, zeros } from "../../tensor/index.ts";
import { demandTensor } from "../checks.ts";
import type { CallContext } from "../context.ts";
import { flag } from "../fieldKinds.ts";
import type { Fields, ValuesOf } from "../fields.ts";
import { floating } from "../floating.ts";
import { AnyLayer, type Inputs, type LayerOptions, type Outputs } from "../layer.ts";
import { Masked, masked, maskOf, valuesOf } from "../masked.ts";
import type { Structure } from "../structure.ts";
import { weight } from "../weight.ts";
import type { Cell } from "./cell.ts";

/** What a recurrent layer takes: a sequence [batch, time, ...features], and perhaps the states to begin with. */
export type RecurrentInput<T> =
  | T
  | Masked<T>
  | readonly [T | Masked<T>, ...T[]]
  | { readonly sequence: T | Masked<T>; readonly initialState?: T | readonly T[] | undefined };

/** The options of all recurrent layers besides those of their cell. */
export const sequenceFields = {
  /** Whether the output of every step is the result, instead of the last one's. Default false. */
  returnSequences: flag(false),
  /** Whether the final states follow the result, in a list. Default false. */
  returnState: flag(false),
  /** Whether time runs backwards; the results then stand in that order. Default false. */
  goBackwards: flag(false),
  /** Whether the states of a batch are where the next one begins; needs a fixed batch size. Default false. */
  stateful: flag(false),
  /** Whether steps that do not count give zeros; otherwise they repeat the output before. Default false. */
  zeroOutputForMask: flag(false),
} as const;

/** The form of the result as types: what `returnSequences` and `returnState` are. */
export interface SequenceOptions<Sequences extends boolean, State extends boolean> extends LayerOptions {
  readonly returnSequences?: Sequences | undefined;
  readonly returnState?: State | undefined;
  readonly goBackwards?: boolean | undefined;
  readonly stateful?: boolean | undefined;
  readonly zeroOutputForMask?: boolean | undefined;
}

type StateVariables = { readonly [name: string]: Variable };
type RecurrentFields = Fields & typeof sequenceFields;

/** A layer that repeats a cell over time, in one loop of the compiled program. */
export abstract class Recurrent<F extends RecurrentFields = RecurrentFields> extends AnyLayer<StateVariables, F> {
  static readonly masking = "own";
  abstract readonly cell: Cell;

  /** The options that every recurrent layer has. */
  get #sequence(): ValuesOf<typeof sequenceFields> {
    return this.options as unknown as ValuesOf<typeof sequenceFields>; // F has these fields
  }

  override check(given: Structure<Shape>): void {
    const { sequence, initialState } = partsOf<Shape>(given as RecurrentInput<Shape>, isShape);
    demandTensor(sequence as Structure<Shape>);
    const shape = valuesOf(sequence);
    if (shape.length < 3) {
      throw new ShapeError({
        what: `${scopeNow()}: expected at least 3 axes (batch, time, features), received ${printShape(shape)}`,
        hint: "one number a step is one feature: x.expandDims(-1)",
      });
    }
    if (initialState === undefined) return;
    const expected = this.cell.stateSizes.map((size): Shape => [shape[0]!, size]);
    if (printShapes(expected) === printShapes(initialState)) return;
    throw new ShapeError({
      what: `${scopeNow()}: the initial states do not fit`,
      details: [
        { role: "expected", value: printShapes(expected) },
        { role: "received", value: printShapes(initialState) },
      ],
    });
  }

  /** Only a stateful layer has Variables of its own: its states. */
  override build(given: Structure<Shape>): StateVariables {
    if (!this.#sequence.stateful) return {};
    const { sequence } = partsOf<Shape>(given as RecurrentInput<Shape>, isShape);
    const batch = valuesOf(sequence)[0]!;
    const states = this.cell.stateSizes.map((size, index) => [
      `state${index}`,
      weight([batch, size], { initializer: "zeros", trainable: false }),
    ]);
    return Object.fromEntries(states);
  }

  override call(given: Inputs, variables: StateVariables, context: CallContext): Outputs {
    const { sequence, initialState } = argumentsOf(given);
    const { returnSequences, returnState, goBackwards, stateful, zeroOutputForMask } = this.#sequence;
    const x = floating(valuesOf(sequence)); // [batch, time, ...features]
    const mask = maskOf(sequence);
    const [batch, , ...features] = x.shape as [number, number, ...number[]];
    const kept = this.#kept(batch, variables);

    const step = this.cell.steps([batch, ...features], context);
    const start =
      initialState?.map(floating) ??
      (stateful ? kept.map((state) => state.read()) : this.cell.stateSizes.map((size): Tensor => zeros([batch, size])));
    // The output is one of the states, except for unusual cells, and for masked steps before the first that counts.
    const fromStates = mask === undefined || (initialState === undefined && !stateful);
    const output = fromStates ? this.cell.outputState : undefined;
    const extra = output === undefined ? [zeros([batch, this.cell.outputSize]) as Tensor] : [];

    const body = (carry: readonly Tensor[], { now, counts }: { now: Tensor; counts?: Tensor }) => {
      const before = carry.slice(0, start.length);
      const after = step(now, before);
      const next = [...after.states, ...(output === undefined ? [after.output] : [])];
      // A step that does not count leaves everything as it was.
      const result = counts === undefined ? next : next.map((value, index) => where(counts, value, carry[index]!));
      const repeated = result[output ?? start.length]!;
      const shown = counts !== undefined && zeroOutputForMask ? where(counts, repeated, 0) : repeated;
      return { carry: result as readonly Tensor[], out: returnSequences ? [shown] : [] };
    };
    const steps = {
      now: x.moveAxis(1, 0) as Tensor,
      ...(mask === undefined ? {} : { counts: mask.cast("bool").transpose([1, 0]).expandDims(-1) as Tensor }),
    };
    const { carry, out } = scan(body, [...start, ...extra] as readonly Tensor[], steps, { reverse: goBackwards });

    const states = carry.slice(0, start.length);
    if (stateful) for (const [index, state] of states.entries()) kept[index]!.assign(state);
    const inOrder = (values: Tensor): Tensor => (goBackwards ? (values.flip(1) as Tensor) : values);
    const result = returnSequences
      ? masked(inOrder((out[0] as Tensor).moveAxis(0, 1) as Tensor), mask && inOrder(mask))
      : carry[output ?? start.length]!;
    return returnState ? [result, ...states] : result;
  }

  /** Sets the states of a stateful layer to zero: what follows is not a continuation. */
  resetState(): void {
    if (!this.built) return;
    for (const state of Object.values(this.own)) state.assign(zeros(state.shape));
  }

  /** The kept states; an error where they are those of another batch size. */
  #kept(batch: number, variables: StateVariables): Variable[] {
    const kept = this.cell.stateSizes.flatMap((_, index) => variables[`state${index}`] ?? []);
    const wrong = kept.find(({ shape }) => shape[0] !== batch);
    if (wrong === undefined) return kept;
    throw new ArgumentError({
      what: `${this.name}: the layer is stateful and keeps the states of ${wrong.shape[0]} examples, but the batch has ${batch}`,
      hint: "give the batch size where the model begins, input([…], { batchSize: 32 }), and only whole batches",
    });
  }
}

export const isShape = (value: unknown): boolean =>
  Array.isArray(value) && value.every((size) => typeof size === "number");

/** The tensors that a recurrent layer is called on; `check` has refused everything else. */
export const argumentsOf = (given: Inputs) =>
  partsOf<Tensor>(given as RecurrentInput<Tensor>, (value) => value instanceof Tensor);

const printShapes = (shapes: readonly Shape[]): string => shapes.map(printShape).join(", ");

/** The arguments of a recurrent layer, in whichever form they were given. `isOne` tells a value from a list of them. */
export function partsOf<T>(
  given: RecurrentInput<T>,
  isOne: (value: unknown) => boolean,
): { readonly sequence: T | Masked<T>; readonly initialState: readonly T[] | undefined } {
  if (given instanceof Masked || isOne(given)) return { sequence: given as T | Masked<T>, initialState: undefined };
  if (Array.isArray(given)) {
    const [sequence, ...states] = given as [T | Masked<T>, ...T[]];
    return { sequence, initialState: states.length === 0 ? undefined : states };
  }
  const { sequence, initialState } = given as { sequence?: T | Masked<T>; initialState?: T | readonly T[] };
  if (sequence === undefined) {
    throw new ArgumentError({
      what: `${scopeNow()}: a record of arguments must name the sequence`,
      hint: "call it on { sequence, initialState }, or on the sequence alone",
    });
  }
  if (initialState === undefined) return { sequence, initialState: undefined };
  // One state may stand alone.
  return { sequence, initialState: isOne(initialState) ? [initialState as T] : (initialState as readonly T[]) };
}
