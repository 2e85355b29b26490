import { isFloat } from "../base/dtype.ts";
import { ChainruleError, DataError } from "../base/errors.ts";
import { NdArray } from "../data/index.ts";
import type { Structure } from "../nn/index.ts";
import { MemorySink } from "../observe/index.ts";
import {
  bytesSlice,
  type ExampleInput,
  floatsSlice,
  LogWriter,
  type OnDemandRequest,
  type PredictAnswer,
  type PredictRequest,
  type Slice,
  type Spans,
} from "../record/index.ts";
import { augmented } from "./augmented.ts";
import { boundary } from "./boundary.ts";
import { embeddings } from "./embeddings.ts";
import { exampleOf, firstInputOf } from "./examples.ts";
import { gradCam, saliency } from "./explanations.ts";
import { areProbabilities, type Forward, type LayerResult, outputKey, probabilities } from "./forward.ts";
import type { Letter, Reply } from "./mailbox.ts";
import { outliers } from "./outliers.ts";
import type { Session } from "./session.ts";

type Question = Exclude<Letter, { readonly type: "order" }>;

/** Answers what a page asks of the model as it is now. */
export async function answer(session: Session, letter: Question): Promise<Reply> {
  const { id } = letter;
  try {
    if (letter.type === "predict") return { type: "prediction", id, answer: await predict(session, letter.request) };
    const slices = await slicesFor(session, letter.request);
    return { type: "answer", id, log: logOf(slices, session.step) };
  } catch (error) {
    if (error instanceof ChainruleError) return { type: "refusal", id, reason: error.parts.what };
    // Whatever is asked, the training goes on.
    return {
      type: "refusal",
      id,
      reason: `this cannot be answered: ${error instanceof Error ? error.message : error}`,
    };
  }
}

/** A log of its own, with these slices. */
function logOf(slices: readonly Slice[], step: number): Uint8Array {
  const sink = new MemorySink();
  const writer = new LogWriter(sink, { created: Date.now() });
  for (const slice of slices) writer.write("slice", slice, { step, onDemand: true });
  return sink.bytes;
}

/** The answer to who asked for the kernels of some steps. */
export function traceReply(id: string, spans: Spans, step: number): Reply {
  const sink = new MemorySink();
  new LogWriter(sink, { created: Date.now() }).write("spans", spans, { step, onDemand: true });
  return { type: "answer", id, log: sink.bytes };
}

/** Examples that are asked about at once, at most. */
const mostTogether = 64;

async function predict(session: Session, { input, layers = [] }: PredictRequest): Promise<PredictAnswer> {
  if (!Array.isArray(layers)) throw new DataError("layers is a list of names");
  const { shape, size } = exampleShape(session);
  const count = input.length / size;
  if (count > 1 && Number.isInteger(count)) {
    if (count > mostTogether) throw new DataError(`at most ${mostTogether} examples at once, received ${count}`);
    const x = new NdArray(numbersOf(session, input), [count, ...shape]);
    const { values, size: classes } = await forwardOf(session).outputs({
      x,
      y: undefined,
      sampleWeight: undefined,
      length: count,
    });
    return { step: session.step, output: [...told(session, values, classes)], featureMaps: [] };
  }
  const results = await layersFor(session, input);
  const output = results.find(({ layer }) => layer === outputKey)!; // it is always there
  return {
    step: session.step,
    output: [...told(session, output.values, output.values.length)],
    featureMaps: results
      .filter(({ layer }) => layers.includes(layer))
      .map(({ layer, shape, values }) => ({ layer, shape: shape.slice(1), values: [...values] })),
  };
}

/** Probabilities where the model tells classes apart. */
function told({ training }: Session, values: Float32Array, size: number): Float32Array {
  return training.model.objective.losses[0]?.targets === "classes" ? probabilities(values, size) : values;
}

const layersFor = (session: Session, input: ExampleInput): Promise<readonly LayerResult[]> =>
  forwardOf(session).layers(exampleFor(session, input));

function forwardOf({ evaluations }: Session): Forward {
  if (evaluations === undefined) throw new DataError("the training has not begun");
  return evaluations.forward;
}

