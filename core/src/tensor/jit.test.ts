import assert from "node:assert/strict";
import { before, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ArgumentError, DTypeError, on, ShapeError, TraceError } from "../base/index.ts";
import {
  cond,
  defaultDevice,
  engineStatistics,
  inspect,
  jit,
  random,
  scan,
  setDevice,
  type Tensor,
  tensor,
  type Variable,
  valueAndGrad,
  variable,
  zeros,
} from "./index.ts";

before(() => setDevice(process.env["CHAINRULE_DEVICE"] ?? "reference"));

const message = (pattern: RegExp, type: abstract new (...args: never[]) => Error) => (error: unknown) => {
  assert(error instanceof type, String(error));
  assert.match(error.message, pattern);
  return true;
};

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void; // the flag above puts it there

/** Collects garbage and lets finalizers and the queue they fill run. */
async function collect(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("a function is traced once for each kind of arguments, and says why it is traced again", async () => {
  const reasons: string[] = [];
  const off = on("retrace", ({ name, reason }) => reasons.push(`${name}: ${reason}`));
  let traces = 0;
  const f = jit(
    (x: Tensor, options: { scale: number; bias?: Tensor }) => {
      traces++;
      const y = x.mul(options.scale);
      return options.bias === undefined ? y : y.add(options.bias);
    },
    { name: "affine" },
  );
  assert.deepEqual(await f(tensor([1, 2]), { scale: 2 }).array(), [2, 4]);
  assert.deepEqual(await f(tensor([3, 4]), { scale: 2 }).array(), [6, 8]);
  assert.equal(traces, 1);
  await f(tensor([1, 2, 3]), { scale: 2 }).data();
  await f(tensor([1, 2, 3], { dtype: "i32" }), { scale: 2 }).data();
  await f(tensor([1, 2, 3], { dtype: "i32" }), { scale: 3 }).data();
  await f(tensor([1, 2, 3]), { scale: 3, bias: tensor(1) }).data();
  assert.equal(traces, 5);
  await f(tensor([1, 2, 3]), { scale: 2 }).data();
  assert.equal(traces, 5, "earlier programs are kept");
  off();
  assert.deepEqual(reasons, [
    "affine: argument[0] changed from f32 [2] to f32 [3]",
    "affine: argument[0] changed from f32 [3] to i32 [3]",
    "affine: argument[1].scale changed from 2 to 3",
    "affine: argument[0] changed from i32 [3] to f32 [3]",
  ]);
});

test("numbers can be traced", async () => {
  let traces = 0;
  const f = jit(
    (x: Tensor, k: number | Tensor) => {
      traces++;
      return x.mul(k);
    },
    { numbers: "traced" },
  );
  for (const k of [1, 2, 3]) assert.deepEqual(await f(tensor([1, 2]), k).array(), [k, 2 * k]);
  assert.equal(traces, 1);
});

test("trees in, trees out", async () => {
  const f = jit(({ a, list }: { a: Tensor; list: Tensor[] }) => ({
    sum: a.add(list[0]!),
    same: a,
    list,
    note: "static",
  }));
  const a = tensor([1]);
  const result = f({ a, list: [tensor([2]), tensor([3])] });
  assert.equal(result.note, "static");
  assert.deepEqual(await result.sum.array(), [3]);
  assert.deepEqual(await result.same.array(), [1]);
  assert.deepEqual(await result.list[1]!.array(), [3]);
});

test("two calls without await run one after the other", async () => {
  const v = variable(tensor([1, 1]));
  const f = jit((k: Tensor) => {
    v.assign(v.mul(k));
    return v.add(0);
  });
  const [first, second] = [f(tensor(2)), f(tensor(5))];
  const late = v.data();
  f(tensor(7));
  assert.deepEqual(await second.array(), [10, 10]);
  assert.deepEqual(await first.array(), [2, 2]);
  assert.deepEqual([...(await late)], [10, 10], "a reading sees the state of the moment when it was asked for");
  assert.deepEqual(await v.array(), [70, 70]);
});

test("variables are updated in place, and snapshots stay what they were", async () => {
  const device = await defaultDevice();
  const v = variable(zeros([100_000]), { name: "v" });
  const f = jit(() => {
    v.assignAdd(1);
  });
  f();
  await v.data();
  await collect();
  const { bytes } = device.memory();
  for (let i = 0; i < 10; i++) f();
  await v.data();
  assert(device.memory().bytes <= bytes + 1000, "no second buffer");

  const snapshot = v.read();
  const lazy = v.mul(2);
  const before = v.data();
  f();
  f();
  assert.equal((await snapshot.data())[0], 11);
  assert.equal((await lazy.data())[0], 22);
  assert.equal((await before)[0], 11);
  assert.equal((await v.data())[0], 13);
});

test("variables of one tensor, and swaps, do not disturb each other", async () => {
  const start = tensor([1, 2]);
  const [a, b] = [variable(start), variable(start)];
  const swap = jit(() => {
    const old = a.read();
    a.assign(b.add(10));
    b.assign(old);
    return { old, a };
  });
  const { old } = swap();
  assert.deepEqual(await a.array(), [11, 12]);
  assert.deepEqual(await b.array(), [1, 2]);
  assert.deepEqual(await old.array(), [1, 2]);
  assert.deepEqual(await start.array(), [1, 2]);
  const exchange = jit(() => {
    const kept = a.read();
    a.assign(b);
    b.assign(kept);
  });
  exchange();
  assert.deepEqual(
    [await a.array(), await b.array()],
    [
      [1, 2],
      [11, 12],
    ],
  );
});

test("results that are an argument, a variable before, or a variable after", async () => {
  const v = variable(tensor([1]));
  const f = jit((x: Tensor) => {
    const before = v.read();
    v.assign(v.add(x));
    return [x, before, v.read(), v.read()];
  });
  const [x, before, after, again] = f(tensor([5]));
  f(tensor([100]));
  assert.deepEqual(await Promise.all([x!, before!, after!, again!].map((t) => t.array())), [[5], [1], [6], [6]]);
});

test("initial values are computed together, at the first program that needs one", async () => {
  const { runs } = engineStatistics();
  const variables = [1, 2, 3].map((n) => variable([n, n], (shape, _dtype, key) => random.normal(shape, { key })));
  const f = jit(() => variables.map((v) => v.sum()));
  await Promise.all(f().map((t) => t.data()));
  assert.equal(engineStatistics().runs - runs, 2);
});

test("variables made while tracing are initialised outside, once", async () => {
  let made: Variable | undefined;
  const f = jit((x: Tensor) => {
    made ??= variable([2], (shape) => zeros(shape).add(3));
    made.assignAdd(1);
    return x.mul(made);
  });
  assert.deepEqual(await f(tensor([1, 2])).array(), [4, 8]);
  assert.deepEqual(await f(tensor([1, 2])).array(), [5, 10]);
  assert.deepEqual(await f(tensor([[1, 2]])).array(), [[6, 12]]);
});

test("values from outside are computed once and become inputs", async () => {
  const { runs } = engineStatistics();
  const table = random.normal([8], { key: random.key(1) });
  const f = jit((x: Tensor) => x.add(table));
  const first = await f(zeros([8])).array();
  assert.deepEqual(await f(zeros([8])).array(), first);
  assert.equal(engineStatistics().runs - runs, 5, "table, twice zeros, twice f");
});

test("a jitted function inside another becomes part of it", async () => {
  const inner = jit((x: Tensor) => x.mul(3));
  const outer = jit((x: Tensor) => inner(x).add(1));
  const { runs } = engineStatistics();
  assert.equal(await outer(tensor(2)).item(), 7);
  assert.equal(engineStatistics().runs, runs + 1);
});

test("a jitted function inside a derivative is differentiated", async () => {
  const square = jit((x: Tensor) => x.mul(x));
  const x = tensor(3);
  const [value, [g]] = valueAndGrad(() => square(x), [x]);
  assert.deepEqual([await value.item(), await g.item()], [9, 6]);
});

test("reading while tracing is a readable error", () => {
  const f = jit(
    (async (x: Tensor) => {
      const y = x.mul(2).sum();
      return (await y.item()) > 1 ? x : y;
    }) as never as (x: Tensor) => Tensor,
    { name: "careless" },
  );
  assert.throws(
    () => f(tensor([1])),
    message(/reduce.*was read while careless was traced[\s\S]*read it outside/, TraceError),
  );
});

test("reading while tracing is an error at once, even when nobody awaits what was read", () => {
  const f = jit(
    (x: Tensor) => {
      void x.item();
      return x;
    },
    { name: "hasty" },
  );
  assert.throws(() => f(tensor([1])), message(/was read while hasty was traced/, TraceError));
});

test("a value that escaped from a trace is named", async () => {
  let leaked: Tensor | undefined;
  const f = jit((x: Tensor) => {
    leaked = x.exp();
    return x;
  });
  f(tensor([1]));
  await assert.rejects(leaked!.data(), message(/argument\[0\] exists only while its function is traced/, TraceError));
  const g = jit((x: Tensor) => x.add(leaked!));
  assert.throws(() => g(tensor([1])), TraceError);
});

test("assigning checks shape and dtype, and is refused inside loops", () => {
  const v = variable([2]);
  v.name = "weights";
  assert.throws(
    () => v.assign(tensor([1, 2, 3])),
    message(/does not fit the variable weights[\s\S]*\[2\][\s\S]*\[3\]/, ShapeError),
  );
  assert.throws(() => v.assign(tensor([1, 2], { dtype: "i32" })), message(/cast the value to f32/, DTypeError));
  const total = () =>
    scan(
      (carry: Tensor, x: Tensor) => {
        v.assignAdd(1);
        return { carry: carry.add(x), out: x };
      },
      tensor(0),
      tensor([1, 2]),
    );
  assert.throws(total, message(/weights was assigned inside the body of a scan/, TraceError));
  assert.throws(() => jit(total)(), message(/weights was assigned inside the body of a scan/, TraceError));
});

test("host arrays as arguments are refused, with the remedy", () => {
  const f = jit((x: unknown) => x);
  assert.throws(
    () => f(new Float32Array(3)),
    message(/argument\[0\] is a Float32Array[\s\S]*tensor\(values/, ArgumentError),
  );
});

test("scan and cond work inside and outside, with variables and jitted functions in the body", async () => {
  const w = variable(tensor(2));
  const triple = jit((x: Tensor) => x.mul(3));
  const run = (xs: Tensor) =>
    scan(
      (carry: { h: Tensor }, x: Tensor) => ({ carry: { h: carry.h.mul(w).add(triple(x)) }, out: carry.h }),
      { h: tensor(1) },
      xs,
    );
  for (const f of [run, jit(run)]) {
    const { carry, out } = f(tensor([1, 2, 3]));
    assert.equal(await carry.h.item(), 41);
    assert.deepEqual(await out.array(), [1, 5, 16]);
  }
  const choose = (p: Tensor, x: Tensor) =>
    cond(
      p,
      (y) => y.mul(w),
      (y) => triple(y),
      x,
    );
  for (const f of [choose, jit(choose)]) {
    assert.equal(await f(tensor(true), tensor(5)).item(), 10);
    assert.equal(await f(tensor(false), tensor(5)).item(), 15);
  }
});

test("a training loop learns, and repeats bit by bit", async () => {
  const run = async () => {
    const key = random.key(3);
    const x = random.normal([32, 4], { key });
    const y = x.matmul(tensor([[1], [-2], [3], [0.5]]));
    const w = variable([4, 1], (shape, _dtype, k) => random.normal(shape, { key: k }), { key: random.key(4) });
    const step = jit((xs: Tensor, ys: Tensor) => {
      const [loss, [g]] = valueAndGrad(() => xs.matmul(w).sub(ys).square().mean(), [w]);
      w.assignSub(g.mul(0.1));
      return loss;
    });
    let loss = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 100; i++) loss = await step(x, y).item();
    assert(loss < 1e-3, `loss ${loss}`);
    return [...(await w.data())];
  };
  assert.deepEqual(await run(), await run());
});

test("300 iterations leave no memory on the device", async () => {
  const device = await defaultDevice();
  const w = variable(zeros([64, 64]));
  const step = jit((x: Tensor) => {
    w.assignAdd(x);
    return w.sum();
  });
  const iterate = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const x = tensor(new Float32Array(64 * 64).fill(i), { shape: [64, 64] });
      const y = x.mul(2).add(i);
      await y.sum().item();
      await step(y).item();
    }
  };
  await iterate(10);
  await collect();
  await w.data();
  const { bytes } = device.memory();
  await iterate(300);
  await collect();
  await w.data();
  assert(device.memory().bytes <= bytes + 2 * 64 * 64 * 4, `${device.memory().bytes - bytes} bytes more`);
});

