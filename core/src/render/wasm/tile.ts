import { range } from "../../base/shape.ts";
import type { TileShape } from "../../kernel/tile.ts";
import { FunctionWriter } from "./assembler.ts";

/** A tile whose columns are a multiple of 4. */
export interface TileForm extends TileShape {
  /** Elements between rows of c. */
  readonly pitch: number;
  readonly accumulate: boolean;
}

const lanes = 4;
const vectorBytes = 16;
const floatBytes = 4;
/** Steps of the sum written out, so that the loop's own work is small beside them. */
const unroll = 4;

/** Writes c (+)= Σₖ a[r·aRow + k·aStep]·b[k·bStep + j] with all of c in registers. Params: a, b, c (addresses), depth. */
export function tileFunction(form: TileForm, relaxed: boolean): FunctionWriter {
  const { rows, columns, aRow, aStep, bStep, pitch, accumulate } = form;
  const f = new FunctionWriter(["i32", "i32", "i32", "i32"]);
  const [a, b, c, depth] = [0, 1, 2, 3];
  const vectors = columns / lanes;
  const sums = range(rows).map(() => range(vectors).map(() => f.local("v128")));
  const right = range(vectors).map(() => f.local("v128"));
  const left = f.local("v128");
  const eachSum = (visit: (sum: number, row: number, vector: number) => void): void => {
    for (const [row, line] of sums.entries()) for (const [vector, sum] of line.entries()) visit(sum, row, vector);
  };

  const step = (k: number): void => {
    for (const [vector, local] of right.entries()) {
      f.get(b)
        .memory("v128.load", k * bStep * floatBytes + vector * vectorBytes)
        .set(local);
    }
    for (const [row, line] of sums.entries()) {
      f.get(a)
        .memory("v128.load32_splat", (k * aStep + row * aRow) * floatBytes)
        .set(left);
      line.forEach((sum, vector) => {
        if (relaxed) f.get(left).get(right[vector]!).get(sum).op("f32x4.relaxed_madd").set(sum);
        else f.get(sum).get(left).get(right[vector]!).op("f32x4.mul", "f32x4.add").set(sum);
      });
    }
  };
  const advance = (steps: number): void => {
    f.get(a)
      .i32(steps * aStep * floatBytes)
      .op("i32.add")
      .set(a);
    f.get(b)
      .i32(steps * bStep * floatBytes)
      .op("i32.add")
      .set(b);
    f.get(depth).i32(steps).op("i32.sub").set(depth);
  };
  const whileAtLeast = (steps: number): void => {
    f.get(depth)
      .i32(steps)
      .op("i32.ge_s")
      .if(undefined, () => {
        f.loop((again) => {
          for (const k of range(steps)) step(k);
          advance(steps);
          f.get(depth).i32(steps).op("i32.ge_s").branchIf(again);
        });
      });
  };

  eachSum((sum) => f.f32x4(0).set(sum));
  whileAtLeast(unroll);
  whileAtLeast(1);
  eachSum((sum, row, vector) => {
    const offset = row * pitch * floatBytes + vector * vectorBytes;
    f.get(c);
    if (accumulate) f.get(c).memory("v128.load", offset).get(sum).op("f32x4.add");
    else f.get(sum);
    f.memory("v128.store", offset);
  });
  return f;
}
