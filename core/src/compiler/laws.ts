import { InternalError } from "../base/errors.ts";
import { sizeOf } from "../base/shape.ts";
import { reachable } from "../graph/walk.ts";
import { forms } from "./forms.ts";
import { type Form, verifyBy } from "./pass.ts";
import type { Region } from "./region.ts";
import type { Source } from "./source.ts";
import { verifyLayout, verifyPlan } from "./verifyPlan.ts";

/** Switches the verifiers between passes on or off; tests run with them on. Apart from the forms: pages need no laws. */
export function verifyPasses(on: boolean): void {
  verifyBy(on ? verify : undefined);
}

/** The laws that each form keeps. */
function verify<T>(form: Form<T>, value: unknown): void {
  // A form is its type's: what is said to have it has it.
  if (form === forms.source) verifySource(value as Source);
  else if (form === forms.region) verifyRegion(value as Region);
  else if (form === forms.layout) verifyLayout(value as Parameters<typeof verifyLayout>[0]);
  else if (form === forms.plan) verifyPlan(value as Parameters<typeof verifyPlan>[0]);
}

/** Every path ends in an input of the graph or in a source, and there are as many `replaces` as outputs, of equal types. */
function verifySource({ program: { graph, replaces }, taps }: Source): void {
  const given = new Set<unknown>(graph.inputs);
  for (const node of reachable(graph.outputs)) {
    if (node.op === "input" && !given.has(node))
      throw new InternalError(`the graph reads an input that is not its own: ${(node.attrs as { name: string }).name}`);
  }
  if (replaces.length + taps.length !== graph.outputs.length && replaces.length !== graph.outputs.length)
    throw new InternalError("replaces and outputs differ in number");
  replaces.forEach((input, index) => {
    if (input === undefined) return;
    const [old, fresh] = [graph.inputs[input], graph.outputs[index]];
    if (
      old === undefined ||
      fresh === undefined ||
      old.dtype !== fresh.dtype ||
      sizeOf(old.shape) !== sizeOf(fresh.shape)
    ) {
      throw new InternalError(`output ${index} cannot replace input ${input}`);
    }
  });
}

/** Every root has one cluster; every stored node that is read is an input or somebody's root. */
function verifyRegion({ graph, clusters, stored }: Region): void {
  const made = new Set<unknown>(graph.inputs);
  for (const { roots } of clusters) {
    for (const root of roots) {
      if (made.has(root)) throw new InternalError(`fuse: ${root.op} #${root.id} is made twice`);
      made.add(root);
    }
  }
  for (const node of stored) {
    if (!made.has(node) && node.op !== "barrier" && sizeOf(node.shape) > 0)
      throw new InternalError(`fuse: ${node.op} #${node.id} is stored by nobody`);
  }
}
