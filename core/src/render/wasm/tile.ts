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

/** Writes c (+)= Σₖ a[r·aRow + k·aStep]·b[k·bStep + j] with all of c in registers. Params: a, b, c (addresses), depth. */
export function tileFunction(form: TileForm, relaxed: boolean): FunctionWriter {
  const { rows, columns, aRow, aStep, bStep, pitch, accumulate } = form;
  const f = new FunctionWriter(["i32", "i32", "i32", "i32"]);
  const [a, b, c, depth] = [0, 1, 2, 3];
  const vectors = columns / lanes;
  const sums = range(rows).map(() => range(vectors).map(() => f.local("v128")));
  const left = range(rows).map(() => f.local("v128"));
  const right = f.local("v128");
  const eachSum = (visit: (sum: number, row: number, vector: number) => void): void => {
    for (const [row, line] of sums.entries()) for (const [vector, sum] of line.entries()) visit(sum, row, vector);
  };

  /** One step of the sum: all of a's column in registers, then one vector of b after the other. */
  const step = (): void => {
    for (const [row, local] of left.entries()) {
      f.get(a)
        .memory("v128.load32_splat", row * aRow * floatBytes)
        .set(local);
    }
    for (const vector of range(vectors)) {
      f.get(b)
        .memory("v128.load", vector * vectorBytes)
        .set(right);
      for (const row of range(rows)) {
        const sum = sums[row]![vector]!;
        if (relaxed) f.get(left[row]!).get(right).get(sum).op("f32x4.relaxed_madd").set(sum);
        else f.get(sum).get(left[row]!).get(right).op("f32x4.mul", "f32x4.add").set(sum);
      }
    }
    f.get(a)
      .i32(aStep * floatBytes)
      .op("i32.add")
      .set(a);
    f.get(b)
      .i32(bStep * floatBytes)
      .op("i32.add")
      .set(b);
  };

  eachSum((sum) => f.f32x4(0).set(sum));
  // Not unrolled: V8 moves the loads of a block before its arithmetic, and would spill most of the sums.
  f.get(depth)
    .i32(0)
    .op("i32.gt_s")
    .if(undefined, () => {
      f.loop((again) => {
        step();
        f.get(depth).i32(1).op("i32.sub").tee(depth).branchIf(again);
      });
    });
  eachSum((sum, row, vector) => {
    const offset = row * pitch * floatBytes + vector * vectorBytes;
    f.get(c);
    if (accumulate) f.get(c).memory("v128.load", offset).get(sum).op("f32x4.add");
    else f.get(sum);
    f.memory("v128.store", offset);
  });
  return f;
}
