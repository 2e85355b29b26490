import assert from "node:assert/strict";
import * as t from "./index.ts";

// The body of the test of free functions that are made of many primitives, for every package that has a device.

const tensorOf = (shape: t.Tensor["shape"], seed: number): t.Tensor => {
  const size = shape.reduce((product, each) => product * each, 1);
  return t.tensor(
    Float32Array.from({ length: size }, (_, at) => Math.sin(seed * 12.9898 * (at + 1) ** 2)),
    { shape },
  );
};

/** What is computed of x [4, 6], a square matrix a [5, 5], and i [2, 3] of small integers. */
type Program = (given: {
  readonly x: t.Tensor;
  readonly a: t.Tensor;
  readonly i: t.Tensor;
}) => t.Tensor | readonly t.Tensor[];

const regular = (a: t.Tensor): t.Tensor => a.add(t.eye(5).mul(3)) as t.Tensor;
const square = (a: t.Tensor): t.Tensor => a.matmul(a.transpose()) as t.Tensor;

export const programs: Readonly<Record<string, Program>> = {
  hyperbolic: ({ x }) => [t.asinh(x), t.acosh(x.add(2) as t.Tensor), t.atanh(x.mul(0.9) as t.Tensor)],
  powers: ({ x }) => [t.cbrt(x), t.exp2(x), t.hypot(x, 0.5), t.ldexp(x, 3)],
  angles: ({ x }) => [t.degToRad(x), t.radToDeg(x), t.sinc(x)],
  logarithms: ({ x }) => [t.logAddExp(x, 0.3), t.logAddExp2(x, 0.3)],
  rounding: ({ x }) => [t.fmod(x, 0.3), t.heaviside(x, 0.5), t.fmax(x, 0.1), t.fmin(x, 0.1)],
  questions: ({ x }) => [t.isInf(x), t.isPosInf(x), t.isNegInf(x), t.signBit(x), t.isClose(x, 0), t.allClose(x, x)],
  integers: ({ i }) => [t.gcd(i, 4), t.lcm(i, 4), t.bitwiseNot(i)],
  numbers: ({ x }) => [t.nanToNum(x.log()), t.saturateCast(x.mul(1000), "u8")],
  shrinking: ({ x }) => [
    t.hardTanh(x),
    t.tanhShrink(x),
    t.hardShrink(x),
    t.softShrink(x),
    t.threshold(x),
    t.squareplus(x),
  ],
  sparse: ({ x }) => [t.sparsemax(x), t.sparsePlus(x), t.sparseSigmoid(x)],
  middles: ({ x }) => [t.median(x, 1), t.quantile(x, [0.1, 0.6], 0), t.percentile(x, 30), t.average(x, 0), t.ptp(x, 1)],
  holes: ({ x }) => {
    const y = x.log();
    const sums = [t.nanSum(y, 1), t.nanMean(y, 1), t.nanStd(y, 1), t.nanVariance(y), t.nanProd(y, 0)];
    return [...sums, t.nanMax(y, 1), t.nanMin(y, 1), t.nanMedian(y, 1), t.nanQuantile(y, 0.3), t.nanPercentile(y, 30)];
  },
  places: ({ x }) => [
    t.nanArgmax(x, 1),
    t.nanArgmin(x, 0),
    t.countNonzero(x, 1),
    t.nanCumsum(x, 1),
    t.nanCumprod(x, 0),
  ],
  counting: ({ x, i }) => {
    const edges = [-0.5, 0, 0.7];
    const { counts, edges: own } = t.histogram(x, { bins: 5 });
    return [t.searchSorted(edges, x), t.digitize(x, edges), t.bincount(i, 6), counts, own, t.multiHot(i, 6)];
  },
  relations: ({ x, i }) => [
    t.corrcoef(x),
    t.cdist(x, x),
    t.psnr(x, 0, 1),
    t.isIn(i, [1, 3]),
    t.inTopK([1, 2, 3, 4], x, 3),
  ],
  stacking: ({ x }) => [t.hstack([x, x]), t.vstack([x, x]), t.dstack([x, x]), t.columnStack([x, x]), t.append(x, x)],
  splitting: ({ x }) => [
    ...t.arraySplit(x, 4, 1),
    ...t.hsplit(x, 2),
    ...t.vsplit(x, 2),
    ...t.unravelIndex([5, 23], [4, 6]),
  ],
  turning: ({ x }) => [
    t.fliplr(x),
    t.flipud(x),
    t.rot90(x),
    ...t.meshgrid([t.ravel(x), [1, 2]]),
    t.diff(x),
    t.trapezoid(x),
  ],
  products: ({ x }) => [t.kron(x, x), t.inner(x, x), t.vdot(x, x), t.cross(x.slice([{}, { stop: 3 }]), [1, 2, 3])],
  diagonals: ({ x }) => [t.diag(t.ravel(x)), t.diagflat(x, 1), t.vander([1, 2, 3]), t.tri(3, 4), t.cumprod(x, 1)],
  choices: ({ x }) => t.select([t.less(x, -0.5), t.less(x, 0.5)], [x, t.neg(x)], 3),
  remainders: ({ x }) => {
    // Of numbers that may be negative: also within the kernel that reads there, the remainder is that of a division that rounds down.
    const places = t.cast(t.floor(x.mul(9)), "i32");
    const flat = t.ravel(x);
    return [
      t.take(flat, t.mod(places, 7)),
      t.take(flat, t.floorDivide(places, 4).add(12)),
      t.take(flat, t.mod(places, -7).add(9)),
    ];
  },
  pixels: ({ x }) => {
    const image = x.reshape([1, 2, 3, 4]);
    return [
      t.depthToSpace(image, 2),
      t.spaceToDepth(x.reshape([1, 2, 4, 3]), 2),
      t.extractPatches(image, 2),
      t.cropImages(image, { top: 0, bottom: 1, left: 0, right: 1 }),
      t.padImages(image, { top: 0, bottom: 1, left: 0, right: 1 }),
      t.affineTransform(image, [1, 0, 0.5, 0, 1, -0.25, 0, 0]),
      t.mapCoordinates(x.reshape([8, 3]), [
        [0.5, 7.25],
        [1, 0.75],
      ]),
      ...(["wrap", "mirror", "reflect"] as const).map((fillMode) =>
        t.mapCoordinates(
          x.reshape([8, 3]),
          [
            [-9.5, 17.25],
            [-1, 4.75],
          ],
          { fillMode },
        ),
      ),
      t.rgbToGrayscale(x.reshape([8, 3])),
    ];
  },
  windows: () => [t.hanning(7), t.hamming(7), t.blackman(7), t.bartlett(7), t.geomspace(1, 8, 4), t.logspace(0, 2, 3)],
  solving: ({ a }) => [t.solve(regular(a), a), t.inv(regular(a)), t.det(regular(a)), t.logdet(regular(square(a)))],
  triangles: ({ a }) => {
    const lower = t.cholesky(regular(square(a)));
    return [lower, t.choleskyInverse(lower), t.solveTriangular(lower, a), t.slogdet(regular(a)).sign];
  },
  factors: ({ a }) => {
    const { q, r } = t.qr(a.slice([{}, { stop: 3 }]));
    const { lu, pivots } = t.luFactor(regular(a));
    return [q, r, lu, pivots, t.matrixPower(a, 3)];
  },
  eigenvectors: ({ a }) => {
    const { values, vectors } = t.eigh(square(a));
    return [values, vectors.mul(values).matmul(vectors.transpose())];
  },
  singular: ({ a }) => {
    const { u, s, vt } = t.svd(a.slice([{ stop: 3 }]));
    return [s, t.matmul(t.mul(u, s), vt), t.matrixRank(a), t.pinv(regular(a)), t.lstsq(regular(a), a)];
  },
};

