import type { DType } from "../../base/dtype.ts";
import { snippet } from "./snippet.ts";

/** The C type of an element in memory. */
export const elementType: { readonly [D in DType]: string } = {
  f32: "float",
  f16: "uint16_t",
  bf16: "uint16_t",
  i32: "int32_t",
  u32: "uint32_t",
  i8: "int8_t",
  u8: "uint8_t",
  bool: "uint8_t",
};

/** The C type that holds a value in a kernel: see kernel/ir.ts. */
export const registerType: { readonly [D in DType]: "float" | "int32_t" | "uint32_t" } = {
  f32: "float",
  f16: "float",
  bf16: "float",
  i32: "int32_t",
  u32: "uint32_t",
  i8: "int32_t",
  u8: "int32_t",
  bool: "int32_t",
};

/** Casts between the bits and the value of numbers, and the 16-bit floats, which are converted by hand so that loops vectorise. */
export const typeSnippets = {
  bits_of: snippet(`
    INLINE int32_t bits_of(float x) {
      int32_t bits;
      memcpy(&bits, &x, sizeof bits);
      return bits;
    }
  `),
  float_of: snippet(`
    INLINE float float_of(int32_t bits) {
      float x;
      memcpy(&x, &bits, sizeof x);
      return x;
    }
  `),
  double_of: snippet(`
    INLINE int64_t bits_of_double(double x) {
      int64_t bits;
      memcpy(&bits, &x, sizeof bits);
      return bits;
    }

    INLINE double double_of(int64_t bits) {
      double x;
      memcpy(&x, &bits, sizeof x);
      return x;
    }
  `),
  fabs_f32: snippet(`INLINE float fabs_f32(float x) { return float_of(bits_of(x) & 0x7fffffff); }`, [
    "bits_of",
    "float_of",
  ]),
  copysign_f32: snippet(
    `
    /* x >= 0 with the sign of y. */
    INLINE float copysign_f32(float x, float y) { return float_of(bits_of(x) | (bits_of(y) & INT32_MIN)); }
    `,
    ["bits_of", "float_of"],
  ),

  fused_f32: snippet(`
    /* x y + z, rounded once where the machine does that as fast. Nothing else fuses: -ffp-contract=off. */
    #if defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__aarch64__)
    INLINE float fused_f32(float x, float y, float z) { return __builtin_fmaf(x, y, z); }
    INLINE double fused_f64(double x, double y, double z) { return __builtin_fma(x, y, z); }
    #else
    INLINE float fused_f32(float x, float y, float z) { return x * y + z; }
    INLINE double fused_f64(double x, double y, double z) { return x * y + z; }
    #endif
  `),

  load_f16: snippet(
    `
    /* The exponent is rebiased by a multiplication, which also normalises subnormals. */
    INLINE float load_f16(uint16_t half) {
      int32_t magnitude = half & 0x7fff;
      float value = float_of(magnitude << 13) * 0x1p+112f;
      int32_t bits = magnitude >= 0x7c00 ? 0x7f800000 | magnitude << 13 : bits_of(value);
      return float_of(bits | (int32_t)((uint32_t)(half & 0x8000) << 16));
    }
    `,
    ["bits_of", "float_of"],
  ),
  store_f16: snippet(
    `
    /* To nearest, ties to even. Below 2^-14 adding 1/2 shifts the rounding position to the last subnormal bit. */
    INLINE uint16_t store_f16(float x) {
      int32_t magnitude = bits_of(x) & 0x7fffffff;
      int32_t sign = (int32_t)((uint32_t)bits_of(x) >> 16) & 0x8000;
      int32_t normal = (magnitude - 0x38000000 + 0xfff + ((magnitude >> 13) & 1)) >> 13;
      int32_t subnormal = bits_of(float_of(magnitude) + 0.5f) - 0x3f000000;
      int32_t half = magnitude < 0x38800000 ? subnormal : normal;
      half = magnitude >= 0x477ff000 ? 0x7c00 : half; /* 65520 and above */
      half = magnitude > 0x7f800000 ? 0x7e00 : half;
      return (uint16_t)(sign | half);
    }
    `,
    ["bits_of", "float_of"],
  ),
  round_f16: snippet(`INLINE float round_f16(float x) { return load_f16(store_f16(x)); }`, ["load_f16", "store_f16"]),

  load_bf16: snippet(`INLINE float load_bf16(uint16_t half) { return float_of((int32_t)((uint32_t)half << 16)); }`, [
    "float_of",
  ]),
  store_bf16: snippet(
    `
    /* To nearest, ties to even; a NaN stays one. */
    INLINE uint16_t store_bf16(float x) {
      uint32_t bits = (uint32_t)bits_of(x);
      uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
      return (uint16_t)(x != x ? (bits >> 16) | 0x40 : rounded);
    }
    `,
    ["bits_of"],
  ),
  round_bf16: snippet(`INLINE float round_bf16(float x) { return load_bf16(store_bf16(x)); }`, [
    "load_bf16",
    "store_bf16",
  ]),
} as const;
