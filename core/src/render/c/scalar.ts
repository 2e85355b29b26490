import { snippet } from "./snippet.ts";

/** Scalar operations whose meaning C does not have: wrapping and floor division, NaN in max, saturating casts, shifts. */
export const scalarSnippets = {
  wrap_i8: snippet(`INLINE int32_t wrap_i8(int32_t x) { return (int8_t)x; }`),
  wrap_u8: snippet(`INLINE int32_t wrap_u8(int32_t x) { return (uint8_t)x; }`),

  add_i32: snippet(`INLINE int32_t add_i32(int32_t x, int32_t y) { return (int32_t)((uint32_t)x + (uint32_t)y); }`),
  sub_i32: snippet(`INLINE int32_t sub_i32(int32_t x, int32_t y) { return (int32_t)((uint32_t)x - (uint32_t)y); }`),
  mul_i32: snippet(`INLINE int32_t mul_i32(int32_t x, int32_t y) { return (int32_t)((uint32_t)x * (uint32_t)y); }`),

  quotient: snippet(`
    /* Of indices, which are never negative. */
    INLINE int32_t quotient(int32_t x, int32_t y) { return (int32_t)((uint32_t)x / (uint32_t)y); }
  `),
  remainder_of: snippet(
    `INLINE int32_t remainder_of(int32_t x, int32_t y) { return (int32_t)((uint32_t)x % (uint32_t)y); }`,
  ),

  div_i32: snippet(`
    /* Rounds down; by zero gives 0. */
    INLINE int32_t div_i32(int32_t x, int32_t y) {
      int32_t divisor = (y == 0) | (y == -1) ? 1 : y;
      int32_t quotient = x / divisor - ((x % divisor != 0) & ((x ^ divisor) < 0));
      quotient = y == -1 ? (int32_t)(0u - (uint32_t)x) : quotient;
      return y == 0 ? 0 : quotient;
    }
  `),
  div_u32: snippet(`INLINE uint32_t div_u32(uint32_t x, uint32_t y) { return y == 0 ? 0 : x / (y == 0 ? 1 : y); }`),

  mod_i32: snippet(`
    /* The remainder of the division that rounds down; by zero gives 0. */
    INLINE int32_t mod_i32(int32_t x, int32_t y) {
      int32_t divisor = (y == 0) | (y == -1) ? 1 : y;
      int32_t remainder = x % divisor;
      return (remainder != 0) & ((remainder ^ divisor) < 0) ? remainder + divisor : remainder;
    }
  `),
  mod_u32: snippet(`INLINE uint32_t mod_u32(uint32_t x, uint32_t y) { return y == 0 ? 0 : x % (y == 0 ? 1 : y); }`),
  mod_f32: snippet(`
    INLINE float mod_f32(float x, float y) {
      float remainder = fmodf(x, y);
      return (remainder != 0.0f) & ((remainder < 0.0f) != (y < 0.0f)) ? remainder + y : remainder;
    }
  `),

  pow_u32: snippet(`
    /* By repeated squaring, modulo 2^32. */
    INLINE uint32_t pow_u32(uint32_t x, uint32_t y) {
      uint32_t power = 1;
      for (int bit = 0; bit < 32; bit++) {
        power *= y & 1 ? x : 1;
        x *= x;
        y >>= 1;
      }
      return power;
    }
  `),
  pow_i32: snippet(
    `
    /* Negative exponents truncate: 1 / x^-y. */
    INLINE int32_t pow_i32(int32_t x, int32_t y) {
      int32_t unit = x == 1 ? 1 : x == -1 ? (y & 1 ? -1 : 1) : 0;
      return y < 0 ? unit : (int32_t)pow_u32((uint32_t)x, (uint32_t)y);
    }
    `,
    ["pow_u32"],
  ),

  max_f32: snippet(`INLINE float max_f32(float x, float y) { return (x > y) | (x != x) ? x : y; }`),
  min_f32: snippet(`INLINE float min_f32(float x, float y) { return (x < y) | (x != x) ? x : y; }`),
  max_i32: snippet(`INLINE int32_t max_i32(int32_t x, int32_t y) { return x > y ? x : y; }`),
  min_i32: snippet(`INLINE int32_t min_i32(int32_t x, int32_t y) { return x < y ? x : y; }`),
  max_u32: snippet(`INLINE uint32_t max_u32(uint32_t x, uint32_t y) { return x > y ? x : y; }`),
  min_u32: snippet(`INLINE uint32_t min_u32(uint32_t x, uint32_t y) { return x < y ? x : y; }`),

  shl_u32: snippet(`INLINE uint32_t shl_u32(uint32_t x, uint32_t y) { return y < 32 ? x << (y & 31) : 0; }`),
  shr_u32: snippet(`INLINE uint32_t shr_u32(uint32_t x, uint32_t y) { return y < 32 ? x >> (y & 31) : 0; }`),
  shr_i32: snippet(`INLINE int32_t shr_i32(int32_t x, uint32_t y) { return y < 32 ? x >> (y & 31) : 0; }`),

  i32_of_f32: snippet(`
    /* Truncates and saturates; NaN gives 0. */
    INLINE int32_t i32_of_f32(float x) {
      int32_t inside = (x > -0x1p+31f) & (x < 0x1p+31f);
      int32_t outside = x >= 0x1p+31f ? INT32_MAX : x <= -0x1p+31f ? INT32_MIN : 0;
      return inside ? (int32_t)(inside ? x : 0.0f) : outside;
    }
  `),
  u32_of_f32: snippet(`
    INLINE uint32_t u32_of_f32(float x) {
      int32_t inside = (x > 0.0f) & (x < 0x1p+32f);
      return inside ? (uint32_t)(inside ? x : 0.0f) : x >= 0x1p+32f ? UINT32_MAX : 0;
    }
  `),
  i8_of_f32: snippet(`
    INLINE int32_t i8_of_f32(float x) {
      float y = x == x ? x : 0.0f;
      y = y < -128.0f ? -128.0f : y;
      return (int32_t)(y > 127.0f ? 127.0f : y);
    }
  `),
  u8_of_f32: snippet(`
    INLINE int32_t u8_of_f32(float x) {
      float y = x > 0.0f ? x : 0.0f;
      return (int32_t)(y > 255.0f ? 255.0f : y);
    }
  `),

  threefry: snippet(`
    /* Threefry-2x32-20 of the counter (0, counter); x0 ^ x1 (Salmon et al. 2011). */
    INLINE uint32_t threefry(uint32_t key0, uint32_t key1, uint32_t counter) {
      const uint32_t keys[3] = {key0, key1, 0x1bd11bdau ^ key0 ^ key1};
      uint32_t x0 = key0;
      uint32_t x1 = counter + key1;
    #define MIX(by) x0 += x1; x1 = (x1 << by | x1 >> (32 - by)) ^ x0;
    #define ROUNDS_A MIX(13) MIX(15) MIX(26) MIX(6)
    #define ROUNDS_B MIX(17) MIX(29) MIX(16) MIX(24)
    #define INJECT(i) x0 += keys[i % 3]; x1 += keys[(i + 1) % 3] + i;
      ROUNDS_A INJECT(1) ROUNDS_B INJECT(2) ROUNDS_A INJECT(3) ROUNDS_B INJECT(4) ROUNDS_A INJECT(5)
    #undef MIX
    #undef ROUNDS_A
    #undef ROUNDS_B
    #undef INJECT
      return x0 ^ x1;
    }
  `),

  reduce_max_f32: snippet(
    `
    #pragma omp declare reduction(max_f32 : float : omp_out = max_f32(omp_out, omp_in)) initializer(omp_priv = -INFINITY)
    `,
    ["max_f32"],
  ),
  reduce_min_f32: snippet(
    `
    #pragma omp declare reduction(min_f32 : float : omp_out = min_f32(omp_out, omp_in)) initializer(omp_priv = INFINITY)
    `,
    ["min_f32"],
  ),
} as const;
