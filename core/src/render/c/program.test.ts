import assert from "node:assert/strict";
import { test } from "node:test";
import type { DType } from "../../base/dtype.ts";
import * as build from "../../kernel/build.ts";
import type { Kernel, KernelBuffer, Stmt } from "../../kernel/ir.ts";
import type { Plan, Step } from "../../kernel/plan.ts";
import type { Target } from "../target.ts";
import { renderC } from "./program.ts";
import { dedent } from "./snippet.ts";

const { index, int, load, local, number, add, mul } = build;

const target: Target = {
  name: "c",
  vectorLanes: 4,
  vectorRegisters: 16,
  fusedMultiplyAdd: false,
  threads: 2,
  tile: { rows: 2, columns: 8 },
  depthBlock: 64,
  rowBlock: 16,
  columnBlock: 16,
  elementsPerTask: 1024,
};

const buffer = (name: string, dtype: DType, role: KernelBuffer["role"], elements = 0): KernelBuffer => ({
  name,
  dtype,
  role,
  elements,
});
const kernel = (
  name: string,
  scope: string,
  buffers: readonly KernelBuffer[],
  body: readonly Stmt[],
  params: readonly string[] = [],
): Kernel => ({
  name,
  scope,
  buffers,
  params,
  body,
  flops: 0,
  bytes: 0,
});
const bind = (slot: number, offset = 0) => ({ slot, offset, advance: [] });
const plan = (kernels: readonly Kernel[], steps: readonly Step[]): Plan => ({
  name: "step",
  kernels,
  steps,
  inputs: [],
  outputs: [],
  slots: 3,
  arenaBytes: 0,
  scratchBytes: 448,
  taps: [],
});

/** The part of the program after the prelude's fixed beginning. */
function rendered(kernels: readonly Kernel[], steps: readonly Step[]): string {
  const text = renderC(plan(kernels, steps), target);
  const start = text.indexOf("};\n\n") + 4; // after struct pool
  return text.slice(start).trimEnd();
}

const at = add(mul(index("task"), int(100)), index("i"));
const normalise = kernel(
  "rows_8x100_max_exp_sum",
  "classifier/softmax",
  [buffer("x", "f32", "read"), buffer("out", "f16", "write"), buffer("row", "f32", "scratch", 100)],
  [
    build.letLocal("largest", "f32", number(-Infinity, "f32")),
    build.forLoop("i", int(0), build.param("n"), [build.accumulate("largest", "max", load("x", at, "f32"))], true),
    build.letLocal("total", "f32", number(0, "f32")),
    build.forLoop(
      "i",
      int(0),
      build.param("n"),
      [
        build.letLocal("difference", "f32", build.sub(load("x", at, "f32"), local("largest", "f32"))),
        build.store("row", index("i"), build.binary("max", local("difference", "f32"), number(0.1, "f32"))),
        build.accumulate("total", "sum", load("row", index("i"), "f32")),
      ],
      true,
    ),
    build.forLoop(
      "i",
      int(0),
      build.param("n"),
      [build.store("out", at, build.binary("div", load("row", index("i"), "f32"), local("total", "f32")))],
      true,
    ),
  ],
  ["n"],
);

test("a row kernel as C", () => {
  const launch: Step = {
    kind: "launch",
    kernel: 0,
    instances: [{ bindings: [bind(1), bind(0, 64)], params: [100], tasks: 8 }],
  };
  assert.equal(rendered([normalise], [launch]), goldenRows);
});

const tiles = kernel(
  "contract_2x8",
  "",
  [buffer("a", "f32", "read"), buffer("b", "f32", "read"), buffer("c", "f32", "readwrite")],
  [
    build.letLocal("panel", "i32", mul(index("task"), int(16))),
    {
      kind: "tile",
      a: { buffer: "a", at: int(0) },
      b: { buffer: "b", at: local("panel", "i32") },
      c: { buffer: "c", at: int(0) },
      pitch: 8,
      rows: 2,
      columns: 8,
      depth: int(2),
      accumulate: true,
    },
  ],
);

test("a tile in a loop with a branch as C", () => {
  const launch: Step = {
    kind: "launch",
    kernel: 0,
    instances: [
      {
        bindings: [bind(1), { slot: 2, offset: 0, advance: [{ loop: 5, bytes: -64 }] }, bind(0)],
        params: [],
        tasks: 1,
      },
      { bindings: [bind(1, 32), bind(2), bind(0, 128)], params: [], tasks: 3 },
    ],
  };
  const steps: Step[] = [
    { kind: "loop", loop: 5, count: 10, body: [{ kind: "branch", when: bind(1, 7), then: [launch], else: [] }] },
  ];
  assert.equal(rendered([tiles], steps), goldenTiles);
});

