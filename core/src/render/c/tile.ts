import { strideText, type TileShape } from "../../kernel/tile.ts";
import type { Target } from "../target.ts";
import { dedent } from "./snippet.ts";

/** "tile_12x32", with the distances where the operands are not packed panels. */
export const tileName = (shape: TileShape): string =>
  [`tile_${shape.rows}x${shape.columns}`, strideText(shape)].filter((part) => part !== "").join("_");

const bytesPerFloat = 4;
/** How far ahead of the sum its panel is fetched, which lies in one piece: what a core waits for memory, at the speed of tiles. */
const fetchAhead = 8192 / bytesPerFloat;
const floatsPerLine = 64 / bytesPerFloat;

/** Lanes of the vectors that the tile is made of: the target's, or fewer where they do not divide the columns. */
function lanesFor(columns: number, target: Target): number {
  let lanes = target.vectorLanes;
  while (columns % lanes !== 0) lanes /= 2;
  return lanes;
}

/** Tiles are the only functions where compilers fuse products and sums by themselves: there is one way to. */
export const fusingText = dedent(`
  #ifdef __clang__
  #define FUSING
  #define FUSE _Pragma("clang fp contract(fast)")
  #else
  #define FUSING __attribute__((optimize("fp-contract=fast")))
  #define FUSE
  #endif
`);

const count = (size: number): number[] => Array.from({ length: size }, (_, index) => index);

/** Steps of the sum for each row of the result that is fetched: a core waits for some ten lines at a time, and the operands are among them. */
const stepsPerRow = 8;

/**
 * The C function that computes one tile: every accumulator is a register, one fused multiply-add each for a step of the sum.
 * While it runs, the result's rows are fetched one after the other (at once for a short sum), and so is what follows in the panel.
 */
export function tileText(shape: TileShape, target: Target): string {
  const { rows, columns, aRow, aStep, bStep } = shape;
  const lanes = lanesFor(columns, target);
  const vectors = count(columns / lanes);
  const vector = `f32x${lanes}_${tileName(shape)}`;
  const lines = count(Math.ceil(columns / floatsPerLine)).map((line) => line * floatsPerLine);
  const fetch = lines.map((at) => `__builtin_prefetch(fetched + ${at}, 1);`).join(" ");
  const accumulators = (row: number): string => vectors.map((v) => `c${row}_${v} = {0}`).join(", ");
  const step = (indent: string): string =>
    [
      ...(bStep === columns ? lines : []).map((at) => `__builtin_prefetch(b + ${fetchAhead + at});`),
      ...vectors.map((v) => `const ${vector} b${v} = *(const ${vector} *)(b + ${v * lanes});`),
      ...count(rows).map((row) => vectors.map((v) => `c${row}_${v} += a[${row * aRow}] * b${v};`).join(" ")),
    ]
      .map((line) => indent + line)
      .join("\n");
  return `
/* c[r pitch + j] (+)= sum over k of a[${aRow} r + ${aStep} k] b[${bStep} k + j]. */
typedef float ${vector} __attribute__((vector_size(${lanes * bytesPerFloat}), aligned(${bytesPerFloat})));

static FUSING __attribute__((noinline)) void ${tileName(shape)}(const float *restrict a, const float *restrict b, float *restrict c,
    int64_t pitch, int32_t depth, int32_t accumulate) {
  FUSE
${count(rows)
  .map((row) => `  ${vector} ${accumulators(row)};`)
  .join("\n")}
  const float *fetched = c;
  int32_t k = 0;
  if (depth < ${rows * stepsPerRow}) {
    for (int32_t row = 0; row < ${rows}; row++, fetched += pitch) {
      ${fetch}
    }
  } else {
    for (; k < ${rows * stepsPerRow}; fetched += pitch) {
      ${fetch}
      for (const int32_t next = k + ${stepsPerRow}; k < next; k++, a += ${aStep}, b += ${bStep}) {
${step("        ")}
      }
    }
  }
  for (; k < depth; k++, a += ${aStep}, b += ${bStep}) {
${step("    ")}
  }
  if (accumulate) {
${count(rows)
  .map(
    (row) =>
      `    ${vectors.map((v) => `c${row}_${v} += *(${vector} *)(c + ${row} * pitch + ${v * lanes});`).join(" ")}`,
  )
  .join("\n")}
  }
${count(rows)
  .map(
    (row) => `  ${vectors.map((v) => `*(${vector} *)(c + ${row} * pitch + ${v * lanes}) = c${row}_${v};`).join(" ")}`,
  )
  .join("\n")}
}`.trim();
}
