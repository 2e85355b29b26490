import { strideText } from "../../kernel/tile.ts";
import { FunctionWriter, type ModuleWriter } from "./assembler.ts";
import { Lanes, type Width } from "./lanes.ts";
import { type MathName, mathFunctions, typeAt } from "./math/functions.ts";
import { type TileForm, tileFunction } from "./tile.ts";

/** Integer division and remainder as the kernel form defines them: floored, by zero 0, never a trap. */
const integerFunctions = {
  divideSigned: (f: FunctionWriter) => {
    // Wrapping: −2³¹ / −1 would trap, and is its own negation.
    f.get(1)
      .i32(-1)
      .op("i32.eq")
      .if(
        "i32",
        () => f.i32(0).get(0).op("i32.sub"),
        () => {
          f.get(1)
            .op("i32.eqz")
            .if(
              "i32",
              () => f.i32(0),
              () => {
                f.get(0).get(1).op("i32.div_s");
                f.get(0)
                  .get(1)
                  .op("i32.rem_s")
                  .i32(0)
                  .op("i32.ne")
                  .get(0)
                  .get(1)
                  .op("i32.xor")
                  .i32(0)
                  .op("i32.lt_s", "i32.and", "i32.sub");
              },
            );
        },
      );
  },
  moduloSigned: (f: FunctionWriter) => {
    const rest = f.local("i32");
    f.get(1)
      .op("i32.eqz")
      .if(
        "i32",
        () => f.i32(0),
        () => {
          f.get(0).get(1).op("i32.rem_s").tee(rest);
          f.get(1)
            .i32(0)
            .get(rest)
            .i32(0)
            .op("i32.ne")
            .get(rest)
            .get(1)
            .op("i32.xor")
            .i32(0)
            .op("i32.lt_s", "i32.and", "select", "i32.add");
        },
      );
  },
  divideUnsigned: (f: FunctionWriter) => {
    f.get(1)
      .op("i32.eqz")
      .if(
        "i32",
        () => f.i32(0),
        () => f.get(0).get(1).op("i32.div_u"),
      );
  },
  moduloUnsigned: (f: FunctionWriter) => {
    f.get(1)
      .op("i32.eqz")
      .if(
        "i32",
        () => f.i32(0),
        () => f.get(0).get(1).op("i32.rem_u"),
      );
  },
} as const satisfies Record<string, (f: FunctionWriter) => void>;

export type IntegerName = keyof typeof integerFunctions;

/** The functions that kernels call, written into the module at first use. */
export class Library {
  readonly module: ModuleWriter;
  /** Whether tiles and functions may use relaxed multiply-add. */
  readonly relaxed: boolean;
  private readonly indices = new Map<string, number>();

  constructor(module: ModuleWriter, relaxed: boolean) {
    this.module = module;
    this.relaxed = relaxed;
  }

  /** The index of a mathematical function for one lane or four. */
  math(name: MathName, width: Width): number {
    const { params, result, forms, body } = mathFunctions[name];
    if (forms === "scalar" && width === 4) throw new Error(`${name} has no vector form`);
    return this.once(`${name}_${width}`, () => {
      const writer = new FunctionWriter(
        params.map((kind) => typeAt(kind, width)),
        [typeAt(result, width)],
      );
      // One lane must round as four do: where they fuse, it is computed as one of four.
      const asVector = width === 1 && forms === "fusing" && this.relaxed;
      const lanes = new Lanes(writer, asVector ? 4 : width, this.relaxed);
      const args = params.map((kind, index) => {
        if (!asVector) return lanes.of(kind, index);
        return lanes.make(kind, () => writer.get(index).op(kind === "f32" ? "f32x4.splat" : "i32x4.splat"));
      });
      lanes.push(body(lanes, args, () => void writer.call(this.math(name, 1))));
      if (asVector) writer.lane(result === "f32" ? "f32x4.extract_lane" : "i32x4.extract_lane", 0);
      return writer;
    });
  }

  integer(name: IntegerName): number {
    return this.once(name, () => {
      const writer = new FunctionWriter(["i32", "i32"], ["i32"]);
      integerFunctions[name](writer);
      return writer;
    });
  }

  /** The register tile: (a, b, c: addresses, depth). */
  tile(form: TileForm): number {
    const name = `tile_${form.rows}x${form.columns}_${form.pitch}_${form.accumulate}_${strideText(form)}`;
    return this.once(name, () => tileFunction(form, this.relaxed));
  }

  private once(name: string, write: () => FunctionWriter): number {
    const known = this.indices.get(name);
    if (known !== undefined) return known;
    const index = this.module.reserve(name);
    this.indices.set(name, index);
    this.module.define(index, write());
    return index;
  }
}
