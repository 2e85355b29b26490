import type { Kernel } from "../../kernel/ir.ts";
import { type Launch, stepsInside } from "../../kernel/launches.ts";
import type { Binding, Plan, Step } from "../../kernel/plan.ts";
import { integerLiteral } from "./literal.ts";
import { dedent } from "./snippet.ts";

/** The loops in `steps`: their place is their number in C. */
export const loopsOf = (steps: readonly Step[]): number[] => {
  const found = steps.flatMap((step): number[] =>
    step.kind === "loop" ? [step.loop, ...loopsOf(stepsInside(step))] : loopsOf(stepsInside(step)),
  );
  return [...new Set(found)];
};

/** The types of the launch tables and the function that finds a task's buffers. */
export function launchText(plan: Plan, launches: readonly Launch[], loops: number): string {
  const instances = launches.flatMap((launch) => launch.instances);
  const bindings = Math.max(1, ...instances.map((instance) => instance.bindings.length));
  const params = Math.max(1, ...plan.kernels.map((kernel) => kernel.params.length));
  const advance = loops === 0 ? "" : `\n    int64_t advance[${loops}]; /* bytes an iteration of each loop */`;
  const moved =
    loops === 0
      ? ""
      : `\n    for (int loop = 0; loop < ${loops}; loop++) at += launch->loops[loop] * binding->advance[loop];`;
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

/** The function that the pool calls: one kernel, one task of a launch. `linkage` is "static" where one file holds all. */
export function taskText(kernel: Kernel, name: string, linkage: string): string {
  const bound = kernel.buffers.filter(({ role }) => role !== "scratch");
  const parts = [
    ...bound.map((_, index) => `locate(launch, &instance->bindings[${index}])`),
    ...kernel.params.map((_, index) => `instance->params[${index}]`),
    "task",
    "scratch",
  ];
  return [
    `${linkage} void ${name}_task(const void *argument, int32_t task, char *scratch) {`,
    "  const struct launch *launch = argument;",
    "  const struct instance *instance = instance_of(launch, &task);",
    `  ${name}(${parts.join(", ")});`,
    "}",
  ].join("\n");
}

/** The steps of the entry point, and the tables they refer to. */
export class ProgramText {
  readonly tables: string[] = [];
  /** Launches written so far, those without tasks included: the place of each in the timings. */
  #launches = 0;
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
    const place = this.#launches++;
    const working = instances.filter(({ tasks }) => tasks > 0);
    if (working.length === 0) return [];
    const table = `launch_${this.tables.length}`;
    const rows = working.map(({ tasks, params, bindings }) => {
      const numbers =
        params.length === 0 ? "{0}" : `{${params.map((value) => integerLiteral(value, "i32")).join(", ")}}`;
      return `  {${tasks}, ${numbers}, {${bindings.map((binding) => this.#binding(binding)).join(", ")}}},`;
    });
    this.tables.push([`static const struct instance ${table}[] = {`, ...rows, "};"].join("\n"));
    const tasks = working.reduce((sum, instance) => sum + instance.tasks, 0);
    const launch = `&(struct launch){slots, ${this.#counters}, ${table}}`;
    return [
      `${margin}pool->launch(pool, ${this.#names[index]}_task, ${launch}, ${tasks});`,
      `${margin}if (timings) clock = lap(&timings[${place}], clock);`,
    ];
  }

  #binding({ slot, offset, advance }: Binding): string {
    if (this.#loops.length === 0) return `{${slot}, ${offset}}`;
    const bytes = this.#loops.map((loop) =>
      advance.filter((each) => each.loop === loop).reduce((sum, each) => sum + each.bytes, 0),
    );
    return `{${slot}, ${offset}, {${bytes.join(", ")}}}`;
  }
}
