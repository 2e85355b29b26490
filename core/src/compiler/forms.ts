import type { Plan } from "../kernel/plan.ts";
import type { Layout } from "./memory.ts";
import type { Form } from "./pass.ts";
import type { Placed } from "./place.ts";
import { printBlock, printLayout, printLowered, printPlan, printRegion } from "./print.ts";
import { printGraph } from "./printGraph.ts";
import type { Block, LoweredRegion, Region } from "./region.ts";
import type { Source } from "./source.ts";

/** How each form is printed. */
export const forms = {
  source: { print: ({ program }) => printGraph(program.graph) } satisfies Form<Source>,
  region: { print: (region) => printRegion(region) } satisfies Form<Region>,
  lowered: { print: (region) => printLowered(region) } satisfies Form<LoweredRegion>,
  block: { print: (block) => printBlock(block) } satisfies Form<Block>,
  placed: { print: ({ block }) => printBlock(block) } satisfies Form<Placed>,
  layout: { print: printLayout } satisfies Form<Layout>,
  plan: { print: printPlan } satisfies Form<Plan>,
};