/** All inputs of one example. */
function exampleFor(session: Session, given: ExampleInput): Structure<NdArray> {
  const found = typeof given === "string" ? exampleOf(session.training, given) : undefined;
  return found?.x ?? inputOf(session, given);
}

/** One example: of the data, or numbers. */
export function inputOf({ training }: Pick<Session, "training">, given: ExampleInput): NdArray {
  if (typeof given === "string") {
    const found = exampleOf(training, given);
    if (found === undefined) throw new DataError(`there is no example "${given}"`);
    return found.input;
  }
  if (!Array.isArray(given))
    throw new DataError('say of which input: its numbers, or an example such as "validation/0"');
  const { shape, size } = exampleShape({ training });
  if (given.length !== size) throw new DataError(`one example has ${size} numbers, received ${given.length}`);
  return new NdArray(numbersOf({ training }, given), [1, ...shape]);
}

/** The shape of one example, and how many numbers it has. */
function exampleShape({ training }: Pick<Session, "training">) {
  const shape = firstInputOf(training)?.shape.slice(1) ?? [];
  return { shape, size: shape.reduce((product, each) => product * each, 1) };
}

/** What was sent, as the model takes it. */
function numbersOf({ training }: Pick<Session, "training">, given: readonly number[]): Float32Array | Int32Array {
  if (!given.every((value) => typeof value === "number")) throw new DataError("an example is made of numbers");
  const like = firstInputOf(training);
  // Tokens are integers.
  return like === undefined || isFloat(like.dtype) ? Float32Array.from(given) : Int32Array.from(given);
}

async function slicesFor(session: Session, request: OnDemandRequest): Promise<readonly Slice[]> {
  switch (request.type) {
    case "featureMaps": {
      const results = await layersFor(session, request.input);
      const wanted = request.layers;
      if (wanted !== undefined && !Array.isArray(wanted)) throw new DataError("layers is a list of names");
      return results
        .filter(({ layer }) => layer !== outputKey && (wanted === undefined || wanted.includes(layer)))
        .map(({ layer, shape, values }) =>
          bytesSlice({ key: "asked", role: "featureMap", layer, shape: shape.slice(1) }, values),
        );
    }
    case "weights": {
      const found = session.training.model.namedVariables().filter(([name]) => name.startsWith(`${request.layer}/`));
      const slices = found.map(async ([name, variable]) =>
        floatsSlice(
          { key: name, role: "weights", layer: request.layer, shape: variable.shape },
          (await variable.data()) as ArrayLike<number>, // weights are floats
        ),
      );
      return Promise.all(slices);
    }
    case "examples":
      if (!Array.isArray(request.keys)) throw new DataError("say which examples: keys");
      return request.keys.slice(0, 256).flatMap((key) => {
        const found = exampleOf(session.training, key);
        if (found === undefined) return [];
        const { input, truth } = found;
        return [bytesSlice({ key, role: "example", shape: input.shape.slice(1), labels: [truth] }, input.data)];
      });
    case "saliency":
    case "gradCam": {
      const input = inputOf(session, request.input);
      const output = (await layersFor(session, request.input)).find(({ layer }) => layer === outputKey)!; // always there
      const kind = areProbabilities(output.values) ? "probabilities" : "logits";
      if (request.type === "saliency") return [await saliency(session.training, input, kind, request.class)];
      return [await gradCam(session.training, input, kind, request.class, request.layer)];
    }
    case "attention": {
      const found = await forwardOf(session).attention(exampleFor(session, request.input));
      if (found.length === 0) throw new DataError("no layer of this model attends");
      return found.map(({ layer, shape, values }) => {
        const key = typeof request.input === "string" ? request.input : "asked";
        return bytesSlice({ key, role: "attention", layer, shape: shape.slice(1) }, values);
      });
    }
    case "outliers":
      return [await outliers(session, request)];
    case "augmented":
      return augmented(session.training, inputOf(session, request.input), request.count);
    case "embeddings":
      return [await embeddings(session, request)];
    case "boundary":
      return [await boundary(session, request)];
    default:
      throw new DataError(`"${String(request.type)}" cannot be asked of this training`);
  }
}