test("data wraps, indices do not, and divisions know what cannot be negative", () => {
  const i = index("i");
  const body = [
    build.letLocal("row", "i32", build.binary("div", i, int(28))),
    build.forLoop("i", int(0), int(784), [
      build.store(
        "out",
        add(mul(i, int(2)), int(1)),
        mul(load("x", build.binary("mod", i, int(28)), "i32"), mul(i, int(1000000007))),
      ),
      build.store("out", i, build.binary("div", build.sub(i, int(3)), int(7))),
      build.store("out", i, build.binary("div", i, int(7))),
      build.store(
        "out",
        i,
        build.select(
          build.not(build.compare("lt", add(i, int(1)), int(5))),
          number(1, "i32"),
          number(-2147483648, "i32"),
        ),
      ),
    ]),
  ].slice(1);
  const text = rendered(
    [kernel("indices", "", [buffer("x", "i32", "read"), buffer("out", "i32", "write")], body)],
    [{ kind: "launch", kernel: 0, instances: [{ bindings: [bind(1), bind(2)], params: [], tasks: 1 }] }],
  );
  const stores = text.split("\n").filter((line) => line.includes("out["));
  assert.deepEqual(
    stores.map((line) => line.trim()),
    [
      "out[i * 2 + 1] = mul_i32(x[remainder_of(i, 28)], mul_i32(i, 1000000007));",
      "out[i] = div_i32(i - 3, 7);",
      "out[i] = quotient(i, 7);",
      "out[i] = i + 1 >= 5 ? 1 : INT32_MIN;",
    ],
  );
});

