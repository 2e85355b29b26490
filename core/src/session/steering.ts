import { ChainruleError } from "../base/errors.ts";
import { Model } from "../model/index.ts";
import type { Layer } from "../nn/index.ts";
import type { Acknowledgement, CheckpointReference, Command, CommandType, Json, Order } from "../record/index.ts";
import { tensor } from "../tensor/index.ts";
import { diagramLayers } from "./graph.ts";
import type { Session } from "./session.ts";

type Result = { readonly [name: string]: Json };
/** Does what a command says; what it throws is the reason for which it is refused. */
type Deed<T extends CommandType> = (
  session: Session,
  command: Extract<Command, { readonly type: T }>,
  order: Order,
) => Result | undefined | Promise<Result | undefined>;

/** Why a command is not obeyed, in the user's words. */
class Refusal extends Error {}

const deeds: { readonly [T in CommandType]: Deed<T> } = {
  pause: (session, _, { from }) => {
    session.pause(`by the ${from}`);
    return undefined;
  },
  resume: (session) => {
    session.resume();
    return undefined;
  },
  step: (session, { count }) => {
    session.resume(count);
    return undefined;
  },
  stop: async (session, { save }) => {
    const saved = save ? await session.keep("stop") : undefined;
    session.stop();
    return saved === undefined ? undefined : { checkpoint: saved.id };
  },
  set: async (session, { name, value }, { id }) => {
    const parameter = session.parameters.find((each) => each.name === name);
    if (parameter === undefined) throw new Refusal(noParameter(session, name));
    const { min, max } = parameter;
    if (!(value >= min && value <= max)) throw new Refusal(`"${name}" must be from ${min} to ${max}`);
    const before = await parameter.get();
    const undo = await session.keep("automatic", id);
    parameter.set(value);
    return { before, value, checkpoint: undo.id };
  },
  evaluate: async (session) => {
    const logs = await session.evaluate();
    if (logs === undefined) throw new Refusal("there is nothing to validate on");
    return { ...logs };
  },
  checkpoint: async (session) => ({ checkpoint: (await session.keep("asked")).id }),
  rewind: (session, { checkpoint: id }) => goBack(session, known(session, id)),
  undo: (session, { command }) => {
    const before = session.checkpoints.before(command);
    if (before === undefined) throw new Refusal("there is no checkpoint from before that command");
    return goBack(session, before);
  },
  branch: async (session, { checkpoint: id, changes }) => {
    const from = known(session, id);
    const { branch } = session.options;
    if (branch === undefined) throw new Refusal("this training has no place for another run");
    for (const name of Object.keys(changes))
      if (!session.parameters.some((each) => each.name === name)) throw new Refusal(noParameter(session, name));
    const { place: old } = session;
    goBack(session, from);
    for (const { name, set } of session.parameters) if (changes[name] !== undefined) set(changes[name]);
    const place = branch(old.id);
    session.branchTo(place, { run: old.id, step: stepOf(session, from), checkpoint: id });
    return { run: place.id };
  },
  freeze: (session, { layer, frozen }) => {
    for (const variable of layerOf(session, layer).variables)
      if (frozen) session.held.add(variable);
      else session.held.delete(variable);
    session.forgetProgram();
    return undefined;
  },
  ablate: async (session, { layer, unit }, { id }) => {
    if (!session.paused) throw new Refusal("pause the training first");
    const variables = layerOf(session, layer).trainableVariables;
    const units = variables[0]?.shape.at(-1) ?? 0;
    if (unit >= units) throw new Refusal(`layer "${layer}" has ${units} units`);
    const undo = await session.keep("automatic", id);
    for (const variable of variables) {
      if (variable.shape.at(-1) !== units || variable.dtype !== "f32") continue;
      const values = Float32Array.from((await variable.data()) as ArrayLike<number>);
      for (let at = unit; at < values.length; at += units) values[at] = 0;
      variable.assign(tensor(values, { shape: variable.shape }));
    }
    return { checkpoint: undo.id };
  },
  edit: async (session, { variable: name, index, value }, { id }) => {
    if (!session.paused) throw new Refusal("pause the training first");
    const variable = session.training.model.namedVariables().find(([each]) => each === name)?.[1];
    if (variable === undefined) throw new Refusal(`there is no variable "${name}"`);
    if (variable.dtype !== "f32") throw new Refusal(`"${name}" is of ${variable.dtype}: only f32 can be edited`);
    if (!Number.isInteger(index) || index < 0 || index >= variable.size)
      throw new Refusal(`"${name}" has the places 0 to ${variable.size - 1}, received ${index}`);
    if (!Number.isFinite(Math.fround(value))) throw new Refusal(`${value} is no finite number in f32`);
    const values = Float32Array.from((await variable.data()) as ArrayLike<number>);
    const before = values[index]!;
    const undo = await session.keep("automatic", id);
    values[index] = value;
    variable.assign(tensor(values, { shape: variable.shape }));
    return { before, value: values[index]!, checkpoint: undo.id };
  },
  note: (session, { text }) => {
    session.tell({ type: "note", time: Date.now(), text });
    return undefined;
  },
  explain: async (session) => {
    const { step } = session.suspicion;
    if (step === undefined) throw new Refusal("all steps were finite");
    if (!(await session.suspicion.explain()))
      throw new Refusal("done again with the present weights, the step is finite");
    return { step };
  },
};

