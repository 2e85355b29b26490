import { printShape } from "../base/shape.ts";
import { isOp, type Node } from "../graph/node.ts";
import { kindOf } from "../graph/primitives.ts";
import type { Binding, Plan, Step } from "../kernel/plan.ts";
import type { Cluster } from "./cluster.ts";
import type { Layout } from "./memory.ts";
import { attrsText } from "./printGraph.ts";
import type { Block, LoweredRegion, Region, Work } from "./region.ts";

/** One line a cluster: what it computes, from what to what, and why it ends there. */
export function printRegion(region: Region, indent = ""): string {
  return region.clusters
    .flatMap((cluster, index) => [
      `${indent}${index + 1}. ${clusterText(cluster)}`,
      `${indent}     ${cluster.reason}`,
      ...(region.bodies.get(cluster) ?? []).map((body) => printRegion(body, `${indent}   | `)),
    ])
    .join("\n");
}

/** `contract [32, 10] → add → max`: the members that compute, in order. */
export function clusterText({ kind, members, roots }: Cluster): string {
  const computing = members.filter((node) => !["source", "view"].includes(kindOf(node)) && !isOp(node, "pick"));
  const shown = computing.length > 0 ? computing : roots;
  const names = shown.map((node) =>
    kindOf(node) === "map"
      ? node.op
      : `${node.op}${["reduce", "contract"].includes(kindOf(node)) ? attrsText(node) : ""}`,
  );
  return `${kind}: ${names.join(" → ")} ⇒ ${roots.map((root) => `${root.dtype} ${printShape(root.shape)}`).join(", ")}`;
}

export const printLowered = ({ units }: LoweredRegion): string =>
  units
    .map(
      ({ cluster, kernels }) =>
        `${clusterText(cluster)}\n${kernels.map(({ kernel, tasks }) => `    ${kernel.name}, ${tasks} tasks`).join("\n")}`,
    )
    .join("\n");

export const printBlock = (block: Block, indent = ""): string =>
  block.works.map((work) => printWork(work, indent)).join("\n");

function printWork(work: Work, indent: string): string {
  if (work.kind === "loop")
    return `${indent}loop ${work.node.attrs.length} times\n${printBlock(work.body, `${indent}  | `)}`;
  if (work.kind === "branch")
    return `${indent}branch\n${printBlock(work.whenTrue, `${indent}  then | `)}\n${printBlock(work.whenFalse, `${indent}  else | `)}`;
  return work.calls
    .map(
      (call) =>
        `${indent}${call.kernel.name}(${call.arguments.map((value) => ("kind" in value ? value.name : nodeText(value))).join(", ")})`,
    )
    .join("\n");
}

const nodeText = (node: Node): string => (isOp(node, "input") ? node.attrs.name : `${node.op}#${node.id}`);

export const printLayout = ({ intervals, arenaBytes }: Layout): string =>
  [
    `arena ${arenaBytes} bytes`,
    ...[...intervals]
      .sort((a, b) => a.offset - b.offset || a.first - b.first)
      .map(
        ({ value, bytes, first, last, offset }) =>
          `  ${offset} +${bytes}  ${first}..${last}  ${"kind" in value ? value.name : nodeText(value)}`,
      ),
  ].join("\n");

/** The launches in order, with what each reads and writes, and the sums. */
export function printPlan(plan: Plan): string {
  const launches = countLaunches(plan.steps);
  return [
    `${plan.kernels.length} kernels, ${launches} launches, arena ${plan.arenaBytes} bytes, scratch ${plan.scratchBytes} bytes a thread`,
    ...plan.inputs.map(
      ({ name, shape, dtype, slot }) => `input  ${slotText(slot)} ${name}: ${dtype} ${printShape(shape)}`,
    ),
    ...plan.outputs.map(
      ({ name, shape, dtype, slot, replaces }) =>
        `output ${slotText(slot)} ${name}: ${dtype} ${printShape(shape)}${replaces === undefined ? "" : " (in place)"}`,
    ),
    ...(plan.kept === undefined
      ? []
      : [`kept   ${slotText(plan.kept.memory)} ${plan.kept.bytes} bytes, made when ${slotText(plan.kept.flag)}`]),
    ...plan.steps.flatMap((step) => stepLines(plan, step, "")),
  ].join("\n");
}

const slotText = (slot: number): string => (slot === 0 ? "arena" : `s${slot}`);

const bindingText = ({ slot, offset, advance }: Binding): string =>
  `${slotText(slot)}${offset === 0 && slot !== 0 ? "" : `+${offset}`}${advance.map(({ loop, bytes }) => `${bytes < 0 ? "" : "+"}${bytes}·i${loop}`).join("")}`;

function stepLines(plan: Plan, step: Step, indent: string): string[] {
  const nested = (steps: readonly Step[], prefix: string): string[] =>
    steps.flatMap((inner) => stepLines(plan, inner, `${indent}${prefix}`));
  if (step.kind === "loop") return [`${indent}for i${step.loop} < ${step.count}`, ...nested(step.body, "  ")];
  if (step.kind === "branch")
    return [
      `${indent}if ${bindingText(step.when)}`,
      ...nested(step.then, "  "),
      `${indent}else`,
      ...nested(step.else, "  "),
    ];
  const kernel = plan.kernels[step.kernel]!;
  const buffers = kernel.buffers.filter(({ role }) => role !== "scratch");
  return step.instances.map(({ bindings, tasks }, index) => {
    const name = index === 0 ? kernel.name : " ".repeat(kernel.name.length);
    const written = bindings.filter((_, position) => buffers[position]!.role !== "read").map(bindingText);
    const read = bindings.filter((_, position) => buffers[position]!.role === "read").map(bindingText);
    return `${indent}${name} ${written.join(", ")} ← ${read.join(", ")}  (${tasks} ${tasks === 1 ? "task" : "tasks"})`;
  });
}

/** Launches in one run of the plan; both sides of a branch count. */
export const countLaunches = (steps: readonly Step[]): number =>
  steps.reduce((sum, step) => {
    if (step.kind === "launch") return sum + 1;
    if (step.kind === "loop") return sum + step.count * countLaunches(step.body);
    return sum + countLaunches(step.then) + countLaunches(step.else);
  }, 0);