test("buffers that share memory are not restrict, others are", () => {
  const square = kernel(
    "square",
    "",
    [buffer("x", "f32", "read"), buffer("y", "f32", "read"), buffer("out", "f32", "write")],
    [build.store("out", int(0), load("x", int(0), "f32"))],
  );
  const text = rendered(
    [square],
    [
      {
        kind: "launch",
        kernel: 0,
        instances: [{ bindings: [bind(0, 64), bind(0), bind(0, 64)], params: [], tasks: 1 }],
      },
    ],
  );
  assert.match(text, /static void square\(const float \*x, const float \*restrict y, float \*out, /);
});

const goldenRows = dedent(`
  INLINE int32_t bits_of(float x) {
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
  }

  INLINE float float_of(int32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
  }

  /* To nearest, ties to even. Below 2^-14 adding 1/2 shifts the rounding position to the last subnormal bit. */
  INLINE uint16_t store_f16(float x) {
    int32_t magnitude = bits_of(x) & 0x7fffffff;
    int32_t sign = (int32_t)((uint32_t)bits_of(x) >> 16) & 0x8000;
    int32_t normal = (magnitude - 0x38000000 + 0xfff + ((magnitude >> 13) & 1)) >> 13;
    int32_t subnormal = bits_of(float_of(magnitude) + 0.5f) - 0x3f000000;
    int32_t half = magnitude < 0x38800000 ? subnormal : normal;
    half = magnitude >= 0x477ff000 ? 0x7c00 : half; /* 65520 and above */
    half = magnitude > 0x7f800000 ? 0x7e00 : half;
    return (uint16_t)(sign | half);
  }

  INLINE float max_f32(float x, float y) { return (x > y) | (x != x) ? x : y; }

  #pragma omp declare reduction(max_f32 : float : omp_out = max_f32(omp_out, omp_in)) initializer(omp_priv = -INFINITY)

  /* classifier/softmax */
  static void rows_8x100_max_exp_sum(const float *restrict x, uint16_t *restrict out, int32_t n, int32_t task, char *scratch) {
    float *restrict row = (float *)(scratch + 0);
    float largest = -INFINITY;
  #pragma omp simd reduction(max_f32: largest)
    for (int32_t i = 0; i < n; i++) {
      largest = max_f32(largest, x[task * 100 + i]);
    }
    float total = 0.0f;
  #pragma omp simd reduction(+: total)
    for (int32_t i = 0; i < n; i++) {
      float difference = x[task * 100 + i] - largest;
      row[i] = max_f32(difference, 0.1f);
      total += row[i];
    }
  #pragma omp simd
    for (int32_t i = 0; i < n; i++) {
      out[task * 100 + i] = store_f16(row[i] / total);
    }
  }

  struct binding {
    int64_t slot;
    int64_t offset;
  };
  struct instance {
    int32_t tasks;
    int32_t params[1];
    struct binding bindings[2];
  };
  struct launch {
    void *const *slots;
    const int64_t *loops;
    const struct instance *instances;
  };

  INLINE void *locate(const struct launch *launch, const struct binding *binding) {
    char *at = (char *)launch->slots[binding->slot] + binding->offset;
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

  static void rows_8x100_max_exp_sum_task(const void *argument, int32_t task, char *scratch) {
    const struct launch *launch = argument;
    const struct instance *instance = instance_of(launch, &task);
    rows_8x100_max_exp_sum(locate(launch, &instance->bindings[0]), locate(launch, &instance->bindings[1]), instance->params[0], task, scratch);
  }

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

  static const struct instance launch_0[] = {
    {8, {100}, {{1, 0}, {0, 64}}},
  };

  int32_t run(void *const *slots, struct pool *pool) {
    if (pool->reserve(pool, 448) != 0) return 1;
    double *timings = slots[3];
    double clock = timings ? now() : 0;
    pool->launch(pool, rows_8x100_max_exp_sum_task, &(struct launch){slots, 0, launch_0}, 8);
    if (timings) clock = lap(&timings[0], clock);
    return 0;
  }
`);

const goldenTiles = dedent(`
  #ifdef __clang__
  #define FUSING
  #define FUSE _Pragma("clang fp contract(fast)")
  #else
  #define FUSING __attribute__((optimize("fp-contract=fast")))
  #define FUSE
  #endif

  /* c[r pitch + j] (+)= sum over k of a[1 r + 2 k] b[8 k + j]. */
  typedef float f32x4_tile_2x8 __attribute__((vector_size(16), aligned(4)));

  static FUSING __attribute__((noinline)) void tile_2x8(const float *restrict a, const float *restrict b, float *restrict c,
      int64_t pitch, int32_t depth, int32_t accumulate) {
    FUSE
    f32x4_tile_2x8 c0_0 = {0}, c0_1 = {0};
    f32x4_tile_2x8 c1_0 = {0}, c1_1 = {0};
    const float *fetched = c;
    int32_t k = 0;
    if (depth < 16) {
      for (int32_t row = 0; row < 2; row++, fetched += pitch) {
        __builtin_prefetch(fetched + 0, 1);
      }
    } else {
      for (; k < 16; fetched += pitch) {
        __builtin_prefetch(fetched + 0, 1);
        for (const int32_t next = k + 8; k < next; k++, a += 2, b += 8) {
          __builtin_prefetch(b + 2048);
          const f32x4_tile_2x8 b0 = *(const f32x4_tile_2x8 *)(b + 0);
          const f32x4_tile_2x8 b1 = *(const f32x4_tile_2x8 *)(b + 4);
          c0_0 += a[0] * b0; c0_1 += a[0] * b1;
          c1_0 += a[1] * b0; c1_1 += a[1] * b1;
        }
      }
    }
    for (; k < depth; k++, a += 2, b += 8) {
      __builtin_prefetch(b + 2048);
      const f32x4_tile_2x8 b0 = *(const f32x4_tile_2x8 *)(b + 0);
      const f32x4_tile_2x8 b1 = *(const f32x4_tile_2x8 *)(b + 4);
      c0_0 += a[0] * b0; c0_1 += a[0] * b1;
      c1_0 += a[1] * b0; c1_1 += a[1] * b1;
    }
    if (accumulate) {
      c0_0 += *(f32x4_tile_2x8 *)(c + 0 * pitch + 0); c0_1 += *(f32x4_tile_2x8 *)(c + 0 * pitch + 4);
      c1_0 += *(f32x4_tile_2x8 *)(c + 1 * pitch + 0); c1_1 += *(f32x4_tile_2x8 *)(c + 1 * pitch + 4);
    }
    *(f32x4_tile_2x8 *)(c + 0 * pitch + 0) = c0_0; *(f32x4_tile_2x8 *)(c + 0 * pitch + 4) = c0_1;
    *(f32x4_tile_2x8 *)(c + 1 * pitch + 0) = c1_0; *(f32x4_tile_2x8 *)(c + 1 * pitch + 4) = c1_1;
  }

  static void contract_2x8(const float *restrict a, const float *restrict b, float *restrict c, int32_t task, char *scratch) {
    int32_t panel = task * 16;
    tile_2x8(&a[0], &b[panel], &c[0], 8, 2, 1);
  }

  struct binding {
    int64_t slot;
    int64_t offset;
    int64_t advance[1]; /* bytes an iteration of each loop */
  };
  struct instance {
    int32_t tasks;
    int32_t params[1];
    struct binding bindings[3];
  };
  struct launch {
    void *const *slots;
    const int64_t *loops;
    const struct instance *instances;
  };

  INLINE void *locate(const struct launch *launch, const struct binding *binding) {
    char *at = (char *)launch->slots[binding->slot] + binding->offset;
    for (int loop = 0; loop < 1; loop++) at += launch->loops[loop] * binding->advance[loop];
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

  static void contract_2x8_task(const void *argument, int32_t task, char *scratch) {
    const struct launch *launch = argument;
    const struct instance *instance = instance_of(launch, &task);
    contract_2x8(locate(launch, &instance->bindings[0]), locate(launch, &instance->bindings[1]), locate(launch, &instance->bindings[2]), task, scratch);
  }

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

  static const struct instance launch_0[] = {
    {1, {0}, {{1, 0, {0}}, {2, 0, {-64}}, {0, 0, {0}}}},
    {3, {0}, {{1, 32, {0}}, {2, 0, {0}}, {0, 128, {0}}}},
  };

  int32_t run(void *const *slots, struct pool *pool) {
    if (pool->reserve(pool, 448) != 0) return 1;
    double *timings = slots[3];
    double clock = timings ? now() : 0;
    int64_t loops[1] = {0};
    for (loops[0] = 0; loops[0] < 10; loops[0]++) {
      if (*(const uint8_t *)locate(&(struct launch){slots, loops, 0}, &(struct binding){1, 7, {0}})) {
        pool->launch(pool, contract_2x8_task, &(struct launch){slots, loops, launch_0}, 4);
        if (timings) clock = lap(&timings[0], clock);
      }
    }
    loops[0] = 0;
    return 0;
  }
`);
