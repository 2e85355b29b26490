import type { Binding, Instance, Plan, Step } from "../../compiler/plan.ts";
import type { Kernel } from "../../kernel/ir.ts";
import type { Target } from "../target.ts";
import type { Interval } from "./bounds.ts";
import { type KernelUse, kernelText } from "./kernel.ts";
import { integerLiteral } from "./literal.ts";
import { Names } from "./names.ts";
import { Prelude } from "./prelude.ts";
import { dedent } from "./snippet.ts";
import { type TileShape, tileText } from "./tile.ts";

/** The status that the entry point returns. */
export const runStatus = { done: 0, outOfMemory: 1 } as const;

/**
 * One C translation unit that runs `plan`: inline functions, kernels, tables of launches, and the entry point
 * `int32_t run(void *const *slots, struct pool *pool)`, which uses the thread pool of the native package.
 */
export function renderC(plan: Plan, target: Target): string {
  const prelude = new Prelude();
  const tiles = new Map<string, TileShape>();
  const launches = launchesOf(plan.steps);
  const unique = new Names();
  const names = plan.kernels.map(({ name }, index) => unique.of(`kernel ${index}`, name));
  const used = plan.kernels.flatMap((kernel, index) => {
    const instances = launches.filter((launch) => launch.kernel === index).flatMap((launch) => launch.instances);
    return instances.length === 0 ? [] : [{ kernel, name: names[index]!, text: kernelText(kernel, names[index]!, useOf(kernel, instances), prelude, tiles) }];
  });
  const loops = loopsOf(plan.steps);
  const program = new ProgramText(names, loops);
  const steps = program.steps(plan.steps, 1);
  const sections = [
    `/* ${plan.name.replaceAll("*/", "* /")}: written by Chainrule. */`,
    header,
    prelude.text(),
    ...[...tiles.values()].map((shape) => tileText(shape, target)),
    ...used.map(({ text }) => text),
    launchText(plan, launches, loops.length),
    ...used.map(({ kernel, name }) => taskText(kernel, name)),
    program.tables.join("\n\n"),
    [
      "int32_t run(void *const *slots, struct pool *pool) {",
      `  if (pool->reserve(pool, ${plan.scratchBytes}) != 0) return ${runStatus.outOfMemory};`,
      ...(loops.length === 0 ? [] : [`  int64_t loops[${loops.length}] = {0};`]),
      ...steps,
      `  return ${runStatus.done};`,
      "}",
    ].join("\n"),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

const header = dedent(`
  #include <math.h>
  #include <stdint.h>
  #include <string.h>

  #define INLINE static inline __attribute__((always_inline))

  /* Tasks 0 .. tasks - 1, each once, on all threads of the pool; returns when all have ended. */
  typedef void task_function(const void *argument, int32_t task, char *scratch);
  struct pool {
    void (*launch)(struct pool *pool, task_function *function, const void *argument, int32_t tasks);
    int32_t (*reserve)(struct pool *pool, int64_t scratch_bytes);
  };
`);

type Launch = Extract<Step, { kind: "launch" }>;

/** The steps inside `step`, of both sides of a branch. */
const inner = (step: Step): readonly Step[] =>
  step.kind === "loop" ? step.body : step.kind === "branch" ? [...step.then, ...step.else] : [];

const launchesOf = (steps: readonly Step[]): Launch[] =>
  steps.flatMap((step) => (step.kind === "launch" ? [step] : launchesOf(inner(step))));

const loopsOf = (steps: readonly Step[]): number[] => {
  const found = steps.flatMap((step): number[] => (step.kind === "loop" ? [step.loop, ...loopsOf(inner(step))] : loopsOf(inner(step))));
  return [...new Set(found)];
};

function useOf(kernel: Kernel, instances: readonly Instance[]): KernelUse {
  const params = kernel.params.map((_, position): Interval => {
    const values = instances.map((instance) => instance.params[position]!);
    return [Math.min(...values), Math.max(...values)];
  });
  const tasks = Math.max(...instances.map((instance) => instance.tasks));
  return { tasks, params, aliased: new Set(instances.flatMap(({ bindings }) => aliasedBuffers(kernel, bindings))) };
}

const arena = 0;

/** Buffers that share memory with a written one: the same place in the arena (`Cluster.inPlace`), or the same slot. */
function aliasedBuffers(kernel: Kernel, bindings: readonly Binding[]): string[] {
  const bound = kernel.buffers.filter(({ role }) => role !== "scratch");
  return bound.flatMap((buffer, index) => {
    const { slot, offset } = bindings[index]!;
    const shared = bindings.some((other, position) => {
      const written = buffer.role !== "read" || bound[position]!.role !== "read";
      return position !== index && written && other.slot === slot && (slot !== arena || other.offset === offset);
    });
    return shared ? [buffer.name] : [];
  });
}

/** The types of the launch tables and the function that finds a task's buffers. */
function launchText(plan: Plan, launches: readonly Launch[], loops: number): string {
  const instances = launches.flatMap((launch) => launch.instances);
  const bindings = Math.max(1, ...instances.map((instance) => instance.bindings.length));
  const params = Math.max(1, ...plan.kernels.map((kernel) => kernel.params.length));
  const advance = loops === 0 ? "" : `\n    int64_t advance[${loops}]; /* bytes an iteration of each loop */`;
  const moved = loops === 0 ? "" : `\n    for (int loop = 0; loop < ${loops}; loop++) at += launch->loops[loop] * binding->advance[loop];`;
  return dedent(`
    struct binding {
      int64_t slot;
      int64_t offset;${advance.replace(/\n {4}/, "\n      ")}
    };
    struct instance {
      int32_t tasks;
      int32_t params[${params}];
      struct binding bindings[${bindings}];
    };
    struct launch {
      void *const *slots;
      const int64_t *loops;
      const struct instance *instances;
    };

    INLINE void *locate(const struct launch *launch, const struct binding *binding) {
      char *at = (char *)launch->slots[binding->slot] + binding->offset;${moved.replace(/\n {4}/, "\n      ")}
      return at;
    }

    /* The instance that a task of the launch belongs to; the task becomes a task of the instance. */
    INLINE const struct instance *instance_of(const struct launch *launch, int32_t *task) {
      const struct instance *instance = launch->instances;
      while (*task >= instance->tasks) {
        *task -= instance->tasks;
        instance++;
      }
      return instance;
    }
  `);
}

/** The function that the pool calls: one kernel, one task of a launch. */
function taskText(kernel: Kernel, name: string): string {
  const bound = kernel.buffers.filter(({ role }) => role !== "scratch");
  const parts = [
    ...bound.map((_, index) => `locate(launch, &instance->bindings[${index}])`),
    ...kernel.params.map((_, index) => `instance->params[${index}]`),
    "task",
    "scratch",
  ];
  return [
    `static void ${name}_task(const void *argument, int32_t task, char *scratch) {`,
    "  const struct launch *launch = argument;",
    "  const struct instance *instance = instance_of(launch, &task);",
    `  ${name}(${parts.join(", ")});`,
    "}",
  ].join("\n");
}

/** The steps of the entry point, and the tables they refer to. */
class ProgramText {
  readonly tables: string[] = [];
  readonly #names: readonly string[];
  readonly #loops: readonly number[];

  constructor(names: readonly string[], loops: readonly number[]) {
    this.#names = names;
    this.#loops = loops;
  }

  steps(steps: readonly Step[], depth: number): string[] {
    return steps.flatMap((step) => this.#step(step, depth));
  }

  #step(step: Step, depth: number): string[] {
    const margin = "  ".repeat(depth);
    switch (step.kind) {
      case "launch":
        return this.#launch(step, margin);
      case "loop": {
        const counter = `loops[${this.#loops.indexOf(step.loop)}]`;
        return [
          `${margin}for (${counter} = 0; ${counter} < ${step.count}; ${counter}++) {`,
          ...this.steps(step.body, depth + 1),
          `${margin}}`,
          `${margin}${counter} = 0;`,
        ];
      }
      case "branch": {
        const otherwise = step.else.length === 0 ? [] : [`${margin}} else {`, ...this.steps(step.else, depth + 1)];
        return [
          `${margin}if (*(const uint8_t *)locate(&(struct launch){slots, ${this.#counters}, 0}, &(struct binding)${this.#binding(step.when)})) {`,
          ...this.steps(step.then, depth + 1),
          ...otherwise,
          `${margin}}`,
        ];
      }
    }
  }

  get #counters(): string {
    return this.#loops.length === 0 ? "0" : "loops";
  }

  #launch({ kernel: index, instances }: Launch, margin: string): string[] {
    const working = instances.filter(({ tasks }) => tasks > 0);
    if (working.length === 0) return [];
    const table = `launch_${this.tables.length}`;
    const rows = working.map(({ tasks, params, bindings }) => {
      const numbers = params.length === 0 ? "{0}" : `{${params.map((value) => integerLiteral(value, "i32")).join(", ")}}`;
      return `  {${tasks}, ${numbers}, {${bindings.map((binding) => this.#binding(binding)).join(", ")}}},`;
    });
    this.tables.push([`static const struct instance ${table}[] = {`, ...rows, "};"].join("\n"));
    const tasks = working.reduce((sum, instance) => sum + instance.tasks, 0);
    const launch = `&(struct launch){slots, ${this.#counters}, ${table}}`;
    return [`${margin}pool->launch(pool, ${this.#names[index]}_task, ${launch}, ${tasks});`];
  }

  #binding({ slot, offset, advance }: Binding): string {
    if (this.#loops.length === 0) return `{${slot}, ${offset}}`;
    const bytes = this.#loops.map((loop) => advance.filter((each) => each.loop === loop).reduce((sum, each) => sum + each.bytes, 0));
    return `{${slot}, ${offset}, {${bytes.join(", ")}}}`;
  }
}