test("dropped functions and variables give everything back", async () => {
  const device = await defaultDevice();
  await collect();
  const before = { ...device.memory(), ...engineStatistics() };
  const build = async (n: number) => {
    const w = variable(zeros([1000 + n]));
    const f = jit((x: Tensor) => {
      w.assignAdd(x);
      return w.sum();
    });
    await f(tensor(1)).item();
  };
  for (let n = 0; n < 40; n++) await build(n);
  for (let round = 0; round < 4; round++) await collect();
  await tensor(1).add(1).item();
  const after = { ...device.memory(), ...engineStatistics() };
  assert(after.bytes - before.bytes < 20_000, `${after.bytes - before.bytes} bytes more`);
  assert(after.executables - before.executables < 60, `${after.executables - before.executables} executables more`);
});

test("dispose gives programs back, and the next call compiles again", async () => {
  const f = jit((x: Tensor) => x.mul(12345));
  await f(tensor([1])).data();
  const { executables } = engineStatistics();
  f.dispose();
  assert.equal(engineStatistics().executables, executables - 1);
  assert.deepEqual(await f(tensor([1])).array(), [12345]);
});

test("inspect prints the graph, the kernels with reasons, and the plan", async () => {
  const w = variable(zeros([4, 3]), { name: "w" });
  const text = await inspect(
    jit((x: Tensor) => x.matmul(w).relu(), { name: "dense" }),
    zeros([2, 4]),
  );
  for (const part of ["# dense", "## graph", "## clusters", "## plan", "contract"])
    assert(text.includes(part), `${part} is missing in\n${text}`);
});