/** What all programs give on the selected device, compiled as one. */
export async function results(): Promise<Readonly<Record<string, readonly number[][]>>> {
  const i = t.tensor([0, 2, 3, 1, 5, 4], { shape: [2, 3], dtype: "i32" }) as t.Tensor;
  const run = t.jit((x: t.Tensor, a: t.Tensor, numbers: t.Tensor) =>
    Object.values(programs).map((program) => [program({ x, a, i: numbers })].flat() as t.Tensor[]),
  );
  const found = run(tensorOf([4, 6], 1), tensorOf([5, 5], 2), i);
  const read = async (tensors: readonly t.Tensor[]) =>
    Promise.all(tensors.map(async (each) => [...(await each.data())].map(Number)));
  return Object.fromEntries(
    await Promise.all(Object.keys(programs).map(async (name, at) => [name, await read(found[at]!)] as const)),
  );
}

/** The results of two devices agree, as far as f32 goes. */
export function assertAgree(found: Awaited<ReturnType<typeof results>>, expected: typeof found): void {
  for (const [name, lists] of Object.entries(expected)) {
    for (const [part, values] of lists.entries()) {
      const scale = Math.max(1, ...values.filter(Number.isFinite).map(Math.abs));
      for (const [at, value] of values.entries()) {
        const other = found[name]![part]![at]!;
        const close = Object.is(other, value) || other === value || Math.abs(other - value) <= 3e-5 * scale;
        assert.ok(close, `${name}, result ${part}, element ${at}: ${other}, not ${value}`);
      }
    }
  }
}
