import assert from "node:assert/strict";
import { test } from "node:test";
import { FunctionWriter, ModuleWriter } from "./assembler.ts";
import { requireEngine } from "./engine.ts";
import { memoryOperators, operators, signed, unsigned } from "./opcodes.ts";

function instantiate(writer: FunctionWriter, memory = { shared: false, minimum: 1, maximum: 4 }) {
  const module = new ModuleWriter();
  module.export("f", module.add("f", writer));
  const bytes = module.finish(memory);
  const engine = requireEngine();
  assert.ok(engine.validate(bytes));
  const { shared } = memory;
  const host = new engine.Memory({ initial: 1, maximum: 4, shared });
  return new engine.Instance(new engine.Module(bytes), { host: { memory: host } }).exports["f"]!;
}

test("LEB128 is the one of the specification", () => {
  assert.deepEqual(unsigned(0), [0]);
  assert.deepEqual(unsigned(624485), [0xe5, 0x8e, 0x26]);
  assert.deepEqual(unsigned(0xffffffff), [0xff, 0xff, 0xff, 0xff, 0x0f]);
  assert.deepEqual(signed(-123456), [0xc0, 0xbb, 0x78]);
  assert.deepEqual(signed(63), [63]);
  assert.deepEqual(signed(64), [0xc0, 0]);
  assert.deepEqual(signed(-64), [0x40]);
  assert.deepEqual(signed(-(2n ** 63n)), [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f]);
});

test("constants of every size survive", () => {
  for (const value of [0, 1, -1, 63, 64, -64, -65, 8191, 8192, 2147483647, -2147483648]) {
    assert.equal(instantiate(new FunctionWriter([], ["i32"]).i32(value))(), value);
  }
  for (const value of [0, -0, 1.5, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324]) {
    assert.ok(Object.is(instantiate(new FunctionWriter([], ["f64"]).f64(value))(), value));
  }
});

test("loops, blocks and branches reach the labels they name", () => {
  // Sums i for i < n, leaving the outer block from inside the loop.
  const f = new FunctionWriter(["i32"], ["i32"]);
  const [sum, i] = [f.local("i32"), f.local("i32")];
  f.block((done) => {
    f.loop((again) => {
      f.get(i)
        .get(0)
        .op("i32.ge_s")
        .if(undefined, () => f.branch(done));
      f.get(sum).get(i).op("i32.add").set(sum);
      f.get(i).i32(1).op("i32.add").set(i);
      f.branch(again);
    });
  });
  f.get(sum);
  const run = instantiate(f);
  assert.deepEqual(
    [0, 1, 5, 100].map((n) => run(n)),
    [0, 0, 10, 4950],
  );
});

test("an if with both sides leaves one value", () => {
  const f = new FunctionWriter(["i32"], ["i32"]);
  f.get(0).if(
    "i32",
    () => f.i32(10),
    () => f.i32(20),
  );
  const run = instantiate(f);
  assert.deepEqual([run(1), run(0)], [10, 20]);
});

test("kept constants are one global of the module, whoever uses them", () => {
  const bytes = Array.from({ length: 16 }, (_, index) => 40 + index);
  const twice = (): FunctionWriter =>
    new FunctionWriter([], ["i32"], "kept")
      .v128(bytes)
      .lane("i32x4.extract_lane", 0)
      .v128(bytes)
      .lane("i32x4.extract_lane", 1)
      .op("i32.add");
  const word = (at: number): number => new DataView(Uint8Array.from(bytes).buffer).getInt32(at, true);
  assert.equal(instantiate(twice())(), (word(0) + word(4)) | 0);
  const module = new ModuleWriter();
  for (const name of ["f", "g"]) module.add(name, twice());
  const text = Buffer.from(module.finish({ shared: false, minimum: 0, maximum: 1 }));
  assert.equal(text.indexOf(Buffer.from(bytes)), text.lastIndexOf(Buffer.from(bytes)));
});

test("locals are reused after release, by type", () => {
  const f = new FunctionWriter(["i32"]);
  const [a, b] = [f.local("i32"), f.local("v128")];
  f.release(a);
  assert.equal(f.local("v128"), b + 1);
  assert.equal(f.local("i32"), a);
});

/** Stack types of an operator, read off its name. */
const typeOf = (name: string): "i32" | "i64" | "f32" | "f64" | "v128" =>
  /x\d|^v128/.test(name) ? "v128" : (name.slice(0, 3) as "i32");

test("every operator has the code that the engine knows", () => {
  const types = ["i32", "i64", "f32", "f64", "v128"] as const;
  const engine = requireEngine();
  for (const name of Object.keys(operators) as (keyof typeof operators)[]) {
    if (["unreachable", "return", "drop", "select", "f32x4.relaxed_madd", "f32x4.relaxed_nmadd"].includes(name))
      continue;
    // Some arity, operand and result types make it valid: an unknown code never is, a wrong one nearly never.
    const own = typeOf(name);
    const valid = types.some((result) =>
      [[own], [own, own], [own, own, own], [own, "i32"] as const, ...types.map((type) => [type])].some((params) => {
        const writer = new FunctionWriter(params, [result]);
        for (const index of params.keys()) writer.get(index);
        const module = new ModuleWriter();
        module.add("f", writer.op(name));
        return engine.validate(module.finish({ shared: false, minimum: 0, maximum: 1 }));
      }),
    );
    assert.ok(valid, name);
  }
});

test("every memory operator validates with its alignment", () => {
  const engine = requireEngine();
  for (const name of Object.keys(memoryOperators) as (keyof typeof memoryOperators)[]) {
    const [code] = memoryOperators[name];
    const store = /store|rmw|notify/.test(name);
    const value = name.startsWith("v128")
      ? "v128"
      : name.startsWith("f32")
        ? "f32"
        : name.startsWith("f64")
          ? "f64"
          : name.startsWith("i64")
            ? "i64"
            : "i32";
    const writer = new FunctionWriter(["i32", value]);
    writer.get(0);
    if (name.endsWith("wait32")) writer.i32(0).i64(-1n);
    else if (store) writer.get(1);
    writer.memory(name, 16);
    if (!/\.(atomic\.)?store/.test(name)) writer.op("drop");
    const module = new ModuleWriter();
    module.add("f", writer);
    assert.ok(engine.validate(module.finish({ shared: code[0] === 0xfe, minimum: 0, maximum: 1 })), name);
  }
});
