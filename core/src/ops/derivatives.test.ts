import assert from "node:assert/strict";
import { test } from "node:test";
import { checkGradient } from "../autodiff/check.ts";
import { gradient } from "../autodiff/index.ts";
import { type DType, type Shape, sizeOf } from "../base/index.ts";
import type { Node } from "../graph/index.ts";
import { type HostArray, hostArray } from "../reference/index.ts";
import { run, tensor } from "./check.ts";
import * as ops from "./index.ts";

/** Numbers from −1 to 1, none near 0, where many of these functions have a corner. */
const spread = (shape: Shape, scale = 1, offset = 0): HostArray =>
  hostArray(
    shape,
    "f32",
    Array.from({ length: sizeOf(shape) }, (_, i) => offset + scale * Math.sin(1 + 2.4 * i)),
  );
const whole = (shape: Shape, values: readonly number[], dtype: DType = "i32"): HostArray =>
  hostArray(shape, dtype, values);

/** Functions of one tensor, at values inside their domains. */
const unary: Record<string, (x: Node) => Node> = {
  abs: ops.abs,
  square: ops.square,
  tan: ops.tan,
  asin: ops.asin,
  acos: ops.acos,
  sinh: ops.sinh,
  cosh: ops.cosh,
  erfc: ops.erfc,
  relu: ops.relu,
  relu6: ops.relu6,
  leakyRelu: ops.leakyRelu,
  elu: ops.elu,
  selu: ops.selu,
  celu: ops.celu,
  gelu: ops.gelu,
  sigmoid: ops.sigmoid,
  silu: ops.silu,
  hardSigmoid: ops.hardSigmoid,
  hardSilu: ops.hardSilu,
  softplus: ops.softplus,
  softsign: ops.softsign,
  mish: ops.mish,
  logSigmoid: ops.logSigmoid,
  softmax: ops.softmax,
  logSoftmax: ops.logSoftmax,
  logSumExp: ops.logSumExp,
  norm: ops.norm,
  std: ops.std,
  variance: ops.variance,
  mean: ops.mean,
  normalize: ops.normalize,
  erfinv: ops.erfinv,
  glu: ops.glu,
  layerNormalization: ops.layerNormalization,
  rmsNormalization: ops.rmsNormalization,
  sort: ops.sort,
  trace: ops.trace,
  diag: ops.diag,
  tril: ops.tril,
  asinh: ops.asinh,
  atanh: ops.atanh,
  acosh: (x) => ops.acosh(ops.add(x, 3)),
  cbrt: ops.cbrt,
  exp2: ops.exp2,
  sinc: ops.sinc,
  hypot: (x) => ops.hypot(x, ops.add(ops.square(x), 0.3)),
  logAddExp: (x) => ops.logAddExp(x, ops.mul(x, -2)),
  fmod: (x) => ops.fmod(x, 0.7),
  sparsemax: ops.sparsemax,
  squareplus: ops.squareplus,
  softShrink: ops.softShrink,
  median: ops.median,
  quantile: (x) => ops.quantile(x, [0.2, 0.7], 1),
  nanVariance: ops.nanVariance,
  cumprod: (x) => ops.cumprod(x, 1),
  corrcoef: ops.corrcoef,
  rot90: ops.rot90,
  kron: (x) => ops.kron(x, ops.transpose(x)),
  diff: ops.diff,
  vander: (x) => ops.vander(ops.ravel(x)),
  trapezoid: ops.trapezoid,
  svd: (x) => {
    // The signs of the vectors are arbitrary; what they make together is not.
    const { u, s, vt } = ops.svd(x);
    return ops.concatenate([
      ops.ravel(ops.square(s)),
      ops.ravel(ops.matmul(u, ops.mul(vt, 2))),
      ops.ravel(ops.square(u)),
    ]);
  },
  pinv: ops.pinv,
  qr: (x) => {
    const { q, r } = ops.qr(ops.transpose(x));
    return ops.concatenate([ops.ravel(q), ops.ravel(r)]);
  },
};
/** A matrix that has an inverse. */
const regular = (x: Node): Node => ops.add(x, ops.mul(ops.eye(3), 2));
const narrow = ["asin", "acos", "erfinv", "atanh"];

