import { DataError } from "../../base/errors.ts";
import type { Described } from "../../nn/catalogue.ts";
import type { AnyLayer } from "../../nn/index.ts";
import type { MultiOptimizer, Optimizer } from "../../optim/index.ts";
import type { Variable } from "../../tensor/index.ts";
import type { AnyModel } from "../model.ts";
import { type Json, own, record } from "./json.ts";
import { underscored } from "./names.ts";
import { fullMatch, quoted } from "./pattern.ts";
import { type Holder, holderOf } from "./weights.ts";

// Several optimizers: Keras chooses them by patterns of the variables' paths, which are "sequential/dense/kernel" in a model that is
// being made and "dense/kernel" in one that was read from a file.

/** The names around a variable, from the model to the variable's own. */
function chainsOf(model: AnyModel): ReadonlyMap<Variable, readonly string[]> {
  const chains = new Map<Variable, readonly string[]>();
  const visit = (holder: Holder, above: readonly string[]): void => {
    const around = [...above, holder.name];
    for (const variable of holder.variables)
      if (!chains.has(variable)) chains.set(variable, [...around, nameIn(holder, variable)]);
    for (const part of holder.parts) visit(part, around);
  };
  visit(holderOf(model as unknown as AnyLayer), []);
  return chains;
}

/** The variable's name in Keras; parts of attention have the names of layers there, and their kernels are named after them here. */
function nameIn(holder: Holder, { name }: Variable): string {
  const last = underscored(name.slice(name.lastIndexOf("/") + 1));
  return holder.path.endsWith("_dense") ? last.slice(last.lastIndexOf("_") + 1) : last;
}

/** The optimizers of Keras's MultiOptimizer, each with the names of what it moves in the model. */
export function readMulti(config: Json, model: AnyModel, described: (json: unknown) => Described): Described {
  const map = record(
    own(record(own(config, "optimizer_map"), "the map of optimizers"), "config"),
    "the map of optimizers",
  );
  const otherwise = described(own(map, "default_optimizer"));
  const given = Object.entries(record(own(map, "optimizer_map"), "the map of optimizers"));
  // Keras writes an optimizer that stands for several patterns once for each; names tell others apart.
  const parts = new Map<string, { readonly optimizer: Described; readonly names: string[] }>();
  for (const [, json] of given) {
    const key = JSON.stringify(json);
    if (!parts.has(key)) parts.set(key, { optimizer: described(json), names: [] });
  }
  const patterns = given.map(([pattern, json]) => ({
    pattern,
    matches: fullMatch(pattern),
    part: JSON.stringify(json),
  }));
  for (const [variable, chain] of chainsOf(model)) {
    const part = partOf(chain, patterns);
    if (part !== undefined) parts.get(part)!.names.push(variable.name);
  }
  return {
    name: "multi",
    options: {
      parts: [...parts.values()].map(({ optimizer, names }) => ({ optimizer, variables: { names } })),
      otherwise,
    },
  };
}

interface Known {
  readonly pattern: string;
  readonly matches: (path: string) => boolean;
  readonly part: string;
}

/** The part whose pattern means the variable: by its longest path that any pattern means; the path itself before patterns. */
function partOf(chain: readonly string[], patterns: readonly Known[]): string | undefined {
  for (let from = 0; from < chain.length - 1; from++) {
    const path = chain.slice(from).join("/");
    const exact = patterns.find(({ pattern }) => pattern === path);
    const found = exact === undefined ? patterns.filter(({ matches }) => matches(path)) : [exact];
    if (found.length > 1)
      throw new DataError(
        `several optimizers are to move ${path}: ${found.map(({ pattern }) => `"${pattern}"`).join(", ")}`,
      );
    if (found.length === 1) return found[0]!.part;
  }
  return undefined;
}

/** A part of several optimizers that moves something, with Keras's pattern of what it moves. */
export interface WrittenPart {
  readonly optimizer: Optimizer;
  readonly pattern: string;
}

/** The parts with patterns of the variables that they move; those that move nothing are left out. */
export function patternsOf(optimizer: MultiOptimizer, model: AnyModel): readonly WrittenPart[] {
  const chains = chainsOf(model);
  return partsOf(optimizer, model.trainableVariables).map(({ part, moved }) => ({
    optimizer: part,
    pattern: moved.flatMap((variable) => patternOf(chains.get(variable))).join("|"),
  }));
}

/** The parts that move any of the variables, in the order of the file, and which. */
export function partsOf(optimizer: MultiOptimizer, variables: readonly Variable[]) {
  return optimizer.parts
    .map(({ optimizer: part }) => ({
      part,
      moved: variables.filter((variable) => optimizer.optimizerOf(variable) === part),
    }))
    .filter(({ moved }) => moved.length > 0);
}

/** Every path under which Keras may know the variable: with the names above its layer or without. */
function patternOf(chain: readonly string[] | undefined): string[] {
  if (chain === undefined) return [];
  const [above, inner] = [chain.slice(0, -2), chain.slice(-2)];
  const before = above.reduce((names, name) => `(?:${names}${quoted(name)}/)?`, "");
  return [`${before}${quoted(inner.join("/"))}`];
}