test("prepare compiles for arguments of a kind and runs nothing; the call after it compiles nothing", async () => {
  const calls = variable(zeros([]));
  const step = jit((x: Tensor) => {
    calls.assign(calls.add(1));
    return x.mul(3);
  });
  await calls.item();
  const before = engineStatistics();
  await step.prepare(zeros([5]));
  const prepared = engineStatistics();
  assert.equal(prepared.compiled, before.compiled + 1);
  assert.equal(prepared.runs, before.runs);
  assert.equal(await calls.item(), 0);
  assert.deepEqual(await step(tensor([1, 2, 3, 4, 5])).array(), [3, 6, 9, 12, 15]);
  assert.equal(await calls.item(), 1);
  assert.equal(engineStatistics().compiled, prepared.compiled);
  await assert.rejects(jit((x: Tensor) => x.reshape([7])).prepare(zeros([5])), ShapeError);
});

test("what was assigned before is a value of its own for derivatives, traced or not", async () => {
  const step = (traced: boolean) => {
    const [from, to] = [variable(tensor([3])), variable(tensor([1]))];
    const body = (): readonly Tensor[] => {
      to.assign(from.mul(2));
      return valueAndGrad(() => to.read().mul(from).sum() as Tensor, [from, to])[1];
    };
    return (traced ? jit(body) : body)();
  };
  // d(to·from) / d from is `to`, which is 2·3; as a function of `from` alone it would be 12.
  for (const traced of [true, false])
    assert.deepEqual(await Promise.all(step(traced).map(async (each) => [...(await each.data())])), [[6], [3]]);
});