const laws: Record<string, readonly [(...xs: Node[]) => Node | readonly Node[], readonly HostArray[]]> = {
  ...Object.fromEntries(
    Object.entries(unary).map(([name, fn]) => [
      name,
      [fn, [spread([2, 4], narrow.includes(name) ? 0.9 : 1.5)]] as const,
    ]),
  ),
  geluTanh: [(x) => ops.gelu(x!, { approximate: true }), [spread([5])]],
  atan2: [(y, x) => ops.atan2(y!, x!), [spread([6]), spread([6], 1, 0.3)]],
  pow: [(x, y) => ops.pow(x!, y!), [spread([4], 0.5, 2), spread([4])]],
  wholePow: [(x) => [ops.pow(x!, 3), ops.pow(x!, -2)], [spread([4])]],
  broadcasting: [(x, y) => ops.div(ops.mul(x!, y!), ops.add(y!, 3)), [spread([2, 1, 3]), spread([4, 1])]],
  divideNoNaN: [(x, y) => ops.divideNoNaN(x!, y!), [spread([3]), spread([3])]],
  clip: [(x) => ops.clip(x!, -0.7, 0.8), [spread([6])]],
  solve: [(a, b) => ops.solve(regular(a!), b!), [spread([2, 3, 3]), spread([3, 2])]],
  inv: [(a) => ops.inv(regular(a!)), [spread([2, 3, 3])]],
  det: [(a) => ops.det(regular(a!)), [spread([2, 3, 3])]],
  slogdet: [(a) => ops.slogdet(regular(a!)).logdet, [spread([3, 3])]],
  solveTriangular: [
    (a, b) =>
      [false, true].flatMap((lower) =>
        [false, true].map((transpose) => ops.solveTriangular(a!, b!, { lower, transpose })),
      ),
    [spread([3, 3], 0.5, 2), spread([3, 2])],
  ],
  cholesky: [(a) => ops.cholesky(ops.add(ops.matmul(a!, ops.transpose(a!)), ops.eye(3))), [spread([3, 3])]],
  eigh: [
    (a) => {
      const { values, vectors } = ops.eigh(ops.add(a!, ops.transpose(a!)));
      return [values, ops.square(vectors)];
    },
    [spread([4, 4])],
  ],
  matrixPower: [(a) => ops.matrixPower(a!, 3), [spread([2, 2])]],
  cross: [(a, b) => ops.cross(a!, b!), [spread([2, 3]), spread([2, 3], 1, 0.3)]],
  average: [(a, w) => ops.average(a!, 1, { weights: w! }), [spread([2, 3]), spread([3], 0.3, 1)]],
  mapCoordinates: [
    (x, at) => [ops.mapCoordinates(x!, at!), ops.mapCoordinates(x!, at!, { fillMode: "reflect" })],
    [spread([3, 4]), spread([2, 5])],
  ],
  affineTransform: [
    (x, map) => [ops.affineTransform(x!, map!, { fillMode: "wrap" })],
    [spread([1, 3, 4, 2]), spread([8])],
  ],
  frames: [
    (x) => [
      ops.cropImages(x!, { top: 1, height: 2, left: 0, right: 1 }),
      ops.padImages(x!, { top: 1, height: 5, left: 0, right: 1 }),
    ],
    [spread([1, 3, 4, 2])],
  ],
  depthToSpace: [(a) => [ops.depthToSpace(a!, 2), ops.spaceToDepth(a!, 2)], [spread([1, 2, 4, 4])]],
  extractPatches: [(a) => ops.extractPatches(a!, 3, { strides: 2, padding: "same" }), [spread([1, 4, 5, 2])]],
  associativeScan: [
    (a, b) => ops.associativeScan(([p, q], [r, s]) => [ops.mul(p!, r!), ops.add(ops.mul(q!, r!), s!)], [a!, b!], 1),
    [spread([2, 5]), spread([2, 5])],
  ],
  takeAlongAxis: [(x, i) => ops.takeAlongAxis(x!, i!, 1), [spread([2, 4]), whole([2, 3], [0, 0, -1, 3, 2, 9])]],
  topK: [(x) => ops.topK(x!, 2).values, [spread([3, 4])]],
  sliceUpdate: [(x, u) => ops.sliceUpdate(x!, [1, 0], u!), [spread([3, 3]), spread([2, 2], 1, 0.2)]],
  dynamicUpdate: [
    (x, u, at) => ops.sliceUpdate(x!, [at!, 1], u!),
    [spread([3, 3]), spread([2, 2], 1, 0.2), whole([], [1])],
  ],
  slices: [(x) => ops.slice(x!, [{ step: -2 }, null, "...", -1]), [spread([3, 2, 2])]],
  einsum: [(x, y, z) => ops.einsum("aab,bc,c->ac", x!, y!, z!), [spread([2, 2, 3]), spread([3, 2]), spread([2])]],
  matmul: [(x, y) => ops.matmul(x!, y!), [spread([2, 1, 2, 3]), spread([2, 3, 2])]],
  conv: [
    (x, w) => ops.conv(x!, w!, { groups: 2, strides: 2, padding: "same" }),
    [spread([1, 5, 4]), spread([3, 2, 4])],
  ],
  convTranspose: [
    (x, w) => ops.convTranspose(x!, w!, { strides: 2, padding: "same" }),
    [spread([1, 3, 3, 2]), spread([3, 2, 2, 2])],
  ],
  maxPool: [(x) => ops.maxPool(x!, 2, { strides: 1, padding: "same" }), [spread([1, 3, 3, 2])]],
  averagePool: [(x) => ops.averagePool(x!, 3, { strides: 2, padding: "same" }), [spread([1, 4, 3, 2])]],
  matrixNorms: [
    (x) => ([1, -1, 2, -2, Infinity, "fro", "nuc"] as const).map((order) => ops.normOf(x!, [0, 1], { order })),
    [spread([3, 2])],
  ],
  normOrders: [(x) => [1, 3, 0.5, Infinity].map((order) => ops.norm(x!, -1, { order })), [spread([2, 3])]],
  binary: [(z, x) => ops.binaryCrossentropy(z!, x!, { fromLogits: true }), [spread([4], 0.4, 0.5), spread([4], 3)]],
  binaryProbabilities: [(z, x) => ops.binaryCrossentropy(z!, x!), [spread([4], 0.4, 0.5), spread([4], 0.3, 0.5)]],
  categorical: [(t, x) => ops.categoricalCrossentropy(t!, x!), [spread([2, 3], 0.3, 0.5), spread([2, 3], 0.3, 0.5)]],
  sparse: [
    (t, x) => ops.sparseCategoricalCrossentropy(t!, x!, { fromLogits: true }),
    [whole([2], [2, 0]), spread([2, 3])],
  ],
  scan: [
    (w, xs) =>
      ops.scan(
        ([h], [x]) => {
          const next = ops.tanh(ops.add(ops.mul(h!, w!), ops.mul(x!, ops.sin(w!))));
          return { carry: [next], out: [ops.square(next)] };
        },
        [ops.zerosLike(w!)],
        [xs!],
      ).out,
    [spread([2]), spread([3, 2])],
  ],
  cond: [
    (x, y) =>
      ops.cond(
        ops.less(ops.sum(x!), 99),
        () => [ops.mul(ops.sin(x!), y!)],
        () => [x!],
      ),
    [spread([2]), spread([2])],
  ],
  pads: [(x) => ops.pad(x!, 2, { mode: "reflect" }), [spread([4])]],
};

