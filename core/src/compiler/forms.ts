import { InternalError } from "../base/errors.ts";
import { sizeOf } from "../base/shape.ts";
import { reachable } from "../graph/walk.ts";
import type { Plan } from "../kernel/plan.ts";
import type { Layout } from "./memory.ts";
import type { Form } from "./pass.ts";
import type { Placed } from "./place.ts";
import { printBlock, printLayout, printLowered, printPlan, printRegion } from "./print.ts";
import { printGraph } from "./printGraph.ts";
import type { Block, LoweredRegion, Region } from "./region.ts";
import type { Source } from "./source.ts";
import { verifyLayout, verifyPlan } from "./verifyPlan.ts";

/** How each form is printed, and the laws it keeps. */
export const forms = {
  source: { print: ({ program }) => printGraph(program.graph), verify: verifySource } satisfies Form<Source>,
  region: { print: (region) => printRegion(region), verify: verifyRegion } satisfies Form<Region>,
  lowered: { print: (region) => printLowered(region), verify: () => {} } satisfies Form<LoweredRegion>,
  block: { print: (block) => printBlock(block), verify: () => {} } satisfies Form<Block>,
  placed: { print: ({ block }) => printBlock(block), verify: () => {} } satisfies Form<Placed>,
  layout: { print: printLayout, verify: verifyLayout } satisfies Form<Layout>,
  plan: { print: printPlan, verify: verifyPlan } satisfies Form<Plan>,
};

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
