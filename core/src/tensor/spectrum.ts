import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, type Shape } from "../base/shape.ts";
import { asTensor, tensor, zerosLike } from "./create.ts";
import { atan2 } from "./elementwise.ts";
import type { TensorLike } from "./like.ts";
import { type Made, type Operand, recorded } from "./recorded.ts";
import { concatenate } from "./shaping.ts";
import type { Tensor } from "./tensor.ts";

// Fourier transforms of complex numbers as two tensors, made of matrix products: they have derivatives, and run wherever
// models run. Conventions are NumPy's: forward without a factor, inverse with 1 / n.

/** Complex numbers: two tensors of one shape. */
export interface Complex<T = Tensor> {
  readonly real: T;
  readonly imaginary: T;
}
/** What stands for tensors stands for complex ones, too. */
type Given<X> = X | Complex<X>;
type Part<X> = Made<X, Shape>;
type ComplexLike = TensorLike | Complex<TensorLike>;

const isPair = (x: ComplexLike): x is Complex<TensorLike> => typeof x === "object" && "real" in x && "imaginary" in x;

/** Both parts in f32; those of real numbers have no imaginary one. */
function partsOf(name: string, x: ComplexLike): Complex {
  const real = asTensor(isPair(x) ? x.real : x).cast("f32") as Tensor;
  if (real.rank === 0) throw new ShapeError(`${name}: expected at least one axis, received a number`);
  if (!isPair(x)) return { real, imaginary: zerosLike(real) as Tensor };
  const imaginary = asTensor(x.imaginary).cast("f32") as Tensor;
  if (printShape(real.shape) !== printShape(imaginary.shape))
    throw new ShapeError(
      `${name}: the parts differ, real ${printShape(real.shape)}, imaginary ${printShape(imaginary.shape)}`,
    );
  return { real, imaginary };
}

const timesComplex = (x: Complex, y: Complex): Complex => ({
  real: x.real.mul(y.real).sub(x.imaginary.mul(y.imaginary)) as Tensor,
  imaginary: x.real.mul(y.imaginary).add(x.imaginary.mul(y.real)) as Tensor,
});
const both = (x: Complex, change: (part: Tensor) => Tensor): Complex => ({
  real: change(x.real),
  imaginary: change(x.imaginary),
});

/** e^(−2πi·jk/n) for all j below `rows` and k below `columns`; angles are reduced before they are rounded. */
function roots(n: number, rows: number, columns: number): Complex {
  const table = (f: (angle: number) => number): Tensor => {
    const at = (index: number): number => (Math.floor(index / columns) * (index % columns)) % n;
    const values = Float32Array.from({ length: rows * columns }, (_, index) => f((-2 * Math.PI * at(index)) / n));
    return tensor(values, { shape: [rows, columns] }) as Tensor;
  };
  return { real: table(Math.cos), imaginary: table(Math.sin) };
}

/** Below this a transform is one matrix product. */
const smallest = 32;

/** A divisor for one step: the largest up to `smallest`, or the least prime one. */
function divisorOf(n: number): number {
  for (let divisor = Math.min(smallest, n - 1); divisor > 1; divisor--) if (n % divisor === 0) return divisor;
  for (let divisor = smallest; divisor * divisor <= n; divisor++) if (n % divisor === 0) return divisor;
  return n;
}

/** The transform of the last axis (Cooley & Tukey 1965). */
function transform(x: Complex): Complex {
  const n = x.real.shape.at(-1)!;
  const a = n <= smallest ? n : divisorOf(n);
  if (a === n) {
    const { real: cosines, imaginary: sines } = roots(n, n, n);
    return {
      real: x.real.matmul(cosines).sub(x.imaginary.matmul(sines)) as Tensor,
      imaginary: x.real.matmul(sines).add(x.imaginary.matmul(cosines)) as Tensor,
    };
  }
  // j = j₁·b + j₂ and k = k₁ + a·k₂: transforms of a over j₁, a turn of each by j₂·k₁/n, transforms of b over j₂.
  const b = n / a;
  const before = x.real.shape.slice(0, -1);
  const columns = both(x, (part) => part.reshape([...before, a, b]).swapAxes(-1, -2) as Tensor); // [..., j₂, j₁]
  const turned = timesComplex(transform(columns), roots(n, b, a)); // [..., j₂, k₁]
  const rows = transform(both(turned, (part) => part.swapAxes(-1, -2) as Tensor)); // [..., k₁, k₂]
  return both(rows, (part) => part.swapAxes(-1, -2).reshape([...before, n]) as Tensor);
}

const swapped = ({ real, imaginary }: Complex): Complex => ({ real: imaginary, imaginary: real });
const inverse = (x: Complex): Complex => {
  const n = x.real.shape.at(-1)!;
  return both(swapped(transform(swapped(x))), (part) => part.div(n) as Tensor);
};

