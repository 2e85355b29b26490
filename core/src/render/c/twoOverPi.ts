/** The first 320 bits of 2/π after the binary point (checked against mpmath). */
const digits = 0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e0n;
const digitBits = 320n;

/** Exponents of the powers of two: an f32 of 24 bits is below 2^24 · 2^104. */
const largestExponent = 104;
const highBits = 28n;
const lowBits = 52n;

/** `mantissa` · 2^exponent as a hexadecimal literal of C. */
const hexadecimal = (mantissa: bigint, exponent: bigint): string => `0x${mantissa.toString(16)}p${exponent}`;

const parts = Array.from({ length: largestExponent + 1 }, (_, k) => {
  const scale = digitBits - BigInt(k); // binary point of the shifted digits
  const reduced = digits % (1n << (scale + 2n));
  const highExponent = BigInt(reduced.toString(2).length) - highBits;
  const high = reduced >> highExponent;
  const rest = reduced - (high << highExponent);
  const lowExponent = BigInt(rest.toString(2).length) - lowBits;
  return { high: hexadecimal(high, highExponent - scale), low: hexadecimal(rest >> lowExponent, lowExponent - scale) };
});

/** For k = 0 … 104, 2^k · 2/π modulo 4 as a high part of 28 bits and a low part: literals of C. */
export const twoOverPi = { high: parts.map(({ high }) => high), low: parts.map(({ low }) => low) } as const;
