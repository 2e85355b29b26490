import { renumbered } from "../../nn/renumbered.ts";
import type { TrainingControl } from "../callbacks/callback.ts";
import type { CheckpointContent } from "./encode.ts";

const prefix = "model/";

/** A checkpoint by the names of a model that was made again, with other numbers in its layers' names; else as it is. */
export function inOwnNames<C extends CheckpointContent>(content: C, control: TrainingControl): C {
  const { tensors } = content;
  const weights = [...tensors.keys()].filter((name) => name.startsWith(prefix));
  if (control.model.namedVariables().length < weights.length) control.build();
  const ours = control.model.namedVariables().map(([name]) => `${prefix}${name}`);
  if (ours.every((name) => tensors.has(name))) return content;
  const names = renumbered(weights, ours);
  if (names === undefined) return content;
  // The state of optimizers stands under the weights' names: "optimizer/dense/kernel/momentum".
  const renamed = (name: string): string => {
    const [, owner, weight, slot] = /^([^/]*)\/(.*)\/([^/]*)$/.exec(name) ?? [];
    const own = names.get(`${prefix}${weight}`)?.slice(prefix.length);
    return names.get(name) ?? (own === undefined ? name : `${owner}/${own}/${slot}`);
  };
  return { ...content, tensors: new Map([...tensors].map(([name, tensor]) => [renamed(name), tensor])) };
}