// Inside, where nothing is recorded, what is given are tensors; `recorded` answers for what stands for them.
/* @__NO_SIDE_EFFECTS__ */
const complex = (name: string, call: (x: ComplexLike) => Complex) =>
  recorded(
    name,
    <X extends Operand>(x: Given<X>): Complex<Part<X>> => call(x as ComplexLike) as unknown as Complex<Part<X>>,
  );
/* @__NO_SIDE_EFFECTS__ */
const single = (name: string, call: (x: ComplexLike) => Tensor) =>
  recorded(name, <X extends Operand>(x: Given<X>): Part<X> => call(x as ComplexLike) as unknown as Part<X>);

/** Σ x_j·e^(−2πi·jk/n) along the last axis. */
export const fft = complex("fft", (x) => transform(partsOf("fft", x)));
/** What `fft` makes x of. */
export const ifft = complex("ifft", (x) => inverse(partsOf("ifft", x)));

const alongTwo = (name: string, x: ComplexLike, step: (x: Complex) => Complex): Complex => {
  const parts = partsOf(name, x);
  if (parts.real.rank < 2)
    throw new ShapeError(`${name}: expected two axes or more, received ${printShape(parts.real.shape)}`);
  const swap = (part: Tensor): Tensor => part.swapAxes(-1, -2) as Tensor;
  return both(step(both(step(parts), swap)), swap);
};
/** `fft` along the last two axes. */
export const fft2 = complex("fft2", (x) => alongTwo("fft2", x, transform));
/** What `fft2` makes x of. */
export const ifft2 = complex("ifft2", (x) => alongTwo("ifft2", x, inverse));

function demandLength(name: string, length: number): void {
  if (Number.isInteger(length) && length > 0) return;
  throw new ArgumentError(`${name}: fftLength must be a whole number above 0, received ${length}`);
}

/** The first `size` values of the last axis, with zeros behind where there are fewer. */
const fitted = (x: Tensor, size: number): Tensor => {
  const has = x.shape.at(-1)!;
  if (has >= size) return x.slice(["...", { stop: size }]) as Tensor;
  return x.pad([...x.shape.slice(0, -1).map(() => [0, 0] as [number, number]), [0, size - has]]) as Tensor;
};

interface Length {
  readonly fftLength?: number | undefined;
}

/** The transform of real numbers: its first ⌊n/2⌋ + 1 values, of which the others are the conjugates. */
export const rfft = recorded("rfft", <X extends Operand>(x: X, { fftLength }: Length = {}): Complex<Part<X>> => {
  const { real } = partsOf("rfft", x as TensorLike);
  const length = fftLength ?? real.shape.at(-1)!;
  demandLength("rfft", length);
  const whole = transform(partsOf("rfft", fitted(real, length)));
  return both(whole, (part) => fitted(part, Math.floor(length / 2) + 1)) as unknown as Complex<Part<X>>;
});

/** The real numbers that `rfft` makes x of; as many as `fftLength` says, and an even number unless it does. */
export const irfft = recorded("irfft", <X extends Operand>(x: Given<X>, { fftLength }: Length = {}): Part<X> => {
  const parts = partsOf("irfft", x as ComplexLike);
  const length = fftLength ?? 2 * (parts.real.shape.at(-1)! - 1);
  demandLength("irfft", length);
  const bins = Math.floor(length / 2) + 1;
  const half = both(parts, (part) => fitted(part, bins));
  const rest = length - bins;
  const behind = both(half, (part) => part.slice(["...", { start: 1, stop: 1 + rest }]).flip(-1) as Tensor);
  const single = length % 2 === 0 ? [bins - 1] : [];
  // The first value (and for even lengths the middle one) has no partner: only its real part counts.
  const counts = tensor(Float32Array.from({ length: bins }, (_, at) => (at === 0 || single.includes(at) ? 0 : 1)));
  const whole: Complex = {
    real: concatenate([half.real, behind.real], -1) as Tensor,
    imaginary: concatenate([half.imaginary.mul(counts), behind.imaginary.neg()], -1) as Tensor,
  };
  return inverse(whole).real as unknown as Part<X>;
});

const realOf = (x: ComplexLike): Tensor => asTensor(isPair(x) ? x.real : x) as Tensor;
const imaginaryOf = (x: ComplexLike): Tensor => (isPair(x) ? asTensor(x.imaginary) : zerosLike(asTensor(x))) as Tensor;

/** The real part; a tensor of real numbers is its own. */
export const real = single("real", realOf);
/** The imaginary part: zeros for real numbers. */
export const imag = single("imag", imaginaryOf);
/** The conjugates. */
export const conj = complex("conj", (x) => ({ real: realOf(x), imaginary: imaginaryOf(x).neg() as Tensor }));
/** The angle of complex numbers, from −π to π: 0 or π for real ones. */
export const angle = single("angle", (x) => atan2(imaginaryOf(x).cast("f32"), realOf(x).cast("f32")) as Tensor);
/** Whether the imaginary part is 0. */
export const isReal = single("isReal", (x) => imaginaryOf(x).equal(0) as Tensor);