for (const [name, [fn, inputs]] of Object.entries(laws)) {
  test(`the first and second derivatives of ${name} are those of differences`, () => {
    checkGradient(fn, inputs, { tolerance: 1e-6 });
    checkGradient(fn, inputs, { order: 2, tolerance: 1e-5 });
  });
}

const slope = (fn: (x: Node) => Node, at: number | readonly number[]): number[] => {
  const x = tensor(typeof at === "number" ? [at] : at);
  return run(gradient(ops.sum(fn(x)), [x])[0]!);
};

test("derivatives at corners and ends are defined", () => {
  assert.deepEqual(slope(ops.abs, 0), [0]);
  assert.deepEqual(slope(ops.relu, [0, -1, 1]), [0, 0, 1]);
  assert.deepEqual(slope(ops.norm, [0, 0]), [0, 0]);
  assert.deepEqual(slope(ops.std, [3, 3, 3]), [0, 0, 0]);
  assert.deepEqual(
    slope((x) => ops.norm(x, undefined, { order: 3 }), [0, 0]),
    [0, 0],
  );
  assert.deepEqual(
    slope((x) => ops.divideNoNaN(x, 0), 1),
    [0],
  );
  assert.deepEqual(
    slope((x) => ops.divideNoNaN(1, x), 0),
    [0],
  );
  assert.deepEqual(
    slope((x) => ops.atan2(x, x), 0),
    [0],
  );
  assert.deepEqual(slope(ops.logSumExp, [-Infinity, -Infinity]), [0, 0]);
  assert.deepEqual(slope(ops.sigmoid, [-1000, 1000]), [0, 0]);
  assert.deepEqual(slope(ops.softplus, [-1000, 1000]), [0, 1]);
  assert.deepEqual(
    slope((x) => ops.softmax(x), [-Infinity, -Infinity]),
    [0, 0],
  );
  assert.deepEqual(slope(ops.round, 0.3), [0]);
  assert.deepEqual(
    slope((x) => ops.logSoftmax(x), [0, -Infinity]).map((v) => Number.isNaN(v)),
    [false, false],
  );
});
