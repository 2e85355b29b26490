import assert from "node:assert/strict";
import { test } from "node:test";
import {
  angle,
  type Complex,
  conj,
  fft,
  fft2,
  grad,
  ifft,
  ifft2,
  imag,
  irfft,
  isReal,
  jit,
  kaiser,
  nonzero,
  real,
  rfft,
  setDevice,
  type Tensor,
  tensor,
  unique,
} from "./index.ts";

const wave = (size: number, seed: number): number[] =>
  Array.from({ length: size }, (_, at) => Math.sin(seed * 12.9898 * (at + 1) ** 2));
const numbers = async (x: Tensor): Promise<number[]> => [...(await x.data())].map(Number);

/** The definition, in f64. */
function defined(re: readonly number[], im: readonly number[]): readonly [number[], number[]] {
  const n = re.length;
  const at = (k: number, f: (c: number, s: number, j: number) => number): number =>
    re.reduce((sum, _, j) => {
      const turn = (-2 * Math.PI * ((j * k) % n)) / n;
      return sum + f(Math.cos(turn), Math.sin(turn), j);
    }, 0);
  return [
    re.map((_, k) => at(k, (c, s, j) => re[j]! * c - im[j]! * s)),
    re.map((_, k) => at(k, (c, s, j) => re[j]! * s + im[j]! * c)),
  ];
}

async function close(found: Tensor, expected: readonly number[], tolerance: number, what: string): Promise<void> {
  const values = await numbers(found);
  assert.equal(values.length, expected.length, what);
  const scale = Math.max(1, ...expected.map(Math.abs));
  values.forEach((value, at) => {
    assert.ok(
      Math.abs(value - expected[at]!) <= tolerance * scale,
      `${what}, element ${at}: ${value}, not ${expected[at]}`,
    );
  });
}

// Primes, powers of two, products of small and of large divisors.
const sizes = [1, 2, 3, 7, 32, 33, 37, 64, 100, 37 * 41, 74, 1024];

for (const device of ["reference", "wasm"] as const) {
  test(`fft on ${device}: the definition, and its inverse`, async () => {
    await setDevice(device);
    const given = sizes.map((size) => ({
      real: tensor(wave(size, 1)) as Tensor,
      imaginary: tensor(wave(size, 2)) as Tensor,
    }));
    const run = jit((xs: readonly Complex[]) =>
      xs.map((x) => {
        const f = fft(x);
        return [f, ifft(f)] as const;
      }),
    );
    for (const [index, [forth, back]] of run(given).entries()) {
      const size = sizes[index]!;
      const [re, im] = defined(wave(size, 1), wave(size, 2));
      await close(forth.real, re, 2e-6, `real of ${size}`);
      await close(forth.imaginary, im, 2e-6, `imaginary of ${size}`);
      await close(back.real, wave(size, 1), 2e-6, `back, real of ${size}`);
      await close(back.imaginary, wave(size, 2), 2e-6, `back, imaginary of ${size}`);
    }
  });
}

test("rfft is the half of fft, cut or filled; irfft gives back even and odd lengths", async () => {
  await setDevice("reference");
  for (const [size, length] of [
    [8, 8],
    [9, 9],
    [8, 5],
    [6, 10],
    [1, 1],
  ] as const) {
    const x = tensor(wave(size, 3)) as Tensor;
    const fitted = Array.from({ length }, (_, at) => wave(size, 3)[at] ?? 0);
    const [re, im] = defined(
      fitted,
      fitted.map(() => 0),
    );
    const half = rfft(x, { fftLength: length });
    const bins = Math.floor(length / 2) + 1;
    await close(half.real, re.slice(0, bins), 2e-6, `real ${size} ${length}`);
    await close(half.imaginary, im.slice(0, bins), 2e-6, `imaginary ${size} ${length}`);
    await close(irfft(half, { fftLength: length }), fitted, 2e-6, `back ${size} ${length}`);
  }
  assert.deepEqual(irfft(rfft(tensor(wave(9, 1)))).shape, [8]);
});

test("fft2 transforms two axes, and its inverse takes it back; parts, angles, derivatives", async () => {
  await setDevice("reference");
  const x = tensor(wave(2 * 3 * 4, 1), { shape: [2, 3, 4] }) as Tensor;
  const both = fft2(x);
  const rows = fft(x);
  const turn = (part: Tensor): Tensor => part.swapAxes(-1, -2) as Tensor;
  const columns = fft({ real: turn(rows.real), imaginary: turn(rows.imaginary) });
  await close(both.real, await numbers(turn(columns.real)), 1e-6, "two axes");
  await close(ifft2(both).real, await numbers(x), 1e-6, "back");
  const z = { real: tensor([1, -1, 0]), imaginary: tensor([0, 0, 2]) };
  assert.deepEqual(
    await numbers(angle(z)),
    [0, Math.fround(Math.PI), Math.fround(Math.PI / 2)].map((a, at) => (at === 0 ? 0 : a)),
  );
  assert.deepEqual(await numbers(conj(z).imaginary.add(0) as Tensor), [0, 0, -2]);
  assert.deepEqual(await numbers(isReal(z)), [1, 1, 0]);
  assert.deepEqual(await numbers(imag(tensor([3]))), [0]);
  assert.deepEqual(await numbers(real(z)), [1, -1, 0]);
  // Parseval: Σ |X|² = n·Σ x², so its derivative is 2·n·x.
  const power = (x: Tensor): Tensor => {
    const { real, imaginary } = fft(x);
    return real.square().add(imaginary.square()).sum() as Tensor;
  };
  const y = wave(40, 5);
  await close(
    grad(power)(tensor(y) as Tensor) as Tensor,
    y.map((value) => 2 * 40 * value),
    1e-5,
    "derivative",
  );
});

test("nonzero and unique count on the host, as NumPy does; kaiser is NumPy's window", async () => {
  await setDevice("reference");
  const [rows, columns] = await nonzero(
    tensor([
      [3, 0, 1],
      [0, 0, 2],
    ]),
  );
  assert.deepEqual(
    [await rows!.array(), await columns!.array()],
    [
      [0, 0, 1],
      [0, 2, 2],
    ],
  );
  assert.deepEqual(await nonzero(tensor(5)), []);
  const { values, indices, inverse, counts } = await unique(
    tensor([
      [3, 1, 1],
      [2, Number.NaN, 3],
    ]),
  );
  assert.deepEqual(await numbers(values), [1, 2, 3, Number.NaN]);
  assert.deepEqual(await numbers(indices), [1, 3, 0, 4]);
  assert.deepEqual(await inverse.array(), [
    [2, 0, 0],
    [1, 3, 2],
  ]);
  assert.deepEqual(await numbers(counts), [2, 1, 2, 1]);
  const narrow = [0.0013325139979024198, 0.34039362244018856];
  await close(kaiser(5, 8.6), [...narrow, 1, ...narrow.toReversed()], 1e-7, "kaiser");
  const wide = [0.4386762798370488, 0.9243138756260791];
  await close(kaiser(4, 2), [...wide, ...wide.toReversed()], 1e-7, "kaiser");
  assert.throws(() => kaiser(-1, 2), /kaiser/);
});