function noParameter({ training, parameters }: Session, name: string): string {
  if (name === "learningRate" && training.model.objective.optimizer.schedule !== undefined)
    return 'the learning rate follows a schedule: there is no "learningRate" to set';
  const known = parameters.map((each) => `"${each.name}"`).join(", ");
  return `"${name}" is no parameter of this training${known === "" ? "" : `; it has ${known}`}`;
}

/** Writes the command, does it, and writes and returns what became of it. */
export async function obey(session: Session, order: Order): Promise<Acknowledgement> {
  const { step } = session;
  session.tell({ type: "command", ...order });
  const acknowledgement = await attempt(session, order, step);
  session.recorder.event({ type: "acknowledgement", time: Date.now(), ...acknowledgement }, step);
  return acknowledgement;
}

async function attempt(session: Session, order: Order, step: number): Promise<Acknowledgement> {
  const { id, command } = order;
  try {
    const reason = session.options.refused?.[command.type];
    if (reason !== undefined) throw new Refusal(reason);
    // The table has a deed of its type for each command; that they belong together cannot be said here.
    const deed = deeds[command.type] as Deed<CommandType>;
    const result = await deed(session, command, order);
    return { id, accepted: true, step, ...(result === undefined ? {} : { result }) };
  } catch (error) {
    if (error instanceof Refusal) return { id, accepted: false, reason: error.message, step };
    if (error instanceof ChainruleError) return { id, accepted: false, reason: error.parts.what, step };
    // A disk that is full must not end the training: what cannot be done is refused.
    return { id, accepted: false, reason: `it failed: ${error instanceof Error ? error.message : error}`, step };
  }
}

function known(session: Session, id: string): CheckpointReference {
  const found = session.checkpoints.get(id);
  if (found === undefined) throw new Refusal(`there is no checkpoint "${id}"`);
  return found;
}

const stepOf = (session: Session, { epoch, stepOfEpoch }: CheckpointReference): number =>
  session.stepAt({ epoch, step: stepOfEpoch });

function goBack(session: Session, to: CheckpointReference): Result {
  session.checkpoints.restore(session.control, to);
  session.moved({ epoch: to.epoch, step: to.stepOfEpoch });
  return { checkpoint: to.id, step: stepOf(session, to) };
}

function layerOf({ training: { model } }: Session, id: string): Layer {
  const layers = model instanceof Model ? diagramLayers(model) : new Map<Layer, string>();
  for (const [layer, name] of layers) if (name === id) return layer as Layer; // the diagram's keys are layers
  throw new Refusal(`there is no layer "${id}"`);
}
