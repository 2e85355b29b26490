import { ArgumentError, suggest } from "../base/errors.ts";
import { type DataLike, type Examples, NdArray, type Nested, ndarray } from "../data/index.ts";
import {
  type HostInput,
  HostLayer,
  isPlain,
  isSymbolic,
  isTexts,
  type LayerCall,
  leavesOf,
  type MaskedStructure,
  type Structure,
  type SymbolicTensor,
} from "../nn/index.ts";

/** The part of a model that runs on the host, before the compiled step: texts and categories become numbers there. */
export interface Front {
  readonly inputs: Structure<SymbolicTensor>;
  /** The calls of host layers, in an order in which they can run. */
  readonly calls: readonly LayerCall[];
  /** What the compiled part is given: inputs that it uses itself, and results of host layers. */
  readonly fed: readonly SymbolicTensor[];
}

export const isHostCall = ({ layer }: LayerCall): boolean => (layer as unknown) instanceof HostLayer;

/** The front of a graph; undefined where all of it is compiled. */
export function frontOf(
  inputs: Structure<SymbolicTensor>,
  calls: readonly LayerCall[],
  outputs: MaskedStructure<SymbolicTensor>,
): Front | undefined {
  const hosted = calls.filter(isHostCall);
  if (hosted.length === 0) return undefined;
  const results = hosted.flatMap((call) => call.outputs);
  const wanted = new Set([
    ...calls.filter((call) => !isHostCall(call)).flatMap((call) => leavesOf(call.inputs, isSymbolic)),
    ...leavesOf(outputs, isSymbolic),
  ]);
  const fed = [...leavesOf(inputs, isSymbolic), ...results].filter((tensor) => wanted.has(tensor));
  return { inputs, calls: hosted, fed };
}

/** Examples as the compiled part of a model takes them. */
export const fedExamples = (
  model: { feed(x: Structure<DataLike>): Structure<DataLike> },
  examples: Examples,
): Examples => ({ ...examples, x: model.feed(examples.x) });

/** Runs the host layers on data: what comes out is what the compiled part takes. */
export function runFront(model: string, front: Front, x: Structure<DataLike>): Structure<DataLike> {
  const values = new Map<SymbolicTensor, DataLike>(bindData(model, front.inputs, x));
  for (const { layer, inputs, outputs } of front.calls) {
    const host = layer as unknown as HostLayer; // isHostCall has seen to it
    const [input] = leavesOf(inputs, isSymbolic);
    const { data, shape } = host.onHost(values.get(input!) as HostInput); // of one input; onHost checks what it is given
    values.set(outputs[0]!, new NdArray(data, shape));
  }
  // Several arrays make a list, in which lists of numbers could not be told from lists of arrays.
  const fed = front.fed.map((tensor) => {
    const value = values.get(tensor)!;
    return Array.isArray(value) && !isTexts(value) ? ndarray(value as Nested) : value;
  });
  return fed.length === 1 ? fed[0]! : fed;
}

/** Pairs the inputs of a model with the data for them: by name, in order, or the only one. */
function bindData(
  model: string,
  inputs: Structure<SymbolicTensor>,
  x: Structure<DataLike>,
): readonly (readonly [SymbolicTensor, DataLike])[] {
  const expected = leavesOf(inputs, isSymbolic);
  if (isPlain(x)) {
    const given = x as { readonly [name: string]: DataLike };
    const names = isPlain(inputs) ? Object.keys(inputs) : expected.map(({ name }) => name);
    const surplus = Object.keys(given).find((name) => !names.includes(name));
    if (surplus !== undefined)
      throw new ArgumentError({ what: `${model}: there is no input "${surplus}"`, hint: suggest(surplus, names) });
    return expected.map((tensor, at) => {
      const value = given[names[at]!];
      if (value !== undefined) return [tensor, value];
      throw new ArgumentError(`${model}: missing data for input "${names[at]}"`);
    });
  }
  if (expected.length === 1) return [[expected[0]!, x as DataLike]]; // one input, whatever it is given
  const list: readonly DataLike[] = Array.isArray(x) ? x : [];
  if (list.length === expected.length) return expected.map((tensor, at) => [tensor, list[at]!]);
  throw new ArgumentError({
    what: `${model}: the model has ${expected.length} inputs, and received something else`,
    hint: `give a list of ${expected.length} arrays, or a record: { ${expected.map(({ name }) => name).join(", ")} }`,
  });
}
