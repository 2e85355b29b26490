import type { Kernel } from "../../kernel/ir.ts";
import { launchesOf } from "../../kernel/launches.ts";
import type { Binding, Instance, Plan } from "../../kernel/plan.ts";
import type { TileShape } from "../../kernel/tile.ts";
import type { Target } from "../target.ts";
import type { Interval } from "./bounds.ts";
import { type KernelUse, kernelText } from "./kernel.ts";
import { launchText, loopsOf, ProgramText, taskText } from "./launch.ts";
import { Names } from "./names.ts";
import { Prelude } from "./prelude.ts";
import { dedent } from "./snippet.ts";
import { fusingText, tileText } from "./tile.ts";

/** The status that the entry point returns. */
export const runStatus = { done: 0, outOfMemory: 1 } as const;

/**
 * One C translation unit that runs `plan`: inline functions, kernels, tables of launches, and the entry point
 * `int32_t run(void *const *slots, struct pool *pool)`, which uses the thread pool of the native package. The slot after the
 * plan's own is null, or one double a launch, in the order of `launchesOf`: milliseconds are added there.
 */
export function renderC(plan: Plan, target: Target): string {
  return renderParts(plan, target, 1)[0]!;
}

/** As `renderC`, cut into `count` translation units of similar length, to be compiled at the same time and linked. */
export function renderParts(plan: Plan, target: Target, count: number): string[] {
  const prelude = new Prelude();
  const tiles = new Map<string, TileShape>();
  const launches = launchesOf(plan.steps);
  const unique = new Names();
  const regions = new Set([arena, plan.kept?.memory]);
  const names = plan.kernels.map(({ name }, index) => unique.of(`kernel ${index}`, name));
  const kernels = plan.kernels.flatMap((kernel, index): RenderedKernel[] => {
    const instances = launches.filter((launch) => launch.kernel === index).flatMap((launch) => launch.instances);
    const name = names[index]!;
    if (instances.length === 0) return [];
    return [{ kernel, name, text: kernelText(kernel, name, useOf(kernel, instances, regions), prelude, tiles) }];
  });
  const loops = loopsOf(plan.steps);
  const common = [
    `/* ${plan.name.replaceAll("*/", "* /")}: written by Chainrule. */`,
    header,
    prelude.text(),
    ...(tiles.size === 0 ? [] : [fusingText]),
    ...[...tiles.values()].map((shape) => tileText(shape, target)),
  ];
  const linkage = count === 1 ? "static" : '__attribute__((visibility("hidden")))';
  return distribute(kernels, count).map((own, part) => {
    const others = part === 0 ? kernels.filter((kernel) => !own.includes(kernel)) : [];
    const sections = [
      ...common,
      ...own.map(({ text }) => text),
      launchText(plan, launches, loops.length),
      ...own.map(({ kernel, name }) => taskText(kernel, name, linkage)),
      others.map(({ name }) => `${linkage} task_function ${name}_task;`).join("\n"),
      ...(part === 0 ? [lapText] : []),
      ...(part === 0 ? entryPoint(plan, names, loops) : []),
    ];
    return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
  });
}

interface RenderedKernel {
  readonly kernel: Kernel;
  readonly name: string;
  readonly text: string;
}

/** Each kernel in one of `count` groups, longest first into the group that is shortest so far; then in their order. */
function distribute(kernels: readonly RenderedKernel[], count: number): RenderedKernel[][] {
  const groups = Array.from({ length: count }, () => ({ length: 0, kernels: [] as RenderedKernel[] }));
  for (const kernel of [...kernels].sort((a, b) => b.text.length - a.text.length)) {
    const shortest = groups.reduce((best, group) => (group.length < best.length ? group : best));
    shortest.length += kernel.text.length;
    shortest.kernels.push(kernel);
  }
  return groups.map((group) => kernels.filter((kernel) => group.kernels.includes(kernel)));
}

/** The tables of launches, and the function that makes them. */
function entryPoint(plan: Plan, names: readonly string[], loops: readonly number[]): string[] {
  const program = new ProgramText(names, loops);
  const steps = program.steps(plan.steps, 1);
  const run = [
    "int32_t run(void *const *slots, struct pool *pool) {",
    `  if (pool->reserve(pool, ${plan.scratchBytes}) != 0) return ${runStatus.outOfMemory};`,
    `  double *timings = slots[${plan.slots}];`,
    "  double clock = timings ? now() : 0;",
    ...(loops.length === 0 ? [] : [`  int64_t loops[${loops.length}] = {0};`]),
    ...steps,
    `  return ${runStatus.done};`,
    "}",
  ];
  return [program.tables.join("\n\n"), run.join("\n")];
}

const lapText = dedent(`
  /* Milliseconds of a clock that never goes back. */
  static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec * 1e-6;
  }

  static double lap(double *total, double start) {
    double end = now();
    *total += end - start;
    return end;
  }
`);

const header = dedent(`
  #include <math.h>
  #include <stdint.h>
  #include <string.h>
  #include <time.h>

  #define INLINE static inline __attribute__((always_inline))

  /* Tasks 0 .. tasks - 1, each once, on all threads of the pool; returns when all have ended. */
  typedef void task_function(const void *argument, int32_t task, char *scratch);
  struct pool {
    void (*launch)(struct pool *pool, task_function *function, const void *argument, int32_t tasks);
    int32_t (*reserve)(struct pool *pool, int64_t scratch_bytes);
  };
`);

function useOf(kernel: Kernel, instances: readonly Instance[], regions: Regions): KernelUse {
  const params = kernel.params.map((_, position): Interval => {
    const values = instances.map((instance) => instance.params[position]!);
    return [Math.min(...values), Math.max(...values)];
  });
  const tasks = Math.max(...instances.map((instance) => instance.tasks));
  return {
    tasks,
    params,
    aliased: new Set(instances.flatMap(({ bindings }) => aliasedBuffers(kernel, bindings, regions))),
  };
}

const arena = 0;

/** Slots that hold many values. */
type Regions = ReadonlySet<number | undefined>;

/** Buffers that share memory with a written one: the same place in a region (`Cluster.inPlace`), or the same slot. */
function aliasedBuffers(kernel: Kernel, bindings: readonly Binding[], regions: Regions): string[] {
  const bound = kernel.buffers.filter(({ role }) => role !== "scratch");
  return bound.flatMap((buffer, index) => {
    const { slot, offset } = bindings[index]!;
    const shared = bindings.some((other, position) => {
      const written = buffer.role !== "read" || bound[position]!.role !== "read";
      return position !== index && written && other.slot === slot && (!regions.has(slot) || other.offset === offset);
    });
    return shared ? [buffer.name] : [];
  });
}
